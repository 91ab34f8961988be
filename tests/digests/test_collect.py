"""What a round of asking the sources keeps, and what it thinks of their answers."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from digests.collect import collect
from digests.freshness import SourceState, state_of
from digests.wanted import categories_wanted
from papers.paper import Paper
from papers.topic import Topic
from search.index import SearchIndex
from sources.base import SourceError, Stale, Unasked
from storage.health import Health
from storage.store import Store
from tests.factories import DAY, NOW, paper, subscription

HOUR = timedelta(hours=1)


@dataclass
class Told:
    """A source that answers as told."""

    answers: list[list[Paper] | SourceError] = field(default_factory=list)
    name: str = "huggingface"

    async def papers(self, day: date) -> list[Paper]:
        answer = self.answers.pop(0)
        if isinstance(answer, SourceError):
            raise answer
        return answer


async def test_an_answer_shorter_than_before_is_kept_but_counts_as_stale(store: Store, index: SearchIndex) -> None:
    whole = [paper(n) for n in range(8)]
    source = Told([whole, [*whole[:3], paper(9)], [*whole[:2], paper(10)], whole])
    states = []
    for hour in range(4):
        collected = await collect([source], store, index, DAY, NOW + hour * HOUR)
        states.append(state_of((await store.health.all())["huggingface"], NOW + hour * HOUR))
        assert bool(collected.failed) is (hour == 2)
    assert states == [SourceState.FRESH, SourceState.FRESH, SourceState.STALE, SourceState.FRESH]
    assert len(await store.papers.featured(DAY)) == 10  # what it told is kept all the same
    assert await store.papers.fetched(DAY) == {"huggingface": NOW + 3 * HOUR}


async def test_failures_are_counted_until_it_answers(store: Store, index: SearchIndex) -> None:
    source = Told([SourceError("test: no answer"), SourceError("test: HTTP 500"), [paper(1)]])
    for _ in range(2):
        await collect([source], store, index, DAY, NOW)
    health = (await store.health.all())["huggingface"]
    assert (health.failures, health.why, health.answered_at) == (2, "test: HTTP 500", None)
    await collect([source], store, index, DAY, NOW)
    assert (await store.health.all())["huggingface"] == Health("huggingface", NOW, NOW, 0, "")


@pytest.mark.parametrize(
    ("health", "state"),
    [
        (None, SourceState.UNREAD),
        (Health("x", NOW), SourceState.FRESH),
        (Health("x", NOW - 3 * HOUR), SourceState.STALE),
        (Health("x", NOW, NOW, 0, "a short answer"), SourceState.STALE),
        (Health("x", NOW, NOW, 2, "no answer"), SourceState.FAILING),
    ],
)
def test_a_source_is_in_one_of_four_states(health: Health | None, state: SourceState) -> None:
    assert state_of(health, NOW) is state


@dataclass
class Waiting:
    """A source that answers once it may."""

    may: asyncio.Event = field(default_factory=asyncio.Event)
    name: str = "arxiv"

    async def papers(self, day: date) -> list[Paper]:
        await self.may.wait()
        return [paper(2)]


async def test_what_one_told_is_stored_and_found_before_a_slow_one_has_answered(store: Store, index: SearchIndex) -> None:
    slow, quick = Waiting(), Told([[paper(1)]])
    collecting = asyncio.create_task(collect([slow, quick], store, index, DAY, NOW))
    async with asyncio.timeout(10):
        while not len(index):  # noqa: ASYNC110 (nothing tells of it)
            await asyncio.sleep(0.001)
    assert await store.papers.fetched(DAY) == {"huggingface": NOW}
    assert not collecting.done()
    slow.may.set()
    assert (await collecting).listed == {"huggingface": 1, "arxiv": 1}
    assert len(index) == 2


async def test_a_round_that_is_given_up_leaves_no_question_behind(store: Store, index: SearchIndex) -> None:
    before = asyncio.all_tasks()
    collecting = asyncio.create_task(collect([Waiting()], store, index, DAY, NOW))
    await asyncio.sleep(0)
    collecting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await collecting
    assert asyncio.all_tasks() <= before


async def test_a_stale_feed_is_a_state_of_its_own_and_no_answer(store: Store, index: SearchIndex) -> None:
    collected = await collect([Told([Stale("arxiv: of yesterday")], "arxiv")], store, index, DAY, NOW)
    health = (await store.health.all())["arxiv"]
    assert (state_of(health, NOW), health.why, health.failures) == (SourceState.STALE, "arxiv: of yesterday", 0)
    assert list(collected.failed) == ["arxiv"]
    assert await store.papers.fetched(DAY) == {}


async def test_a_source_without_a_reason_to_be_asked_is_neither_well_nor_unwell(store: Store, index: SearchIndex) -> None:
    collected = await collect([Told([Unasked("arxiv is not asked: why")], "arxiv")], store, index, DAY, NOW)
    assert (collected.listed, collected.failed, list(collected.unasked)) == ({}, {}, ["arxiv"])
    assert await store.health.all() == {}
    assert await store.papers.fetched(DAY) == {}


def test_the_categories_of_topics_are_asked_for_or_else_the_usual_ones() -> None:
    both = ("huggingface", "arxiv")
    robots = subscription(topic=Topic.parse("cat:cs.RO -cat:cs.CV"), sources=("arxiv",))
    words = subscription(topic=Topic.parse("diffusion"), sources=both)
    elsewhere = subscription(topic=Topic.parse("cat:q-bio"))
    assert categories_wanted([robots, elsewhere], ("cs.CL",)) == {"cs.RO"}
    assert categories_wanted([robots, words], ("cs.CL",)) == {"cs.RO", "cs.CL"}
    assert categories_wanted([elsewhere], ("cs.CL",)) == frozenset()
