"""The vectors of the papers' meanings, in one file that any number of processes read and append to.

A record is one paper: its id and its vector in bytes; a later one for the same id replaces the earlier. In memory are only the
signs of a vector's numbers, which tell well enough which papers deserve a look at the whole, and where its record lies: 64 bytes
a paper. Records are read, not mapped into memory: a file that somebody cuts short under a running process then gives a short
answer instead of ending the process.
"""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Keys = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]
Records = npt.NDArray[Any]
Sound = npt.NDArray[np.bool_]

log = logging.getLogger(__name__)

_FORMAT = 1
_ID_BYTES = 64
_STEP = 8_192  # records, or columns, looked at in one go: what fits the processor's cache
_COMPARED = 6  # times the answers wanted are compared in full, and at least:
_COMPARED_LEAST = 200


class MeaningUnavailable(Exception):
    """Search by meaning cannot be had; the message says what is missing and what to do."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What is in memory of the first ``records`` records of a file, by ascending key, each paper once.

    ``keys`` are of the ids, ``places`` the numbers of the records, and ``signs`` has a column of 64-bit words for each.
    """

    inode: int
    records: int
    keys: Keys
    places: Places
    signs: Keys

    def columns(self, keys: Keys) -> tuple[Places, Sound]:
        """Where each of these keys is, and whether it is there at all."""
        columns = np.searchsorted(self.keys, keys)
        has = columns < len(self.keys)
        has[has] = self.keys[columns[has]] == keys[has]
        return columns, has


