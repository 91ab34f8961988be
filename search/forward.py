"""The papers' stems in the order of their text, to look through hundreds of candidates in a fraction of a millisecond.

Beside the Tantivy index, which finds candidates, lie files of numbers that are mapped into memory:

- ``terms.bin``: the stems of all papers, each as a hash of 32 bits, a paper's title first; every paper begins a new block of
  64, filled up with zeros, so that numpy can gather many papers in one move;
- ``rows.bin``: for each paper the block its stems begin at, how many they are, how many of them are the title's, a checksum,
  and where in ``ids.bin`` its id is;
- ``spread.bin``: in how many papers each hash occurs, in buckets.

Rows are only ever added. One that nothing points to any more is waste, which is little: a paper whose text has not changed
keeps its row.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Terms: TypeAlias = NDArray[np.uint32]
Integers: TypeAlias = NDArray[np.int64]

BLOCK = 64
MAX_TERMS = 2_000  # of one paper: many times an abstract
_BLOCK_BITS = 6
_ROW = 6  # numbers: first block, length, title's length, checksum, the id's place and length in bytes
_NUMBER = np.dtype("<u4")
_BUCKETS = 1 << 20


class ForwardDamaged(Exception):
    """The files do not fit each other, or not what points into them."""


class Forward:
    """A view of the files as they are now. Raises ForwardDamaged."""

    def __init__(self, folder: Path) -> None:
        try:
            self._rows = _mapped(folder / "rows.bin").reshape(-1, _ROW)
            self._blocks = _mapped(folder / "terms.bin").reshape(-1, BLOCK)
            self._ids = _mapped(folder / "ids.bin", np.dtype("u1")).data  # its slices take a fifth of an array's time
            self._spread = _mapped(folder / "spread.bin")
        except (OSError, ValueError) as error:
            raise ForwardDamaged(f"its files do not fit ({error})") from error
        last = self._rows[-1].tolist() if len(self._rows) else [0] * _ROW
        if len(self._spread) != _BUCKETS or _blocks_used(self._rows) > len(self._blocks) or sum(last[4:]) > len(self._ids):
            raise ForwardDamaged("one of its files is too short")
        self.mean_length = max(1.0, float(self._rows[:, 1].mean())) if len(self._rows) else 1.0

    def __len__(self) -> int:
        return len(self._rows)

    def ids(self, rows: Integers) -> tuple[str, ...]:
        """The papers' ids. Raises ForwardDamaged."""
        try:
            spans = self._rows.take(rows, axis=0)[:, 4:].tolist()
            return tuple(str(self._ids[start : start + length], "utf-8") for start, length in spans)
        except (IndexError, UnicodeDecodeError) as error:
            raise ForwardDamaged("the papers' ids are not as they were written") from error

    def texts(self, rows: Integers) -> Texts:
        """The stems of these rows. Raises ForwardDamaged."""
        try:
            found = self._rows.take(rows, axis=0).astype(np.int64)
            counts = _blocks_of(found[:, 1])
            if len(found) and found[:, 1].max() > MAX_TERMS:
                raise ForwardDamaged("it has a row that is too long")
            ends = np.cumsum(counts)
            blocks = np.repeat(found[:, 0] - ends + counts, counts) + np.arange(ends[-1] if len(ends) else 0)
            terms = self._blocks.take(blocks, axis=0).ravel()
        except IndexError as error:
            raise ForwardDamaged("it has fewer rows than the index") from error
        return Texts(terms, np.repeat(np.arange(len(found)), counts), (ends - counts) * BLOCK, found[:, 1], found[:, 2])

    def has(self, row: int, title: Sequence[int], rest: Sequence[int]) -> bool:
        """Whether a row is of these stems."""
        if row >= len(self._rows):
            return False
        terms = _numbers(title, rest)
        found: list[int] = self._rows[row, 1:4].tolist()
        return found == [len(terms), min(len(title), len(terms)), zlib.crc32(terms.tobytes())]

    def verify(self, row: int) -> None:
        """Whether a row is as it was written. Raises ForwardDamaged."""
        if row >= len(self._rows):
            raise ForwardDamaged("it has fewer rows than the index")
        block, length, _, checksum = self._rows[row, :4].tolist()
        if zlib.crc32(self._blocks[block:].reshape(-1)[:length].tobytes()) != checksum:
            raise ForwardDamaged(f"row {row} is not as it was written")

    def spread(self, terms: Terms) -> Integers:
        """In how many rows each of these occurs, or a few more: hashes share buckets."""
        return self._spread.take(terms & np.uint32(_BUCKETS - 1)).astype(np.int64)


