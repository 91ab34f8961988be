"""The sentences a digest shows of a paper: the source's own where it has them, else the abstract's first."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from papers.paper import Paper
from papers.text import opening


class Origin(StrEnum):
    """Where a summary came from, in words a reader can be shown."""

    SOURCE = "from the source"
    ABSTRACT = "the abstract’s first sentences"


@dataclass(frozen=True, slots=True)
class Summary:
    text: str
    origin: Origin


def summary(paper: Paper, limit: int) -> Summary | None:
    """One or two sentences within ``limit`` characters; None for a paper with neither summary nor abstract."""
    if paper.source_summary:
        return Summary(opening(paper.source_summary, limit), Origin.SOURCE)
    if paper.abstract:
        return Summary(opening(paper.abstract, limit), Origin.ABSTRACT)
    return None
