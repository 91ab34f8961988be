"""What the search is measured against: plain rankings of title and abstract by BM25, from three libraries.

All take a question as OR of its words, without English stop words (the 33 of Lucene's list), stemmed.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

import bm25s
import Stemmer
import tantivy
from bm25s.stopwords import STOPWORDS_EN
from tantivy import Filter, Occur, Query, TextAnalyzerBuilder, Tokenizer

from papers.paper import Paper

_WORD = re.compile(r"[^\W_]+")
_STOP_WORDS = frozenset(STOPWORDS_EN)
_WRITER_BYTES = 64_000_000


class Rival(Protocol):
    """Finds papers by a question."""

    name: str

    def find(self, text: str, limit: int) -> list[str]:
        """The ids of the best papers, best first."""


def text_of(paper: Paper) -> str:
    return f"{paper.title} {paper.abstract}"


def telling_words(text: str) -> list[str]:
    """The words of a question, each once, in lower case, without stop words unless there are no others."""
    words = list(dict.fromkeys(_WORD.findall(text.lower())))
    return [word for word in words if word not in _STOP_WORDS] or words


class Bm25s:
    """bm25s with its defaults (Lucene's BM25, k1 1.5, b 0.75), its English stop words and Snowball's English stemmer."""

    name = "bm25s"

    def __init__(self, papers: Iterable[Paper]) -> None:
        self._stemmer = Stemmer.Stemmer("english")
        self._ids: list[str] = []
        texts = []
        for paper in papers:
            self._ids.append(paper.id)
            texts.append(text_of(paper))
        self._ranker = bm25s.BM25()
        self._ranker.index(bm25s.tokenize(texts, stopwords="en", stemmer=self._stemmer, show_progress=False), show_progress=False)

    def find(self, text: str, limit: int) -> list[str]:
        return self._found(bm25s.tokenize([text], stopwords="en", stemmer=self._stemmer, show_progress=False), limit)

    def find_tokens(self, tokens: Sequence[str], limit: int) -> list[str]:
        """By words that are stemmed already; each counts as often as it is there."""
        return self._found([list(tokens)], limit)

    def _found(self, tokens: Any, limit: int) -> list[str]:
        known = tokens if isinstance(tokens, list) else [[*tokens.vocab]]
        if not any(token in self._ranker.vocab_dict for token in known[0]):
            return []
        found, scores = self._ranker.retrieve(tokens, k=min(limit, len(self._ids)), show_progress=False)
        return [self._ids[number] for number, score in zip(found[0], scores[0], strict=True) if score > 0]


class PlainTantivy:
    """Title and abstract in one stemmed field of an index of its own, in the folder where ``build`` has put it."""

    name = "Tantivy"

    def __init__(self, folder: Path) -> None:
        self._schema, self._analyser, self._index = _tantivy(folder)
        self._searcher = self._index.searcher()

    @staticmethod
    def build(papers: Iterable[Paper], folder: Path) -> None:
        folder.mkdir(parents=True)
        _, _, index = _tantivy(folder)
        writer = index.writer(_WRITER_BYTES, 1)
        for paper in papers:
            writer.add_document(tantivy.Document(id=paper.id, text=text_of(paper)))
        writer.commit()
        writer.wait_merging_threads()

    def find(self, text: str, limit: int) -> list[str]:
        return self.find_words(telling_words(text), limit)

    def find_words(self, words: Iterable[str], limit: int) -> list[str]:
        """By words that are chosen already, not yet stemmed."""
        stems = dict.fromkeys(self._analyser.analyze(" ".join(words)))
        if not stems:
            return []
        query = Query.boolean_query([(Occur.Should, Query.term_query(self._schema, "text", stem)) for stem in stems])
        hits = self._searcher.search(query, limit, count=False).hits
        return [self._searcher.doc(address).get_first("id") or "" for _, address in hits]


class Fts5:
    """SQLite's full-text index with its porter stemmer, in a file; the texts themselves are not kept."""

    name = "FTS5"

    def __init__(self, file: Path) -> None:
        self._connection = sqlite3.connect(file)

    @staticmethod
    def build(papers: Iterable[Paper], file: Path) -> None:
        with closing(sqlite3.connect(file)) as opened, opened as connection:
            connection.execute("CREATE VIRTUAL TABLE found USING fts5(title, abstract, content='', tokenize='porter unicode61')")
            connection.execute("CREATE TABLE ids(row INTEGER PRIMARY KEY, id TEXT)")
            for row, paper in enumerate(papers, start=1):
                connection.execute("INSERT INTO ids VALUES (?, ?)", (row, paper.id))
                values = (row, paper.title, paper.abstract)
                connection.execute("INSERT INTO found(rowid, title, abstract) VALUES (?, ?, ?)", values)
            connection.execute("INSERT INTO found(found) VALUES ('optimize')")

    def find(self, text: str, limit: int) -> list[str]:
        return self.find_words(telling_words(text), limit)

    def find_words(self, words: Iterable[str], limit: int) -> list[str]:
        return self._found(words, " OR ", limit)

    def find_all_or_any(self, words: Sequence[str], limit: int) -> list[str]:
        """The papers with all words, or where there are fewer than ``limit`` of them, those with any."""
        found = self._found(words, " AND ", limit)
        return found if len(found) >= limit else self._found(words, " OR ", limit)

    def close(self) -> None:
        self._connection.close()

    def _found(self, words: Iterable[str], between: str, limit: int) -> list[str]:
        asked = between.join(f'"{word}"' for word in words)
        query = (
            "SELECT id FROM (SELECT rowid AS row, rank AS place FROM found WHERE found MATCH ? ORDER BY rank LIMIT ?)"
            " JOIN ids USING (row) ORDER BY place"
        )
        return [identifier for (identifier,) in self._connection.execute(query, (asked, limit))] if asked else []


def _tantivy(folder: Path) -> tuple[tantivy.Schema, tantivy.TextAnalyzer, tantivy.Index]:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("text", tokenizer_name="stemmed")
    schema = builder.build()
    analyser = (
        TextAnalyzerBuilder(Tokenizer.simple())
        .filter(Filter.remove_long(41))
        .filter(Filter.lowercase())
        .filter(Filter.ascii_fold())
        .filter(Filter.stemmer("english"))
        .build()
    )
    index = tantivy.Index(schema, str(folder))
    index.register_tokenizer("stemmed", analyser)
    return schema, analyser, index
