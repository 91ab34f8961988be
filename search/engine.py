"""Query → candidates from the index → ranked Results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from papers.expression import All
from papers.merge import unique
from papers.paper import Paper
from papers.shelf import Shelf
from papers.text import words as words_of
from search.index import Candidate, SearchIndex
from search.query import Query
from search.rank import closeness, ranked
from search.suggest import corrected
from storage.papers import PaperStore

MAX_RESULTS = 50  # ten pages: nobody turns further, and a question that needs it wants other words
NO_SUCH = "Nothing fulfils all of that; these have some of the words."
_SURE_TITLE = 0.75
_LOOKED_THROUGH = 500  # candidates, for those that fulfil a condition
_DAYS_LOOKED_THROUGH = 30


@dataclass(frozen=True, slots=True)
class Hit:
    """A paper and how well it answers; the higher the score the better, comparable within one search only."""

    paper: Paper
    score: float


@dataclass(frozen=True, slots=True)
class Results:
    """The answer to a question: at most MAX_RESULTS hits, best first, and how many papers have any of the words.

    ``corrected`` is the question with its typos mended, if it had any; that is what was searched. ``unknown_id`` is an
    arXiv id that was asked for and is not in the store. ``note`` is a sentence about how the question was read.
    """

    text: str
    hits: tuple[Hit, ...]
    total: int
    corrected: str | None = None
    unknown_id: str | None = None
    note: str = ""


class SearchEngine:
    """Keyword search over the stored papers. Methods raise IndexUnavailable and StorageError."""

    def __init__(self, index: SearchIndex, papers: PaperStore) -> None:
        self._index = index
        self._papers = papers

    async def search(self, text: str, limit: int = MAX_RESULTS) -> Results:
        """The best ``limit`` papers for any text; one that names a paper by id or link finds just that paper, if known."""
        query = Query.parse(text)
        if query.arxiv_id:
            paper = await self._papers.get(query.arxiv_id)
            found = (Hit(paper, 1.0),) if paper else ()
            return Results(query.text, found, len(found), unknown_id=None if paper else query.arxiv_id)
        if query.condition == All():
            return await self._ranked(query, limit, query.problem)
        return await self._conditional(query, limit) or await self._ranked(query.without_condition(), limit, NO_SUCH)

    async def _ranked(self, query: Query, limit: int, note: str) -> Results:
        words, candidates, total = self._found(query, max(limit, MAX_RESULTS))
        hits = await self._hits(candidates[:limit])
        return Results(query.text, hits, total, _mended(query, words), note=note)

    async def _conditional(self, query: Query, limit: int) -> Results | None:
        """The best answers that fulfil the question's condition; the newest of those where it has no words. None if none does."""
        words = query.words
        if words:
            words, candidates, _ = self._found(query, _LOOKED_THROUGH)
            hits = await self._hits(candidates)
        else:
            papers = [paper for day in await self._newest_days() for paper in await self._papers.featured(day)]
            hits = tuple(Hit(paper, 1.0) for paper in unique(papers))
        shelf = Shelf(hit.paper for hit in hits)
        fulfilled = {paper.id for paper in shelf.matching(query.condition)}
        kept = [hit for hit in hits if hit.paper.id in fulfilled]
        if not kept:
            return None
        return Results(query.text, tuple(kept[:limit]), len(kept), _mended(query, words), note=query.problem)

    async def _hits(self, candidates: Sequence[Candidate]) -> tuple[Hit, ...]:
        scores = {candidate.id: candidate.score for candidate in candidates}
        return tuple(Hit(paper, scores[paper.id]) for paper in await self._papers.get_many(list(scores)))

    async def _newest_days(self) -> list[date]:
        return await self._papers.days(until=date.max, limit=_DAYS_LOOKED_THROUGH)

    async def paper(self, text: str) -> Paper | None:
        """The one paper meant by an id, a link, a title (typos and all) or its beginning; None if it is not clear which."""
        query = Query.parse(text)
        if query.arxiv_id:
            return await self._papers.get(query.arxiv_id)
        words, candidates, _ = self._found(query, MAX_RESULTS)
        typed = " ".join(words_of(text))
        near = sorted((max(closeness(c.title, typed), closeness(c.title, " ".join(words))), c.id) for c in candidates)
        if near and near[-1][0] >= _SURE_TITLE:
            return await self._papers.get(near[-1][1])
        if len(candidates) != 1:
            candidates = self._begun(text, 2)
        return await self._papers.get(candidates[0].id) if len(candidates) == 1 else None

    async def complete(self, typed: str, limit: int, today: date) -> list[Paper]:
        """Papers whose titles someone may be typing, best guess first; with nothing typed, the best of the newest day."""
        typed = typed.strip()
        if not typed:
            day = await self._papers.latest_day(until=today)
            return (await self._papers.featured(day))[:limit] if day else []
        query = Query.parse(typed)
        if query.arxiv_id:
            return await self._papers.get_many([query.arxiv_id])
        found = self._begun(typed, limit) or self._found(query, limit)[1][:limit]
        return await self._papers.get_many([candidate.id for candidate in found])

    def _begun(self, typed: str, limit: int) -> list[Candidate]:
        """Papers whose titles have the typed words, the last of which may be half a word."""
        words = words_of(typed)[:12]
        if not words:
            return []
        prefix = words.pop() if typed[-1].isalnum() else ""
        return self._index.titled(words, prefix, limit)

    def _found(self, query: Query, limit: int) -> tuple[tuple[str, ...], list[Candidate], int]:
        """The words searched (typos mended), the candidates best first, and how many there are in all."""
        words = corrected(query.words, self._index.vocabulary(), len(self._index), self._index.has_stem)
        candidates, total = self._index.find(words, limit)
        return words, ranked(candidates, words), total


def _mended(query: Query, words: tuple[str, ...]) -> str | None:
    """What was typed with the mended words in their places; None where nothing was mended."""
    if words == query.words:
        return None
    mended = dict(zip(query.words, words, strict=True))
    if query.condition != All():
        return " ".join(words)
    return " ".join(mended.get(word, word) for word in words_of(query.text))
