from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from digests.editions import edition_on
from digests.plan import plan
from papers.topic import Topic
from tests.factories import DAY, paper, subscription

PAPERS = st.lists(st.builds(paper, st.integers(1, 30), votes=st.integers(0, 5)), unique_by=lambda p: p.id)
IDS = st.sets(st.integers(1, 30).map(lambda n: f"2606.{n:05}"))


def test_the_best_unseen_papers_on_topic_come_first() -> None:
    order = subscription(topic=Topic.parse("robot"), size=2)
    papers = [
        paper(1, title="A robot", votes=1),
        paper(2, title="No machine", votes=99),
        paper(3, title="Robots", votes=7),
        paper(4, title="The robot", votes=5),
        paper(5, title="Robot again", votes=50),
    ]
    digest = plan(edition_on(order, DAY), papers, seen={"2606.00005"})
    assert [p.id[-1] for p in digest.papers] == ["3", "4"]
    assert (digest.listed, digest.on_topic, digest.shown_before, digest.held_back) == (5, 4, 1, 1)


@given(papers=PAPERS, seen=IDS, size=st.integers(1, 8))
def test_no_digest_repeats_a_paper_and_its_account_adds_up(papers: list, seen: set[str], size: int) -> None:  # type: ignore[type-arg]
    digest = plan(edition_on(subscription(size=size), DAY), papers, seen)
    shown = [p.id for p in digest.papers]
    assert len(shown) == len(set(shown)) <= size
    assert not seen & set(shown)
    assert digest.on_topic == digest.shown_before + len(shown) + digest.held_back
    assert [p.votes for p in digest.papers] == sorted((p.votes for p in digest.papers), reverse=True)
    assert all(p.votes <= digest.papers[-1].votes for p in papers if p.id not in seen and p.id not in shown)
