"""The Tantivy index: derived from the store, catching up with it, and built anew when in doubt.

It lies in a folder beside the database, is opened in milliseconds and read by several processes; one at a time writes.
Each document carries the number of the change that wrote it, so the index itself says how far it has come, and a crash
between the store's commit and the index's loses nothing: the next catch-up goes on from there.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import tantivy
from tantivy import Filter, Occur, TextAnalyzerBuilder, Tokenizer

from papers.paper import Paper
from search.suggest import Vocabulary
from storage.papers import PaperStore

log = logging.getLogger(__name__)

FORMAT = 1  # one more whenever the fields or their analysis change: an index of another format is built anew
_BATCH = 2_000
_WRITER_BYTES = 50_000_000
# The title's share beside the whole text, and what a paper with every word of the question gains over one with most.
_TITLE_BOOST = 1.0
_ALL_WORDS_BOOST = 1.0


class IndexUnavailable(Exception):
    """The index cannot be read just now; it is built anew at the next catch-up."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A paper that answers a question; the higher the score the better."""

    id: str
    title: str
    score: float


class SearchIndex:
    """One open index. Searching is synchronous (a few ms at most); catching up runs in a thread."""

    def __init__(self, folder: Path, identity: str) -> None:
        """Open the index of the store ``identity`` in ``folder``; one that is missing, broken or another store's starts empty.

        Raises IndexUnavailable where the folder cannot be used.
        """
        self._folder = folder
        self._about = {"format": FORMAT, "store": identity}
        self._stems = _analyser(stemmed=True)
        self._writing = asyncio.Lock()
        self._vocabulary: tuple[int, Vocabulary] | None = None
        self._broken: str | None = None  # what a search met; the next catch-up builds the index anew
        self._open()

    def close(self) -> None:
        """Let go of the files."""
        del self._index

    def change(self) -> int:
        """The number of the last change in the index; 0 for an empty one."""
        with self._readable():
            found = self._searcher().search(tantivy.Query.all_query(), 1, count=False, order_by_field="change")
            return int(found.hits[0][0]) if found.hits else 0

    def __len__(self) -> int:
        with self._readable():
            return self._searcher().num_docs

    def find(self, words: Sequence[str], limit: int) -> tuple[list[Candidate], int]:
        """The best papers with any of the words, and how many there are in all. Raises IndexUnavailable."""
        stems = list(dict.fromkeys(stem for word in words for stem in self._stems.analyze(word)))
        if not stems:
            return [], 0
        text, title = ([self._term(field, stem) for stem in stems] for field in ("text", "title"))
        # The better of two fields, not their sum: each has a length norm of its own, and summed, titles drown abstracts.
        either = tantivy.Query.disjunction_max_query(
            [_any(text), tantivy.Query.boost_query(_any(title), _TITLE_BOOST)], tie_breaker=0.3
        )
        parts = [(Occur.Must, either)]
        if len(stems) > 1:
            every = tantivy.Query.boolean_query([(Occur.Must, term) for term in text])
            parts.append((Occur.Should, tantivy.Query.boost_query(every, _ALL_WORDS_BOOST)))
        with self._readable():
            return self._candidates(tantivy.Query.boolean_query(parts), limit)

    def titled(self, words: Sequence[str], prefix: str, limit: int) -> list[Candidate]:
        """Papers whose titles have all the words and one that begins with ``prefix``. Raises IndexUnavailable."""
        with self._readable():
            must = [self._term("title", stem) for word in words for stem in self._stems.analyze(word)]
            if prefix:
                begun = self._searcher().terms_with_prefix("title_words", prefix, limit=64)
                must.append(_any([self._term("title_words", word) for word, _ in begun]))
            return self._candidates(tantivy.Query.boolean_query([(Occur.Must, term) for term in must]), limit)[0]

    def has_stem(self, word: str) -> bool:
        """Whether any paper has a word of the same stem ("title" where only "titles" occurs). Raises IndexUnavailable."""
        with self._readable():
            searcher = self._searcher()
            return any(searcher.doc_freq("text", stem) for stem in self._stems.analyze(word))

    def vocabulary(self) -> Vocabulary:
        """Every unstemmed word of titles, abstracts and names. Raises IndexUnavailable."""
        with self._readable():
            change = self.change()
            if self._vocabulary is None or self._vocabulary[0] != change:
                self._vocabulary = change, Vocabulary(self._searcher().terms_with_prefix("words", ""))
            return self._vocabulary[1]

    async def catch_up(self, papers: PaperStore) -> int:
        """Index what changed in the store since the last time; how many papers that was. Raises StorageError.

        An index that is ahead of the store, or was found broken, is built anew; one that cannot even be written is left
        for the next time, since search can wait and digests need none. Another process that is writing is left to it:
        it works from the same store.
        """
        async with self._writing:
            for _ in range(2):
                try:
                    return await self._catch_up(papers)
                except IndexUnavailable as error:
                    self._broken = str(error)
            log.error("the search index cannot be built: %s", self._broken)
            return 0

    async def _catch_up(self, papers: PaperStore) -> int:
        if self._broken is None and self.change() > await papers.change():
            self._broken = "it is ahead of the store"
        if self._broken is not None:
            await asyncio.to_thread(self._start_anew, self._broken)
        done = 0
        while batch := await papers.since(self.change(), _BATCH):
            if not await asyncio.to_thread(self._write, batch):
                break
            done += len(batch)
        return done

    def _open(self) -> None:
        about = self._folder / "about.json"
        try:
            if json.loads(about.read_text()) != self._about:
                raise ValueError("it was made in another format or for another store")
            self._index = self._opened()
            self.change()
        except FileNotFoundError:
            self._start_anew("it is incomplete" if self._folder.exists() else None)
        except (OSError, ValueError, IndexUnavailable) as error:
            self._start_anew(str(error))

    def _start_anew(self, why: str | None) -> None:
        """Put an empty index in the place of what is there. Raises IndexUnavailable where it cannot be written."""
        if why is not None:
            log.warning("the search index is built anew: %s", why)
        with _as_unavailable():
            # Made aside and then put in place: another process may be doing the same, and either's will do.
            self._folder.parent.mkdir(parents=True, exist_ok=True)
            made = Path(tempfile.mkdtemp(prefix=self._folder.name, dir=self._folder.parent))
            try:
                (made / "new" / "tantivy").mkdir(parents=True)
                tantivy.Index(_schema(), str(made / "new" / "tantivy"))
                (made / "new" / "about.json").write_text(json.dumps(self._about))
                if why is not None and self._folder.exists():
                    self._folder.rename(made / "broken")
                with contextlib.suppress(OSError):
                    made.joinpath("new").rename(self._folder)
            finally:
                shutil.rmtree(made, ignore_errors=True)
            self._index = self._opened()
        self._broken = None

    @contextmanager
    def _readable(self) -> Iterator[None]:
        """What goes wrong in reading is remembered, so that the next catch-up mends it."""
        try:
            with _as_unavailable():
                yield
        except IndexUnavailable as error:
            self._broken = str(error)
            raise

    def _opened(self) -> tantivy.Index:
        index = tantivy.Index(_schema(), str(self._folder / "tantivy"))
        index.register_tokenizer("stemmed", _analyser(stemmed=True))
        index.register_tokenizer("plain", _analyser(stemmed=False))
        return index

    def _searcher(self) -> tantivy.Searcher:
        self._index.reload()  # cheap while nothing changed; another process may have written
        return self._index.searcher()

    def _term(self, field: str, word: str) -> tantivy.Query:
        return tantivy.Query.term_query(self._index.schema, field, word)

    def _candidates(self, query: tantivy.Query, limit: int) -> tuple[list[Candidate], int]:
        searcher = self._searcher()
        result = searcher.search(query, limit)
        found = []
        for score, address in result.hits:
            document = searcher.doc(address)
            found.append(Candidate(document.get_first("id") or "", document.get_first("title") or "", score))
        total: int = result.count  # type: ignore[attr-defined]  # missing in the library's stubs
        return found, total

    def _write(self, batch: Iterable[tuple[int, Paper]]) -> bool:
        """Write a batch of whole changes in one commit; False where another process has the writer's lock.

        Raises IndexUnavailable.
        """
        with _as_unavailable():
            try:
                writer = self._index.writer(_WRITER_BYTES, 1)
            except ValueError as error:
                if "lock" not in str(error).lower():
                    raise
                log.info("the search index is being written by another process")
                return False
            for change, paper in batch:
                writer.delete_documents_by_term("id", paper.id)
                writer.add_document(_document(change, paper))
            writer.commit()
            writer.wait_merging_threads()
            return True


