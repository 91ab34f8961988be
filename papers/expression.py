"""What a line of words and filters asks for, as a value: printed, it reads back the same (papers/grammar.py)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from papers.text import singular, words

EVERYTHING: Final = "everything"
_PLAIN = re.compile(r"[\w.+-]+")


class Key(StrEnum):
    """What a filter looks at."""

    AUTHOR = "author"
    TITLE = "title"
    ORGANISATION = "org"
    CATEGORY = "cat"
    SOURCE = "source"
    HAS = "has"
    SINCE = "since"
    UNTIL = "until"
    PLACE = "in"


@dataclass(frozen=True, slots=True)
class All:
    """Every paper."""

    def __str__(self) -> str:
        return EVERYTHING


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that stand side by side. ``text`` is as typed, ``words`` are folded and singular; ``is_quoted`` as typed."""

    text: str
    words: tuple[str, ...]
    is_quoted: bool = True

    @classmethod
    def of(cls, text: str, *, is_quoted: bool = True) -> Phrase:
        return cls(text, folded(text), is_quoted)

    def is_in(self, text: str) -> bool:
        return f" {' '.join(self.words)} " in f" {' '.join(folded(text))} "

    def __str__(self) -> str:
        return f'"{self.text}"' if self.is_quoted else self.text


@dataclass(frozen=True, slots=True)
class Filter:
    """``value`` is a name or phrase as typed, an arXiv category ("cs.RO", or "cs" for all of them), or a source's name.

    Of HAS it is "code", of PLACE "this-channel", of SINCE and UNTIL a time as papers/dates.py keeps it: "7d" stays relative.
    """

    key: Key
    value: str

    def __str__(self) -> str:
        return f"{self.key}:{self.value}" if _PLAIN.fullmatch(self.value) else f'{self.key}:"{self.value}"'


@dataclass(frozen=True, slots=True)
class Votes:
    """``sign`` is one of >, >=, <, <=, =."""

    sign: str
    number: int

    def __str__(self) -> str:
        return f"votes:{self.sign}{self.number}"


@dataclass(frozen=True, slots=True)
class Not:
    part: Expression

    def __str__(self) -> str:
        is_one = isinstance(self.part, Filter | Votes | All) or (
            isinstance(self.part, Phrase) and (self.part.is_quoted or " " not in self.part.text)
        )
        return f"-{self.part}" if is_one else f"-({self.part})"


@dataclass(frozen=True, slots=True)
class And:
    """At least two parts, none of them an And."""

    parts: tuple[Expression, ...]

    def __str__(self) -> str:
        text = ""
        before: Expression | None = None
        for part in self.parts:
            # Bare words side by side would be one phrase.
            are_bare = is_bare(before) and is_bare(part)
            text += (" and " if are_bare else " " if text else "") + (f"({part})" if isinstance(part, Or) else f"{part}")
            before = part
        return text


@dataclass(frozen=True, slots=True)
class Or:
    """At least two parts, none of them an Or."""

    parts: tuple[Expression, ...]

    def __str__(self) -> str:
        return " or ".join(f"{part}" for part in self.parts)


Expression: TypeAlias = All | Phrase | Filter | Votes | Not | And | Or


def folded(text: str) -> tuple[str, ...]:
    """The words that two texts are compared by: without case, accents, hyphens and plurals."""
    return tuple(singular(word) for word in words(text))


def is_bare(part: Expression | None) -> bool:
    return isinstance(part, Phrase) and not part.is_quoted


def all_of(parts: Iterable[Expression]) -> Expression | None:
    """Each part must hold; None for no part."""
    flat = dict.fromkeys(inner for part in parts for inner in (part.parts if isinstance(part, And) else (part,)))
    if len(flat) > 1:
        flat.pop(All(), None)
    return And(tuple(flat)) if len(flat) > 1 else next(iter(flat), None)


def any_of(parts: Iterable[Expression]) -> Expression | None:
    """One part must hold; None for no part."""
    flat = dict.fromkeys(inner for part in parts for inner in (part.parts if isinstance(part, Or) else (part,)))
    if All() in flat:
        return All()
    return Or(tuple(flat)) if len(flat) > 1 else next(iter(flat), None)


def negated(part: Expression) -> Expression:
    return part.part if isinstance(part, Not) else Not(part)


def quoted(expression: Expression) -> str:
    """The expression as text, its bare phrases quoted: behind a question it is one condition more, and no words of it."""
    text = f"{_quoted(expression)}"
    return f"({text})" if isinstance(expression, Or | All) else text


def _quoted(expression: Expression) -> Expression:
    match expression:
        case Phrase(text):
            return Phrase.of(text)
        case And(parts):
            return all_of(map(_quoted, parts)) or expression
        case Or(parts):
            return any_of(map(_quoted, parts)) or expression
        case Not(part):
            return Not(_quoted(part))
    return expression


def leaves(expression: Expression, *, is_wanted: bool = True) -> Iterator[tuple[Expression, bool]]:
    """The phrases and filters, in order, each with whether it is wanted (or, below a Not, unwanted)."""
    match expression:
        case And(parts) | Or(parts):
            for part in parts:
                yield from leaves(part, is_wanted=is_wanted)
        case Not(part):
            yield from leaves(part, is_wanted=not is_wanted)
        case _:
            yield expression, is_wanted
