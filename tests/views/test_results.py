"""What a search shows: its order in words, what it mended, and the way out where it found nothing."""

from __future__ import annotations

from dataclasses import replace

import discord
from hypothesis import given
from hypothesis import strategies as st

from papers.paper import Paper
from search.results import Alike, Hit, Nearly, Results, Sort
from tests.factories import paper
from tests.views.test_views import NASTY, PAPERS, TEXT, check, shown
from views.buttons import Press
from views.pager import ROOM_FOR_REFERENCE, page_address, page_value
from views.results import Asked, results_page, shared_results
from views.selects import Choose
from views.similar import reason, shared_similar, similar_page

FOUND = Results("difusion", (Hit(paper(), 2.0, "It is a diffusion model.", ((8, 17),)),), total=120, reachable=50)


def presses(view: discord.ui.LayoutView) -> dict[str | None, tuple[str, str]]:
    return {item.item.label: (item.verb, item.value) for item in view.walk_children() if isinstance(item, Press)}


@given(st.sampled_from(Sort), st.booleans(), st.integers(0, 9_999), st.text(max_size=ROOM_FOR_REFERENCE))
def test_a_button_carries_the_whole_question(sort: Sort, as_typed: bool, page: int, reference: str) -> None:
    asked = Asked(reference, sort, as_typed, page)
    assert Asked.in_button(asked.value("n")) == asked


@given(st.text(max_size=100))
def test_any_button_value_is_some_question(value: str) -> None:
    assert Asked.in_button(value).page >= 0


def test_buttons_of_older_messages_still_mean_the_same() -> None:
    assert Asked.in_button("n1:agents") == Asked("agents", page=1)
    assert Asked.in_button("f0:#0123456789abcdef") == Asked("#0123456789abcdef")


@given(st.lists(PAPERS, max_size=5, unique_by=lambda p: p.id), TEXT, st.integers(0, 9))
def test_every_page_fits_with_all_there_is_to_say(papers: list[Paper], typed: str, page: int) -> None:
    hits = tuple(Hit(each, 1.0, each.abstract[:300], ((0, 3), (5, 9))) for each in papers)
    results = Results(typed, hits, 10_000, 50, typed or None, note=typed, nearly=(Nearly(typed, 3), Nearly("votes:>5", 1)))
    asked = Asked("x" * ROOM_FOR_REFERENCE, Sort.VOTES, as_typed=True, page=page)
    check(results_page(results, asked, {"votes:>5": "y" * ROOM_FOR_REFERENCE, typed: "z"}, can_share=True))
    if hits:
        check(shared_results(results, asked, 2**63))


def test_the_head_tells_how_many_there_are_and_their_order() -> None:
    text = shown(results_page(FOUND, Asked("difusion")))
    assert text.startswith("### Results for “difusion”\n-# 120 papers, the best 50 of them here · by relevance; newer")
    assert "It is a **diffusion** model." in text
    assert "8\u00a0Jun\u00a02026" in text
    assert "· newest first" in shown(results_page(FOUND, Asked("difusion", Sort.NEWEST)))
    assert "· most votes first" in shown(results_page(FOUND, Asked("difusion", Sort.VOTES)))


def test_a_mended_question_is_said_and_can_be_asked_as_typed() -> None:
    view = results_page(replace(FOUND, corrected="diffusion"), Asked("difusion", Sort.VOTES))
    assert shown(view).startswith("### Showing results for **diffusion**")
    verb, value = presses(view)["Search “difusion” instead"]
    assert (verb, Asked.in_button(value)) == ("search", Asked("difusion", Sort.VOTES, as_typed=True))


def test_the_pages_turn_and_the_page_is_shared_from_the_same_row() -> None:
    view = results_page(FOUND, Asked("q", page=3), can_share=True)
    row = next(item for item in view.walk_children() if isinstance(item, discord.ui.ActionRow) and len(item.children) > 1)
    assert [item.item.label for item in row.children if isinstance(item, Press)] == ["⏮", "◀", "4 / 10", "▶", "Share here"]
    assert presses(view)["Share here"] == ("sharesearch", "s3:q")
    assert "Share here" not in presses(results_page(FOUND, Asked("q", page=3)))


def test_a_shared_page_is_signed_and_leads_to_the_rest() -> None:
    view = shared_results(FOUND, Asked("q", Sort.VOTES, page=3), 7)
    assert shown(view).endswith("-# shared by <@7>")
    assert presses(view)["All 50 results"] == ("search", "o0v:q")
    assert not {"⏮", "▶", "Share here"} & set(presses(view))


def test_where_nothing_is_found_the_condition_that_empties_it_can_be_left_out() -> None:
    nearly = (Nearly("votes:>900", 14), Nearly("since:1d", 1), Nearly(NASTY, 2))
    view = results_page(Results("video votes:>900 since:1d", (), 0, 0, nearly=nearly), Asked("x"), {"votes:>900": "video"})
    text = shown(view)
    assert text.startswith("Nothing found for “video votes:\\>900 since:1d”.\nWithout **votes:\\>900** there are 14 papers.")
    assert "Without **since:1d** there is 1 paper." in text
    assert "@everyone" not in text.replace("\\@everyone", "")
    assert presses(view) == {"Search without votes:>900": ("search", "w0:video")}


def test_a_paper_that_was_not_read_is_a_link_away() -> None:
    view = results_page(Results("1706.03762", (), 0, 0, unknown_id="1706.03762"), Asked("x"))
    (link,) = [item for item in view.walk_children() if isinstance(item, discord.ui.Button)]
    assert link.url == "https://arxiv.org/abs/1706.03762"
    strange = results_page(Results("x", (), 0, 0, unknown_id="x) [evil](https://evil.example"), Asked("x"))
    assert not [item for item in strange.walk_children() if isinstance(item, discord.ui.Button)]


def test_similar_papers_tell_what_they_share() -> None:
    found = [Alike(paper(n), ("world model", "latent planning")) for n in range(2, 9)]
    view = similar_page(paper(1), found, 1, can_share=True)
    assert shown(view).count("-# shares *world model*, *latent planning*") == 2
    assert presses(view)["◀"] == ("similar", "p0:2606.00001")
    (select,) = [item for item in view.walk_children() if isinstance(item, Choose)]
    assert [option.value for option in select.item.options] == ["2606.00007", "2606.00008"]
    assert "Nothing like" in shown(similar_page(paper(1), [], 0))


@given(st.lists(TEXT, max_size=8))
def test_a_reason_fits_and_is_whole(terms: list[str]) -> None:
    assert len(reason(terms)) <= 180
    assert reason(["**", "a_b"]) == r"shares *\*\**, *a\_b*"


@given(PAPERS, st.lists(PAPERS, min_size=1, max_size=12, unique_by=lambda p: p.id), st.lists(TEXT, max_size=5), st.integers(0, 9))
def test_every_page_of_similar_papers_fits(one: Paper, papers: list[Paper], shared: list[str], page: int) -> None:
    found = [Alike(each, tuple(shared)) for each in papers]
    check(similar_page(one, found, page, can_share=True))
    check(shared_similar(one, found, page, 2**63))


@given(st.from_regex(r"[a-z]", fullmatch=True), st.integers(0, 9_999), st.from_regex(r"[a-z]{0,4}", fullmatch=True), TEXT)
def test_what_a_page_button_carries_is_read_again(sign: str, page: int, flags: str, reference: str) -> None:
    assert page_address(page_value(sign, page, reference, flags)) == (page, reference)