class Texts:
    """The stems of some rows side by side, each from a ``starts`` on, with zeros behind. ``lengths`` are without those."""

    def __init__(self, terms: Terms, of_block: Integers, starts: Integers, lengths: Integers, title_lengths: Integers) -> None:
        self.terms = terms
        self.starts = starts
        self.lengths = lengths
        self.title_lengths = title_lengths
        self.title_ends = starts + title_lengths
        self._of_block = of_block
        self.halves = terms.astype(np.uint16).astype(np.intp)  # each stem's lower half, to look up others' by

    def row_of(self, places: NDArray[np.int64]) -> Integers:
        """Which row each place in ``terms`` belongs to."""
        return self._of_block.take(places >> _BLOCK_BITS)


class ForwardWriter:
    """Adds rows. What was added is there for readers after ``flush``; one writer at a time. Raises ForwardDamaged, OSError.

    The files are held open: should another folder be put in the place of this one, nothing is written there.
    """

    def __init__(self, folder: Path) -> None:
        rows = Forward(folder)._rows
        self._count = len(rows)
        self._blocks = _blocks_used(rows)
        self._id_bytes = int(rows[-1, 4]) + int(rows[-1, 5]) if self._count else 0
        self._spread = np.fromfile(folder / "spread.bin", _NUMBER)
        self._files = {name: (folder / f"{name}.bin").open("r+b") for name in ("rows", "terms", "ids", "spread")}
        self._terms: list[Terms] = []
        self._ids: list[bytes] = []
        self._rows: list[tuple[int, ...]] = []

    def add(self, identifier: str, title: Sequence[int], rest: Sequence[int]) -> int:
        """Add a paper's id and its stems, as ``hashed``; its row."""
        terms = _numbers(title, rest)
        self._spread[terms & np.uint32(_BUCKETS - 1)] += 1  # one more for each bucket, however often it is named
        name = identifier.encode()
        checksum = zlib.crc32(terms.tobytes())
        self._rows.append((self._blocks, len(terms), min(len(title), len(terms)), checksum, self._id_bytes, len(name)))
        self._ids.append(name)
        self._id_bytes += len(name)
        blocks = _blocks_of(len(terms))
        padded = np.zeros(blocks * BLOCK, _NUMBER)
        padded[: len(terms)] = terms
        self._terms.append(padded)
        self._blocks += blocks
        self._count += 1
        return self._count - 1

    def flush(self) -> None:
        """Write what was added, so that it is there after a crash of the machine, too."""
        if not self._rows:
            return
        # First the stems and the ids, then the rows that point to them.
        terms = np.concatenate(self._terms)
        names = b"".join(self._ids)
        self._write("terms", terms.tobytes(), self._blocks * BLOCK * terms.itemsize)
        self._write("ids", names, self._id_bytes)
        self._write("spread", self._spread.tobytes(), self._spread.nbytes)
        rows = np.array(self._rows, _NUMBER)
        self._write("rows", rows.tobytes(), self._count * _ROW * rows.itemsize)
        self._terms, self._ids, self._rows = [], [], []

    def close(self) -> None:
        for file in self._files.values():
            file.close()

    def _write(self, name: str, data: bytes, end: int) -> None:
        """Write up to the ``end``-th byte; what a crash left there is overwritten."""
        file = self._files[name]
        file.seek(end - len(data))
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


@lru_cache(maxsize=100_000)
def hashed(stem: str) -> int:
    """The number a stem is kept as, never 0. Two stems in a billion share one, which now and then costs a wrong place."""
    return zlib.crc32(stem.encode()) or 1


def make_forward(folder: Path) -> None:
    """Empty files in an existing folder."""
    for name in ("rows.bin", "terms.bin", "ids.bin"):
        (folder / name).touch()
    np.zeros(_BUCKETS, _NUMBER).tofile(folder / "spread.bin")


def _numbers(title: Sequence[int], rest: Sequence[int]) -> Terms:
    return np.array([*title, *rest][:MAX_TERMS], _NUMBER)


def _blocks_of(length: Any) -> Any:
    """How many blocks so many stems take: a number, or an array of them."""
    return -(-length // BLOCK)


def _blocks_used(rows: Terms) -> int:
    return int(rows[-1, 0]) + int(_blocks_of(int(rows[-1, 1]))) if len(rows) else 0


def _mapped(path: Path, kind: np.dtype[Any] = _NUMBER) -> NDArray[Any]:
    size = path.stat().st_size // kind.itemsize
    if not size:
        return np.empty(0, kind)  # an empty file cannot be mapped
    return np.memmap(path, kind, "r", shape=(size,)).view(np.ndarray)  # slices of a memmap itself cost ten times more
