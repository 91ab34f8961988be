"""The summaries of a list: below each title with a sign of where it came from, and what the signs mean at the list's foot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from papers.language import _
from papers.paper import Paper
from papers.subscription import Summaries
from summaries.ladder import summary
from summaries.summary import Origin, Summary
from views.limits import inert

SHORT = 230  # characters at most, before what escapes them
FULL = 350
_SIGNS = {Origin.SOURCE: "", Origin.MODEL: "✦", Origin.EXTRACT: "✎"}
_LABEL = 80  # a model's name may be any
_WORTH_A_SECTION = 60  # characters of room


class Told:
    """Writes the summaries of one list, and remembers which it has written. ``made`` are those by models, by the paper's id."""

    def __init__(self, made: Mapping[str, Summary], how_much: Summaries = Summaries.SHORT) -> None:
        self._made = made
        self._how_much = how_much
        self._shown: list[Summary] = []

    def below(self, paper: Paper) -> Callable[[int], str]:
        """Writes what stands below a paper's title, within so many characters of markup; perhaps nothing."""
        return lambda room: self._write(paper, room)

    def legend(self) -> str:
        """ "Summaries: 3 from Hugging Face · ✎ 2 extracted from the abstract"; nothing where none was written."""
        if not self._shown:
            return ""
        order = list(_SIGNS)
        counts = Counter((order.index(each.origin), _labelled(each)) for each in self._shown)
        parts = [(_SIGNS[order[rank]], count, label) for (rank, label), count in sorted(counts.items())]
        if len(parts) == 1:
            sign, _count, label = parts[0]
            return f"{sign} {_('Summaries {source}').format(source=label)}".strip()
        each = " · ".join(f"{sign}\u00a0{count} {label}".strip() for sign, count, label in parts)
        return _("Summaries: {sources}").format(sources=each)

    def _write(self, paper: Paper, room: int) -> str:
        if self._how_much is Summaries.NONE:
            return ""
        is_full = self._how_much is Summaries.FULL
        told = summary(paper, min(room - 2, FULL if is_full else SHORT), self._made.get(paper.id))
        if told is None or not told.text:
            return ""
        self._shown.append(told)
        sign = _SIGNS[told.origin]
        text = inert(told.text, room - 2) + (f"\u00a0{sign}" if sign else "")
        return text + (sections(told, room - len(text)) if is_full else "")


def sections(told: Summary, room: int) -> str:
    """A model's sections, each on a line of its own, as far as ``room`` characters go; the last may be clipped."""
    text = ""
    for heading, body in told.sections:
        lead = f"\n**{inert(_(heading), 40)}.** "
        left = room - len(text) - len(lead)
        if left < _WORTH_A_SECTION:
            break
        text += f"{lead}{inert(body, left)}"
    return text


def whose(told: Summary, room: int) -> str:
    """ "Summary from Hugging Face"; of what it came from, ``room`` characters."""
    return _("Summary {source}").format(source=inert(told.label, room))


def _labelled(told: Summary) -> str:
    return inert(told.label, _LABEL)
