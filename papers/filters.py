"""The filters of the grammar: which keys there are, how the value of each is read, and what it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from papers.categories import category_named
from papers.dates import time_named
from papers.expression import Filter, Key, Votes
from papers.language import N_
from papers.text import words

SOURCES: Final = {"huggingface": "huggingface", "hf": "huggingface", "arxiv": "arxiv"}
HERE: Final = "this-channel"
_PLACES = {HERE: HERE, "here": HERE}
_THINGS = {"code": "code", "repo": "code", "repository": "code"}
_VOTES = re.compile(r"(?P<sign>>=|<=|>|<|=)?(?P<number>\d{1,6})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Kind:
    """A key's filters. ``read`` gives None for a wrong value, ``expected`` tells what it should have been, in English.

    One that is ``only_asked`` is a condition of a question, not of a topic. One that is ``only_whole`` is a filter only with a
    right value right behind it; anything else is words.
    """

    read: Callable[[str], Filter | Votes | None]
    expected: str
    only_asked: bool = False
    only_whole: bool = False


def filter_kind(key: str, value: str) -> Kind | None:
    """What ``key:value`` is, typed as one word; None where it is no filter. The value may be empty."""
    kind = KINDS.get(key.lower())
    return None if kind and kind.only_whole and not kind.read(value) else kind


def _named(key: Key) -> Callable[[str], Filter | None]:
    return lambda value: Filter(key, value) if words(value) else None


def _one_of(key: Key, names: dict[str, str]) -> Callable[[str], Filter | None]:
    return lambda value: Filter(key, names[value.lower()]) if value.lower() in names else None


def _category(value: str) -> Filter | None:
    name = category_named(value)
    return Filter(Key.CATEGORY, name) if name else None


def _time(key: Key) -> Callable[[str], Filter | None]:
    def read(value: str) -> Filter | None:
        time = time_named(value)
        return Filter(key, time) if time else None

    return read


def _votes(value: str) -> Votes | None:
    found = _VOTES.fullmatch(value)
    return Votes(found["sign"] or ">=", int(found["number"])) if found else None


KINDS: Final[dict[str, Kind]] = {
    "author": Kind(_named(Key.AUTHOR), N_('a name, such as author:lecun or author:"yann lecun"')),
    "title": Kind(_named(Key.TITLE), N_("words of a title, such as title:benchmark")),
    "org": Kind(_named(Key.ORGANISATION), N_("an organisation, such as org:meta")),
    "cat": Kind(_category, N_("an arXiv category, such as cat:cs.RO or cat:cs")),
    "source": Kind(_one_of(Key.SOURCE, SOURCES), N_("huggingface or arxiv")),
    "votes": Kind(_votes, N_("a number, such as votes:>5")),
    "has": Kind(_one_of(Key.HAS, _THINGS), N_("the word code, as in has:code")),
    "since": Kind(_time(Key.SINCE), N_("a time, such as since:7d, since:3m, since:2026 or since:2026-01-31"), only_asked=True),
    "until": Kind(_time(Key.UNTIL), N_("a time, such as until:7d, until:3m, until:2026 or until:2026-01-31"), only_asked=True),
    "in": Kind(_one_of(Key.PLACE, _PLACES), "this-channel", only_asked=True, only_whole=True),
}
