"""The day's papers: every source is asked, what they told is stored, and the search index catches up."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from search.index import SearchIndex
from sources.base import Source, SourceError
from sources.gather import gather
from storage.papers import Saved
from storage.store import Store

log = logging.getLogger(__name__)

_SHORT = 0.5  # of what was listed before


@dataclass(frozen=True, slots=True)
class Collected:
    """What one round brought: how many papers each source listed, what the store did with them, and who failed and why."""

    day: date
    listed: dict[str, int]
    saved: Saved
    failed: dict[str, SourceError]


async def collect(sources: Sequence[Source], store: Store, index: SearchIndex, day: date, now: datetime) -> Collected:
    """Ask all sources for a UTC day and keep what they answer; a failing one is in ``failed`` and sinks no other.

    Raises StorageError.
    """
    listed: dict[str, int] = {}
    failed: dict[str, SourceError] = {}
    saved = Saved()
    for source, answer in zip(sources, await gather(sources, day), strict=True):
        if isinstance(answer, SourceError):
            log.warning("no papers of %s: %s", day, answer)
            failed[source.name] = answer
            await store.health.failed(source.name, now, str(answer))
            continue
        known = await store.papers.listed(source.name, day)
        if len(answer) < _SHORT * known:
            # A list only grows: this is an old copy, or a part. What it has is kept, but it does not count as read.
            why = f"listed {len(answer)} papers of {day}, after {known} before"
            log.warning("%s answered short: %s", source.name, why)
            await store.health.short(source.name, now, why)
            saved += await store.papers.save(answer, source.name)
            failed[source.name] = SourceError(f"{source.name}: {why}")
            continue
        await store.health.answered(source.name, now)
        saved += await store.papers.save_day(answer, source.name, day, now)
        listed[source.name] = len(answer)
        log.info("papers of %s: %d listed by %s, %d new", day, len(answer), source.name, saved.new)
    await index.catch_up(store.papers)
    return Collected(day, listed, saved, failed)
