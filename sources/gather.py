"""Every source at once; one that fails does not sink the rest."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date

from papers.paper import Paper
from sources.base import Source, SourceError


async def gather(sources: Sequence[Source], day: date) -> list[list[Paper] | SourceError]:
    """One answer per source, in order: its papers of ``day``, or why there are none."""
    async with asyncio.TaskGroup() as group:
        asked = [group.create_task(_ask(source, day)) for source in sources]
    return [task.result() for task in asked]


async def _ask(source: Source, day: date) -> list[Paper] | SourceError:
    try:
        return await source.papers(day)
    except SourceError as error:
        return error
