"""What a round of asking the sources keeps, and what it thinks of their answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import pytest

from digests.collect import collect
from digests.freshness import SourceState, state_of
from papers.paper import Paper
from search.index import SearchIndex
from sources.base import SourceError
from storage.health import Health
from storage.store import Store
from tests.factories import DAY, NOW, paper

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
