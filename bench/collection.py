"""The large collections, with what has been built of them, in a folder that may be kept for the next run."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.corpus import papers
from bench.kept import kept
from bench.ours import Ours
from bench.rivals import Fts5, PlainTantivy
from papers.paper import Paper


class Collection:
    """Papers without number, the first of which are real: ``first``, in their order. Only as many as asked for are made."""

    def __init__(self, real: Sequence[Paper], place: Path, seed: int) -> None:
        self._real = real
        self._place = place
        self._seed = seed
        self.first = list(papers(self._real, len(self._real), seed))

    def papers(self, count: int) -> Iterable[Paper]:
        return papers(self._real, count, self._seed)

    @asynccontextmanager
    async def ours(self, count: int) -> AsyncIterator[Ours]:
        """Paperboy's search over the first so many."""
        async with Ours.open(self._folder(count) / "ours", self.papers(count)) as ours:
            yield ours

    @asynccontextmanager
    async def copied(self, count: int) -> AsyncIterator[Path]:
        """A copy of the folder of Paperboy's store and index, for a while."""
        async with self.ours(count):
            pass
        with tempfile.TemporaryDirectory() as made:
            yield Path(await asyncio.to_thread(shutil.copytree, self._folder(count) / "ours", Path(made) / "ours"))

    def built(self, count: int, rival: type[PlainTantivy | Fts5]) -> Built:
        """Where a rival's index of the first so many is, built if it was not there."""
        place = self._folder(count) / rival.name
        return Built(place, kept(place, self.papers(count), rival.build))

    def _folder(self, count: int) -> Path:
        return self._place / f"{count}-{self._seed}"


@dataclass(frozen=True, slots=True)
class Built:
    """Where a rival's index lies, and the seconds it took to build."""

    place: Path
    build_s: float
