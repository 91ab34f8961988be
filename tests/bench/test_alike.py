"""Papers alike by their keywords."""

from __future__ import annotations

import math

import pytest

from bench.alike import Alikeness
from papers.paper import Paper


def made(number: int, *keywords: str) -> Paper:
    return Paper(id=f"2606.0000{number}", title=f"Paper {number}", keywords=keywords, source_summary="told by the source")


PAPERS = [
    made(1, "World Models", "planning", "robots"),
    made(2, "world model", "Planning", "vision"),
    made(3, "robots", "speech", "sound"),
    made(4, "alone"),
    made(5),
]


def test_the_grade_is_the_weight_of_what_is_shared() -> None:
    told = Alikeness.of(PAPERS)
    two_of_four, one_of_four = math.log(4 / 2), math.log(4)
    assert told.grades["2606.00001"] == pytest.approx({"2606.00002": 2 / 3, "2606.00003": 1 / 3})
    assert told.grades["2606.00003"] == pytest.approx({"2606.00001": two_of_four / (two_of_four + 2 * one_of_four)})
    assert told.close["2606.00001"] == {"2606.00002": 1.0}


def test_who_shares_nothing_or_has_few_keywords_is_not_asked_about() -> None:
    assert sorted(Alikeness.of(PAPERS).grades) == ["2606.00001", "2606.00002", "2606.00003"]


def test_nobody_can_look_the_keywords_up() -> None:
    told = Alikeness.of(PAPERS)
    assert len(told.papers) == len(PAPERS)
    assert not any(paper.keywords or paper.source_summary for paper in told.papers)
