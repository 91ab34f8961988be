"""Query → candidates from the index → ranked Results."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from papers.expression import All
from papers.merge import unique
from papers.paper import Paper
from papers.shelf import Shelf
from papers.text import words as words_of
from search.index import Candidate, SearchIndex
from search.query import Query
from search.rank import closeness, ranked
from search.results import MAX_RESULTS, Alike, Hit, Results, Sort
from search.suggest import corrected
from storage.papers import PaperStore

NO_SUCH = "Nothing fulfils all of that; these have some of the words."
_SURE_TITLE = 0.75
_LOOKED_THROUGH = 500  # candidates, for those that fulfil a condition
_DAYS_LOOKED_THROUGH = 30


class SearchEngine:
    """Keyword search over the stored papers. Methods raise IndexUnavailable and StorageError."""

    def __init__(self, index: SearchIndex, papers: PaperStore) -> None:
        self._index = index
        self._papers = papers

    async def search(
        self,
        text: str,
        now: datetime,
        *,
        sort: Sort = Sort.RELEVANCE,
        first: int = 0,
        limit: int = MAX_RESULTS,
        as_typed: bool = False,
        here: Collection[str] = frozenset(),
    ) -> Results:
        """The best papers for any text, from the ``first`` (0 is the best) on; one that names a paper by id or link finds it."""
        del now, sort, as_typed, here
        query = Query.parse(text)
        if query.arxiv_id:
            paper = await self._papers.get(query.arxiv_id)
            found = (Hit(paper, 1.0),) if paper else ()
            return Results(query.text, found, len(found), len(found), unknown_id=None if paper else query.arxiv_id)
        if query.condition == All():
            return await self._ranked(query, first, limit, query.problem)
        return await self._conditional(query, first, limit) or await self._ranked(query.without_condition(), first, limit, NO_SUCH)

    async def similar(self, identifier: str, limit: int) -> tuple[Alike, ...] | None:
        """The papers most like that one, best first; None where it is unknown."""
        paper = await self._papers.get(identifier)
        if paper is None:
            return None
        _, candidates, _ = self._found(Query.parse(paper.title), limit + 1)
        hits = await self._hits(candidates)
        return tuple(Alike(hit.paper, ()) for hit in hits if hit.paper.id != identifier)[:limit]

    async def mentioned(self, text: str, limit: int) -> list[Paper]:
        """The papers that a message names by links, ids or titles, in its order."""
        paper = await self.paper(text)
        return [paper][:limit] if paper else []

    def complete_authors(self, typed: str, limit: int) -> list[str]:
        """Authors whose name someone may be typing, those of most papers first."""
        return []

    def complete_organisations(self, typed: str, limit: int) -> list[str]:
        """Organisations whose name someone may be typing, those of most papers first."""
        return []

    async def _ranked(self, query: Query, first: int, limit: int, note: str) -> Results:
        words, candidates, total = self._found(query, MAX_RESULTS)
        hits = await self._hits(candidates[first : first + limit])
        return Results(query.text, hits, total, min(total, MAX_RESULTS), _mended(query, words), note=note)

    async def _conditional(self, query: Query, first: int, limit: int) -> Results | None:
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
        kept = [hit for hit in hits if hit.paper.id in fulfilled][:MAX_RESULTS]
        if not kept:
            return None
        window = tuple(kept[first : first + limit])
        return Results(query.text, window, len(kept), len(kept), _mended(query, words), note=query.problem)

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
