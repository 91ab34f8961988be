"""A line of the grammar, cut into its smallest parts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from papers.filters import filter_kind

_TOKEN = re.compile(
    r"""(?P<space>\s+|--+)
      | "(?P<quoted>[^"]*)(?P<end>"?)
      | (?P<open>\() | (?P<close>\)) | (?P<comma>[,;]) | (?P<bar>\|)
      | (?P<minus>-(?=[^\s)|,;-]))
      | (?P<word>[^\s"(),;|]+)""",
    re.VERBOSE,
)
_FIELD = re.compile(r"(?P<key>[A-Za-z]{2,8}):(?P<value>.*)")


@dataclass(frozen=True, slots=True)
class Token:
    """``kind`` is open, close, comma, bar, minus, and, quoted, word, key, value, or end. It stands in the line from character
    ``at`` up to ``end``; ``text`` is without what marks it.
    """

    kind: str
    text: str
    at: int
    end: int
    is_closed: bool = True  # false for a phrase whose second quotation mark is missing


def tokens(line: str) -> list[Token]:
    """All of a line, and an end behind them."""
    return [*_split(line), Token("end", "", len(line), len(line))]


def _split(line: str) -> Iterator[Token]:
    for found in _TOKEN.finditer(line):
        if found["quoted"] is not None:
            yield Token("quoted", found["quoted"].strip(), found.start(), found.end(), bool(found["end"]))
        elif found["word"]:
            yield from _of_word(found["word"], found.start())
        elif not found["space"]:
            yield Token(found.lastgroup or "", found[0], found.start(), found.end())


def _of_word(word: str, at: int) -> Iterator[Token]:
    field = _FIELD.fullmatch(word)
    end = at + len(word)
    if word.lower() in {"or", "and"} or word == "NOT":
        yield Token({"or": "bar", "and": "and", "not": "minus"}[word.lower()], word, at, end)
    elif field and filter_kind(field["key"], field["value"]):
        start = at + len(field["key"]) + 1
        yield Token("key", field["key"].lower(), at, start)
        if field["value"]:
            yield Token("value", field["value"], start, end)
    else:
        yield Token("word", word, at, end)
