"""The sentence of an abstract that answers a question best, and where the words found stand in it."""

from __future__ import annotations

import re
from collections.abc import Collection

from papers.text import ELLIPSIS, clip, is_mark, sentences
from search.analysis import stems

ROOM = 300
_WORD = re.compile(r"[^\W_]+")


def snippet(abstract: str, wanted: Collection[str], room: int = ROOM) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The best sentence within ``room`` characters and the spans of the words in it whose stems are wanted.

    The best one has most of the wanted stems, the earliest of equals; an abstract without any gives its first sentence.
    """
    found = sentences(abstract)
    if not found:
        return "", ()
    spans = [places(sentence, wanted) for sentence in found]
    counts = [len({sentence[start:end].casefold() for start, end in marks}) for sentence, marks in zip(found, spans, strict=True)]
    best = counts.index(max(counts))
    return _within(found[best], spans[best], room)


def places(text: str, wanted: Collection[str]) -> list[tuple[int, int]]:
    """Where words with a wanted stem stand in a text."""
    words = _words(text)
    # One call for all of them is many times faster; where folding made other words of them, one for each.
    said = stems(" ".join(text[start:end] for start, end in words))
    each = said if len(said) == len(words) else [" ".join(stems(text[start:end])) for start, end in words]
    return [word for word, stem in zip(words, each, strict=True) if stem in wanted]


def _words(text: str) -> list[tuple[int, int]]:
    """Where words stand, with the marks on their letters."""
    if text.isascii():
        return [match.span() for match in _WORD.finditer(text)]
    found: list[tuple[int, int]] = []
    for match in _WORD.finditer(text):
        start, end = match.span()
        while end < len(text) and is_mark(text[end]):
            end += 1
        if found and found[-1][1] == start:
            start = found.pop()[0]
        found.append((start, end))
    return found


def _within(text: str, marks: list[tuple[int, int]], room: int) -> tuple[str, tuple[tuple[int, int], ...]]:
    """A sentence that is too long is cut where most of the words found are kept."""
    if len(text) <= room:
        return text, tuple(marks)
    start = 0
    if marks and marks[0][1] > room // 2:
        start = text.rfind(" ", 0, max(1, marks[0][0] - room // 4)) + 1
    lead = ELLIPSIS if start else ""
    cut = lead + clip(text[start:], room - len(lead))
    shift = len(lead) - start
    end = len(cut) - (1 if cut.endswith(ELLIPSIS) else 0)
    return cut, tuple((a + shift, b + shift) for a, b in marks if b + shift <= end)