class Vectors:
    """The vectors that one model has made. Safe to use from several threads. Methods raise MeaningUnavailable."""

    def __init__(self, folder: Path, model: str, size: int) -> None:
        """Open the vectors of ``model``, ``size`` numbers each, in ``folder``; those of another model are thrown away."""
        self._type = _record_type(size)
        self._size = size
        name = hashlib.sha256(f"{_FORMAT} {size} {model}".encode()).hexdigest()[:16]
        self._path = folder / f"{name}.vectors"
        self._turn = threading.RLock()
        with _as_unavailable():
            folder.mkdir(parents=True, exist_ok=True)
            for other in folder.glob("*.vectors"):
                if other != self._path:
                    other.unlink(missing_ok=True)
            self._open()
        self._look(mend=True)

    def __len__(self) -> int:
        return len(self._look().keys)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def add(self, ids: Sequence[str], matrix: Floats) -> None:
        """Store the rows of ``matrix``, each of length 1 and of the id at its place; they are on disk when it returns.

        A known id gets a new vector; one of more than 64 bytes gets none.
        """
        if matrix.shape != (len(ids), self._size):
            raise ValueError(f"a row of {self._size} numbers for each id")
        fit = [place for place, identifier in enumerate(ids) if _fits(identifier)]
        records = _records_of([ids[place] for place in fit], matrix[fit], self._type)
        with self._turn, _as_unavailable():
            self._look(mend=True)
            # One write in append mode: processes that add at the same time do not get in each other's way.
            if self._file.write(records.tobytes()) != records.nbytes:
                raise OSError("the disk is full")
            os.fsync(self._file.fileno())
            self._look()

    def missing(self, ids: Sequence[str]) -> list[str]:
        """Those of ``ids`` that have no vector yet, in their order."""
        _, has = self._look().columns(_keys(ids))
        return [identifier for identifier, is_there in zip(ids, has, strict=True) if not is_there and _fits(identifier)]

    def nearest(self, vector: Floats, limit: int) -> list[tuple[str, float]]:
        """The papers nearest in meaning to a vector of length 1, best first, with the cosine of the angle (-1 to 1)."""
        known = self._look()
        compared = max(limit * _COMPARED, _COMPARED_LEAST)
        likely = _likely(known.signs, _signs(vector[None])[:, 0], compared)
        records, sound = self._records(np.sort(known.places[likely]))
        records = records[sound]
        scores = self._cosines(vector, records)
        best = np.argsort(-scores, kind="stable")[: max(limit, 0)]
        return [(records["id"][place].decode(), float(scores[place])) for place in best]

    def scores(self, vector: Floats, ids: Sequence[str]) -> Floats:
        """The cosine for each of ``ids``; nan for those that have no vector."""
        known = self._look()
        keys = _keys(ids)
        columns, has = known.columns(keys)
        records, sound = self._records(known.places[columns[has]])
        sound &= records["key"] == keys[has]  # somebody may have put another file in its place just now
        found = np.full(len(ids), np.nan, np.float32)
        found[np.flatnonzero(has)[sound]] = self._cosines(vector, records[sound])
        return found

    def _cosines(self, vector: Floats, records: Records) -> Floats:
        rows = records["row"][:, : self._size].astype(np.float32)
        return np.asarray((rows @ vector) * records["scale"], np.float32)

    def _records(self, places: Places) -> tuple[Records, Sound]:
        """The records at these places of the file, and which of them are sound."""
        width = self._type.itemsize
        with self._turn, _as_unavailable():
            return self._checked(b"".join(self._bytes(place, 1).ljust(width, b"\0") for place in places.tolist()))

    def _bytes(self, first: int, count: int) -> bytes:
        self._file.seek(first * self._type.itemsize)
        return self._file.read(count * self._type.itemsize)

    def _checked(self, data: bytes) -> tuple[Records, Sound]:
        records = np.frombuffer(data, self._type, len(data) // self._type.itemsize)
        sound = np.asarray(_sums(records) == records["sum"], np.bool_)
        self._is_harmed |= not sound.all()
        return records, sound

    def _look(self, *, mend: bool = False) -> _Known:
        """What is in the file now, with other processes' records, without harmed ones; ``mend`` drops those from the file."""
        with self._turn, _as_unavailable():
            there = self._path.stat() if self._path.exists() else None
            if not there or there.st_ino != self._known.inode or there.st_size < self._known.records * self._type.itemsize:
                log.warning("%s was taken away, exchanged or cut short; what is there is read anew", self._path)
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._file.close()
                there = self._open()
            whole, rest = divmod(there.st_size, self._type.itemsize)
            if whole > self._known.records:
                self._read(whole)
            # What is not whole may be the beginning of what another process is just writing, so it is left alone till one writes.
            if mend and (rest or self._is_harmed or whole > 2 * len(self._known.keys) + _STEP):
                self._rewrite()
            return self._known

    def _open(self) -> os.stat_result:
        """Begin with the file that is there now, or an empty one, of which nothing is known yet."""
        self._file = self._path.open("a+b", buffering=0)
        there = os.fstat(self._file.fileno())
        none = np.zeros(0, np.uint64)
        self._known = _Known(there.st_ino, 0, none, np.zeros(0, np.int64), _signs(np.zeros((0, self._size), np.float32)))
        self._is_harmed = False
        return there

    def _read(self, whole: int) -> None:
        """Take note of the records up to this one."""
        known = self._known
        keys, signs, places = [known.keys], [known.signs], [known.places]
        for first in range(known.records, whole, _STEP):
            records, sound = self._checked(self._bytes(first, min(_STEP, whole - first)))
            keys.append(records["key"][sound])
            signs.append(_signs(records["row"][sound, : self._size]))
            places.append(first + np.flatnonzero(sound))
        together = np.concatenate(keys), np.concatenate(places), np.concatenate(signs, axis=1)
        self._known = _once(_Known(known.inode, whole, *together))

    def _rewrite(self) -> None:
        """Put a file that has only what is known and sound in the place of the present one, and read it."""
        log.warning("%s holds more than its %d vectors; the rest is thrown away", self._path, len(self._known.keys))
        places = np.sort(self._known.places)
        with tempfile.NamedTemporaryFile(dir=self._path.parent, delete=False) as made:
            try:
                for first in range(0, len(places), _STEP):
                    records, sound = self._records(places[first : first + _STEP])
                    made.write(records[sound].tobytes())
                made.close()
                self._file.close()
                Path(made.name).replace(self._path)
            finally:
                Path(made.name).unlink(missing_ok=True)
        self._read(self._open().st_size // self._type.itemsize)


def _record_type(size: int) -> np.dtype[Any]:
    row = ("row", "i1", (-(-size // 8) * 8,))
    return np.dtype([("key", "<u8"), ("sum", "<u4"), ("scale", "<f4"), ("id", f"S{_ID_BYTES}"), row])


def _records_of(ids: Sequence[str], matrix: Floats, kind: np.dtype[Any]) -> Records:
    records = np.zeros(len(ids), kind)
    greatest = np.maximum(np.abs(matrix).max(axis=1, initial=0.0), np.float32(1e-12))
    records["id"] = [identifier.encode() for identifier in ids]
    records["key"] = _keys(ids)
    records["scale"] = greatest / 127
    records["row"][:, : matrix.shape[1]] = np.rint(matrix * (127 / greatest)[:, None])
    records["sum"] = _sums(records)
    return records


def _fits(identifier: str) -> bool:
    return len(identifier.encode()) <= _ID_BYTES


def _keys(ids: Sequence[str]) -> Keys:
    """Numbers that stand for ids; two of a million share one with a chance of 1 in 30 million."""
    digests = b"".join(hashlib.blake2b(identifier.encode(), digest_size=8).digest() for identifier in ids)
    return np.frombuffer(digests, "<u8").astype(np.uint64)


def _sums(records: Records) -> npt.NDArray[np.uint32]:
    """A checksum of each record, in which every word counts by its place; 0 never is one, so that zeros are no record."""
    blank = records.copy()
    blank["sum"] = 0
    words = blank.view("<u4").reshape(len(records), records.dtype.itemsize // 4)
    weights = np.arange(1, 2 * words.shape[1], 2, dtype=np.uint32) * np.uint32(2_654_435_761)
    return np.asarray((words * weights).sum(axis=1, dtype=np.uint32) | np.uint32(1), np.uint32)


def _signs(rows: npt.NDArray[Any]) -> Keys:
    """(papers, size) → (words of 64 bits, papers): a bit for each number, set where it is above 0."""
    bits = np.packbits(rows > 0, axis=1)
    padded = np.zeros((len(rows), -(-rows.shape[1] // 64) * 8), np.uint8)
    padded[:, : bits.shape[1]] = bits
    return np.ascontiguousarray(padded.view(np.uint64).T)


def _likely(signs: Keys, wanted: Keys, count: int) -> Places:
    """The columns that differ from ``wanted`` in the fewest bits: ``count`` and what ties with the last, at most twice that."""
    apart = np.zeros(signs.shape[1], np.uint16)
    for first in range(0, signs.shape[1], _STEP):
        for row, word in zip(signs[:, first : first + _STEP], wanted, strict=True):
            apart[first : first + _STEP] += np.bitwise_count(row ^ word)
    within = np.searchsorted(np.cumsum(np.bincount(apart)), count)
    likely = np.flatnonzero(apart <= within)
    return likely[np.argsort(apart[likely], kind="stable")][: 2 * count] if len(likely) > 2 * count else likely


def _once(known: _Known) -> _Known:
    """By ascending key, and of those with the same key the last."""
    order = np.argsort(known.keys, kind="stable")
    keys = known.keys[order]
    last = order[np.append(keys[1:] != keys[:-1], True)[: len(keys)]]
    return _Known(known.inode, known.records, known.keys[last], known.places[last], np.ascontiguousarray(known.signs[:, last]))


@contextmanager
def _as_unavailable() -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:  # ValueError: the file was closed
        raise MeaningUnavailable(f"the vectors cannot be used ({error}): see that their folder can be written to") from error
