"""Latency, size on disk, build rate and memory at one size of collection."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.collection import Collection
from bench.latency import Completing, Row, Search, completing, measured
from bench.ours import Ours, size_of, words_asked
from bench.resident import resident_mib
from bench.rivals import Fts5, PlainTantivy

_PAGE = 5
_TOP = 10
_TYPED = 80  # titles, and as many authors
_MIB = 2**20
SIZE_HEADING = """
| papers | index | MiB | built in s | papers a second | memory MiB: own | mapped files |
|---|---|---|---|---|---|---|"""


@dataclass(frozen=True, slots=True)
class Size:
    """An index on disk; the memory is that of a process that has nothing else, where it is known."""

    papers: int
    name: str
    mib: float
    build_s: float
    memory_mib: Mapping[str, float]

    def __str__(self) -> str:
        memory = " | ".join(f"{self.memory_mib[kind]:.0f}" if kind in self.memory_mib else "–" for kind in ("own", "files"))
        rate = f"{self.build_s:.1f} | {self.papers / self.build_s:,.0f}"
        return f"| {self.papers:,} | {self.name} | {self.mib:.1f} | {rate} | {memory} |"


@dataclass(frozen=True, slots=True)
class Speed:
    """All figures of one size."""

    rows: list[Row]
    completing: list[Completing]
    sizes: list[Size]


async def speed(collection: Collection, size: int, asked: Mapping[str, Sequence[str]], *, with_fts5: bool) -> Speed:
    """Build what is not there yet, and ask."""
    rivals: list[type[PlainTantivy | Fts5]] = [PlainTantivy, Fts5] if with_fts5 else [PlainTantivy]
    async with collection.ours(size) as ours:
        built = {rival.name: collection.built(size, rival) for rival in rivals}
        fts5 = Fts5(built[Fts5.name].place) if with_fts5 else None
        searches = _searches(ours, PlainTantivy(built[PlainTantivy.name].place), fts5)
        rows = await measured(size, searches, asked, PlainTantivy.name)
        completed = await completing(size, ours, _typed(collection, size))
        if fts5:
            fts5.close()
        questions = [text for texts in asked.values() for text in texts[:200]]
        memory = await asyncio.to_thread(resident_mib, ours.folder, questions)
        sizes = [
            Size(size, "Paperboy", ours.index_bytes / _MIB, ours.steps_s["index"], memory),
            Size(size, "Paperboy’s store", ours.store_bytes / _MIB, ours.steps_s["store"], {}),
            *(Size(size, name, size_of(found.place) / _MIB, found.build_s, {}) for name, found in built.items()),
        ]
    return Speed(rows, completed, sizes)


def _searches(ours: Ours, plain: PlainTantivy, fts5: Fts5 | None) -> dict[str, Search]:
    """All look for the same words; Paperboy may look for more."""
    found: dict[str, Search] = {
        "Paperboy, ids": lambda text: ours.find(text, _TOP),
        "Paperboy, first page": lambda text: ours.search(text, _PAGE),
        PlainTantivy.name: lambda text: plain.find_words(words_asked(text), _TOP),
    }
    if fts5:
        found["FTS5, OR"] = lambda text: fts5.find_words(words_asked(text), _TOP)
        found["FTS5, AND then OR"] = lambda text: fts5.find_all_or_any(words_asked(text), _TOP)
    return found


def _typed(collection: Collection, size: int) -> dict[str, list[str]]:
    rng = random.Random(1)  # noqa: S311 (a draw, not a secret)
    papers = rng.choices(collection.first[:size], k=_TYPED)
    return {"titles": [paper.title for paper in papers], "authors": [rng.choice(paper.authors) for paper in papers]}
