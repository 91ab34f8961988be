"""Every source at once; one that fails does not sink the rest, and one that is slow does not hold them up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import date
from typing import TypeAlias

from papers.paper import Paper
from sources.base import Source, SourceError

Answer: TypeAlias = tuple[Source, list[Paper] | SourceError]


@asynccontextmanager
async def asked(sources: Sequence[Source], day: date) -> AsyncIterator[Iterator[Awaitable[Answer]]]:
    """One answer to be awaited for each source, the first to answer first: its papers of ``day``, or why there are none.

    What has not been answered at the end of the block is given up.
    """
    tasks = [asyncio.create_task(_ask(source, day)) for source in sources]
    try:
        yield asyncio.as_completed(tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _ask(source: Source, day: date) -> Answer:
    try:
        return source, await source.papers(day)
    except SourceError as error:
        return source, error
