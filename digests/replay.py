"""Replay: what a subscription would have brought on the stored days, told before it is saved."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date, timedelta

from digests.editions import Edition, edition_on
from digests.plan import Digest, plan
from digests.planning import Lists
from papers.expression import Expression
from papers.merge import unique
from papers.shelf import Shelf
from papers.subscription import Subscription

DAYS = 30
_PAPERS = 3_000  # read for one replay: arXiv lists hundreds a day, and who waits for the answer waits for a second or two
_FEWEST_DAYS = 5
_BRINGS_WITHIN = 4  # days: "yesterday" on a Monday, or with a zone a day ahead, is the longest way from a list to its edition


@dataclass(frozen=True, slots=True)
class Replay:
    """``digests`` are the editions of an order's stored days, the oldest first: at most one for each."""

    order: Subscription
    digests: tuple[Digest, ...]

    @property
    def newest(self) -> Digest | None:
        return self.digests[-1] if self.digests else None

    @property
    def mean(self) -> float:
        """Papers an edition."""
        return sum(len(digest.papers) for digest in self.digests) / max(1, len(self.digests))

    @property
    def mean_on_topic(self) -> float:
        """Papers a day that fit the topic, whether an edition has room for them or not."""
        return sum(digest.on_topic for digest in self.digests) / max(1, len(self.digests))

    @property
    def busiest(self) -> int:
        return max((len(digest.papers) for digest in self.digests), default=0)

    @property
    def days_with_none(self) -> int:
        return sum(not digest.papers for digest in self.digests)


async def replay(lists: Lists, order: Subscription, until: date, days: int = DAYS) -> Replay:
    """The order over the last stored UTC days of its sources, up to ``until``, each planned as it is for a post.

    What its channel has seen does not count, for the replay shows what would have come; what one day showed, the next does
    not show again.
    """
    digests: list[Digest] = []
    seen: set[str] = set()
    for day, shelf in await stored_days(lists, order.sources, until, days):
        edition = edition_of_list(order, day)
        if edition:
            digest = plan(edition, shelf, seen)
            seen |= {paper.id for paper in digest.papers}
            digests.append(digest)
            await asyncio.sleep(0)  # others wait for the loop
    return Replay(order, tuple(digests))


async def stored_days(lists: Lists, sources: tuple[str, ...], until: date, days: int = DAYS) -> list[tuple[date, Shelf]]:
    """The last stored UTC days of the sources, the oldest first; fewer of them where the lists are long."""
    found: list[tuple[date, Shelf]] = []
    papers = 0
    for day in await lists.store.papers.days(until, days, sources):
        found.append((day, await lists.shelf(day, sources)))
        papers += len(found[-1][1].papers)
        if papers > _PAPERS and len(found) >= _FEWEST_DAYS:
            break
    return found[::-1]


def edition_of_list(order: Subscription, day: date) -> Edition | None:
    """The first edition that brings the list of a UTC day; None where the order's weekdays leave it out."""
    for distance in range(-1, _BRINGS_WITHIN + 1):
        local = day + timedelta(days=distance)
        if local.weekday() in order.weekdays:
            edition = edition_on(order, local)
            if edition.papers_day == day:
                return edition
    return None


async def stored_shelf(lists: Lists, sources: tuple[str, ...], until: date, days: int = DAYS) -> Shelf:
    """All papers of those days, each once: what terms are mined from."""
    stored = await stored_days(lists, sources, until, days)
    return await asyncio.to_thread(Shelf, unique(paper for _, shelf in stored for paper in shelf.papers))


async def pace(
    lists: Lists, expressions: list[Expression], sources: tuple[str, ...], until: date, days: int = DAYS
) -> list[float]:
    """How many papers a day fit each of many topics."""
    stored = await stored_days(lists, sources, until, days)
    return [sum(shelf.mask(each).bit_count() for _, shelf in stored) / max(1, len(stored)) for each in expressions]
