"""Shelf: some papers with an index over their words, that tells which of them a topic is about.

A set of papers is an integer whose bit n stands for the n-th paper: "or" and "and" are one machine operation each, and each
phrase is looked up once however many topics have it. So thousands of topics cost little more than reading them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
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
        self._texts = [_searchable(paper) for paper in self.papers]
        self._words: defaultdict[str, int] = defaultdict(int)
        for number, text in enumerate(self._texts):
            for word in set(text.split()):
                self._words[word] |= 1 << number
        self._phrases: dict[tuple[str, ...], int] = {}
        self._filters: dict[Filter | Votes, int] = {}

    def matching(self, expression: Expression) -> list[Paper]:
        """The papers it holds for, in their order."""
        found = self.mask(expression)
        return [paper for number, paper in enumerate(self.papers) if found >> number & 1]

    def mask(self, expression: Expression) -> int:
        """The same as a set of bits."""
        match expression:
            case Phrase():
                found = self._phrases.get(expression.words)
                return self._find(expression.words) if found is None else found
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
                if expression not in self._filters:
                    self._filters[expression] = sum(
                        1 << number for number, paper in enumerate(self.papers) if _passes(paper, expression)
                    )
                return self._filters[expression]

    def _find(self, words: tuple[str, ...]) -> int:
        found = self._everything if words else 0
        for word in words:
            found &= self._words.get(word, 0)
            if not found:
                break
        if len(words) > 1:
            phrase = f" {' '.join(words)} "
            rest = found
            while rest:
                lowest = rest & -rest
                if phrase not in self._texts[lowest.bit_length() - 1]:
                    found ^= lowest
                rest ^= lowest
        self._phrases[words] = found
        return found


def _passes(paper: Paper, condition: Filter | Votes) -> bool:
    if isinstance(condition, Votes):
        return _COMPARED[condition.sign](paper.votes, condition.number)
    value = condition.value
    match condition.key:
        case Key.CATEGORY:
            return any(category == value or category.startswith(f"{value}.") for category in paper.categories)
        case Key.SOURCE:
            return value in paper.listed_by
        case Key.AUTHOR:
            texts: Iterable[str] = paper.authors
        case Key.TITLE:
            texts = (paper.title,)
        case Key.ORGANISATION:
            texts = (paper.organisation,)
    wanted = Phrase.of(value)
    return any(wanted.is_in(text) for text in texts)


@lru_cache(maxsize=4096)
def _searchable(paper: Paper) -> str:
    """The folded words of title, abstract and each keyword, a space around every word; no phrase runs from one into another."""
    return " | ".join(f" {' '.join(folded(part))} " for part in (paper.title, paper.abstract, *paper.keywords))
