"""A question's words → the best papers' ids, best first: candidates from Tantivy, scored over the Forward."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np
import tantivy
from tantivy import Occur
from tantivy import Query as Wanted

from search.analysis import stems_of
from search.document import days_since_epoch
from search.forward import Integers, hashed
from search.reader import Reader
from search.results import Sort, Variant
from search.score import Floats, Form, Scorer, Sought, idf_of

_DEPTH = 50  # candidates that are scored, or a fifth more than are wanted
_DEPTH_OF_MANY = 120  # of a question of many words, whose best answers the index alone finds less surely
_DEPTH_OF_LONG = 200  # of one for more than a few pages
_LONG = 50  # papers
_FEW = 5
_FINDING = 8  # words that find candidates, the most telling ones, unless the list is to be long; all of them score
# How many papers, those of all words counted together, are looked at for what is in their text: finding the best takes as long as
# they are many. The most telling words come first; the others find by titles, if that is enough. A share of all, and at least.
_SEEN_SHARE, _SEEN_SHARE_OF_MANY, _SEEN_AT_LEAST = 0.3, 0.2, 20_000
_SEEN_TOGETHER = 8  # where all of several words are looked for, the rarest one's papers count so many times
_SHORT = 10  # words said, of which those that find nothing still tell which title is meant
_PHRASE = 3
_TITLE_WORDS = range(3, 9)  # of a question that may be a half-remembered title
_BESIDES = 30  # candidates with all the words in their title or other forms of them, besides those of the words themselves
_TITLE = 0.4  # the weight of a title's word beside its weight in the whole text
_NEAR_TIE = 0.03  # what freshness and votes can do to a score, each
_FRESH_DAYS = 365.0
_MANY_VOTES = np.log1p(200)


@dataclass(frozen=True, slots=True)
class Ranking:
    """The best papers' ids, best first, with their scores, comparable within one ranking only.

    ``total`` papers were found in all, or at least so many where ``is_least``.
    """

    ids: tuple[str, ...] = ()
    scores: tuple[float, ...] = ()
    total: int = 0
    is_least: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    """Candidates: of each the row, how well it answers as the index saw it, the day of publication, and the votes."""

    rows: Integers
    scores: Floats
    published: Integers
    votes: Integers
    total: int = 0
    is_least: bool = False


class Finder:
    """Finds papers in a Reader. Not to be shared between threads. Methods raise what a damaged index makes them."""

    def __init__(self) -> None:
        self._scorer = Scorer()

    def find(
        self,
        reader: Reader,
        words: Sequence[str],
        limit: int,
        today: date,
        *,
        sort: Sort = Sort.RELEVANCE,
        condition: tantivy.Query | None = None,
        variants: Sequence[Variant] = (),
        said: Sequence[str] = (),
    ) -> Ranking:
        """The best ``limit`` papers that fulfil the condition and have any of the words; without words, the newest that do.

        ``said`` are all words of the question in their order, also those that are not looked for by themselves.
        """
        asked = _Asked.of(reader, words, variants, said)
        if not asked.stems:
            return _sorted(reader, condition, limit, sort) if condition is not None and not words else Ranking()
        if sort is not Sort.RELEVANCE:
            ranking = _sorted(reader, _all_of([*asked.each(), *_list(condition)]), limit, sort)
            if ranking.ids:
                return ranking
        found = _candidates(reader, asked, condition, limit)
        if not len(found.rows):
            return Ranking()
        scores = found.scores
        if not asked.is_one_word:
            scores = self._scorer.scores(reader.forward, reader.forward.texts(found.rows), asked.sought(reader), len(reader))
        reader.forward.verify(int(found.rows[scores.argmax()]))
        return _ranking(reader, found, scores, limit, today, sort)


def _candidates(reader: Reader, asked: _Asked, condition: tantivy.Query | None, limit: int) -> _Found:
    """The papers that are worth a closer look: the best by words in their text, or in titles where common, and some with all the
    words in their title.
    """
    count = len(asked.stems)
    of_many = _DEPTH_OF_LONG if limit > _LONG else _DEPTH_OF_MANY
    depth = max(of_many if count > _FEW else _DEPTH, limit + limit // 5)
    more = _list(condition)
    finding, most = (count, math.inf) if limit > _LONG else (_FINDING, _most_seen(count, len(reader)))
    some, is_cut = asked.some(reader, finding, most)
    hits = reader.searcher.search(_all_of([_any_of(some), *more]), depth, count=False).hits
    if len(hits) < depth and most < math.inf:  # under a narrow condition, or of rare words, or of such that are in no titles
        most = math.inf
        if is_cut:
            some, _ = asked.some(reader, finding, most)
            hits = reader.searcher.search(_all_of([_any_of(some), *more]), depth, count=False).hits
    total, is_least = len(hits), len(hits) >= depth
    if asked.is_one_word and condition is None and is_least:
        total = min(asked.spread[0], len(reader))  # papers that have changed count more than once until segments are merged
    besides = asked.besides(reader, most)
    for others in besides:
        hits += reader.searcher.search(_all_of([others, *more]), _BESIDES, count=False).hits
    rows, published, votes = reader.facts([address for _, address in hits])
    scores = np.array([score for score, _ in hits])
    if besides:
        rows, first = np.unique(rows, return_index=True)
        scores, published, votes = scores[first], published[first], votes[first]
    return _Found(rows, scores, published, votes, max(total, len(rows)), is_least)


def _most_seen(words: int, papers: int) -> float:
    return max(_SEEN_AT_LEAST, (_SEEN_SHARE_OF_MANY if words > _FEW else _SEEN_SHARE) * papers)


@dataclass(frozen=True, slots=True)
class _Asked:
    """The words' stems that the index knows, each once and in order, in how many papers each is, and other forms of them."""

    fields: tantivy.Schema
    stems: tuple[str, ...]
    spread: tuple[int, ...]
    forms: tuple[tuple[tuple[int, ...], tuple[str, ...], float], ...]  # places, stems that stand for them, weight
    said: tuple[str, ...]  # the stems of a short question as it was said, else of the words

    @classmethod
    def of(cls, reader: Reader, words: Sequence[str], variants: Sequence[Variant], said: Sequence[str]) -> _Asked:
        by_word = [stems_of(word) for word in words]
        spread = {stem: reader.searcher.doc_freq("text", stem) for found in by_word for stem in found}
        meant = [(v.places, [stem for word in v.words for stem in stems_of(word)], v.weight) for v in variants]
        for places, form, _ in meant:  # a word nobody uses may have a form that is used
            rarest = min((reader.searcher.doc_freq("text", stem) for stem in form), default=0)
            for stem in (stem for place in places for stem in by_word[place]):
                spread[stem] = spread[stem] or rarest
        known = [stem for stem, papers in spread.items() if papers]
        forms = []
        for places, form, weight in meant:
            numbers = tuple(known.index(stem) for place in places for stem in by_word[place] if stem in known)
            if numbers and form:
                forms.append((numbers, tuple(form), weight))
        order = [stem for word in (said if 0 < len(said) <= _SHORT else words) for stem in stems_of(word)]
        return cls(reader.fields, tuple(known), tuple(spread[stem] for stem in known), tuple(forms), tuple(order))

    def sought(self, reader: Reader) -> Sought:
        formed = [stem for _, said, _ in self.forms for stem in said]
        terms = {stem: number for number, stem in enumerate(dict.fromkeys([*self.stems, *formed, *self.said]))}
        forms = tuple(Form(words, tuple(terms[stem] for stem in said), weight) for words, said, weight in self.forms)
        hashes = np.array([hashed(stem) for stem in terms], np.uint32)
        pairs = list(dict.fromkeys(pairwise(self.said)))
        numbers = np.array([(terms[one], terms[other]) for one, other in pairs], np.int64).reshape(-1, 2)
        # A pair tells as much as the commoner of the two: "of robots" little more than "robots" alone.
        commoner = [max(reader.searcher.doc_freq("text", stem) for stem in pair) for pair in pairs]
        idf = idf_of(np.array([*self.spread, *commoner]), len(reader))
        return Sought(hashes, idf[: len(self.spread)], numbers, idf[len(self.spread) :], forms)

    def some(self, reader: Reader, finding: int, most: float) -> tuple[list[tantivy.Query], bool]:
        """What any of which makes a candidate: so many single words, and other forms of words; one alone in titles, too.

        Once they have more than ``most`` papers, those that are left are looked for in titles; whether there are such.
        """
        found: list[tantivy.Query] = []
        seen = 0
        for number in sorted(range(len(self.stems)), key=self.spread.__getitem__)[:finding]:
            seen += self.spread[number]
            if seen <= most:
                found.append(self._term("text", self.stems[number]))
            if seen > most or self.is_one_word:
                found.append(self._titled(self.stems[number]))
        for _, said, weight in self.forms:
            if len(said) == 1:
                seen += reader.searcher.doc_freq("text", said[0])
                found.append(self._form(said, weight, "text" if seen <= most else "title"))
        return found, seen > most

    def besides(self, reader: Reader, most: float) -> list[tantivy.Query]:
        """What makes some more: all the words in the title, or other forms of them that are of several words."""
        found = []
        for words, said, weight in self.forms:
            if len(said) > 1:
                every = [*said, *self._others(words)]
                rarest = min(reader.searcher.doc_freq("text", stem) for stem in every)
                found.append(self._form(every, weight, "text" if rarest * _SEEN_TOGETHER <= most else "title"))
        if len(self.stems) in _TITLE_WORDS:
            found.append(_all_of(self.titled()))
        if len(self.stems) < 3 and _PHRASE <= len(self.said) <= _SHORT:
            found.append(Wanted.phrase_query(self.fields, "title", list(self.said)))
        return found

    def _others(self, words: Sequence[int]) -> list[str]:
        """The most telling of the other words: "RAG for law" is not all about retrieval."""
        rest = [number for number in range(len(self.stems)) if number not in words]
        return [self.stems[number] for number in sorted(rest, key=self.spread.__getitem__)[:1]]

    def each(self) -> list[tantivy.Query]:
        """What all of which make a paper with all the words, in whatever form."""
        found = []
        for number, stem in enumerate(self.stems):
            others = [self._form(said, weight) for words, said, weight in self.forms if number in words]
            term = self._term("text", stem)
            found.append(_any_of([term, *others]) if others else term)
        return found

    @property
    def is_one_word(self) -> bool:
        """Then Tantivy's own score says it all, of a common word that of titles, and nothing stands side by side."""
        return len(self.stems) == 1 and not self.forms

    def titled(self) -> list[tantivy.Query]:
        return [self._titled(stem) for stem in self.stems]

    def _titled(self, stem: str) -> tantivy.Query:
        return Wanted.boost_query(self._term("title", stem), _TITLE)

    def _term(self, field: str, stem: str) -> tantivy.Query:
        return Wanted.term_query(self.fields, field, stem)

    def _form(self, said: Sequence[str], weight: float, field: str = "text") -> tantivy.Query:
        return Wanted.boost_query(_all_of([self._term(field, stem) for stem in said]), weight)


