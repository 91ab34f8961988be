"""Shelf: some papers with an index over their words, that tells which of them a topic is about.

A set of papers is an integer whose bit n stands for the n-th paper: "or" and "and" are one machine operation each, and each
phrase is looked up once however many topics have it. So thousands of topics cost little more than reading them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache

from papers.expression import All, And, Expression, Filter, Key, Not, Or, Phrase, Votes, folded
from papers.paper import Paper

_COMPARED: dict[str, Callable[[int, int], bool]] = {
    ">": int.__gt__,
    ">=": int.__ge__,
    "<": int.__lt__,
    "<=": int.__le__,
    "=": int.__eq__,
}


class Shelf:
    """``papers`` stay in the order given."""

    def __init__(self, papers: Iterable[Paper]) -> None:
        self.papers = tuple(papers)
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
        return sum(1 << number for number, paper in enumerate(self.papers) if _passes(paper, condition))


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


def _passes(paper: Paper, condition: Filter | Votes) -> bool:
    if isinstance(condition, Votes):
        return _COMPARED[condition.sign](paper.votes, condition.number)
    value = condition.value
    if condition.key is Key.CATEGORY:
        return any(category == value or category.startswith(f"{value}.") for category in paper.categories)
    return value in paper.listed_by


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
