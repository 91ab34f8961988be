"""The best summary of a paper that is here already: the source's own, else a model's, else sentences of the abstract."""

from __future__ import annotations

from dataclasses import replace

from papers.paper import Paper
from papers.text import opening
from summaries.extractive import extract
from summaries.summary import Origin, Summary


def summary(paper: Paper, limit: int, made: Summary | None = None) -> Summary | None:
    """A few sentences within ``limit`` characters; None for a paper without an abstract, of which nobody told or made one.

    ``made`` is what a model made of this paper, where one did. Nothing is waited for.
    """
    if paper.source_summary:
        return Summary(opening(paper.source_summary, limit), Origin.SOURCE)
    if made and made.text:
        return replace(made, text=opening(made.text, limit))
    text = extract(paper.title, paper.abstract, limit)
    return Summary(text, Origin.EXTRACT) if text else None
