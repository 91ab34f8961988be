"""What someone may be typing: papers by their titles, authors and organisations by any part of their names.

Made for a million papers and an answer at every key: short beginnings, which half the store shares, are answered from lists made
beforehand (the Lexicon's) or from one posting list; longer ones are looked through.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from heapq import nlargest
from typing import Any

import tantivy
from rapidfuzz.distance import OSA
from tantivy import Occur, Query

from papers.paper import Paper
from papers.text import folded
from papers.text import words as words_of
from search.analysis import LONGEST, STOP_WORDS
from search.lexicon import DEEP, FEW, MANY_TERMS_PAPERS, Counted, Lexicon, lookup_of
from search.searcher import Searching

AUTHORS = "names"
ORGANISATIONS = "organisations"
_RAW = (AUTHORS, ORGANISATIONS, "starts")
_STARTS = range(1, 9)  # characters of a title's beginning that have a posting list
_PARTS = 6  # of a name that it is found by
_WORDS = 12
_LISTED = 60  # terms that are worth a look: a name is there once for each of its parts
_GUESSES = 8  # words that a mistyped one may be
_DAYS = 100_000  # more than there will be: so that votes come first in a paper's standing


def add_fields(builder: tantivy.SchemaBuilder) -> None:
    """What completion needs of the main index, besides ``title_words``, titles' words unstemmed."""
    for name in _RAW:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("standing", fast=True)


def fields_of(paper: Paper, day: int) -> dict[str, Any]:
    """A paper's values of these fields; ``day`` is when it was published, counted from whenever."""
    title = " ".join(words_of(paper.title))
    return {
        AUTHORS: [term for name in paper.authors for term in name_terms(name)],
        ORGANISATIONS: name_terms(paper.organisation),
        "starts": list(dict.fromkeys(title[:size] for size in _STARTS)) if title else [],
        "standing": paper.votes * _DAYS + day,
    }


def name_terms(name: str) -> list[str]:
    """A term for each part of a name, which begins with it, and then says the name as it is written.

    "Yann LeCun" → "yann lecun\\tYann LeCun", "lecun yann\\tYann LeCun". One with a middle name is found without it, too.
    """
    parts = _words(name, _PARTS)
    keys = [" ".join(parts[place:] + parts[:place]) for place in range(len(parts))]
    if len(parts) > 2:
        keys.append(" ".join([parts[0], parts[-1], *parts[1:-1]]))
    return [f"{key}\t{name}" for key in dict.fromkeys(keys)]


def complete_names(field: str, typed: str, limit: int, searcher: Searching, lexicon: Lexicon) -> list[str]:
    """Names (AUTHORS or ORGANISATIONS) of which a part begins as typed, those of most papers first; nothing typed begins all."""
    parts = _words(typed, _PARTS)
    beginning = " ".join(parts) + (" " if parts and typed[-1:].isspace() else "")
    found = _commonest(field, beginning, searcher, lexicon)
    if not found and parts:
        found = _misspelt(field, parts, searcher, lexicon)
    return _shown(found)[:limit]


def complete_titles(
    typed: str, limit: int, searcher: Searching, fields: tantivy.Schema, lexicon: Lexicon
) -> list[tantivy.DocAddress]:
    """The documents of papers whose title someone may be typing.

    First those whose title begins as typed, then those with all the words in it, the last perhaps unfinished, then those that
    are meant if there are slips. Of each kind those with most votes come first, then the newer ones.
    """
    words = _words(typed, _WORDS)
    if not words:
        return []
    is_finished = not folded(typed)[-1:].isalnum()
    asked = _Titles(searcher, fields, lexicon)
    found = asked.beginning(words, is_finished, limit)
    if len(found) < limit:
        found += asked.having(words, is_finished, limit)
    if len(found) < limit:
        found += asked.like(words, is_finished, limit)
    return list({(address.segment_ord, address.doc): address for address in found}.values())[:limit]


def _words(text: str, most: int) -> list[str]:
    """The first words, cut where no word is longer: to look for what is near one takes time with its length."""
    return [word[:LONGEST] for word in words_of(text)[:most]]


