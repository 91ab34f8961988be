"""The search index: derived from the store, catching up with it, and built anew when in doubt.

It lies in a folder beside the database: a Tantivy index, which finds papers by their words, and a Forward, to look through what
was found. It is opened in milliseconds and read by several processes; one at a time writes. Each document carries the number of
the change that wrote it, so the index itself says how far it has come, and a crash between the store's commit and the index's
loses nothing: the next catch-up goes on from there.
"""

from __future__ import annotations

import asyncio
import errno
import json
import logging
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import tantivy
from filelock import FileLock, Timeout
from tantivy import Query

from papers.paper import Paper
from search.analysis import analyser, stems
from search.document import FORMAT, document, rest, schema, unpacked
from search.files import UNFINISHED, Files, made
from search.forward import Forward, ForwardDamaged, ForwardWriter, Integers, hashed, make_forward
from search.lexicon import Lexicon
from search.searcher import Remembering
from storage.papers import PaperStore

log = logging.getLogger(__name__)
T = TypeVar("T")

_BATCH = 2_000
_WRITER_BYTES = 64_000_000
_LEAST_BYTES = 15_000_000  # that a writer takes
_LOCK_S = 10.0
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM})
_LOOK_EVERY_S = 0.2  # whether another process has written, or somebody has laid hands on the files


class IndexUnavailable(Exception):
    """The index cannot be read just now; it is built anew at the next catch-up."""


class _Busy(Exception):
    """Another process is writing the index: it works from the same store."""


