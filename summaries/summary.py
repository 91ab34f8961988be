"""Summary: a paper in a few sentences, and what a reader is told of where they came from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from papers.language import _


class Origin(StrEnum):
    """The rung of the ladder that a summary stands on, best first."""

    SOURCE = "source"
    MODEL = "model"
    EXTRACT = "extract"


class Depth(StrEnum):
    """What a summary was made of: the abstract, or the paper's whole text."""

    ABSTRACT = "abstract"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Summary:
    """``text`` is plain, on one line: what a digest or a card shows.

    ``model`` and ``sections`` are a model's only: its name, and heading and text of each part, in order ("What is new", "How",
    "Results", "Limits", "For whom": in English, and translated where they are shown), as far as it said something there.
    ``note`` is one sentence on why this is a lower rung than asked for, or empty.
    """

    text: str
    origin: Origin
    model: str = ""
    depth: Depth = Depth.ABSTRACT
    sections: tuple[tuple[str, str], ...] = ()
    note: str = ""

    @property
    def label(self) -> str:
        """Where it came from, in words a reader can be shown, in the language spoken."""
        if self.origin is Origin.SOURCE:
            return _("from Hugging Face")
        if self.origin is Origin.EXTRACT:
            return _("extracted from the abstract")
        if self.depth is Depth.FULL:
            return _("by {model}, from the whole paper").format(model=self.model)
        return _("by {model}, from the abstract").format(model=self.model)
