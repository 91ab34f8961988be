"""The question as one line of text: with conditions added to it, and with a name being typed at its end."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from papers.dates import time_named
from papers.expression import And, Expression, Filter, Key, all_of
from papers.grammar import read
from papers.text import clean

_UNFINISHED = re.compile(
    r"""(?:^|(?<=[\s(,;|-]))(?P<key>author|org|cat):(?:["“”„](?P<quoted>[^"“”„]*)|(?P<bare>[^\s"“”„(),;|]*))$""",
    re.IGNORECASE | re.VERBOSE,
)
_ONE = re.compile(r"^(?:an?|one) |^(?=(?:day|week|month|year)$)")
_QUOTES = str.maketrans("", "", '"“”„«»')


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A name being typed: ``before`` is the line up to it, ``key`` whose name it is, ``begun`` what there is of it."""

    before: str
    key: Key
    begun: str

    def completed(self, name: str) -> str:
        """The line with the whole name in the place of what was begun."""
        return f"{self.before}{Filter(self.key, name.translate(_QUOTES))}"


def unfinished(typed: str) -> Unfinished | None:
    """The author, organisation or category whose name the line ends in; None where it ends otherwise."""
    found = _UNFINISHED.search(typed)
    if found is None:
        return None
    return Unfinished(typed[: found.start()], Key(found["key"].lower()), found["quoted"] or found["bare"] or "")


def with_conditions(question: str, conditions: Iterable[str]) -> str:
    """One line that asks the question, and the conditions besides; each of those is whole in itself.

    What is loose in the question (an "or", a comma, a quotation mark never closed) takes none of them in.
    """
    more = " ".join(conditions)
    if not more or not question.strip():
        return more or question
    wanted = _parts(all_of(filter(None, [read(question).expression, read(more).expression])))
    lines = (f"{question} {more}", f"({question}) {more}", f"{more} {question}")
    return next((line for line in lines if _parts(read(line).expression) == wanted), lines[-1])


def _parts(expression: Expression | None) -> frozenset[Expression | None]:
    """What must all hold, in whatever order."""
    return frozenset(expression.parts if isinstance(expression, And) else (expression,))


def since(text: str) -> str | None:
    """The condition for what somebody calls the earliest date: "7d", "3 weeks", "a month", "2026-01-01"; None if it is none."""
    typed = clean(text).casefold().removeprefix("since:")
    named = time_named(_ONE.sub("1 ", typed.removeprefix("the ").removeprefix("last ")))
    return f"{Filter(Key.SINCE, named)}" if named else None
