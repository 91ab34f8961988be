"""The conditions of a question, one by one: what is left of it without each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from papers.expression import And, Expression, Phrase, all_of, is_bare, leaves
from papers.grammar import Reading, Term, read
from papers.text import clean

MAX_PARTS: Final = 8


@dataclass(frozen=True, slots=True)
class Part:
    """``text`` is a condition as it was typed; ``rest`` is the question without it, never empty."""

    text: str
    rest: str


def parts_of(text: str) -> list[Part]:
    """The first MAX_PARTS conditions of a question, of which each must hold besides the rest; words that rank are none."""
    whole = read(text)
    found: list[Part] = []
    for term in sorted(filter(_is_condition, whole.terms), key=lambda term: term.at)[:MAX_PARTS]:
        rest = read(f"{_before(whole.text, term)} {whole.text[term.end :]}")
        if rest.expression and _is_whole(whole, rest, term):
            found.append(Part(whole.text[term.at : term.end], rest.text))
    return found


def _is_condition(term: Term) -> bool:
    """Whether all of it is a condition, and one alone."""
    wanted_words = any(is_wanted and is_bare(leaf) for leaf, is_wanted in leaves(term.expression))
    return not wanted_words and not isinstance(term.expression, And)


def _before(text: str, term: Term) -> str:
    """What stands before it, without a last "and"."""
    before = clean(text[: term.at])
    return before[:-4] if before.lower().endswith(" and") else before


def _is_whole(whole: Reading, rest: Reading, term: Term) -> bool:
    """Whether the term and the rest are all of it, and less is not: an alternative, or a part of one, cannot be left out."""
    both = all_of(filter(None, [rest.expression, term.expression]))
    return len(rest.problems) <= len(whole.problems) and _all(both) == _all(whole.expression) != _all(rest.expression)


def _all(expression: Expression | None) -> frozenset[Expression | str | None]:
    """What must all hold. Bare words count one by one, for without what stood between them they are one phrase."""
    found: set[Expression | str | None] = set()
    for part in expression.parts if isinstance(expression, And) else (expression,):
        found.update(part.text.split() if isinstance(part, Phrase) and is_bare(part) else [part])
    return frozenset(found)