def _schema() -> tantivy.Schema:
    schema = tantivy.SchemaBuilder()
    schema.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    schema.add_text_field("title", stored=True, tokenizer_name="stemmed")
    schema.add_text_field("text", tokenizer_name="stemmed")
    schema.add_text_field("words", tokenizer_name="plain", index_option="basic")
    schema.add_text_field("title_words", tokenizer_name="plain", index_option="basic")
    schema.add_integer_field("change", fast=True)
    return schema.build()


def _analyser(*, stemmed: bool) -> tantivy.TextAnalyzer:
    analyser = (
        TextAnalyzerBuilder(Tokenizer.simple())
        .filter(Filter.remove_long(41))
        .filter(Filter.lowercase())
        .filter(Filter.ascii_fold())
    )
    return (analyser.filter(Filter.stemmer("english")) if stemmed else analyser).build()


def _document(change: int, paper: Paper) -> tantivy.Document:
    # One field for the whole text: BM25 over separate fields would weigh each by its own length.
    text = " ".join([paper.title, paper.abstract, *paper.keywords, *paper.authors, paper.organisation])
    return tantivy.Document(id=paper.id, title=paper.title, text=text, words=text, title_words=paper.title, change=change)


def _any(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    return tantivy.Query.boolean_query([(Occur.Should, query) for query in queries])


@contextmanager
def _as_unavailable() -> Iterator[None]:
    """Whatever a damaged or vanished index makes the library raise becomes IndexUnavailable."""
    try:
        yield
    except IndexUnavailable:
        raise
    except (ValueError, OSError) as error:
        raise IndexUnavailable(f"it cannot be used ({error})") from error
    except BaseException as error:
        # A panic in the library's Rust code is no Exception, so that nobody swallows it by accident; here it is meant.
        if type(error).__name__ != "PanicException":
            raise
        raise IndexUnavailable(f"it is damaged ({error})") from error
