"""Shelf: some papers with an index over their words, that tells which of them a topic is about.

A set of papers is an integer whose bit n stands for the n-th paper: "or" and "and" are one machine operation each, and each
phrase is looked up once however many topics have it. So thousands of topics cost little more than reading them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache

from papers.dates import UNKNOWN_DAY, day_of, days_named
from papers.expression import All, And, Expression, Filter, Key, Not, Or, Phrase, Votes, folded
from papers.paper import Paper, is_repository

_COMPARED: dict[str, Callable[[int, int], bool]] = {
    ">": int.__gt__,
    ">=": int.__ge__,
    "<": int.__lt__,
    "<=": int.__le__,
    "=": int.__eq__,
}


class Shelf:
    """``papers`` stay in the order given.

    "since:7d" is counted from ``today``, or for lack of that from the newest paper's day; "in:this-channel" are the papers with
    the ids that are ``here``.
    """

    def __init__(self, papers: Iterable[Paper], *, today: date | None = None, here: Collection[str] = frozenset()) -> None:
        self.papers = tuple(papers)
        self._today = today
        self._here = here
        self.by_id = {paper.id: paper for paper in self.papers}
        self._everything = (1 << len(self.papers)) - 1
        self._texts = _Index([_searchable(paper) for paper in self.papers])
        self._fields: dict[Key, _Index] = {}
        self._filters: dict[Filter | Votes, int] = {}

    def matching(self, expression: Expression) -> list[Paper]:
        """The papers it holds for, in their order."""
        return [self.papers[number] for number in _numbers(self.mask(expression))]

    def mask(self, expression: Expression) -> int:
        """The same as a set of bits."""
        match expression:
            case Phrase():
                return self._texts.find(expression.words)
            case Or(parts):
                found = 0
                for part in parts:
                    found |= self.mask(part)
                return found
            case And(parts):
                found = self._everything
                for part in parts:
                    found &= self.mask(part)
                    if not found:
                        break
                return found
            case Not(part):
                return self._everything & ~self.mask(part)
            case All():
                return self._everything
            case Filter() | Votes():
                known = self._filters.get(expression)
                if known is None:
                    known = self._filters[expression] = self._passing(expression)
                return known

    def _passing(self, condition: Filter | Votes) -> int:
        if isinstance(condition, Filter) and condition.key in _FIELDS:
            if condition.key not in self._fields:
                parts = _FIELDS[condition.key]
                self._fields[condition.key] = _Index([_side_by_side(parts(paper)) for paper in self.papers])
            return self._fields[condition.key].find(folded(condition.value))
        passes = self._test(condition)
        return sum(1 << number for number, paper in enumerate(self.papers) if passes(paper))

    def _test(self, condition: Filter | Votes) -> Callable[[Paper], bool]:
        """The condition as a function of one paper."""
        match condition:
            case Votes(sign, number):
                return lambda paper: _COMPARED[sign](paper.votes, number)
            case Filter(Key.SINCE, time):
                first = days_named(time, self._now())[0]
                return lambda paper: day_of(paper) >= first
            case Filter(Key.UNTIL, time):
                last = days_named(time, self._now())[1]
                return lambda paper: day_of(paper) <= last
            case Filter(Key.PLACE):
                return lambda paper: paper.id in self._here
            case Filter(Key.HAS):
                return lambda paper: is_repository(paper.repository)
            case Filter(Key.CATEGORY, value):
                return lambda paper: any(name == value or name.startswith(f"{value}.") for name in paper.categories)
        return lambda paper: condition.value in paper.listed_by

    def _now(self) -> date:
        return self._today or max(map(day_of, self.papers), default=UNKNOWN_DAY)


class _Index:
    """Texts of folded words, a space around every word, and in which of them phrases are: as sets of bits."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self._words: defaultdict[str, int] = defaultdict(int)
        for number, text in enumerate(texts):
            for word in set(text.split()):
                self._words[word] |= 1 << number
        self._known: dict[tuple[str, ...], int] = {}

    def find(self, words: tuple[str, ...]) -> int:
        """Where these words stand side by side; nowhere, for none."""
        known = self._known.get(words)
        if known is None:
            known = self._known[words] = self._find(words)
        return known

    def _find(self, words: tuple[str, ...]) -> int:
        found = self._words.get(words[0], 0) if words else 0
        for word in words[1:]:
            found &= self._words.get(word, 0)
        if len(words) > 1:
            phrase = f" {' '.join(words)} "
            found = sum(1 << number for number in _numbers(found) if phrase in self._texts[number])
        return found


def _numbers(bits: int) -> Iterator[int]:
    """Which are set, the lowest first."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


# What filters look at that are names or phrases: each in words of its own.
_FIELDS: dict[Key, Callable[[Paper], Iterable[str]]] = {
    Key.AUTHOR: lambda paper: paper.authors,
    Key.TITLE: lambda paper: (paper.title,),
    Key.ORGANISATION: lambda paper: (paper.organisation,),
}


@lru_cache(maxsize=4096)
def _searchable(paper: Paper) -> str:
    """The folded words of title, abstract and each keyword."""
    return _side_by_side((paper.title, paper.abstract, *paper.keywords))


def _side_by_side(parts: Iterable[str]) -> str:
    """Folded, a space around every word; no phrase runs from one part into another."""
    return " | ".join(f" {' '.join(folded(part))} " for part in parts)
