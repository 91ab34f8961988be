"""How well a paper answers a Query, once the index has found it: a title half remembered should come first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from rapidfuzz import fuzz

from papers.text import words as words_of
from search.index import Candidate

_TITLE_GAIN = 0.5


def ranked(candidates: Iterable[Candidate], words: Sequence[str]) -> list[Candidate]:
    """Best first: the index's score, raised by up to half for a title that is what was typed."""
    typed = " ".join(words)
    scored = (replace(c, score=c.score * (1 + _TITLE_GAIN * closeness(c.title, typed))) for c in candidates)
    return sorted(scored, key=lambda candidate: (candidate.score, candidate.id), reverse=True)


def closeness(title: str, typed: str) -> float:
    """0..1: how much of a title the typed words (folded, joined by spaces) are, in whatever order, typos and all."""
    return fuzz.token_sort_ratio(" ".join(words_of(title)), typed) / 100
