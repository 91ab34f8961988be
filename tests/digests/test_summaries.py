"""What models made of papers, in digests: shown if it is there, never waited for, and the message edited when it comes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from digests.ahead import AHEAD, papers_ahead
from digests.deliver import Courier
from digests.editions import edition_on
from digests.grow import SPACING, SPACING_OF_VOTES
from digests.made import nothing_ready
from digests.plan import Digest
from papers.paper import Paper
from papers.subscription import Kind, Mode, State, Summaries
from papers.topic import Topic
from storage.engine import StorageError
from storage.store import Store
from summaries.summary import Origin, Summary
from tests.digests.channel import Channel
from tests.digests.conftest import list_papers, subscribe
from tests.factories import DAY, NOW, POLICY, paper, subscription

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def by_model(text: str = "It plans ahead.") -> Summary:
    return Summary(text, Origin.MODEL, "some-model", sections=(("How", "By trees."),))


@dataclass
class Shelf:
    """What models made so far; ``asked`` are the ids of each question."""

    made: dict[str, Summary] = field(default_factory=dict)
    asked: list[list[str]] = field(default_factory=list)
    fails: Exception | None = None

    async def ready(self, papers: Sequence[Paper]) -> Mapping[str, Summary]:
        self.asked.append([paper.id for paper in papers])
        if self.fails:
            raise self.fails
        return {paper.id: self.made[paper.id] for paper in papers if paper.id in self.made}


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def courier(store: Store, channel: Channel, shelf: Shelf) -> Courier:
    return Courier(store, channel, POLICY, shelf.ready)


def a_digest(summaries: Mapping[str, Summary] | None = None) -> Digest:
    papers = (paper(1), paper(2, source_summary="It works."))
    return Digest(
        edition_on(subscription(), DAY),
        papers,
        listed=9,
        on_topic=5,
        shown_before=1,
        missing=("arxiv",),
        planned_at=NOW,
        listed_first=9,
        grown_at=NOW,
        summaries=summaries or {},
    )


def test_what_was_posted_before_there_were_summaries_by_models_is_not_edited_for_an_upgrade() -> None:
    # As released before: sha256 of the papers and the day's figures.
    assert a_digest().fingerprint() == "b3d93feade1cf0f344478de12ffeb222"
    assert replace(a_digest(), papers=(paper(1),)).fingerprint(is_about_one=True) == "a8f20d304e5b3416bacafbeecec89544"


def test_a_better_summary_changes_the_fingerprint_and_tells_itself_from_votes() -> None:
    before = a_digest().fingerprint()
    better = a_digest({"2606.00001": by_model()})
    assert len(better.fingerprint()) == 32
    assert better.has_better_summaries(before, better.fingerprint())
    voted = replace(better, papers=(replace(better.papers[0], votes=9), better.papers[1]))
    assert voted.fingerprint() != better.fingerprint()
    assert not voted.has_better_summaries(better.fingerprint(), voted.fingerprint())
    other = a_digest({"2606.00001": by_model("Otherwise.")})
    assert other.has_better_summaries(better.fingerprint(), other.fingerprint())


@pytest.mark.parametrize("is_about_one", [False, True])
def test_what_shows_no_summary_does_not_change_with_one(is_about_one: bool) -> None:
    bare = _of(Summaries.NONE, {})
    sentence = replace(bare, papers=(replace(bare.papers[0], source_summary="Now it has one."), bare.papers[1]))
    assert sentence.fingerprint(is_about_one=is_about_one) == bare.fingerprint(is_about_one=is_about_one)
    voted = replace(bare, papers=(replace(bare.papers[0], votes=3), bare.papers[1]))
    assert voted.fingerprint(is_about_one=is_about_one) != bare.fingerprint(is_about_one=is_about_one)


def test_only_what_is_full_changes_with_a_models_sections() -> None:
    made = {"2606.00001": by_model()}
    longer = {"2606.00001": replace(made["2606.00001"], sections=(("How", "Otherwise."),))}
    assert _of(Summaries.SHORT, made).fingerprint() == _of(Summaries.SHORT, longer).fingerprint()
    assert _of(Summaries.FULL, made).fingerprint() != _of(Summaries.FULL, longer).fingerprint()
    assert _of(Summaries.FULL, {}).fingerprint() != _of(Summaries.SHORT, {}).fingerprint()


async def test_a_digest_shows_what_is_ready_and_a_preview_shows_the_same(
    store: Store, courier: Courier, channel: Channel, shelf: Shelf
) -> None:
    await subscribe(store)
    await list_papers(store, paper(1, votes=2), paper(2, votes=1, source_summary="It works."))
    shelf.made = {"2606.00001": by_model(), "2606.00002": by_model("Not asked for.")}
    await courier.deliver_due(NOW)
    ((_, posted),) = channel.messages
    assert posted.summaries == {"2606.00001": by_model()}  # the source's own goes before a model's
    assert shelf.asked == [["2606.00001"]]
    assert (await courier.summarised(replace(posted, summaries={}))).summaries == posted.summaries


async def test_many_editions_ask_once_and_those_without_summaries_show_none(
    store: Store, courier: Courier, channel: Channel, shelf: Shelf
) -> None:
    for number in range(5):
        await subscribe(store, channel_id=20 + number)
    await subscribe(store, channel_id=30, summaries=Summaries.NONE)
    await list_papers(store, *(paper(n) for n in range(1, 6)))
    shelf.made = {"2606.00001": by_model()}
    await courier.plan(NOW)
    await courier.deliver_due(NOW)
    assert len(shelf.asked) == 1
    assert sorted(len(digest.summaries) for _, digest in channel.messages) == [0, 1, 1, 1, 1, 1]


async def test_a_message_posted_with_a_lower_rung_is_edited_when_a_better_one_arrives(
    store: Store, courier: Courier, channel: Channel, shelf: Shelf
) -> None:
    await subscribe(store)
    await subscribe(store, channel_id=11, summaries=Summaries.NONE)
    await subscribe(store, channel_id=12, mode=Mode.ONE_SHOT)
    await list_papers(store, paper(1))
    await courier.deliver_due(NOW)
    shelf.made = {"2606.00001": by_model()}
    assert await courier.grow(NOW + SPACING - MINUTE) == 0
    assert await courier.grow(NOW + SPACING + MINUTE) == 1
    assert [digest.summaries for _, digest in channel.messages if digest.summaries] == [{"2606.00001": by_model()}]
    assert await courier.grow(NOW + SPACING + 2 * HOUR) == 0  # once


async def test_votes_wait_as_long_as_ever_below_a_models_summary(
    store: Store, courier: Courier, channel: Channel, shelf: Shelf
) -> None:
    await subscribe(store)
    shelf.made = {"2606.00001": by_model()}
    await list_papers(store, paper(1))
    await courier.deliver_due(NOW)
    await list_papers(store, paper(1, votes=7))
    assert await courier.grow(NOW + SPACING + MINUTE) == 0
    assert await courier.grow(NOW + SPACING_OF_VOTES + MINUTE) == 1


async def test_todays_message_follows_when_more_or_less_is_wanted(store: Store, courier: Courier, channel: Channel) -> None:
    order = await subscribe(store, summaries=Summaries.NONE)
    await list_papers(store, paper(1))
    await courier.deliver_due(NOW)
    await store.subscriptions.change(replace(order, summaries=Summaries.SHORT))
    assert await courier.grow(NOW + SPACING_OF_VOTES + MINUTE) == 1
    assert channel.messages[0][1].edition.subscription.summaries is Summaries.SHORT


async def test_the_sources_own_sentence_takes_the_place_of_a_models(
    store: Store, courier: Courier, channel: Channel, shelf: Shelf
) -> None:
    await subscribe(store)
    shelf.made = {"2606.00001": by_model()}
    await list_papers(store, paper(1))
    await courier.deliver_due(NOW)
    await list_papers(store, paper(1, source_summary="It works."))
    assert await courier.grow(NOW + SPACING_OF_VOTES + MINUTE) == 1
    ((_, digest),) = channel.messages
    assert (digest.summaries, digest.papers[0].source_summary) == ({}, "It works.")


async def test_a_post_about_one_paper_is_edited_for_its_own_summary_alone(
    store: Store, courier: Courier, channel: Channel, shelf: Shelf
) -> None:
    await subscribe(store, kind=Kind.FORUM, is_per_paper=True)
    await list_papers(store, paper(1), paper(2))
    await courier.deliver_due(NOW)
    shelf.made = {"2606.00001": by_model()}
    assert await courier.grow(NOW + SPACING + MINUTE) == 1


async def test_a_fault_in_reading_summaries_keeps_no_digest_from_its_channel(
    store: Store, courier: Courier, channel: Channel, shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    await subscribe(store)
    await list_papers(store, paper(1))
    shelf.fails = RuntimeError("ours")
    assert await courier.deliver_due(NOW) == 1
    assert channel.messages[0][1].summaries == {}
    assert "could not be read" in caplog.text


async def test_without_the_store_nothing_is_sent(store: Store, courier: Courier, channel: Channel, shelf: Shelf) -> None:
    await subscribe(store)
    await list_papers(store, paper(1))
    shelf.fails = StorageError("the database is gone")
    with pytest.raises(StorageError):
        await courier.deliver_due(NOW)
    assert channel.messages == []
    shelf.fails = None
    assert await courier.deliver_due(NOW + MINUTE) == 1


async def test_what_the_next_editions_will_show_is_known_ahead_the_earliest_due_first(store: Store) -> None:
    await subscribe(store, at=NOW.time().replace(hour=10, minute=30), channel_id=1, topic=Topic.parse("lion"))
    await subscribe(store, at=NOW.time().replace(hour=10), channel_id=2, topic=Topic.parse("zebra"), size=1)
    await subscribe(store, at=NOW.time().replace(hour=10), channel_id=3, topic=Topic.parse("puma"), summaries=Summaries.NONE)
    await subscribe(store, at=NOW.time().replace(hour=14), channel_id=4, topic=Topic.parse("wolf"))
    await subscribe(store, at=NOW.time().replace(hour=10), channel_id=5, topic=Topic.parse("bear"), state=State.PAUSED)
    await list_papers(
        store,
        paper(1, title="Lion"),
        paper(2, title="Zebra", votes=1),
        paper(3, title="Zebra too"),  # beyond the size
        paper(4, title="Puma"),
        paper(5, title="Wolf"),  # due later than one looks ahead
        paper(6, title="Lion", source_summary="It has its own."),
        paper(7, title="Bear"),
        paper(8, title="Lion", abstract=""),  # there is nothing to make one of
    )
    assert AHEAD < 5 * HOUR
    assert await _ahead(store) == ["2606.00002", "2606.00001"]


async def test_what_is_ready_or_seen_is_not_asked_for_again(store: Store, courier: Courier, shelf: Shelf) -> None:
    await subscribe(store)
    await list_papers(store, paper(1), paper(2))
    shelf.made = {"2606.00001": by_model()}
    assert [p.id for p in await papers_ahead(store, POLICY, NOW, shelf.ready)] == ["2606.00002"]
    await courier.deliver_due(NOW)
    # It is posted now: a better summary would still be shown in it.
    assert [p.id for p in await papers_ahead(store, POLICY, NOW + MINUTE, shelf.ready)] == ["2606.00002"]
    assert await papers_ahead(store, POLICY, NOW + POLICY.grows_for + HOUR, shelf.ready) == []


async def test_a_message_that_stays_as_posted_wants_nothing_better(store: Store, courier: Courier) -> None:
    await subscribe(store, mode=Mode.ONE_SHOT)
    await list_papers(store, paper(1))
    await courier.deliver_due(NOW)
    assert await _ahead(store) == []


async def _ahead(store: Store) -> list[str]:
    return [paper.id for paper in await papers_ahead(store, POLICY, NOW, nothing_ready)]


def _of(how_much: Summaries, made: Mapping[str, Summary]) -> Digest:
    whole = a_digest(made)
    return replace(whole, edition=replace(whole.edition, subscription=subscription(summaries=how_much)))
