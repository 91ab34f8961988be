"""A sentence from outside with the words that were asked for in bold."""

from __future__ import annotations

from collections.abc import Sequence

from papers.text import ELLIPSIS, clip
from views.limits import inert

Spans = Sequence[tuple[int, int]]


def highlighted(text: str, marks: Spans, limit: int) -> str:
    """Outside text within ``limit`` characters of markup, its ``marks`` (half-open spans, ascending) in bold.

    All else of it means nothing but itself: every piece is escaped for itself, and only the asterisks around are ours.
    """
    room = limit
    while len(shown := _marked(clip(text, room), len(text), marks)) > limit:
        room -= max(1, (len(shown) - limit) // 2)
    return shown


def _marked(text: str, whole: int, marks: Spans) -> str:
    end = len(text) - (len(ELLIPSIS) if len(text) < whole else 0)  # the sign that more follows was not asked for
    shown, at = "", 0
    for start, stop in _joined(marks, end):
        shown += _piece(text[at:start])
        bold = _piece(text[start:stop])
        # Between asterisks there must be something, and no space at their inner side.
        shown += f"**{bold}**" if bold.strip() and bold == bold.strip() else bold
        at = stop
    return (shown + _piece(text[at:])).strip()


def _joined(marks: Spans, end: int) -> list[tuple[int, int]]:
    """The spans up to ``end``, those that touch made one: four asterisks in a row would be no format at all."""
    joined: list[tuple[int, int]] = []
    for start, stop in marks:
        start, stop = max(0, start), min(stop, end)
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(stop, joined[-1][1]))
        elif start < stop:
            joined.append((start, stop))
    return joined


def _piece(text: str) -> str:
    """Escaped, with a space at each side that had one."""
    shown = inert(text.strip())
    if not shown:
        return " " if text.isspace() else ""
    return f"{' ' * (text[:1].isspace())}{shown}{' ' * (text[-1:].isspace())}"
