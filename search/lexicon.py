"""The words of all papers, for mending typos, and the commonest words and names for what is typed so far.

A small Tantivy index beside the main one, made from its terms, mapped into memory and never read as a whole: a word's neighbours
are found by an automaton. It may be stale, missing or damaged: then less is mended and completed until it is made anew.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from heapq import nlargest
from pathlib import Path
from typing import Any, TypeVar

import tantivy
from tantivy import Document, Query

from search.searcher import Searching

log = logging.getLogger(__name__)

T = TypeVar("T")
Counted = tuple[str, int]  # a term, and how many papers have it
Lookup = Callable[[str, int], list[Counted]]  # the first so many terms that begin like this
FEW = 1_000  # terms that can be looked through at once: at most 3 ms
KEPT = 40  # of the commonest terms that begin alike
MANY_TERMS_PAPERS = 20_000  # from here on the terms that share less than DEEP letters are too many to be listed at once
DEEP = 3  # (the library lists all that begin alike, whatever the limit: half a second for a million)
SHORTEST = 3  # letters of a word that is kept for mending
_FORMAT = "1"
_COMPLETED = ("title_words", "names", "organisations")
_WRITER_BYTES = 32_000_000
_GROWTH = 1.1
_MANY_PAPERS = 3_000  # from here on a word that only one text has, and no title, is as likely a typo itself
_TITLE_WEIGHT = 4  # papers: whoever asks half remembers a title, and titles have few typos
_NEAREST = 24
_BEGUN = 3
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_NEXT = _LETTERS + "0123456789 \t"
_LOOK_EVERY_S = 0.01


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A word that papers have; ``weight`` counts those papers, and those with it in their title several times."""

    word: str
    weight: int


class Lexicon:
    """One open lexicon. Reading is synchronous and never raises: damage is logged, and mended by the next ``rebuild``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sizes: dict[str, int] = {}
        self._looked_at = -1.0
        self._searcher: tantivy.Searcher | None = None
        self._papers = 0
        self.papers()

    def papers(self) -> int:
        """How many papers it was made from; 0 where there is none to read. Sees what another process has made."""
        self._open_if_there()
        self._papers = self._asked(lambda _: self._made_from(self._reloaded()), 0)
        return self._papers

    def knows(self, papers: int) -> bool:
        """Whether it was made from at least half of so many papers."""
        return 2 * self._papers >= papers

    def is_stale(self, papers: int) -> bool:
        """Whether it is worth a ``rebuild``, of so many papers."""
        known = self.papers()
        return papers > known * _GROWTH or papers * _GROWTH < known

    def rebuild(self, searcher: Searching) -> bool:
        """Make it anew from the main index's terms: some seconds at a million papers. Belongs in a thread of its own.

        False where another process is at it or the folder cannot be written. Raises what a damaged main index does.
        """
        self._open_if_there()
        try:
            if self._searcher is None:
                shutil.rmtree(self._folder, ignore_errors=True)
                self._folder.mkdir(parents=True)
                self._open()
            writer = self._index.writer(_WRITER_BYTES, 1)
            writer.delete_all_documents()
            for document in _documents(searcher):
                writer.add_document(document)
            writer.commit()
            writer.wait_merging_threads()
            self._papers = self._made_from(self._reloaded())
        except (ValueError, OSError) as error:
            log.warning("the lexicon cannot be made just now: %s", error)
            return False
        return True

    def near(self, word: str, slips: int) -> list[Neighbour]:
        """The commonest words at most so many slips (1 or 2) away; of those two slips away, that begin with the same letter."""
        if slips == 1:
            return self._neighbours("word", word, 1)
        return self._neighbours(f"after.{word[:1]}", word[1:], 2)  # the automaton then walks one letter's words only

    def begun(self, beginning: str) -> list[Neighbour]:
        """The commonest words that begin like this or, from the second letter on, one slip away from it; three or more."""
        if len(beginning) < _BEGUN:
            return []
        return self._neighbours(f"after.{beginning[0]}", beginning[1:], 1, is_beginning=True)

    def commonest(self, field: str, beginning: str) -> list[Counted] | None:
        """The commonest terms of the main index's field that begin like this; None where they are few enough to look through."""

        def ask(searcher: tantivy.Searcher) -> list[Counted] | None:
            found = searcher.search(Query.term_query(self._schema, "key", f"{field}\n{beginning}"), 1, count=False).hits
            if not found:
                return None
            return [(term, count) for term, count in json.loads(searcher.doc(found[0][1]).get_first("best") or b"")]

        return self._asked(ask, None)

    def _neighbours(self, field: str, word: str, slips: int, *, is_beginning: bool = False) -> list[Neighbour]:
        if not word.isascii() or not word.isalpha():
            return []

        def ask(searcher: tantivy.Searcher) -> list[Neighbour]:
            query = Query.fuzzy_term_query(self._schema, field, word, slips, prefix=is_beginning)
            found: list[tuple[int, Any]] = searcher.search(query, _NEAREST, count=False, order_by_field="weight").hits
            return [Neighbour(searcher.doc(address).get_first("word") or "", weight) for weight, address in found]

        return self._asked(ask, [])

    def _asked(self, ask: Callable[[tantivy.Searcher], T], otherwise: T) -> T:
        """An answer, or ``otherwise`` where there is none to be had; what is damaged is not looked at again until rebuilt."""
        searcher = self._searcher  # another thread may give it up
        if searcher is None:
            return otherwise
        try:
            self._look()
            return ask(searcher)
        except (ValueError, OSError) as error:
            self._give_up(error)
        except BaseException as error:
            # A panic in the library's Rust code is no Exception, so that nobody swallows it by accident; here it is meant.
            if type(error).__name__ != "PanicException":
                raise
            self._give_up(error)
        return otherwise

    def _open_if_there(self) -> None:
        if self._searcher is None and self._folder.exists():
            try:
                self._open()
            except (ValueError, OSError) as error:
                self._give_up(error)
            except BaseException as error:
                if type(error).__name__ != "PanicException":
                    raise
                self._give_up(error)

    def _open(self) -> None:
        self._schema = _schema()
        self._index = tantivy.Index(self._schema, str(self._folder))
        self._index.config_reader("manual")
        self._reloaded()

    def _made_from(self, searcher: tantivy.Searcher) -> int:
        found = searcher.search(Query.term_query(self._schema, "key", _FORMAT), 1, count=False).hits
        return int(searcher.doc(found[0][1]).get_first("papers") or 0) if found else 0

    def _reloaded(self) -> tantivy.Searcher:
        self._index.reload()
        self._searcher = self._index.searcher()
        return self._searcher

    def _look(self) -> None:
        """Whether a file was cut short: mapped into memory, it would end the process when it is read."""
        now = time.monotonic()
        if now - self._looked_at < _LOOK_EVERY_S:
            return
        with os.scandir(self._folder) as entries:
            sizes = dict(_sizes(entries))
        for name, size in sizes.items():
            if size < self._sizes.get(name, 0) and not name.endswith(".json"):
                raise ValueError(f"{name} was cut short")
        self._sizes = sizes
        self._looked_at = now

    def _give_up(self, error: BaseException) -> None:
        log.warning("the lexicon is damaged, and made anew at the next occasion: %s", error)
        self._searcher = None
        self._papers = 0
        self._sizes = {}


