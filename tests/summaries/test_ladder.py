from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from summaries.ladder import summary
from summaries.summary import Depth, Origin, Summary
from tests.factories import paper

ABSTRACT = "Plans are hard. We propose Sketch, a model that plans by drawing. It gains 4.5 points on Maze."
MADE = Summary("Sketch plans by drawing.", Origin.MODEL, "some-model", sections=(("How", "By drawing."),))


def test_the_sources_own_summary_comes_first() -> None:
    told = summary(paper(source_summary="Short.", abstract=ABSTRACT), 100, MADE)
    assert told == Summary("Short.", Origin.SOURCE)
    assert told.label == "from Hugging Face"


def test_without_one_a_models_comes_next_with_all_its_parts() -> None:
    assert summary(paper(source_summary="", abstract=ABSTRACT), 100, MADE) == MADE


def test_a_models_summary_is_cut_at_a_sentence_and_stays_a_models() -> None:
    made = Summary("One thing. " + "Another thing. " * 20, Origin.MODEL, "some-model", Depth.FULL)
    told = summary(paper(source_summary="", abstract=ABSTRACT), 30, made)
    assert told is not None
    assert (told.text, told.label) == ("One thing. Another thing.", "by some-model, from the whole paper")


@pytest.mark.parametrize("made", [None, Summary("", Origin.MODEL, "some-model")])
def test_without_either_the_abstract_says_what_was_done(made: Summary | None) -> None:
    told = summary(paper(title="Sketch: Plans", source_summary="", abstract=ABSTRACT), 230, made)
    assert told is not None
    assert told.origin is Origin.EXTRACT
    assert told.label == "extracted from the abstract"
    assert "Sketch" in told.text
    assert not told.text.startswith("Plans are hard.")


def test_a_paper_with_nothing_to_tell_has_no_summary() -> None:
    assert summary(paper(source_summary="", abstract=""), 100) is None


@given(st.text(), st.text(), st.integers(1, 400), st.booleans())
def test_every_rung_stays_within_the_limit(title: str, text: str, limit: int, by_source: bool) -> None:
    told = summary(paper(title=title, source_summary=text if by_source else "", abstract=text), limit)
    assert told is None or len(told.text) <= limit
