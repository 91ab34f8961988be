"""The search index: derived from the store, catching up with it, and built anew when in doubt.

It lies in a folder beside the database: a Tantivy index, which finds papers by their words, and a Forward, to look through what
was found. It is opened in milliseconds and read by several processes; one at a time writes. Each document carries the number of
the change that wrote it, so the index itself says how far it has come, and a crash between the store's commit and the index's
loses nothing: the next catch-up goes on from there.
"""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import tantivy
from filelock import FileLock
from tantivy import Query

from papers.paper import Paper
from search.analysis import analyser
from search.document import FORMAT, schema
from search.files import UNFINISHED, Files, made
from search.forward import Forward, make_forward
from search.harm import Busy, Full, IndexUnavailable, Unfinished, as_unavailable, is_lock, unavailable
from search.lexicon import Lexicon
from search.reader import Reader
from search.searcher import Remembering
from search.writing import LEAST_BYTES, IndexWriter, commit_size
from storage.papers import PaperStore

log = logging.getLogger(__name__)
T = TypeVar("T")

_BATCH = 2_000  # papers that are read at once
_LOCK_S = 10.0
_LOOK_EVERY_S = 0.2  # whether another process has written, or somebody has laid hands on the files


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

    def reading(self) -> _Reading:
        """The index as it is now. Whatever goes wrong in the block becomes IndexUnavailable, and the index is mended later."""
        return _Reading(self, is_whole=True)

    def _reading(self) -> _Reading:
        """The same of an index that may not be whole yet."""
        return _Reading(self, is_whole=False)

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
                except Busy:
                    log.info("the search index is being written by another process")
                    return 0
                except Full as error:
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
        done, most, size, change = 0, 0, _BATCH, self.change()
        writers: list[IndexWriter] = []  # none until there is something to write, then one
        try:
            while batch := await papers.since(change, _BATCH):
                if (left := await papers.count() - len(self)) > most:  # they may be stored meanwhile
                    most, size = left, max(size, commit_size(left))
                await _finished(self._write, writers, batch, size)
                change = batch[-1][0]
                done += len(batch)
            await _finished(self._write, writers, [], 1)
        finally:
            for writer in writers:
                await _finished(writer.close)
                self._look_anew()
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

    def _look_anew(self) -> None:
        """Have the next reader look, however lately another thread did, or is doing so."""
        with self._looking:
            self._looked_at = -1.0

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
            with as_unavailable():
                self._opened()
            self.change()
        except FileNotFoundError:
            self._start_anew("it is incomplete" if self.folder.exists() else None)
        except (OSError, ValueError, IndexUnavailable) as error:
            self._start_anew(str(error))

    def _start_anew(self, why: str | None) -> None:
        """Put an empty index in the place of what is there. Raises IndexUnavailable where it cannot be written, and Busy."""
        with as_unavailable():
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
                tantivy.Index(schema(), str(self.folder / "tantivy")).writer(LEAST_BYTES, 1).wait_merging_threads()
            except ValueError as error:
                if is_lock(error):
                    raise Busy from error

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

    def _write(self, writers: list[IndexWriter], batch: Sequence[tuple[int, Paper]], size: int) -> None:
        """Write a batch of whole changes, and commit when ``size`` papers wait for it. Raises IndexUnavailable, Busy and Full."""
        if made(self.folder) not in {self._made, None}:
            raise Busy
        if batch and not writers:
            writers.append(IndexWriter(self._index, self.folder))
            self._look_anew()  # until then another process may have written
        for writer in writers:
            with self._reading() as reader:
                writer.add(batch, reader)
            if writer.commit(size):
                self._look_anew()


class _Reading:
    """A block that reads; a class, since each question enters one, and generators take longer."""

    __slots__ = ("_index", "_is_whole")

    def __init__(self, index: SearchIndex, *, is_whole: bool) -> None:
        self._index = index
        self._is_whole = is_whole

    def __enter__(self) -> Reader:
        try:
            reader = self._index._look()
        except BaseException as error:
            self.__exit__(None, error, None)
            raise
        if self._is_whole and self._index._files.are_unfinished:
            raise Unfinished("it is being built anew")
        return reader

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        told = unavailable(error) if error is not None else None
        if told is None or isinstance(told, Unfinished):
            return
        self._index._broken = str(told)
        if told is not error:
            raise told from error


async def _finished(work: Callable[..., T], *arguments: Any) -> T:
    """Work done in a thread to its end, also where the caller is cancelled: what it works with must not be closed meanwhile."""
    task = asyncio.ensure_future(asyncio.to_thread(work, *arguments))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise
