"""Typos: a typed word that the papers do not know, and the word it was meant for, judged by the words beside it.

A slip makes a word that is unknown or rare; the word meant is near it, common, and above all stands with the others in some
paper, at best in one title. What papers say is right: a word they know is doubted only where it is rare, and replaced only where
no paper has it with the other words and a title has the other word with all of them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from heapq import nlargest
from itertools import pairwise

import tantivy
from tantivy import Occur, Query

from papers.text import words as words_of
from search.analysis import stems_of
from search.lexicon import Lexicon, Neighbour
from search.searcher import Searching

_SHORT = 3  # letters of a word that has too many neighbours to be mended without the words beside it; shorter ones never are
_LONG = 8  # from here on two slips still leave little doubt
_HALF = 3  # letters of the shorter of two words run together
_MENDED_WORDS = 4  # of one question
_TRIED = 6  # words that may be meant by one
_RARE_SHARE = 500  # a known word may be a slip if at most one in so many papers has it
_MUCH_COMMONER = 20
_SHORT_QUESTION = 8  # words; of a longer one, no paper has all in its title anyway
_BESIDE = 4  # of the other words that are looked for beside a word meant: the most telling
_TOGETHER = 10.0  # the fit of a word that some paper has with all the others
_PAIR = {"title": 1.4, "text": 0.7}  # for each of the two most telling words that it has beside it
_SURE = 16.0  # and in its title
_ALTERNATIVE = 1.0  # a second word meant is worth a try where it is so near
_JOINED_COMMON = 20
_WORD = re.compile(r"[^\W_]+")
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_KEYS = {key: (x + y / 2, float(y)) for y, row in enumerate(_ROWS) for x, key in enumerate(row)}


@dataclass(frozen=True, slots=True)
class Change:
    """Neighbouring words as typed, and what was meant: a word for a word, two for one run together, one for one split."""

    typed: tuple[str, ...]
    meant: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Other:
    """A word that may be meant as well as the one in the place ``place`` of the mended words; ``weight`` is below 1."""

    place: int
    word: str
    weight: float


@dataclass(frozen=True, slots=True)
class Mended:
    """The words to search for, what was changed in them, and where it was a close call, what else may be meant."""

    words: tuple[str, ...]
    changes: tuple[Change, ...] = ()
    others: tuple[Other, ...] = ()

    def said(self, text: str, spans: Iterable[tuple[int, int]] | None = None) -> str:
        """A text with the changes made in it, or in some ascending spans of it alone; everything else as it stands."""
        made, done = "", 0
        for start, end in [(0, len(text))] if spans is None else spans:
            part = text[start:end]
            for change in self.changes:
                part = _replaced(part, change)
            made += text[done:start] + part
            done = end
        return made + text[done:]


def mend(words: Sequence[str], searcher: Searching, fields: tantivy.Schema, lexicon: Lexicon) -> Mended:
    """Folded words, each once, with each likely typo replaced. Raises what a damaged main index makes the library raise."""
    return _Mending(searcher, fields, lexicon).of(tuple(words))


@dataclass(frozen=True, slots=True)
class _Meant:
    words: tuple[str, ...]
    weight: int
    score: float
    fit: float = 0.0


@dataclass(slots=True)
class _Mending:
    searcher: Searching
    fields: tantivy.Schema
    lexicon: Lexicon
    changes: list[Change] = field(default_factory=list)
    others: dict[str, tuple[str, float]] = field(default_factory=dict)

    def of(self, words: tuple[str, ...]) -> Mended:
        words = self._joined(words)
        spread = {word: self._papers(word) for word in words}
        doubted = [word for word in words if not spread[word] and _is_mendable(word)][:_MENDED_WORDS]
        known = [word for word in words if spread[word]]
        meant: dict[str, tuple[str, ...]] = {}
        for word in doubted:
            meant[word] = self._meant(word, [*known, *(said for found in meant.values() for said in found)])
        if not doubted:
            meant = self._known_but_rare(words, spread)
        found = [(said, word) for word in words for said in meant.get(word, (word,))]
        self.changes += [Change((word,), said) for word, said in meant.items() if said != (word,)]
        said = tuple(dict.fromkeys(said for said, _ in found))
        near = [Other(said.index(meant[word][0]), *other) for word, other in self.others.items() if len(meant[word]) == 1]
        return Mended(said, tuple(self.changes), tuple(other for other in near if other.word not in said))

    def _meant(self, word: str, others: Sequence[str]) -> tuple[str, ...]:
        """An unknown word → what it is for, or itself."""
        beside = self._beside(others)
        best = self._ranked(word, self.lexicon.near(word, 1), beside)
        if len(word) >= _LONG and (not best or best[0].fit < _SURE):
            best = self._best([*best, *self._apart(word, beside)])
            if not best:
                best = self._ranked(word, self.lexicon.near(word, 2), beside)
        elif not best:
            best = self._apart(word, beside)
        if not best or (len(word) == _SHORT and best[0].fit < _TOGETHER) or (beside and self._is_far_fetched(best[0])):
            return (word,)
        if len(best) > 1 and best[0].score - best[1].score < _ALTERNATIVE and len(best[1].words) == 1:
            self.others[word] = (best[1].words[0], round(math.exp(best[1].score - best[0].score), 2))
        return best[0].words

    def _is_far_fetched(self, meant: _Meant) -> bool:
        """Whether a rare word, that no paper has with any other of the question: the word as typed may be news."""
        return not meant.fit and meant.weight < min(_MUCH_COMMONER, self.searcher.num_docs / 100)

    def _known_but_rare(self, words: tuple[str, ...], spread: dict[str, int]) -> dict[str, tuple[str, ...]]:
        """Of a short question that no paper has all of: the rare word that another one should be in place of."""
        if not 3 <= len(words) <= _SHORT_QUESTION:
            return {}
        rare = sorted((word for word in words if spread[word] <= self.searcher.num_docs // _RARE_SHARE), key=spread.__getitem__)
        if not rare or not _is_mendable(rare[0]) or self._any("text", _stems(words)):
            return {}
        others = self._beside(word for word in words if word != rare[0])
        for near in self.lexicon.near(rare[0], 1)[:_TRIED]:
            stem = _stems([near.word])
            is_commoner = near.weight >= spread[rare[0]] * _MUCH_COMMONER and stem != _stems([rare[0]])
            if is_commoner and self._any("title", [*stem, *others]):
                return {rare[0]: (near.word,)}
        return {}

    def _ranked(self, word: str, near: Iterable[Neighbour], beside: Sequence[str]) -> list[_Meant]:
        """The likeliest neighbours by themselves are looked for beside the other words."""
        likely = nlargest(_TRIED, ((_likelihood(word, each), each.word, each.weight) for each in near if each.word != word))
        found = []
        for score, meant, weight in likely:
            fit = self._fit(_stems([meant]), beside)
            found.append(_Meant((meant,), weight, score + fit, fit))
            if fit >= _SURE:
                break  # what is less likely by itself will hardly fit better
        return self._best(found)

    def _apart(self, word: str, beside: Sequence[str]) -> list[_Meant]:
        """Two words run together, where some paper has them side by side."""
        halves = []
        for cut in range(_HALF, len(word) - _HALF + 1):
            pair = word[:cut], word[cut:]
            least = min(self.searcher.doc_freq("title_words", half) for half in pair)
            if least:
                halves.append((least, pair))
        found = []
        for _, pair in sorted(halves, reverse=True)[:2]:
            said = self._count(Query.phrase_query(self.fields, "text", list(_stems(pair)))) if len(_stems(pair)) == 2 else 0
            if said:
                fit = self._fit(_stems(pair), beside)
                found.append(_Meant(pair, said, math.log(said) + 2 + fit, fit))
        return self._best(found)

    def _joined(self, words: tuple[str, ...]) -> tuple[str, ...]:
        """One word split into two that no paper has side by side."""
        for first, second in pairwise(words):
            whole = first + second
            if not _is_mendable(whole) or not (papers := self.searcher.doc_freq("words", whole)):
                continue
            pair = _stems((first, second))
            rarer = min(self._papers(first), self._papers(second))
            # Two words that are far commoner than the one stand side by side somewhere; to look for that takes long.
            may_be_one = papers >= _JOINED_COMMON and rarer <= papers * _MUCH_COMMONER
            if not rarer or (may_be_one and not self._stand_side_by_side(pair)):
                self.changes.append(Change((first, second), (whole,)))
                place = words.index(first)
                return tuple(dict.fromkeys((*words[:place], whole, *words[place + 2 :])))
        return words

    def _fit(self, stem: Sequence[str], beside: Sequence[str]) -> float:
        """How well a word stands with the others: all in one title, in one text, or with some of them. 0..16."""
        if not beside:
            return 0.0
        if self._any("title", [*stem, *beside]):
            return _SURE
        together = self._any("text", [*stem, *beside])
        fit = _TOGETHER if together else 0.0
        if len(beside) > 1:
            for pair in ([*stem, other] for other in beside[:2]):
                if together or self._any("text", pair):  # what is in no text is in no title, either
                    fit += _PAIR["text"] + (_PAIR["title"] if self._any("title", pair) else 0.0)
        return fit

    def _beside(self, others: Iterable[str]) -> list[str]:
        """The stems of the most telling of the other words."""
        found = {stem: self.searcher.doc_freq("text", stem) for stem in _stems(tuple(others))}
        return sorted((stem for stem, papers in found.items() if papers), key=found.__getitem__)[:_BESIDE]

    def _papers(self, word: str) -> int:
        """How many papers have the word or another form of it."""
        return max((self.searcher.doc_freq("text", stem) for stem in stems_of(word)), default=0)

    def _any(self, name: str, stems: Iterable[str]) -> bool:
        terms = [(Occur.Must, Query.term_query(self.fields, name, stem)) for stem in stems]
        return bool(self.searcher.search(Query.boolean_query(terms), 1, count=False).hits)

    def _stand_side_by_side(self, pair: Sequence[str]) -> bool:
        """In some paper's title, which is quickly seen, or in its text."""
        return any(self._count(Query.phrase_query(self.fields, name, list(pair))) for name in ("title", "text"))

    def _count(self, query: tantivy.Query) -> int:
        found: int = self.searcher.search(query, 1).count
        return found

    @staticmethod
    def _best(found: Iterable[_Meant]) -> list[_Meant]:
        return sorted(found, key=lambda meant: (-meant.score, meant.words))


def _is_mendable(word: str) -> bool:
    return len(word) >= _SHORT and word.isascii() and word.isalpha()


def _stems(words: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(stem for word in words for stem in stems_of(word)))


def _likelihood(typed: str, meant: Neighbour) -> float:
    """How likely one slip away from a word is what was meant, as the logarithm of how common it is, more or less."""
    return math.log(meant.weight + 1) + _ease(typed, meant.word)


def _ease(typed: str, meant: str) -> float:
    """How easily the slip happens: above 0 for swapped, doubled and neighbouring letters, below 0 for the first letter."""
    first = -2.0 if typed[0] != meant[0] and typed[1:2] != meant[:1] else 0.0
    start = next((place for place, (a, b) in enumerate(zip(typed, meant, strict=False)) if a != b), min(len(typed), len(meant)))
    if len(typed) == len(meant):
        if typed[start : start + 2] == meant[start : start + 2][::-1]:
            return first + 1.0
        return first + (0.5 if _are_neighbours(typed[start : start + 1], meant[start : start + 1]) else 0.0)
    longer = max(typed, meant, key=len)
    is_doubled = start > 0 and longer[start : start + 1] == longer[start - 1]
    return first + (0.5 if is_doubled else 0.0)


def _are_neighbours(one: str, other: str) -> bool:
    if one not in _KEYS or other not in _KEYS:
        return False
    return math.dist(_KEYS[one], _KEYS[other]) <= 1.2


def _replaced(text: str, change: Change) -> str:
    """Wherever the words stand as typed, folded alike, what was meant in their stead."""
    found = [(match.span(), words_of(match[0])) for match in _WORD.finditer(text)]
    size = len(change.typed)
    for place in reversed(range(len(found) - size + 1)):
        window = found[place : place + size]
        if [word for _, said in window for word in said] == list(change.typed):
            text = text[: window[0][0][0]] + " ".join(change.meant) + text[window[-1][0][1] :]
    return text
