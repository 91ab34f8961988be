"""Any text → what Paperboy knows that answers it: the search, papers like a paper, papers that are meant, completion."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from papers.expression import All
from papers.paper import Paper, arxiv_ids_in
from papers.parts import parts_of
from papers.text import words as words_of
from search.analysis import stems
from search.complete import AUTHORS, ORGANISATIONS, complete_names, complete_titles
from search.conditions import condition_query, every_paper
from search.find import Finder, Ranking
from search.index import SearchIndex
from search.lexicon import lookup_of
from search.meaning import DEPTH, fused, helps, text_of
from search.mend import Mended, mend
from search.query import Query
from search.rank import closeness
from search.results import MAX_RESULTS, Alike, Hit, Nearly, Results, Sort, Variant
from search.score import Scorer
from search.senses import Senses
from search.similar import Terms, alike, shared, terms_of
from search.snippet import snippet
from search.variants import variants
from storage.papers import PaperStore

_SURE_TITLE = 0.75
_TITLES_COMPARED = 10
_TITLES_LOOKED_FOR = 20  # in one message
_TITLE_WORDS = range(2, 40)
_MARKED = re.compile(r"[“\"]([^“”\"\n]{4,300})[”\"]|\*\*([^*\n]{4,300})\*\*|\[([^\]\n]{4,300})\]\(")
_MARKUP = re.compile(r"https?://\S+|[*_~`>#|<]+|^\s*(?:[-•]|\d+[.)])\s")
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)  # freshness is no part of a title


@dataclass(frozen=True, slots=True)
class Found:
    """A Ranking and the question it answers, as it was searched."""

    ranking: Ranking
    query: Query
    mended: Mended


class SearchEngine:
    """Search over the stored papers. Methods raise IndexUnavailable and StorageError."""

    def __init__(self, index: SearchIndex, papers: PaperStore, senses: Senses | None = None) -> None:
        self._index = index
        self._papers = papers
        self._senses = senses
        self._finder = Finder()
        self._scorer = Scorer()

    def find(
        self,
        text: str,
        now: datetime,
        limit: int,
        *,
        sort: Sort = Sort.RELEVANCE,
        as_typed: bool = False,
        here: Collection[str] = frozenset(),
    ) -> Ranking:
        """The ids of the best ``limit`` papers for any text, with nothing read from the store."""
        return self._found(Query.parse(text), now, limit, sort=sort, as_typed=as_typed, here=here).ranking

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
        """The best papers for any text, from the ``first`` (0 is the best) on; one that names a paper by id or link finds it.

        ``now`` is aware. ``as_typed`` leaves typos. ``here`` are the ids of the papers that "in:this-channel" stands for.
        """
        query = Query.parse(text)
        if query.arxiv_id:
            paper = await self._papers.get(query.arxiv_id)
            hits = (Hit(paper, 1.0),) if paper else ()
            return Results(query.text, hits, len(hits), len(hits), unknown_id=None if paper else query.arxiv_id)
        by_meaning = await self._by_meaning(query, sort)
        depth = DEPTH if by_meaning else MAX_RESULTS
        found = self._found(query, now, depth, sort=sort, as_typed=as_typed, here=here)
        if by_meaning:
            found = replace(found, ranking=_fused(found.ranking, by_meaning))
        ranking = found.ranking
        searched = found.mended.said(query.text, query.bare)
        return Results(
            query.text,
            await self._hits(found, first, limit),
            ranking.total,
            min(ranking.total, len(ranking.ids)),
            searched if searched != query.text else None,
            note=query.problem,
            nearly=() if ranking.ids else self._nearly(query, now, here, as_typed=as_typed),
            is_least=ranking.is_least,
        )

    async def similar(self, identifier: str, limit: int) -> tuple[Alike, ...] | None:
        """The papers most like that one, best first; None where it is unknown."""
        paper = await self._papers.get(identifier)
        if paper is None:
            return None
        with self._index.reading() as reader:
            terms = terms_of(reader, paper)
            scores = dict(alike(reader, self._scorer, paper, terms, DEPTH if self._senses else limit))
        if self._senses:
            by_meaning = await self._senses.nearest(text_of(paper))
            scores = dict(fused(scores, {other: near for other, near in by_meaning.items() if other != identifier}))
        others = await self._papers.get_many(list(scores)[:limit])
        return tuple(Alike(other, shared(paper, other, terms)) for other in others)

    def terms(self, paper: Paper) -> Terms:
        """What a paper says more than the others do."""
        with self._index.reading() as reader:
            return terms_of(reader, paper)

    async def paper(self, text: str) -> Paper | None:
        """The one paper meant by an id, a link, a title (typos and all) or its beginning; None if it is not clear which."""
        query = Query.parse(text)
        if query.arxiv_id:
            return await self._papers.get(query.arxiv_id)
        titled = await self._titled(text)
        if titled:
            return titled
        begun = [paper for paper in await self.complete(text, _TITLES_COMPARED, date.max) if _is_beginning(text, paper.title)]
        return begun[0] if len(begun) == 1 else None

    async def mentioned(self, text: str, limit: int) -> list[Paper]:
        """The papers that a message names by links, ids or titles, in its order."""
        found = {paper.id: paper for paper in await self._papers.get_many(arxiv_ids_in(text)[:limit])}
        for title in _titles_in(text):
            if len(found) < limit and (paper := await self._titled(title)):
                found.setdefault(paper.id, paper)
        return list(found.values())

    async def complete(self, typed: str, limit: int, today: date) -> list[Paper]:
        """Papers whose titles someone may be typing, best guess first; with nothing typed, the best of the newest day."""
        typed = typed.strip()
        if not typed:
            day = await self._papers.latest_day(until=today)
            return (await self._papers.featured(day))[:limit] if day else []
        query = Query.parse(typed)
        if query.arxiv_id:
            return await self._papers.get_many([query.arxiv_id])
        with self._index.reading() as reader:
            found = complete_titles(typed, limit, reader.searcher, reader.fields, reader.lexicon)
            ids = reader.forward.ids(reader.facts(found)[0])
        return await self._papers.get_many(ids)

    def complete_authors(self, typed: str, limit: int) -> list[str]:
        """Authors whose name someone may be typing, those of most papers first."""
        return self._names(AUTHORS, typed, limit)

    def complete_organisations(self, typed: str, limit: int) -> list[str]:
        """Organisations whose name someone may be typing, those of most papers first."""
        return self._names(ORGANISATIONS, typed, limit)

    def _names(self, field: str, typed: str, limit: int) -> list[str]:
        with self._index.reading() as reader:
            return complete_names(field, typed, limit, reader.searcher, reader.lexicon)

    async def _titled(self, text: str) -> Paper | None:
        """The paper that has about this title."""
        query = Query.parse(text).without_condition()
        found = self._found(query, _LONG_AGO, _TITLES_COMPARED, sort=Sort.RELEVANCE, as_typed=False, here=())
        typed = {" ".join(words_of(text)), found.mended.said(query.text)}
        papers = await self._papers.get_many(found.ranking.ids)
        near = [(max(closeness(paper.title, words) for words in typed), -number) for number, paper in enumerate(papers)]
        best, number = max(near, default=(0.0, 0))
        return papers[-number] if best >= _SURE_TITLE else None

    async def _by_meaning(self, query: Query, sort: Sort) -> dict[str, float]:
        """Papers that mean what a sentence says. Conditions are told of words alone, and other orders need no meaning."""
        if self._senses is None or sort is not Sort.RELEVANCE or query.condition != All() or not helps(query.asked):
            return {}
        return await self._senses.nearest(query.asked)

    async def _hits(self, found: Found, first: int, limit: int) -> tuple[Hit, ...]:
        window = dict(zip(found.ranking.ids[first : first + limit], found.ranking.scores[first : first + limit], strict=True))
        wanted = {stem for word in found.mended.words for stem in stems(word)}
        papers = await self._papers.get_many(list(window))
        return tuple(Hit(paper, window[paper.id], *snippet(paper.abstract, wanted)) for paper in papers)

    def _found(self, query: Query, now: datetime, limit: int, *, sort: Sort, as_typed: bool, here: Collection[str]) -> Found:
        with self._index.reading() as reader:
            fields, searcher = reader.fields, reader.searcher
            mended = Mended(query.words) if as_typed else mend(query.words, searcher, fields, reader.lexicon)
            said = variants(mended.words, lookup_of(searcher, "pairs"), lambda word: searcher.doc_freq("words", word))
            said += [Variant((other.place,), (other.word,), other.weight) for other in mended.others]
            expression = query.condition
            if query.is_wide and mended.changes:  # its words are part of the condition
                expression = Query.parse(mended.said(query.text, query.bare)).condition
            condition = condition_query(expression, fields, now.date(), here)
            if condition is None and query.is_everything:
                condition = every_paper()
            ranking = self._finder.find(
                reader,
                mended.words,
                limit,
                now.date(),
                sort=sort,
                condition=condition,
                variants=said,
                said=words_of(mended.said(query.asked)),
            )
            if query.is_wide and query.words:
                every = self._finder.find(reader, (), limit, now.date(), sort=sort, condition=condition)
                ranking = _with_others(ranking, every, limit) if sort is Sort.RELEVANCE else every
            return Found(ranking, query, mended)

    def _nearly(self, query: Query, now: datetime, here: Collection[str], *, as_typed: bool) -> tuple[Nearly, ...]:
        """What the question would find without each of its conditions."""
        found = []
        for part in parts_of(query.text):
            rest = self._found(Query.parse(part.rest), now, 1, sort=Sort.RELEVANCE, as_typed=as_typed, here=here).ranking
            if rest.total:
                found.append(Nearly(part.text, rest.total))
        return tuple(found)


def _titles_in(text: str) -> list[str]:
    """The parts of a message that may be titles: what is quoted, bold or a link's text, and whole lines."""
    marked = [part for found in _MARKED.findall(text) for part in found if part]
    lines = [_MARKUP.sub(" ", line) for line in text.splitlines()]
    return [part for part in dict.fromkeys([*marked, *lines]) if len(words_of(part)) in _TITLE_WORDS][:_TITLES_LOOKED_FOR]


def _is_beginning(typed: str, title: str) -> bool:
    """Whether a title begins with the typed words, of which the last may be unfinished."""
    words, others = words_of(typed), words_of(title)
    if not words or len(words) > len(others):
        return False
    *whole, last = words
    return others[: len(whole)] == whole and others[len(whole)].startswith(last)


def _with_others(best: Ranking, every: Ranking, limit: int) -> Ranking:
    """What answers by its words, then what answers without any of them, the newest first; ``every`` has all of both."""
    known = set(best.ids)
    others = [paper for paper in every.ids if paper not in known][: max(0, limit - len(best.ids))]
    return Ranking((*best.ids, *others), (*best.scores, *(0.0 for _ in others)), every.total, every.is_least)


def _fused(ranking: Ranking, by_meaning: Mapping[str, float]) -> Ranking:
    """The best by words and by meaning together."""
    both = fused(dict(zip(ranking.ids, ranking.scores, strict=True)), by_meaning)
    best = both[:MAX_RESULTS]
    ids, scores = tuple(paper for paper, _ in best), tuple(score for _, score in best)
    return Ranking(ids, scores, max(ranking.total, len(both)), ranking.is_least)
