"""What a replay says, and that it fits into a message whatever is in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from digests.editions import edition_on
from digests.plan import plan
from digests.replay import Replay
from papers.subscription import MAX_SIZE, Kind, Mode, OnQuietDay, Subscription
from papers.terms import MAX_TERM_LENGTH, MAX_TERMS, Term
from papers.topic import MAX_LENGTH, MAX_NAME_LENGTH, Topic
from tests.factories import DAY, paper, subscription
from tests.views.test_views import check
from views.buttons import Press
from views.replay import in_figures, proposed
from views.topics import a_day

THINGS = Topic.parse("thing")


def replayed(order: Subscription, *counts: int) -> Replay:
    """One day after the other, the last of them DAY, with so many papers on everything's topic."""
    digests = []
    for ago, count in zip(range(len(counts) - 1, -1, -1), counts, strict=True):
        papers = [paper(100 * ago + n) for n in range(1, count + 1)]
        digests.append(plan(edition_on(order, DAY - timedelta(days=ago)), papers, set()))
    return Replay(order, tuple(digests))


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        (
            (4, 5, 3),
            "About 4 a day over the last 3 days with papers (the busiest had 5). On Wednesday 10 June these three:\n- **[",
        ),
        (
            (0, 4, 0, 4),
            "About 2 a day over the last 4 days with papers (2 days had none, the busiest had 4). On Wednesday 10 June",
        ),
        ((1, 1, 1), "About one a day over the last 3 days with papers. On Wednesday 10 June this one:"),
        ((0, 1, 0, 0), "Only one over the last 4 days with papers (3 days had none). On Monday 8 June this one:"),
        (
            (0, 2, 0, 0),
            "2 in all over the last 4 days with papers (3 days had none, the busiest had 2). On Monday 8 June these two:",
        ),
        (
            (9, 9),
            "About 5 a day over the last 2 days with papers (the busiest had 5); about 9 a day are on topic, and the rest is",
        ),
        ((0, 0), "Nothing would have come over the last 2 days with papers: *Wider* may help, or other words."),
        ((), "There are no papers of Hugging Face in the store yet, so what would have come cannot be told."),
    ],
)
def test_a_replay_in_words(counts: Sequence[int], sentence: str) -> None:
    assert in_figures(replayed(subscription(topic=THINGS), *counts)).startswith(sentence)


def test_everything_does_not_tell_that_all_is_on_topic() -> None:
    assert "on topic" not in in_figures(replayed(subscription(), 9, 9))


def test_of_a_few_weekdays_only_those_are_meant() -> None:
    assert "over its last 2 days with papers" in in_figures(replayed(subscription(weekdays=frozenset({1, 2})), 1, 1))


@pytest.mark.parametrize("character", ["w", "*", "é", "\U0001f600"])
def test_the_longest_replay_fits(character: str) -> None:
    order = subscription(
        guild_id=2**63 - 1,
        channel_id=2**63 - 1,
        topic=Topic.parse(f"thing, {character * (MAX_LENGTH - 7)}", character * MAX_NAME_LENGTH),
        size=MAX_SIZE,
        mode=Mode.YESTERDAY,
        kind=Kind.FORUM,
        is_per_paper=True,
        is_silent=True,
        role_id=2**63 - 1,
        on_quiet_day=OnQuietDay.STAY_SILENT,
    )
    papers = [paper(n, title=character * 500) for n in range(1, 40)]
    days = tuple(plan(edition_on(order, DAY), papers, set()) for _ in range(30))
    terms = [Term(f"{n}" + character * (MAX_TERM_LENGTH - 1), 10**6) for n in range(MAX_TERMS)]
    note = "The time zone is UTC: give `timezone` to choose yours."
    view = proposed(Replay(order, days), "#" + "f" * 24, note, terms, is_narrower=True, of=10**6)
    assert len(days[-1].papers) == MAX_SIZE
    check(view)
    labels = [item.item.label for item in view.walk_children() if isinstance(item, Press)]
    assert len(labels) == 4 + MAX_TERMS
    for term, label in zip(terms, labels[4:], strict=True):
        assert label == f"{term.text} · 1000000"


@pytest.mark.parametrize(
    ("pace", "words"),
    [
        (4.4, "about 4 a day"),
        (1, "about 1 a day"),
        (0.6, "about 3 a week"),
        (0.03, "fewer than one a week"),
        (0, "none lately"),
    ],
)
def test_a_pace_in_words(pace: float, words: str) -> None:
    assert a_day(pace) == words


def test_where_an_arxiv_source_is_asked_for_it_is_named() -> None:
    order = replace(subscription(topic=THINGS), sources=("huggingface", "arxiv"))
    assert in_figures(Replay(order, ())).startswith("There are no papers of Hugging Face and arXiv in the store yet")
