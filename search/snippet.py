"""The sentence of an abstract that answers a question best, and where the words found stand in it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence

from papers.text import ELLIPSIS, clip, is_mark, sentence_spans
from search.analysis import stems_of

Span = tuple[int, int]  # half-open
ROOM = 300
_WORD = re.compile(r"[^\W_]+")
_FIRST_MARK = "\u0300"
_LONG = 5  # letters of a stem; the first of a shorter one may be all that it has in common with a word ("dying": "die")


def snippet(abstract: str, wanted: Collection[str], room: int = ROOM) -> tuple[str, tuple[Span, ...]]:
    """The best sentence within ``room`` characters and the spans of the words in it whose stems are wanted.

    The best one has most of the wanted stems, the earliest of equals; an abstract without any gives its first sentence.
    """
    if not abstract.isprintable() or "  " in abstract or abstract != abstract.strip():
        abstract = " ".join(abstract.split())
    spans = sentence_spans(abstract)
    if not spans:
        return "", ()
    each = _by_sentence(spans, places(abstract, wanted))
    counts = [len({abstract[start:end].casefold() for start, end in marks}) for marks in each]
    best = counts.index(max(counts))
    start, end = spans[best]
    return _within(abstract[start:end], [(at - start, stop - start) for at, stop in each[best]], room)


def places(text: str, wanted: Collection[str]) -> list[Span]:
    """Where words with a wanted stem stand in a text, in order."""
    beginnings = {_beginning(stem) for stem in wanted}
    if not text.isascii():
        letters = {start[0] for start in beginnings}
        words = [(span, text[slice(*span)]) for span in _words(text)]
        likely = [(span, word) for span, word in words if word[0].lower() in letters or not word.isascii()]
        return [span for span, word in likely if _stem(word) in wanted]
    found, low = set(), text.lower()
    for start in beginnings:  # looking at all words takes three times as long
        at = low.find(start)
        while at >= 0:
            if not low[max(at - 1, 0) : at].isalnum() and (word := _WORD.match(low, at)) and _stem(word[0]) in wanted:
                found.add(word.span())
            at = low.find(start, at + len(start))
    return sorted(found)


def _by_sentence(sentences: Sequence[Span], found: Iterable[Span]) -> list[list[Span]]:
    """The spans within each of the sentences, ascending as they are."""
    each: list[list[Span]] = [[] for _ in sentences]
    starts = [start for start, _ in sentences]
    for start, end in found:
        number = bisect_right(starts, start) - 1
        if end <= sentences[number][1]:
            each[number].append((start, end))
    return each


def _beginning(stem: str) -> str:
    """What words with a stem begin with: of a short one hardly more than a letter may be left ("dying": "die")."""
    return stem[: 3 if len(stem) >= _LONG else 1 if stem[1:] == "ie" else 2]


def _stem(word: str) -> str:
    return " ".join(stems_of(word))


def _words(text: str) -> list[Span]:
    """Where words stand, with the marks on their letters."""
    found: list[Span] = []
    for match in _WORD.finditer(text):
        start, end = match.span()
        while end < len(text) and text[end] >= _FIRST_MARK and is_mark(text[end]):
            end += 1
        if found and found[-1][1] == start:
            start = found.pop()[0]
        found.append((start, end))
    return found


def _within(text: str, marks: list[Span], room: int) -> tuple[str, tuple[Span, ...]]:
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
