"""What arXiv knows of papers that another source listed: their categories above all, which topics ask for."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import date

from papers.paper import Paper
from search.index import SearchIndex
from sources.base import SourceError
from storage.store import Store

log = logging.getLogger(__name__)

Metadata = Callable[[Sequence[str]], Awaitable[list[Paper]]]


class Completer:
    """``metadata`` asks arXiv for papers by their ids; each paper is asked for once a run."""

    def __init__(self, metadata: Metadata, store: Store, index: SearchIndex) -> None:
        self._metadata = metadata
        self._store = store
        self._index = index
        self._asked: set[str] = set()

    async def complete(self, day: date) -> int:
        """Complete the papers of a UTC day that have no categories yet; how many were. Raises StorageError."""
        bare = {
            paper.id: paper
            for paper in await self._store.papers.featured(day)
            if paper.is_on_arxiv and not paper.categories and paper.id not in self._asked
        }
        if not bare:
            return 0
        try:
            found = await self._metadata(list(bare))
        except SourceError as error:
            log.warning("the papers of %s stay without categories for now: %s", day, error)
            return 0
        if found:  # now and then arXiv answers nothing at all
            self._asked.update(bare)
        # The rest stays as the other source tells it, or the two would take turns.
        complete = [
            Paper(told.id, bare[told.id].title, categories=told.categories, version=told.version)
            for told in found
            if told.id in bare
        ]
        await self._store.papers.save(complete, "arxiv")
        await self._index.catch_up_soon(self._store.papers)
        return len(complete)
