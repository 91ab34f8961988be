"""Summaries made before anybody asks: a few at a time, as far as the time and the budget go."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence

from papers.paper import Paper
from storage.engine import StorageError
from summaries.trouble import ModelError, Refused, Resting, Spent, Unusable

log = logging.getLogger(__name__)

_AT_ONCE = 3
_UNUSABLE_S = 6 * 3600.0  # for which a paper is left alone that the model could not make sense of

Make = Callable[[Paper], Awaitable[object]]


class Ahead:
    """``clock`` gives monotonic seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._unusable_until: dict[str, float] = {}  # paper → the clock's time

    def wanting(self, papers: Sequence[Paper]) -> list[Paper]:
        """Those that have an abstract and no sentence of their source's, without those that were tried in vain lately."""
        now_s = self._clock()
        self._unusable_until = {paper: until for paper, until in self._unusable_until.items() if until > now_s}
        missing = (paper for paper in papers if paper.abstract and not paper.source_summary)
        return [paper for paper in missing if paper.id not in self._unusable_until]

    async def make(self, papers: Sequence[Paper], make: Make, within_s: float) -> None:
        """Call ``make`` with each, until the time is over, the budget is, or the model rests. What it raises is logged."""
        queue = iter(papers)
        try:
            async with asyncio.timeout(within_s), asyncio.TaskGroup() as group:
                for _ in range(min(_AT_ONCE, len(papers))):
                    group.create_task(self._work_off(queue, make))
        except TimeoutError:
            log.info("no more summaries are made ahead: it is time")

    async def _work_off(self, queue: Iterator[Paper], make: Make) -> None:
        for paper in queue:
            try:
                await make(paper)
            except (Spent, Resting) as error:
                log.info("no more summaries are made ahead: %s", error)
                for _ in queue:  # the other workers' too
                    pass
            except ModelError as error:
                log.info("no summary of %s for now: %s", paper.id, error)
                if isinstance(error, Unusable | Refused):
                    self._unusable_until[paper.id] = self._clock() + _UNUSABLE_S
            except StorageError:
                log.exception("summaries cannot be made ahead")
                return
