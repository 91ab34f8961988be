"""What is shown fits Discord's limits and means nothing but itself, whatever the paper."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.editions import edition_on
from digests.plan import Digest, plan
from papers.expression import Phrase
from papers.paper import Paper
from papers.text import clean, short_count
from papers.topic import Topic
from tests.factories import DAY, NOW, paper, subscription
from views.buttons import Press
from views.digest import account, digest_message, plain_digest
from views.limits import BUTTON_URL, COMPONENTS, CUSTOM_ID, MESSAGE_TEXT, PLAIN_TEXT, inert, link, web_address
from views.listing import Listing, day_page, found_page, shared_found
from views.pager import ROOM_FOR_REFERENCE, page_address, page_buttons
from views.paper import card, facts_line, shared_card
from views.subscriptions import listed

NASTY = "@everyone [click](https://evil.example) <@1> <#2> </x:3> **bold** `code` ||spoiler|| https://evil.example \u202etxt"
MARK = "0123456789abcdef"

TEXT = (
    st.text(max_size=400)
    | st.just(NASTY)
    | st.sampled_from(["*", "_", "[", "\\", "`", "<@1>", "# ", "1. "]).map(lambda s: s * 300)
)
PAPERS = st.builds(
    Paper,
    id=st.from_regex(r"\d{4}\.\d{5}", fullmatch=True) | st.text(min_size=1, max_size=64),
    title=TEXT.filter(bool),
    abstract=TEXT | TEXT.map(lambda text: text * 10),
    authors=st.lists(TEXT, max_size=4).map(tuple) | st.just(("A",) * 573),
    published_at=st.none() | st.just(NOW),
    featured_on=st.just((DAY,)),
    votes=st.integers(0, 2**31 - 1),
    comments=st.integers(0, 2**31 - 1),
    source_summary=TEXT,
    repository=TEXT | st.just("https://github.com/a/b") | st.just("https://github.com/" + "a" * 600 + "/b"),
    stars=st.none() | st.integers(0, 2**31 - 1),
    project_page=TEXT | st.just("https://example.org/p"),
    organisation=TEXT,
)


def texts(view: discord.ui.LayoutView) -> list[str]:
    return [item.content for item in view.walk_children() if isinstance(item, discord.ui.TextDisplay)]


def shown(view: discord.ui.LayoutView) -> str:
    return "\n".join(texts(view))


def check(view: discord.ui.LayoutView) -> None:
    """The limits Discord documents for a message of components."""
    view.to_components()  # type: ignore[no-untyped-call]
    items = list(view.walk_children())
    assert len(items) <= COMPONENTS
    assert sum(map(len, texts(view))) <= MESSAGE_TEXT
    assert all(text.strip() for text in texts(view))
    custom_ids = [item.custom_id for item in items if isinstance(item, Press)]
    assert len(set(custom_ids)) == len(custom_ids)
    for item in items:
        if isinstance(item, discord.ui.Button):
            assert not item.url or len(item.url) <= BUTTON_URL
            assert not item.custom_id or len(item.custom_id) <= CUSTOM_ID
            assert item.label


@given(PAPERS)
def test_every_card_fits(found: Paper) -> None:
    check(card(found, can_share=True))


@given(PAPERS)
def test_every_shared_card_fits(found: Paper) -> None:
    check(shared_card(found, 2**63))


@given(st.lists(PAPERS, max_size=8, unique_by=lambda p: p.id), TEXT.filter(lambda t: 0 < len(t.strip()) <= 200))
def test_every_digest_fits(papers: list[Paper], topic: str) -> None:
    order = subscription(topic=Topic(topic, Phrase.of("x")), size=8)
    digest = Digest(edition_on(order, DAY), tuple(papers), listed=99, on_topic=50, shown_before=3)
    check(digest_message(digest, MARK))
    assert len(plain_digest(digest)) <= PLAIN_TEXT


@given(st.lists(PAPERS, max_size=12, unique_by=lambda p: p.id), st.integers(0, 9))
def test_every_page_of_a_list_fits(papers: list[Paper], page: int) -> None:
    listing = Listing("today", "x" * ROOM_FOR_REFERENCE, "Today’s papers", Topic.parse("everything"))
    check(day_page(listing, papers, page))
    if papers:
        check(found_page(papers, page, "x" * ROOM_FOR_REFERENCE, can_share=True))
        check(shared_found(papers, page, "x" * ROOM_FOR_REFERENCE, 2**63))


@given(st.text(max_size=300), st.integers(1, 300))
def test_inert_text_fits_its_limit(text: str, limit: int) -> None:
    assert len(inert(text, limit)) <= limit


@given(st.text(st.sampled_from("aB(1#-+:/. *_\n"), max_size=30), st.integers(1, 40))
def test_what_needs_no_second_look_is_what_a_second_look_leaves_as_it_is(text: str, limit: int) -> None:
    assert inert(text, limit) == inert(f" {text}", limit)


def rendered(text: str) -> str:
    """What Discord shows of a text without formats: the escapes gone."""
    return re.sub(r"\\([^0-9A-Za-z\s])", r"\1", text)


@given(st.text(max_size=200))
def test_inert_text_reads_as_it_was(text: str) -> None:
    assert rendered(inert(text)) == rendered(clean(text).replace("\\", "\\\\"))


@pytest.mark.parametrize(
    "text",
    ["@everyone", "<@1>", "<#1>", "</search:1>", "<t:1:R>", "[a](b)", "**a**", "_a_", "~~a~~", "||a||", "`a`", "<:e:1>"],
)
def test_nothing_from_outside_has_a_meaning(text: str) -> None:
    escaped = inert(text)
    assert not re.search(r"(?<!\\)[*_~|`\[\]<>@]", escaped)
    assert rendered(escaped) == text


@pytest.mark.parametrize("text", ["# big", "> quote", "- item", "-# small", "+ item", "1. first", "12) twelfth", "## 2"])
def test_a_line_cannot_begin_a_block(text: str) -> None:
    assert not re.match(r"\s*([#>+-]|\d+[.)])", inert(text))


def test_addresses_in_text_are_no_links() -> None:
    assert inert("see https://evil.example/x") == r"see https\://evil.example/x"


def test_a_nasty_title_is_one_inert_line_in_a_digest() -> None:
    order = subscription()
    message = digest_message(plan(edition_on(order, DAY), [paper(title=NASTY, abstract=NASTY, authors=(NASTY,))], ()), MARK)
    text = shown(message)
    assert "evil.example](" not in text
    assert not re.search(r"(?<!\\)@everyone", text)
    assert "\u202e" not in text
    assert re.findall(r"(?<!\\)\]\((.*?)\)", text) == ["https://arxiv.org/abs/2606.00001"]


def test_links_are_built_from_arxiv_ids_only() -> None:
    strange = paper(id="x) [evil](https://evil.example", title="T")
    assert "](" not in re.sub(r"\\.", "", shown(card(strange)))
    assert link("a]b", "https://arxiv.org/abs/1", 80) == r"**[a\]b](https://arxiv.org/abs/1)**"


@pytest.mark.parametrize(
    ("url", "is_sound"),
    [
        ("https://example.org/p?q=1#x", True),
        ("http://example.org", True),
        ("javascript:alert(1)", False),
        ("https://user:pw@example.org", False),
        ("https://localhost", False),
        ("https://", False),
        ("https://exa mple.org", False),
        ("https://example.org/" + "x" * 500, False),
        ("https://еxample.org", False),
        ("https://[::1", False),
        ("", False),
    ],
)
def test_only_sound_addresses_get_a_button(url: str, is_sound: bool) -> None:
    assert (web_address(url) is not None) is is_sound


def test_a_card_links_what_is_there_and_nothing_else() -> None:
    def labels(found: Paper) -> list[str | None]:
        return [item.label for item in card(found).walk_children() if isinstance(item, discord.ui.Button) and item.url]

    full = paper(repository="https://github.com/a/b", project_page="https://example.org")
    assert labels(full) == ["arXiv", "PDF", "Hugging Face", "Code", "Project"]
    assert labels(paper(repository="ftp://x", project_page="x")) == ["arXiv", "PDF", "Hugging Face"]


def test_facts_leave_no_gaps() -> None:
    assert facts_line(paper(votes=184, comments=1, stars=1_400, authors=("Mina Okafor", *"abcdefghijk"), organisation="Lab")) == (
        "▲ 184 · 1 comment · ★ 1.4k · Mina Okafor +11 · Lab"
    )
    assert facts_line(paper(authors=("P. Varga",))) == "P. Varga"
    assert facts_line(paper()) == "arXiv 2606.00001"


def test_numbers_are_short() -> None:
    assert [short_count(n) for n in (0, 999, 1_000, 1_449, 79_408, 1_250_000)] == ["0", "999", "1k", "1.4k", "79k", "1.2M"]


def test_a_paper_without_anything_still_has_a_card() -> None:
    text = shown(card(Paper(id="2606.00001", title="T")))
    assert "No abstract yet" in text
    assert "None" not in text


def test_573_authors_are_some_names_and_a_number() -> None:
    crowd = paper(authors=tuple(f"Author {n}" for n in range(573)))
    assert "Author 5 and 567 more" in shown(card(crowd))
    assert facts_line(crowd) == "Author 0 +572"


def test_a_digest_accounts_for_its_day() -> None:
    order = subscription(topic=Topic.parse("robot"), size=2)
    papers = [paper(n, title="Robot", votes=n) for n in range(5)] + [paper(9)]
    digest = plan(edition_on(order, DAY), papers, {"2606.00000"})
    assert account(digest) == "6 listed · 5 on topic · 1 shown before · 2 shown"
    message = digest_message(digest, MARK)
    assert shown(message).startswith("## The day’s papers · Wednesday 10 June\n-# on **robot**")
    buttons = [item for item in message.walk_children() if isinstance(item, Press)]
    assert [(b.verb, b.value) for b in buttons] == [
        ("open", f"{MARK}:2606.00004"),
        ("open", f"{MARK}:2606.00003"),
        ("more", "o0:2026-06-10:0"),
        ("follow", f"{MARK}:0"),
        ("why", MARK),
    ]
    assert buttons[2].item.label == "2 more on topic"


def test_a_quiet_day_is_one_small_line() -> None:
    order = subscription(topic=Topic.parse("zebra"))
    assert shown(digest_message(plan(edition_on(order, DAY), [paper()], ()), MARK)) == (
        "-# No papers on **zebra** on Wednesday 10 June (1 listed · 0 on topic)."
    )
    assert shown(digest_message(plan(edition_on(order, DAY), [], ()), MARK)) == "-# No papers are listed for Wednesday 10 June."


def test_pages_turn_and_stop_at_their_ends() -> None:
    def addresses(page: int) -> list[tuple[Any, bool]]:
        row = page_buttons("search", page, 3, "what: ever")
        assert row
        return [(page_address(b.value), b.item.disabled) for b in row.children if isinstance(b, Press)]

    ref = "what: ever"
    assert addresses(0) == [((0, ref), True), ((0, ref), True), ((0, ref), True), ((1, ref), False)]
    assert addresses(2) == [((0, ref), False), ((1, ref), False), ((2, ref), True), ((2, ref), True)]
    assert page_buttons("search", 0, 1, "x") is None


@given(st.text(max_size=100))
def test_any_button_value_is_some_page(value: str) -> None:
    assert page_address(value)[0] >= 0


@given(st.integers(0, 60))
def test_a_list_of_subscriptions_fits(count: int) -> None:
    order = subscription(topic=Topic("w" * 200, Phrase.of("w")), channel_id=2**63)
    check(listed([(order, datetime(2026, 6, 10, tzinfo=UTC))] * count))
