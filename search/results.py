"""What a search takes and gives back, as values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from papers.paper import Paper

MAX_RESULTS = 50  # ten pages: nobody turns further, and a question that needs it wants other words


class Sort(StrEnum):
    """``RELEVANCE`` lets freshness and votes break near-ties; the others order the best answers by one thing alone."""

    RELEVANCE = "relevance"
    NEWEST = "newest"
    VOTES = "votes"


@dataclass(frozen=True, slots=True)
class Hit:
    """A paper and how well it answers; the higher the score the better, comparable within one search only.

    ``snippet`` is the sentence of the abstract that answers best: plain text of at most about 300 characters, perhaps empty.
    ``marks`` are the places of the words found in it: half-open spans of characters, ascending, not overlapping.
    """

    paper: Paper
    score: float
    snippet: str = ""
    marks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Nearly:
    """Why a question has no answer: left out, the part ``without`` (as typed) leaves ``total`` papers that answer the rest."""

    without: str
    total: int


@dataclass(frozen=True, slots=True)
class Results:
    """The answer to a question, best first.

    ``hits`` are the window asked for of the ``reachable`` best (at most MAX_RESULTS); ``total`` papers answer in all, or at
    least so many where ``is_least``.
    ``corrected`` is the question with its typos mended, if it had any; that is what was searched. ``unknown_id`` is an
    arXiv id that was asked for and is not in the store. ``note`` is a sentence about how the question was read.
    """

    text: str
    hits: tuple[Hit, ...]
    total: int
    reachable: int
    corrected: str | None = None
    unknown_id: str | None = None
    note: str = ""
    nearly: tuple[Nearly, ...] = ()
    is_least: bool = False


@dataclass(frozen=True, slots=True)
class Alike:
    """A paper like another, and the words and phrases they share, the most telling first."""

    paper: Paper
    shared: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Variant:
    """Other words that stand for some words of a question, by their places in it; ``weight`` is 1 for the very same meaning."""

    places: tuple[int, ...]
    words: tuple[str, ...]
    weight: float = 1.0
