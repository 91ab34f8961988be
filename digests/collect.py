"""The day's papers: every source is asked, what each tells is stored as it comes, and the search index catches up."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from papers.paper import Paper
from search.index import SearchIndex
from sources.base import Remembered, Source, SourceError, Stale, Unasked
from sources.gather import asked
from storage.papers import Saved
from storage.store import Store

log = logging.getLogger(__name__)

_SHORT = 0.5  # of what was listed before


@dataclass(slots=True)
class Collected:
    """What one round brought: how many papers each source listed, what the store did with them, who failed and why, and who
    had no reason to be asked.
    """

    day: date
    listed: dict[str, int] = field(default_factory=dict)
    saved: Saved = field(default_factory=Saved)
    failed: dict[str, SourceError] = field(default_factory=dict)
    unasked: dict[str, Unasked] = field(default_factory=dict)


async def collect(sources: Sequence[Source], store: Store, index: SearchIndex, day: date, now: datetime) -> Collected:
    """Ask all sources for a UTC day and keep what they answer; a failing one is in ``failed`` and sinks no other.

    What one told is stored and can be found before a slower one has answered. Raises StorageError.
    """
    collected = Collected(day)
    async with asked(sources, day) as answers:
        for answer in answers:
            source, told = await answer
            if isinstance(told, Unasked):
                log.debug("%s", told)
                collected.unasked[source.name] = told
            elif isinstance(told, SourceError):
                await _note_failure(source.name, told, store, collected, now)
            else:
                await _keep(source.name, told, store, collected, now)
                await index.catch_up_soon(store.papers)
    return collected


async def _note_failure(source: str, error: SourceError, store: Store, collected: Collected, now: datetime) -> None:
    log.warning("no papers of %s: %s", collected.day, error)
    collected.failed[source] = error
    if isinstance(error, Stale):
        await store.health.short(source, now, str(error))
    else:
        await store.health.failed(source, now, str(error))


async def _keep(source: str, told: list[Paper], store: Store, collected: Collected, now: datetime) -> None:
    day = collected.day
    known = await store.papers.listed(source, day)
    if len(told) < _SHORT * known:
        # A list only grows: this is an old copy, or a part. What it has is kept, but it does not count as read.
        why = f"listed {len(told)} papers of {day}, after {known} before"
        log.warning("%s answered short: %s", source, why)
        await store.health.short(source, now, why)
        collected.saved += await store.papers.save(told, source)
        collected.failed[source] = SourceError(f"{source}: {why}")
        return
    if not isinstance(told, Remembered):
        await store.health.answered(source, now)
    saved = await store.papers.save_day(told, source, day, now)
    collected.saved += saved
    collected.listed[source] = len(told)
    log.info("papers of %s: %d listed by %s, %d new", day, len(told), source, saved.new)
