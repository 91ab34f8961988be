"""Paperboy's own search as the benchmarks see it: all they know of its inside is here."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.kept import Clocked, Kept
from papers.paper import Paper
from search.engine import SearchEngine
from search.index import SearchIndex
from search.query import Query
from search.results import Results
from storage.store import Store

NOW = datetime(2026, 7, 1, tzinfo=UTC)  # so that what is fresh does not depend on when one measures
DATABASE, INDEX = "papers.db", "papers.index"  # in a folder; the second follows from the first, as the bot finds it
_BATCH = 2_000  # papers in one transaction


@dataclass(frozen=True, slots=True)
class Ours:
    """The open search, over a store and an index in ``folder``."""

    name: str
    engine: SearchEngine
    store: Store
    folder: Path
    steps_s: Mapping[str, float]  # to build: "store" and "index"

    @classmethod
    @asynccontextmanager
    async def open(cls, folder: Path, papers: Iterable[Paper]) -> AsyncIterator[Ours]:
        """Open what the folder has; where it was never finished, build it of ``papers``, which are read one by one."""
        kept, clocked = Kept(folder), Clocked(papers)
        if not kept.is_whole:
            await asyncio.to_thread(_make_empty, kept)
        async with Store.open(f"sqlite:///{folder / DATABASE}") as store:
            began = time.perf_counter()
            if not kept.is_whole:
                for batch in _batches(clocked):
                    await store.papers.save(batch, "bench")
            stored = time.perf_counter()
            index = SearchIndex(folder / INDEX, store.identity)
            try:
                indexed = await index.catch_up(store.papers)
                if indexed or not kept.is_whole:  # one of another format is built anew
                    store_s = kept.steps_s()["store"] if kept.is_whole else stored - began - clocked.spent_s
                    kept.finish(store=store_s, index=time.perf_counter() - stored)
                yield cls("Paperboy", SearchEngine(index, store.papers), store, folder, kept.steps_s())
            finally:
                index.close()

    def find(self, text: str, limit: int) -> list[str]:
        """The ids of the best papers, best first."""
        return list(self.engine.find(text, NOW, limit).ids)

    async def search(self, text: str, limit: int) -> Results:
        """The first page, with the papers read from the store."""
        return await self.engine.search(text, NOW, limit=limit)

    async def similar(self, identifier: str, limit: int) -> list[str]:
        return [alike.paper.id for alike in await self.engine.similar(identifier, limit) or ()]

    async def complete(self, typed: str) -> int:
        """How many titles are proposed for what is typed."""
        return len(await self.engine.complete(typed, 25, NOW.date()))

    def complete_authors(self, typed: str) -> int:
        """How many names are proposed for what is typed."""
        return len(self.engine.complete_authors(typed, 25))

    @property
    def store_bytes(self) -> int:
        return size_of(self.folder / DATABASE)

    @property
    def index_bytes(self) -> int:
        """What the index takes on disk, without the store."""
        return size_of(self.folder / INDEX)


def words_asked(text: str) -> Sequence[str]:
    """The words that Paperboy looks for in a question, so that others may look for the same."""
    return Query.parse(text).words


def _make_empty(kept: Kept) -> None:
    kept.clear()
    kept.place.mkdir()


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files in a folder."""
    return path.stat().st_size if path.is_file() else sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


def _batches(papers: Iterable[Paper]) -> Iterator[list[Paper]]:
    every = iter(papers)
    while batch := list(itertools.islice(every, _BATCH)):
        yield batch
