from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.topics import REAL, SAMPLES, stored_days
from papers.paper import Paper
from papers.text import sentences
from summaries.extractive import LIMIT, extract

TITLE = "Sketch: Plans That Draw Themselves"
ABSTRACT = (
    "Planning remains hard for language models. However, existing planners (Smith et al., 2020) fail on long tasks [3, 4]. "
    "To address this gap, we propose Sketch, a planner that draws its plan before it acts. "
    "It is trained on 12k mazes with i.i.d. noise, e.g. walls of Fig. 3. "
    "Extensive experiments on Maze and Tower show that Sketch improves success by 4.5 points over GPT-4. "
    "Code is available at https://example.org/sketch."
)
JOINS = (
    "However",
    "Moreover",
    "Furthermore",
    "Additionally",
    "Therefore",
    "Thus",
    "Hence",
    "Consequently",
    "Specifically",
    "Finally",
)
POINTS_BACK = re.compile(
    rf"(?:{'|'.join(JOINS)})\b|(?:It|They|These|Those|This(?! (?:\w+ )?(?:paper|work|study|survey|report)))\b"
)
CITED = re.compile(r"\\cite|\[\d+(?:, ?\d+)*\]|et al\.?,? \(?(?:19|20)\d\d|\([A-Z]\w+,? (?:19|20)\d\d\)")
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def test_it_tells_what_was_done_and_with_what_result_in_order() -> None:
    assert extract(TITLE, ABSTRACT, sentences=2) == (
        "Sketch is a planner that draws its plan before it acts. Sketch improves success by 4.5 points over GPT-4."
    )


@pytest.mark.parametrize("limit", [30, 60, 120, 230, 350])
def test_within_a_limit_it_says_what_fits(limit: int) -> None:
    said = extract(TITLE, ABSTRACT, limit)
    assert 0 < len(said) <= limit
    assert said.startswith("Sketch")


@pytest.mark.parametrize(
    ("abstract", "said"),
    [
        ("In this paper, we introduce a new way to plan.", "We introduce a new way to plan."),
        ("This paper studies how models plan on paper.", "We study how models plan on paper."),
        ("However, this work directly addresses planning in mazes.", "We directly address planning in mazes."),
        ("Plans fail. Furthermore, we propose minPlan, a planner of three lines.", "minPlan is a planner of three lines."),
        ("We present Sketch (Drawn Plans), which draws plans.", "Sketch (Drawn Plans) draws plans."),
        ("We present Sketch, a planner, and show that it draws.", "We present Sketch, a planner, and show that it draws."),
        ("This work focuses on plans.", "We focus on plans."),
        ("We present Pen and Ink, a suite of planners.", "We present Pen and Ink, a suite of planners."),
        ("This survey provides a view and identifies limits.", "This survey provides a view and identifies limits."),
        ("Our work shows that plans help and suggests to draw.", "Our work shows that plans help and suggests to draw."),
        ("Results suggest that planning is overrated.", "Results suggest that planning is overrated."),
    ],
)
def test_what_leads_in_goes_and_what_is_left_is_a_sentence(abstract: str, said: str) -> None:
    assert extract("", abstract, sentences=1) == said


@pytest.mark.parametrize(
    ("abstract", "said"),
    [
        (r"We beat others \cite{smith2020}, even \citep[p.~3]{jones} on mazes.", "We beat others, even on mazes."),
        ("We build on plans [12], [3-5] and [?] in mazes [1, 2].", "We build on plans, and in mazes."),
        ("We plan like people (Smith et al., 2020; Jones, 2021a) do.", "We plan like people do."),
        ("We follow Smith et al. (2020) in mazes.", "We follow Smith et al. in mazes."),
        ("We sample steps in [0, 1] and walls in [5, 10].", "We sample steps in [0, 1] and walls in [5, 10]."),
        (r"We run 3times faster, at sim5 Hz, with $\tau^2$ mazes.", "We run 3× faster, at ~5 Hz, with τ² mazes."),
        ("We reach 1.20times the speed of **Maze** (see https://example.org/maze).", "We reach 1.20× the speed of Maze."),
    ],
)
def test_citations_go_and_tex_is_readable_and_numbers_stay(abstract: str, said: str) -> None:
    assert extract("", abstract) == said


