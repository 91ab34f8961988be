"""Summaries in digests and on cards: as much of them as was asked for, labelled with where they came from, within limits."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from digests.editions import edition_on
from digests.plan import Digest, plan
from papers.paper import Paper
from papers.subscription import Summaries
from papers.topic import Topic
from summaries.summary import Depth, Origin, Summary
from tests.factories import DAY, paper, subscription
from tests.views.test_living import ROLE, digests
from tests.views.test_views import MARK, NASTY, PAPERS, TEXT, check, shown
from views.digest import digest_message, paper_post, previewed
from views.follow import inbox_page
from views.listing import Listing, day_page
from views.paper import card, shared_card
from views.summaries import FULL, SHORT, Told

MADE = st.builds(
    Summary,
    text=TEXT.filter(bool),
    origin=st.just(Origin.MODEL),
    model=TEXT,
    depth=st.sampled_from(Depth),
    sections=st.lists(st.tuples(TEXT, TEXT), max_size=6).map(tuple),
)
BY_MODEL = Summary("It plans ahead.", Origin.MODEL, "some-model", sections=(("How", "By trees."), ("Limits", "It is slow.")))
OWN = paper(1, source_summary="The source says so.")
BARE = paper(2, title="Bare")
THIRD = paper(3, title="Third")


def digest_of(*papers: Paper, summaries: Summaries = Summaries.SHORT, made: dict[str, Summary] | None = None) -> Digest:
    order = subscription(size=8, summaries=summaries)
    whole = plan(edition_on(order, DAY), papers, seen=())
    return replace(whole, papers=papers, summaries=made or {})


@given(digests(), st.sampled_from(Summaries), st.data())
def test_every_digest_fits_however_much_is_told(whole: Digest, how_much: Summaries, data: st.DataObject) -> None:
    order = replace(whole.edition.subscription, summaries=how_much)
    made = {each.id: data.draw(MADE) for each in whole.papers if data.draw(st.booleans())}
    found = replace(whole, edition=replace(whole.edition, subscription=order), summaries=made)
    check(digest_message(found, MARK, ROLE))
    check(previewed(found))
    if found.papers:
        check(inbox_page(found, 1, 3))
    for each in found.papers[:1]:
        check(paper_post(found, each, MARK, ROLE))


@given(PAPERS, st.none() | MADE)
def test_every_card_fits_with_a_models_summary(found: Paper, made: Summary | None) -> None:
    check(card(found, made, can_share=True))
    check(shared_card(found, ROLE, made))


def test_each_summary_carries_where_it_came_from_and_the_foot_says_what_the_signs_mean() -> None:
    text = shown(digest_message(digest_of(OWN, BARE, THIRD, made={BARE.id: BY_MODEL}), MARK))
    assert "The source says so.\n" in text  # without a sign
    assert "It plans ahead.\u00a0✦\n" in text
    assert "It works.\u00a0✎\n" in text
    foot = (
        "-# Summaries: 1 from Hugging Face · ✦\u00a01 by some-model, from the abstract · ✎\u00a01 extracted from the abstract\n"
    )
    assert foot in text


def test_where_all_came_from_one_place_the_foot_is_short() -> None:
    assert "\n-# Summaries from Hugging Face\n" in shown(digest_message(digest_of(OWN), MARK))
    assert "\n-# ✎ Summaries extracted from the abstract\n" in shown(digest_message(digest_of(BARE, THIRD), MARK))


def test_a_list_without_a_foot_says_it_among_the_facts() -> None:
    text = shown(day_page(Listing("today", "2026-06-10/x", "Today’s papers", Topic.parse("everything")), [OWN, BARE], 0))
    own, bare = text.split("Bare")
    assert "✎" not in own
    assert "It works.\n-# arXiv 2606.00002 · ✎ extracted" in bare


def test_none_leaves_titles_and_figures() -> None:
    text = shown(digest_message(digest_of(OWN, replace(BARE, votes=9), summaries=Summaries.NONE, made={BARE.id: BY_MODEL}), MARK))
    assert "Bare" in text
    assert "▲ 9" in text
    for absent in ("The source says so", "It plans ahead", "We study", "Summaries"):
        assert absent not in text


def test_a_models_sections_are_shown_in_full_alone_and_as_room_allows() -> None:
    def told(how_much: Summaries, room: int) -> str:
        return Told({BARE.id: BY_MODEL}, how_much).below(BARE)(room)

    assert told(Summaries.SHORT, 900) == "It plans ahead.\u00a0✦"
    assert told(Summaries.FULL, 900) == "It plans ahead.\u00a0✦\n**How.** By trees.\n**Limits.** It is slow."
    assert told(Summaries.FULL, 60) == "It plans ahead.\u00a0✦"


def test_full_is_longer_than_short_and_both_end_with_a_sentence() -> None:
    sentence = "This result number {} holds on all twelve of the benchmarks that were tried here."
    long = paper(4, source_summary=" ".join(sentence.format(n) for n in range(9)))
    short, full = (Told({}, how_much).below(long)(2_000) for how_much in (Summaries.SHORT, Summaries.FULL))
    assert len(short) <= SHORT < len(full) <= FULL
    assert short.endswith(".")
    assert full.endswith(".")


def test_what_a_model_says_means_nothing_but_itself() -> None:
    nasty = Summary(NASTY, Origin.MODEL, NASTY, sections=((NASTY, NASTY),))
    text = shown(digest_message(digest_of(BARE, summaries=Summaries.FULL, made={BARE.id: nasty}), MARK))
    text += shown(card(BARE, nasty))
    for meaning in ("@everyone", "](https://evil", "<@1>", "||spoiler||", " https://evil"):
        assert meaning not in text.replace("\\" + meaning[0], "")


def test_a_card_says_in_full_where_its_summary_came_from() -> None:
    assert "The source says so.\n-# Summary from Hugging Face" in shown(card(OWN))
    deep = replace(BY_MODEL, depth=Depth.FULL)
    assert "It plans ahead.\n-# Summary by some-model, from the whole paper" in shown(card(BARE, deep))
    assert "Summary" not in shown(card(BARE))  # its abstract is hardly longer
    long = replace(BARE, abstract="We study thing 2. " + "It has many sides to it that matter. " * 40 + "It works best of all.")
    assert "\n-# Summary extracted from the abstract" in shown(card(long))


def test_the_longest_post_about_one_paper_fits() -> None:
    people = {"authors": ("*" * 90,) * 9, "organisation": "~" * 90, "categories": ("[" * 90,) * 9}
    longest = paper(1, title="*" * 600, abstract="_" * 4_000, **people)
    made = Summary("*" * 500, Origin.MODEL, "*" * 300, sections=(("*" * 90, "*" * 900),) * 5)
    post = paper_post(digest_of(longest, summaries=Summaries.FULL, made={longest.id: made}), longest, MARK, ROLE)
    check(post)
    assert shown(post).count("Abstract.") == 1


def test_a_post_about_one_paper_shows_as_much_as_was_asked_for() -> None:
    def post(how_much: Summaries) -> str:
        return shown(paper_post(digest_of(BARE, summaries=how_much, made={BARE.id: BY_MODEL}), BARE, MARK))

    assert "It plans ahead." not in post(Summaries.NONE)
    assert "We study thing 2." in post(Summaries.NONE)  # the abstract stays
    assert "By trees." not in post(Summaries.SHORT)
    assert "It plans ahead.\n**How.** By trees." in post(Summaries.FULL)
