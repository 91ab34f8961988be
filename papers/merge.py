"""One paper told twice, by two sources or on two mornings, becomes one record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace

from papers.paper import Paper

_ARXIV = "arxiv"
_ARXIV_KNOWS_BEST = ("title", "abstract", "authors", "categories")


def merged(known: Paper, told: Paper) -> Paper:
    """``known`` brought up to date by ``told``: what was told replaces what was known, what was left out stays.

    A source that has no votes must not erase another's, and one whose summaries are out for a month
    (as in July 2026) must not erase those we have. Days add up. What arXiv told of its own papers another source does not
    replace, or the two would take turns all day; of two dates the earlier one is when the paper was submitted.
    """
    news = {f.name: value for f in fields(Paper) if (value := getattr(told, f.name)) not in (None, "", (), 0)}
    for days_or_names in ("featured_on", "listed_by"):
        news[days_or_names] = tuple(sorted({*getattr(known, days_or_names), *getattr(told, days_or_names)}))
    if _ARXIV in news["listed_by"]:
        if _ARXIV not in told.listed_by:
            news = {name: value for name, value in news.items() if name not in _ARXIV_KNOWS_BEST or not getattr(known, name)}
        news["published_at"] = min(filter(None, (known.published_at, told.published_at)), default=None)
        news["version"] = max(filter(None, (known.version, told.version)), default=None)
    return replace(known, **news)


def unique(papers: Iterable[Paper]) -> list[Paper]:
    """Each id once, in order of first appearance; repeated ids are merged."""
    found: dict[str, Paper] = {}
    for paper in papers:
        found[paper.id] = merged(found[paper.id], paper) if paper.id in found else paper
    return list(found.values())