def _ranking(reader: Reader, found: _Found, scores: Floats, limit: int, today: date, sort: Sort) -> Ranking:
    """The best of the candidates, best first. Freshness and votes break near-ties, or order the best by one thing alone."""
    if sort is Sort.RELEVANCE:
        age = np.maximum(days_since_epoch(today) - found.published, 0)
        popular = np.minimum(np.log1p(found.votes) / _MANY_VOTES, 1)
        scores = scores * (1 + _NEAR_TIE * (np.exp(age / -_FRESH_DAYS) + popular))
        order = np.argsort(-scores, kind="stable")[:limit]
        kept = scores[order]
    else:
        best = np.argsort(-scores, kind="stable")[:limit]
        key: Any = found.published if sort is Sort.NEWEST else found.votes
        order = best[np.argsort(-key[best], kind="stable")]
        kept = key[order]
    ids = reader.forward.ids(found.rows[order])
    return Ranking(ids, tuple(kept.tolist()), found.total, found.is_least)


def _sorted(reader: Reader, query: tantivy.Query, limit: int, sort: Sort) -> Ranking:
    """Of all that fulfil the query the newest, or those with most votes."""
    field = "votes" if sort is Sort.VOTES else "published"
    result = reader.searcher.search(query, limit, order_by_field=field)
    rows, _, _ = reader.facts([address for _, address in result.hits])
    total: int = result.count  # type: ignore[attr-defined]  # missing in the library's stubs
    return Ranking(reader.forward.ids(rows), tuple(float(key) for key, _ in result.hits), total)


def _any_of(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    return Wanted.boolean_query([(Occur.Should, query) for query in queries]) if len(queries) > 1 else queries[0]


def _all_of(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    return Wanted.boolean_query([(Occur.Must, query) for query in queries]) if len(queries) > 1 else queries[0]


def _list(query: tantivy.Query | None) -> list[tantivy.Query]:
    return [] if query is None else [query]
