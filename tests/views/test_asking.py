"""Summaries, answers and comparisons fit Discord's limits and mean nothing but themselves, whatever paper, question or model."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from papers.paper import Paper
from search.passages import Passage
from search.similar import Terms
from summaries.asked import Answer
from summaries.compare import compare
from summaries.summary import Depth, Origin, Summary
from tests.factories import paper
from tests.views.test_views import NASTY, PAPERS, TEXT, check, shown
from views.ask import QUESTION, answer_page, growing_answer, passages_page, question_form
from views.buttons import Press
from views.compare import compare_page
from views.limits import CUSTOM_ID
from views.pager import ROOM_FOR_REFERENCE
from views.summary import growing_page, shared_summaries, summaries_page, summary_page

LONG = TEXT.map(lambda text: text * 5)
SUMMARIES = st.builds(
    Summary,
    text=LONG.filter(lambda text: bool(text.strip())),
    origin=st.sampled_from(Origin),
    model=TEXT,
    depth=st.sampled_from(Depth),
    sections=st.lists(st.tuples(TEXT, LONG), max_size=8).map(tuple),
    note=TEXT,
)
PASSAGES = st.lists(st.builds(Passage, text=LONG.filter(bool), section=TEXT), max_size=12)
ASKED = TEXT.map(lambda text: text[:QUESTION])
NOTHING = Terms({}, frozenset(), ())


def labels(view: object) -> set[str | None]:
    return {item.item.label for item in view.walk_children() if isinstance(item, Press)}  # type: ignore[attr-defined]


@given(PAPERS, st.none() | SUMMARIES, st.booleans())
def test_every_summary_fits(found: Paper, summary: Summary | None, is_waiting: bool) -> None:
    check(summary_page(found, summary, waiting=NASTY if is_waiting else "", can_share=True, can_deepen=True))


@given(PAPERS, LONG)
def test_every_summary_that_is_being_written_fits(found: Paper, text: str) -> None:
    check(growing_page(found, text, NASTY * 4))
    check(growing_answer(found, text[:QUESTION], text, NASTY * 4))


@given(st.lists(PAPERS, min_size=1, max_size=10, unique_by=lambda p: p.id), SUMMARIES, st.integers(0, 9), st.booleans())
def test_every_page_of_summaries_fits(papers: list[Paper], summary: Summary, page: int, is_waiting: bool) -> None:
    found = {each.id: summary for each in papers[::2]}
    reference = "x" * ROOM_FOR_REFERENCE
    check(summaries_page(papers, found, page, reference, waiting=NASTY if is_waiting else "", can_share=True))
    check(shared_summaries(papers, found, page, reference, 2**63))


@given(PAPERS, ASKED, PASSAGES, st.booleans())
def test_every_list_of_passages_fits(found: Paper, question: str, passages: list[Passage], is_waiting: bool) -> None:
    waiting = NASTY if is_waiting else ""
    check(passages_page(found, question, passages, {"bold", "click"}, said="No model. " * 20, waiting=waiting, can_share=True))


@given(PAPERS, ASKED, st.lists(st.tuples(LONG, st.none() | st.integers(-1, 13)), max_size=9), PASSAGES, st.booleans(), TEXT)
def test_every_answer_fits(
    found: Paper, question: str, said: list[tuple[str, int | None]], passages: list[Passage], is_said: bool, model: str
) -> None:
    answer = Answer(tuple(said), is_said=is_said, model=model)
    if is_said and not any(text.strip() for text, _ in said):
        return  # that an answer says nothing is not said to be one
    check(answer_page(found, question, answer, passages, is_whole=True, can_share=True))


@given(PAPERS, PAPERS, TEXT, st.booleans())
def test_every_comparison_fits(one: Paper, other: Paper, words: str, is_waiting: bool) -> None:
    if one.id == other.id:
        return
    found = compare(one, other, NOTHING, NOTHING)
    reference = "x" * ROOM_FOR_REFERENCE
    waiting = NASTY if is_waiting else ""
    check(compare_page(found, reference, words=words, label=NASTY, waiting=waiting, can_say=True, can_share=True))


@given(PAPERS)
def test_every_form_fits(found: Paper) -> None:
    form = question_form(found)
    assert len(form.title) <= 45
    assert len(form.custom_id) <= CUSTOM_ID


def test_nothing_of_a_models_means_anything() -> None:
    evil = Summary(NASTY, Origin.MODEL, NASTY, Depth.FULL, ((NASTY, NASTY),), NASTY)
    answer = Answer(((NASTY, 0),), is_said=True, model=NASTY)
    found = paper(title="T")
    for view in (
        summary_page(found, evil),
        growing_page(found, f"{NASTY}\n# {NASTY}", NASTY),
        answer_page(found, NASTY, answer, [Passage(NASTY, NASTY)], is_whole=False),
        compare_page(compare(found, paper(2, title="U"), NOTHING, NOTHING), "r", words=NASTY, label=NASTY),
    ):
        text = shown(view).replace("https://arxiv.org", "")
        assert "@everyone" not in text.replace("\\@everyone", "")
        assert "https://" not in text
        assert "<@1>" not in text
        assert "**bold**" not in text.replace("\\*\\*bold\\*\\*", "")


def test_an_answers_numbers_follow_its_sentences() -> None:
    passages = [Passage("First."), Passage("Second.", "2 Data"), Passage("Third.", "3 Method")]
    answer = Answer((("It is so.", 2), ("And so.", 0), ("Again.", 2)), is_said=True, model="m")
    text = shown(answer_page(paper(), "why?", answer, passages, is_whole=False))
    assert "It is so.¹ And so.² Again.¹" in text
    assert "> Third.\n-# ¹ 3 Method\n> First.\n-# ² Abstract" in text
    assert "Second" not in text


def test_while_something_is_made_there_is_nothing_to_press() -> None:
    found = Summary("It is so.", Origin.EXTRACT)
    assert labels(summary_page(paper(), found, waiting="Asking …", can_share=True)) == set()
    assert labels(summary_page(paper(), found, can_share=True, can_deepen=True)) == {
        "Read the whole paper",
        "Open",
        "Ask a question",
        "Share here",
    }
