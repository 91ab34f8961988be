"""What takes long to build, built once: with the seconds it took beside it, so that a later run can tell them."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

T = TypeVar("T")


class Clocked(Generic[T]):
    """Items one by one, with the seconds that were spent on making them, which are no part of what is done with them."""

    def __init__(self, items: Iterable[T]) -> None:
        self._items = items
        self.spent_s = 0.0

    def __iter__(self) -> Iterator[T]:
        every = iter(self._items)
        while True:
            began = time.perf_counter()
            try:
                item = next(every)
            except StopIteration:
                return
            finally:
                self.spent_s += time.perf_counter() - began
            yield item


@dataclass(frozen=True, slots=True)
class Kept:
    """A file or folder, and a note beside it that says it is whole, with the seconds of each step that made it."""

    place: Path

    @property
    def note(self) -> Path:
        return self.place.with_name(self.place.name + ".built.json")

    @property
    def is_whole(self) -> bool:
        return self.note.exists()

    def clear(self) -> None:
        """Take away what a build left that was broken off; make the folder around it."""
        if self.place.is_dir():
            shutil.rmtree(self.place)
        self.place.unlink(missing_ok=True)
        self.place.parent.mkdir(parents=True, exist_ok=True)

    def finish(self, **steps_s: float) -> None:
        self.note.write_text(json.dumps(steps_s))

    def steps_s(self) -> dict[str, float]:
        return dict(json.loads(self.note.read_text()))


def kept(place: Path, papers: Iterable[T], make: Callable[[Iterable[T], Path], None]) -> float:
    """Have something made at ``place`` unless it is there already; the seconds it took, now or then."""
    found = Kept(place)
    if not found.is_whole:
        found.clear()
        clocked = Clocked(papers)
        began = time.perf_counter()
        make(clocked, place)
        found.finish(build=time.perf_counter() - began - clocked.spent_s)
    return found.steps_s()["build"]
