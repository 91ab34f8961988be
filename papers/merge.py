"""One paper told twice, by two sources or on two mornings, becomes one record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace

from papers.paper import Paper


def merged(known: Paper, told: Paper) -> Paper:
    """``known`` brought up to date by ``told``: what was told replaces what was known, what was left out stays.

    A source that has no votes must not erase another's, and one whose summaries are out for a month
    (as in July 2026) must not erase those we have. Days add up.
    """
    news = {f.name: value for f in fields(Paper) if (value := getattr(told, f.name)) not in (None, "", (), 0)}
    for days_or_names in ("featured_on", "listed_by"):
        news[days_or_names] = tuple(sorted({*getattr(known, days_or_names), *getattr(told, days_or_names)}))
    return replace(known, **news)


def unique(papers: Iterable[Paper]) -> list[Paper]:
    """Each id once, in order of first appearance; repeated ids are merged."""
    found: dict[str, Paper] = {}
    for paper in papers:
        found[paper.id] = merged(found[paper.id], paper) if paper.id in found else paper
    return list(found.values())