class _Titles:
    def __init__(self, searcher: Searching, fields: tantivy.Schema, lexicon: Lexicon) -> None:
        self._searcher = searcher
        self._fields = fields
        self._lexicon = lexicon

    def beginning(self, words: Sequence[str], is_finished: bool, limit: int) -> list[tantivy.DocAddress]:
        start = " ".join(words) + (" " if is_finished else "")
        parts = [self._term("starts", start[: _STARTS[-1]])]
        if len(start) > _STARTS[-1]:
            parts += self._all(words, is_finished)
        return self._best(parts, limit)

    def having(self, words: Sequence[str], is_finished: bool, limit: int) -> list[tantivy.DocAddress]:
        return self._best(self._all(words, is_finished), limit)

    def like(self, words: Sequence[str], is_finished: bool, limit: int) -> list[tantivy.DocAddress]:
        """With the words that are likely meant in the place of those that no title has."""
        meant = [*map(self._meant, words[:-1]), self._meant_beginning(words[-1])]
        if not all(meant):
            return []
        likeliest = [guesses[0] for guesses in meant]
        if likeliest == [*words]:
            return self.having(words, is_finished=False, limit=limit) if is_finished else []
        wrong = next(place for place, word in enumerate(words) if likeliest[place] != word)
        last = self._begun(likeliest[-1])
        readings = []
        for guess in meant[wrong]:
            reading = [*likeliest[:wrong], guess, *likeliest[wrong + 1 :]]
            whole = [self._term("title_words", word) for word in self._telling(reading[:-1])]
            # Each reading by itself, so that the likelier one comes first.
            readings.append(self._every([*whole, last if wrong < len(words) - 1 else self._begun(guess)]))
        found = self.beginning(likeliest, is_finished=False, limit=limit)
        return found + self._best([Query.boolean_query([(Occur.Should, reading) for reading in readings])], limit)

    def _meant(self, word: str) -> list[str]:
        if word in STOP_WORDS or self._searcher.doc_freq("title_words", word):
            return [word]
        return [near.word for near in self._lexicon.near(word, 1)][:_GUESSES]

    def _meant_beginning(self, word: str) -> list[str]:
        is_known = _commonest("title_words", word, self._searcher, self._lexicon)
        return [word] if is_known else _guesses(word, self._lexicon)

    def _all(self, words: Sequence[str], is_finished: bool) -> list[tantivy.Query]:
        if is_finished:
            return [self._term("title_words", word) for word in self._telling(words) or words]
        return [*(self._term("title_words", word) for word in self._telling(words[:-1])), self._begun(words[-1])]

    def _begun(self, beginning: str) -> tantivy.Query:
        return self._any([term for term, _ in _commonest("title_words", beginning, self._searcher, self._lexicon)] or [beginning])

    def _telling(self, words: Sequence[str]) -> list[str]:
        """Without the words that half of all titles have."""
        return [word for word in words if word not in STOP_WORDS]

    def _any(self, words: Sequence[str]) -> tantivy.Query:
        return Query.boolean_query([(Occur.Should, self._term("title_words", word)) for word in words])

    def _term(self, field: str, word: str) -> tantivy.Query:
        return Query.term_query(self._fields, field, word, "basic")

    def _every(self, parts: Iterable[tantivy.Query]) -> tantivy.Query:
        return Query.boolean_query([(Occur.Must, part) for part in parts])

    def _best(self, parts: Iterable[tantivy.Query], limit: int) -> list[tantivy.DocAddress]:
        found = self._searcher.search(self._every(parts), limit, count=False, order_by_field="standing").hits
        return [address for _, address in found]


def _commonest(field: str, beginning: str, searcher: Searching, lexicon: Lexicon) -> list[Counted]:
    """The commonest terms that begin like this, commonest first."""
    known = lexicon.commonest(field, beginning)
    if known is None:
        papers = searcher.num_docs
        if len(beginning) < DEEP and papers >= MANY_TERMS_PAPERS and not lexicon.knows(papers):
            return []  # a large import has just begun
        known = lookup_of(searcher, field)(beginning, FEW)
    return nlargest(_LISTED, known, key=lambda term: term[1])


def _misspelt(field: str, parts: Sequence[str], searcher: Searching, lexicon: Lexicon) -> list[Counted]:
    """Names in which one part is right, and another one slip away as far as it is typed."""
    if len(parts) == 1:
        return [
            term for guess in _guesses(parts[0], lexicon) for term in searcher.terms_with_prefix(field, guess, limit=FEW // 20)
        ]
    found = []
    for place in range(len(parts)):
        right, *others = [*parts[place:], *parts[:place]]
        typed = " ".join([right, *others])
        for term in searcher.terms_with_prefix(field, f"{right} {others[0][0]}", limit=FEW // 2):
            key = term[0].partition("\t")[0]
            if any(OSA.distance(typed, key[: len(typed) + more], score_cutoff=1) <= 1 for more in (-1, 0, 1)):
                found.append(term)
    return found


def _guesses(beginning: str, lexicon: Lexicon) -> list[str]:
    """Words whose beginning, or the whole of which, someone may have meant, the commonest first."""
    if len(beginning) < 3:
        return []
    near = [*lexicon.near(beginning, 1), *lexicon.begun(beginning)]
    return list(dict.fromkeys(each.word for each in nlargest(len(near), near, key=lambda each: each.weight)))[:_GUESSES]


def _shown(terms: Iterable[Counted]) -> list[str]:
    """The names as they are most often written, each once, those of most papers first."""
    papers: dict[frozenset[str], int] = {}
    written: dict[frozenset[str], dict[str, int]] = {}
    for term, count in terms:
        key, _, name = term.partition("\t")
        same = frozenset(key.split())
        spelt = written.setdefault(same, {})
        if name not in spelt:  # a name is there once for each of its parts
            papers[same] = papers.get(same, 0) + count
            spelt[name] = count
    order = sorted(papers, key=lambda same: (-papers[same], sorted(same)))
    return [max(written[same], key=lambda name: written[same][name]) for same in order]
