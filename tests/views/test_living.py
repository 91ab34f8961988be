"""What a digest shows besides its papers, and forum posts: all of it fits, whatever the papers."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.editions import edition_on
from digests.plan import Digest
from papers.expression import Phrase
from papers.paper import Paper
from papers.subscription import Kind, Mode
from papers.topic import Topic
from tests.factories import DAY, NOW, paper, subscription
from tests.views.test_views import MARK, NASTY, PAPERS, check, shown
from views.buttons import Press
from views.digest import digest_message, paper_post, plain_digest, post_title, previewed
from views.limits import PLAIN_TEXT, THREAD_NAME

ROLE = 2**63
SOURCES = ("huggingface", "arxiv")
LONG = Topic("*" * 200, Phrase.of("x"))


def digest(papers: tuple[Paper, ...] = (), day: date = DAY, topic: str = "zebra", **fields: Any) -> Digest:
    order = subscription(topic=Topic.parse(topic), mode=fields.pop("mode", Mode.LIVING))
    values: dict[str, Any] = {"listed": 0, "on_topic": 0, "shown_before": 0, **fields}
    return Digest(edition_on(order, day), papers, **values)


def labels(view: discord.ui.LayoutView) -> list[str]:
    return [f"{item.item.label}" for item in view.walk_children() if isinstance(item, Press)]


@st.composite
def digests(draw: st.DrawFn) -> Digest:
    papers = draw(st.lists(PAPERS, max_size=8, unique_by=lambda p: p.id))
    order = subscription(topic=LONG, size=8, mode=draw(st.sampled_from(Mode)), role_id=ROLE)
    grown_at = draw(st.none() | st.just(NOW))
    return Digest(
        edition_on(order, draw(st.dates(date(2026, 1, 1), date(2026, 12, 31)))),
        tuple(papers),
        listed=draw(st.integers(0, 9_999)),
        on_topic=draw(st.integers(0, 9_999)),
        shown_before=draw(st.integers(0, 9_999)),
        missing=draw(st.sampled_from([(), SOURCES[:1], SOURCES])),
        planned_at=NOW + timedelta(days=400) if draw(st.booleans()) else None,
        listed_first=draw(st.integers(0, 9_999)),
        grown_at=grown_at,
        added={p.id: NOW for p in papers if draw(st.booleans())} if grown_at else {},
    )


@given(digests(), st.sampled_from([None, ROLE]))
def test_every_digest_fits_with_all_that_can_be_said_of_it(found: Digest, role_id: int | None) -> None:
    check(digest_message(found, MARK, role_id))
    check(previewed(found))
    assert 0 < len(plain_digest(found)) <= PLAIN_TEXT


def test_a_full_digest_with_everything_fits() -> None:
    nasty = {"title": "*" * 400, "abstract": "_" * 900, "authors": (NASTY,) * 9, "organisation": "~" * 90, "votes": 2**31 - 1}
    papers = tuple(paper(n, **nasty) for n in range(8))
    order = subscription(topic=LONG, size=8, mode=Mode.YESTERDAY, kind=Kind.TEXT)
    whole = Digest(
        edition_on(order, date(2026, 9, 23)),
        papers,
        listed=9_999,
        on_topic=9_999,
        shown_before=1_234,
        missing=SOURCES,
        planned_at=NOW + timedelta(days=400),
        listed_first=1,
        grown_at=NOW,
        added={p.id: NOW for p in papers},
    )
    message = digest_message(whole, MARK, ROLE)
    check(message)
    assert shown(message).count("🆕") == 8


@given(PAPERS, digests(), st.sampled_from([None, ROLE]))
def test_every_post_about_a_paper_fits(found: Paper, whole: Digest, role_id: int | None) -> None:
    check(paper_post(whole, found, MARK, role_id))
    assert 0 < len(post_title(whole, found).strip()) <= THREAD_NAME
    assert 0 < len(post_title(whole, None).strip()) <= THREAD_NAME


def test_a_title_of_nothing_visible_is_no_empty_name() -> None:
    assert post_title(digest(), paper(title="\u202e\u200b")) == "2606.00001"


def test_growth_says_from_what_to_what_and_when() -> None:
    def foot(**fields: Any) -> str:
        return shown(digest_message(digest((paper(),), listed=32, on_topic=1, **fields), MARK)).splitlines()[-1]

    at = int(NOW.timestamp())
    assert foot(grown_at=NOW, listed_first=23) == f"-# 23 → 32 papers, updated <t:{at}:t>"
    assert foot(grown_at=NOW, listed_first=32) == f"-# 32 papers, updated <t:{at}:t>"
    assert foot(listed_first=23) == "-# 32 listed · 1 on topic · 1 shown"


def test_only_late_papers_are_marked() -> None:
    late = datetime(2026, 6, 10, 14, 5, tzinfo=NOW.tzinfo)
    found = digest((paper(1), paper(2)), listed=2, on_topic=2, grown_at=late, added={"2606.00002": late})
    first, second = shown(digest_message(found, MARK)).split("Paper 2")
    assert "🆕" not in first
    assert f"-# 🆕 <t:{int(late.timestamp())}:t> · " in second


def test_an_edition_far_behind_its_hour_says_so() -> None:
    found = digest((paper(),), planned_at=NOW + timedelta(minutes=31))
    assert f"\n-# Late: this was due <t:{int(NOW.timestamp())}:f>" in shown(digest_message(found, MARK))
    on_time = digest((paper(),), planned_at=NOW + timedelta(minutes=30))
    assert "Late" not in shown(digest_message(on_time, MARK))


def test_silent_sources_are_named_and_only_what_grows_promises_to() -> None:
    living = shown(digest_message(digest((paper(),), missing=SOURCES), MARK)).splitlines()[-1]
    assert living == (
        "-# ⚠ Hugging Face, arXiv have not answered lately: the list may be incomplete; this message fills up when they do."
    )
    fixed = shown(digest_message(digest((paper(),), missing=SOURCES[:1], mode=Mode.ONE_SHOT), MARK)).splitlines()[-1]
    assert fixed == "-# ⚠ Hugging Face has not answered lately: the list may be incomplete."


@pytest.mark.parametrize(
    ("fields", "text", "button"),
    [
        (
            {"day": date(2026, 6, 13)},
            "No papers on Saturday 13 June: Hugging Face features none at weekends.",
            "The newest papers",
        ),
        (
            {"day": date(2026, 6, 19)},
            "No papers are listed for Friday 19 June: arXiv announced none (Juneteenth).",
            "The newest papers",
        ),
        ({}, "No papers are listed for Wednesday 10 June.", "The newest papers"),
        (
            {"missing": ("huggingface",)},
            "No papers of Wednesday 10 June yet: Hugging Face has not answered lately; this message fills up when it does.",
            "The newest papers",
        ),
        (
            {"missing": ("huggingface",), "mode": Mode.ONE_SHOT},
            "No papers of Wednesday 10 June yet: Hugging Face has not answered lately.",
            "The newest papers",
        ),
        (
            {"listed": 24, "on_topic": 2, "shown_before": 2},
            "Nothing new on **zebra** on Wednesday 10 June: all of it was shown here before "
            "(24 listed · 2 on topic · 2 shown before).",
            "The whole day",
        ),
        (
            {"listed": 24},
            "No papers on **zebra** on Wednesday 10 June (24 listed · 0 on topic).",
            "The whole day",
        ),
        (
            {"listed": 24, "missing": ("huggingface",), "mode": Mode.ONE_SHOT},
            "No papers on **zebra** on Wednesday 10 June (24 listed · 0 on topic).\n"
            "-# ⚠ Hugging Face has not answered lately: the list may be incomplete.",
            "The whole day",
        ),
    ],
)
def test_a_quiet_day_says_what_was_quiet_and_leads_on(fields: dict[str, Any], text: str, button: str) -> None:
    found = digest(**fields)
    message = digest_message(found, MARK)
    check(message)
    assert shown(message) == f"-# {text}"
    assert labels(message) == [button, "Why none?"]
    assert plain_digest(found) == f"-# {text.splitlines()[0]}"


def test_a_quiet_day_of_everything_reads_well() -> None:
    text = shown(digest_message(digest(topic="everything", listed=3, on_topic=3, shown_before=3), MARK))
    assert text == (
        "-# Nothing new on everything on Wednesday 10 June: all of it was shown here before (3 listed · 3 shown before)."
    )


def test_a_post_about_a_paper_shows_its_card_and_leads_to_the_day() -> None:
    found = digest((paper(),), listed=24)
    post = paper_post(found, paper(), MARK, ROLE)
    assert shown(post).startswith(f"<@&{ROLE}>\n### **[Paper 1]")
    assert shown(post).endswith("-# on **zebra** · Hugging Face Daily Papers")
    assert labels(post) == ["Summary", "Similar papers", "The whole day", "Why this one?"]
    assert post_title(found, paper()) == "Paper 1"
    assert post_title(found, None) == "Wednesday 10 June: zebra"
    assert post_title(digest(topic="everything"), None) == "Wednesday 10 June"