def _sizes(entries: Iterable[os.DirEntry[str]]) -> Iterator[tuple[str, int]]:
    for entry in entries:
        if not entry.name.startswith("."):
            with contextlib.suppress(FileNotFoundError):  # another process makes it anew
                yield entry.name, entry.stat().st_size


def lookup_of(searcher: Searching, field: str) -> Lookup:
    """The field's terms by their beginning."""
    return lambda beginning, limit: searcher.terms_with_prefix(field, beginning, limit=limit)


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("word", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_json_field("after", tokenizer_name="raw", index_option="basic")  # its first letter: the rest
    builder.add_integer_field("weight", fast=True)
    builder.add_text_field("key", tokenizer_name="raw", index_option="basic")
    builder.add_bytes_field("best", stored=True)
    builder.add_integer_field("papers", stored=True)
    return builder.build()


def _documents(searcher: Searching) -> Iterator[Document]:
    papers = searcher.num_docs
    yield Document(key=_FORMAT, papers=papers)
    least = 2 if papers >= _MANY_PAPERS else 1
    depth = DEEP if papers >= MANY_TERMS_PAPERS else 0
    for word, count in _every(lookup_of(searcher, "words"), depth):
        if len(word) < SHORTEST or not word.isalpha():
            continue
        titled = searcher.doc_freq("title_words", word)
        if titled or count >= least:
            document = Document(word=word, weight=count + _TITLE_WEIGHT * titled)
            document.add_json("after", {word[0]: word[1:]})
            yield document
    for field in _COMPLETED:
        lookup, count_of = lookup_of(searcher, field), partial(searcher.doc_freq, field)
        for beginning, best in _commonest(lookup, count_of, depth):
            yield Document(key=f"{field}\n{beginning}", best=json.dumps(best, ensure_ascii=False).encode())


def _every(lookup: Lookup, depth: int, beginning: str = "") -> Iterator[Counted]:
    """All terms of Latin letters, from so many letters on, a handful at a time: nobody else runs while the library lists them."""
    if len(beginning) >= depth:
        found = lookup(beginning, FEW + 1)
        if len(found) <= FEW:
            yield from found
            return
        if found[0][0] == beginning:  # it comes before all that go on
            yield found[0]
    for letter in _LETTERS:
        yield from _every(lookup, depth, beginning + letter)


def _commonest(lookup: Lookup, count_of: Callable[[str], int], depth: int) -> list[tuple[str, list[Counted]]]:
    """For each beginning that too many terms share to look through them: the commonest of those."""
    made: list[tuple[str, list[Counted]]] = []

    def look(beginning: str) -> tuple[list[Counted], int]:
        """The commonest, and how many there are."""
        if len(beginning) >= depth:
            found = lookup(beginning, FEW + 1)
            if len(found) <= FEW:
                return nlargest(KEPT, found, key=_count), len(found)
        papers = count_of(beginning) if beginning else 0
        best, total = ([(beginning, papers)], 1) if papers else ([], 0)
        for letter in _NEXT:
            more, count = look(beginning + letter)
            best += more
            total += count
        best = nlargest(KEPT, best, key=_count)
        if total > FEW:
            made.append((beginning, best))
        return best, total

    look("")
    return made


def _count(term: Counted) -> int:
    return term[1]