class SearchIndex:
    """One open index. Reading is synchronous (a few ms at most); catching up runs in a thread."""

    def __init__(self, folder: Path, identity: str) -> None:
        """Open the index of the store ``identity`` in ``folder``; one that is missing, broken or another store's starts empty.

        Raises IndexUnavailable where the folder cannot be used.
        """
        self.folder = folder
        self._about = {"format": FORMAT, "store": identity}
        self._writing = asyncio.Lock()
        self._looking = threading.Lock()
        self._broken: str | None = None  # what a reader met; the next catch-up builds the index anew
        self._looked_at = -1.0
        self._open()

    def close(self) -> None:
        """Let go of the files."""
        del self._index, self._state

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """The index as it is now. Whatever goes wrong in the block becomes IndexUnavailable, and the index is mended later."""
        with self._reading() as reader:
            if self._files.are_unfinished:
                raise _Unfinished("it is being built anew")
            yield reader

    @contextmanager
    def _reading(self) -> Iterator[Reader]:
        """The same of an index that may not be whole yet."""
        try:
            with _as_unavailable():
                yield self._look()
        except _Unfinished:
            raise
        except IndexUnavailable as error:
            self._broken = str(error)
            raise

    @property
    def is_catching_up(self) -> bool:
        return self._writing.locked()

    def change(self) -> int:
        """The number of the last change in the index; 0 for an empty one. Raises IndexUnavailable."""
        with self._reading() as reader:
            found = reader.searcher.search(Query.all_query(), 1, count=False, order_by_field="change")
            return int(found.hits[0][0]) if found.hits else 0

    def __len__(self) -> int:
        with self._reading() as reader:
            return len(reader)

    async def catch_up(self, papers: PaperStore) -> int:
        """Index what changed in the store since the last time; how many papers that was. Raises StorageError.

        An index that is ahead of the store, or was found broken, is built anew, and answers when it is whole; one that
        cannot be written is left for the next time, since search can wait and digests need none. Another process that is
        writing is left to it: it works from the same store.
        """
        async with self._writing:
            for _ in range(2):
                try:
                    return await self._catch_up(papers)
                except IndexUnavailable as error:
                    self._broken = str(error)
                except _Busy:
                    log.info("the search index is being written by another process")
                    return 0
                except _Full as error:
                    log.error("the search index cannot be written: %s", error)
                    return 0
            log.error("the search index cannot be built: %s", self._broken)
            return 0

    async def catch_up_soon(self, papers: PaperStore) -> None:
        """``catch_up``, unless that is going on already: an index being built anew may take minutes, and what is new can wait."""
        if not self._writing.locked():
            await self.catch_up(papers)

    async def _catch_up(self, papers: PaperStore) -> int:
        if self._broken is None and self.change() > await papers.change():
            self._broken = "it is ahead of the store"
        if self._broken is not None:
            await _finished(self._start_anew, self._broken)
        done = 0
        writers: list[_Writer] = []  # none until there is something to write, then one
        try:
            while batch := await papers.since(self.change(), _BATCH):
                await _finished(self._write, writers, batch)
                done += len(batch)
        finally:
            for writer in writers:
                await _finished(writer.close)
                self._looked_at = -1.0
        self._files.finish()
        await _finished(self._learn_words)
        return done

    def _learn_words(self) -> None:
        with self._reading() as reader:
            if reader.lexicon.is_stale(len(reader)):
                reader.lexicon.rebuild(reader.searcher)

    def _look(self) -> Reader:
        """See what others have done to the files. Mapped files that were cut would end the process when they are read."""
        with self._looking:
            if time.monotonic() - self._looked_at >= _LOOK_EVERY_S:
                if made(self.folder) not in {self._made, None}:
                    self._opened()
                elif problem := self._files.harm():
                    raise IndexUnavailable(problem)
                elif self._files.have_changed():
                    self._load()
                self._looked_at = time.monotonic()
            return self._state

    def _load(self) -> None:
        self._index.reload()
        searcher = Remembering(self._index.searcher())
        # After the searcher: so it has at least the rows that the searcher points to.
        self._state = Reader(self._index.schema, searcher, Forward(self.folder), self._lexicon)

    def _open(self) -> None:
        self._made = made(self.folder)
        try:
            if json.loads((self.folder / "about.json").read_text()) != self._about:
                raise ValueError("it was made in another format or for another store")
            with _as_unavailable():
                self._opened()
            self.change()
        except FileNotFoundError:
            self._start_anew("it is incomplete" if self.folder.exists() else None)
        except (OSError, ValueError, IndexUnavailable) as error:
            self._start_anew(str(error))

    def _start_anew(self, why: str | None) -> None:
        """Put an empty index in the place of what is there. Raises IndexUnavailable where it cannot be written, and _Busy."""
        with _as_unavailable():
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(self.folder.with_name(f".{self.folder.name}.lock"), timeout=_LOCK_S), self._looking:
                # Of two processes that found it broken, one is first; and what another one has just made will do.
                if not self._was_mended():
                    self._require_nobody_writing()
                    self._replace(why)
                self._opened()
        self._broken = None

    def _was_mended(self) -> bool:
        """Whether another process has put a good one in the place of the one that was found broken."""
        try:
            about = json.loads((self.folder / "about.json").read_text())
        except (OSError, ValueError):
            return False
        return bool(about == self._about) and made(self.folder) != self._made

    def _require_nobody_writing(self) -> None:
        if (self.folder / "tantivy" / "meta.json").exists():
            try:
                tantivy.Index(schema(), str(self.folder / "tantivy")).writer(_LEAST_BYTES, 1).wait_merging_threads()
            except ValueError as error:
                if _is_lock(error):
                    raise _Busy from error

    def _replace(self, why: str | None) -> None:
        if why is not None:
            log.warning("the search index is built anew: %s", why)
        prefix = f".{self.folder.name}.new-"
        for left in self.folder.parent.glob(f"{prefix}*"):  # by a process that was killed at it
            shutil.rmtree(left, ignore_errors=True)
        aside = Path(tempfile.mkdtemp(prefix=prefix, dir=self.folder.parent))
        try:
            new = aside / "new"
            (new / "tantivy").mkdir(parents=True)
            tantivy.Index(schema(), str(new / "tantivy"))
            make_forward(new)
            (new / UNFINISHED).touch()
            (new / "about.json").write_text(json.dumps(self._about))
            if self.folder.exists():
                self.folder.rename(aside / "broken")
            new.rename(self.folder)
        finally:
            shutil.rmtree(aside, ignore_errors=True)

    def _opened(self) -> None:
        index = tantivy.Index(schema(), str(self.folder / "tantivy"))
        index.register_tokenizer("stemmed", analyser(stemmed=True))
        index.register_tokenizer("plain", analyser(stemmed=False))
        # The library's own watcher would read files in a thread of its own, whatever has become of them.
        index.config_reader("manual")
        self._index = index
        self._files = Files(self.folder)
        self._made = made(self.folder)
        self._lexicon = Lexicon(self.folder / "lexicon")
        if problem := self._files.harm():
            raise IndexUnavailable(problem)
        self._files.have_changed()
        self._load()
        self._looked_at = time.monotonic()

    def _writer(self) -> _Writer:
        """Raises IndexUnavailable, _Busy and _Full."""
        with _as_unavailable(), _telling_full():
            try:
                return _Writer(self._index, self.folder)
            except ValueError as error:
                if _is_lock(error):
                    raise _Busy from error
                raise

    def _write(self, writers: list[_Writer], batch: Sequence[tuple[int, Paper]]) -> None:
        """Write a batch of whole changes in one commit. Raises IndexUnavailable, _Busy and _Full."""
        if made(self.folder) not in {self._made, None}:
            raise _Busy
        if not writers:
            writers.append(self._writer())
        with self._reading() as reader:
            rows = {paper.id: reader.row(paper.id) for _, paper in batch}
        with _as_unavailable(), _telling_full():
            writers[0].write(batch, rows, reader.forward)
        self._looked_at = -1.0


