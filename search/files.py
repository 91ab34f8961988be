"""The index's files as they lie on disk: have they changed, and has somebody laid hands on them?

They are mapped into memory, where a file that was cut short under a running process would end it at the next look. So
their sizes are looked at first, which takes some microseconds.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

UNFINISHED = "unfinished"  # a file of this name says that an index has not all papers yet


def made(folder: Path) -> int | None:
    """What tells an index's folder from another one that was put in its place; None where there is none."""
    try:
        return (folder / "about.json").stat().st_ino
    except OSError:
        return None


class Files:
    """The files of an index's folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sizes: dict[str, int] = {}
        self._seen: object = None
        self.are_unfinished = False

    def harm(self) -> str | None:
        """What is wrong with the files; None where nothing is seen to be. Raises OSError.

        A file of Tantivy's that vanished is none: merging ends them, and they stay mapped as long as they are needed.
        """
        sizes: dict[str, int] = {}
        for place in (self._folder, self._folder / "tantivy"):
            with os.scandir(place) as entries:
                for entry in entries:
                    if not entry.name.startswith(".") and not entry.name.endswith(".json"):
                        with contextlib.suppress(FileNotFoundError):  # ended since it was listed
                            sizes[entry.name] = entry.stat().st_size if entry.is_file() else 0
        for name in ("rows.bin", "terms.bin", "ids.bin", "spread.bin"):
            if name not in sizes:
                return f"{name} is missing"
        if not all((self._folder / name).exists() for name in ("about.json", "tantivy/meta.json")):
            return "its description is missing"
        for name, size in sizes.items():
            if size < self._sizes.get(name, 0):
                return f"{name} was cut short"
        self._sizes = sizes
        self.are_unfinished = UNFINISHED in sizes
        return None

    def finish(self) -> None:
        """The index has all papers."""
        (self._folder / UNFINISHED).unlink(missing_ok=True)
        self.are_unfinished = False

    def have_changed(self) -> bool:
        """Whether anything was committed since the last call. Raises OSError."""
        seen = [(found.st_ino, found.st_mtime_ns, found.st_size) for found in map(self._stat, ("tantivy/meta.json", "rows.bin"))]
        before, self._seen = self._seen, seen
        return before != seen

    def _stat(self, name: str) -> os.stat_result:
        return (self._folder / name).stat()