def test_a_sentence_that_is_too_long_ends_at_a_clause() -> None:
    long = (
        "We propose to plan by drawing mazes on paper first, which " + "lets a model look at its own plan again and " * 9 + "act."
    )
    assert extract("", long) == "We propose to plan by drawing mazes on paper first."


def test_without_a_whole_sentence_that_fits_it_is_clipped() -> None:
    said = extract("", "We plan " + "mazes upon " * 60 + "mazes.", 100)
    assert said.startswith("We plan mazes")
    assert said.endswith("…")
    assert len(said) <= 100


def test_it_points_back_only_to_the_sentence_before() -> None:
    said = extract("", "We propose Sketch, a planner. It draws its plan and acts upon what was drawn.", 350)
    assert said == "Sketch is a planner. It draws its plan and acts upon what was drawn."
    assert (
        extract("", "Walls are hard to plan around. It is known. We propose to plan around walls with drawings.", sentences=1)[:2]
        == "We"
    )


def test_no_abstract_gives_no_summary() -> None:
    assert extract(TITLE, "") == ""
    assert extract(TITLE, " \n ") == ""


def test_an_abstract_of_a_link_alone_still_says_something() -> None:
    assert extract("", "Code is available at https://example.org/sketch.") == "Code is available."
    assert extract("", "https://example.org/sketch")


def _papers() -> list[Paper]:
    folders = [SAMPLES, *([REAL] if REAL.is_dir() else [])]
    return [paper for folder in folders for papers in stored_days(folder).values() for paper in papers if paper.abstract]


@pytest.mark.parametrize("limit", [LIMIT, 230, 100])
def test_every_stored_paper_has_a_summary_as_it_should_be(limit: int) -> None:
    """All papers of all stored days, where a checkout has them beside it; those of the samples everywhere."""
    papers = _papers()
    assert len(papers) > 50
    for paper in papers:
        said = extract(paper.title, paper.abstract, limit)
        assert 0 < len(said) <= limit, paper.id
        assert len(sentences(said)) <= 3, (paper.id, said)
        assert not POINTS_BACK.match(said), (paper.id, said)
        assert not CITED.search(said), (paper.id, said)
        assert re.search(r"[.!?…][\"”’')]?$", said), (paper.id, said)
        assert set(NUMBER.findall(said)) <= set(NUMBER.findall(paper.abstract)), (paper.id, said)
        assert "://" not in said, (paper.id, said)


@given(st.text(), st.text(), st.integers(-1, 400), st.integers(-1, 4))
def test_any_text_gives_something_within_the_limit(title: str, abstract: str, limit: int, most: int) -> None:
    said = extract(title, abstract, limit, most)
    assert len(said) <= max(limit, 0)
    assert len(said.splitlines()) <= 1


PIECES = (
    *(
        "We propose X, a",
        "However,",
        "In this paper, we",
        "(",
        ")",
        "[12]",
        r"\cite{",
        "}",
        "$",
        "3times",
        "which uses",
        "; ",
        ", ",
    ),
    *(". ", "It", "et al.", "Fig. 3", "https://x.y/{", "a planner", "To address this,", "we show that", "**", "`", "~", "…", "“"),
)


@given(st.lists(st.sampled_from(PIECES), max_size=60).map(" ".join), st.integers(1, 200))
def test_whatever_is_put_together_it_is_one_line_within_the_limit(abstract: str, limit: int) -> None:
    said = extract("X", abstract, limit)
    assert len(said) <= limit
    assert bool(said) == bool(abstract.strip())