class Reader:
    """An index at one moment."""

    def __init__(self, fields: tantivy.Schema, searcher: Remembering, forward: Forward, lexicon: Lexicon) -> None:
        self.fields = fields
        self.searcher = searcher
        self.forward = forward
        self.lexicon = lexicon

    def __len__(self) -> int:
        return self.searcher.num_docs

    def row(self, identifier: str) -> int | None:
        """A paper's row in ``forward``."""
        found = self.searcher.search(Query.term_query(self.fields, "id", identifier), 1, count=False)
        rows = self.facts([address for _, address in found.hits])[0].tolist()
        return rows[0] if rows else None

    def facts(self, addresses: list[Any]) -> tuple[Integers, Integers, Integers]:
        """Of documents: the rows in ``forward``, the days of publication since 1970-01-01, and the votes."""
        return unpacked(self.searcher.fast_field_values("packed", addresses))  # type: ignore[arg-type]  # none is missing


class _Writer:
    """Writes batches; the library merges what was written in threads of its own."""

    def __init__(self, index: tantivy.Index, folder: Path) -> None:
        self._writer = index.writer(_WRITER_BYTES, 1)
        self._forward = ForwardWriter(folder)

    def write(self, batch: Iterable[tuple[int, Paper]], rows: dict[str, int | None], forward: Forward) -> None:
        for change, paper in batch:
            title, others = ([hashed(stem) for stem in stems(text)] for text in (paper.title, rest(paper)))
            known = rows[paper.id]
            if known is None or not forward.has(known, title, others):
                known = self._forward.add(paper.id, title, others)
            self._writer.delete_documents_by_term("id", paper.id)
            self._writer.add_document(document(change, known, paper))
        self._forward.flush()
        self._writer.commit()

    def close(self) -> None:
        self._forward.close()
        with _as_unavailable():
            self._writer.wait_merging_threads()


class _Unfinished(IndexUnavailable):
    """It is being built anew: nothing is wrong with it, but it has not all papers yet."""


class _Full(Exception):
    """The disk is full, or closed to us: no fault of the index."""


async def _finished(work: Callable[..., T], *arguments: Any) -> T:
    """Work done in a thread to its end, also where the caller is cancelled: what it works with must not be closed meanwhile."""
    task = asyncio.ensure_future(asyncio.to_thread(work, *arguments))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise


def _is_lock(error: ValueError) -> bool:
    return "lockbusy" in str(error).lower()


@contextmanager
def _telling_full() -> Iterator[None]:
    """A write that failed for want of room or right is told as such, whoever tells it."""
    try:
        yield
    except (OSError, ValueError) as error:
        number = getattr(error, "errno", None)
        if number in _NO_ROOM or any(f"code: {each}," in str(error) for each in _NO_ROOM):
            raise _Full(str(error)) from error
        raise


@contextmanager
def _as_unavailable() -> Iterator[None]:
    """Whatever a damaged or vanished index makes the libraries raise becomes IndexUnavailable."""
    try:
        yield
    except IndexUnavailable:
        raise
    except (ValueError, OSError, ForwardDamaged, Timeout) as error:
        raise IndexUnavailable(f"it cannot be used ({error})") from error
    except BaseException as error:
        # A panic in the library's Rust code is no Exception, so that nobody swallows it by accident; here it is meant.
        if type(error).__name__ != "PanicException":
            raise
        raise IndexUnavailable(f"it is damaged ({error})") from error
