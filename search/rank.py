"""Whether a title is what was typed: half remembered, in whatever order, typos and all."""

from __future__ import annotations

from rapidfuzz import fuzz

from papers.text import words as words_of


def closeness(title: str, typed: str) -> float:
    """0..1: how much of a title the typed words (folded, joined by spaces) are."""
    return fuzz.token_sort_ratio(" ".join(words_of(title)), typed) / 100
