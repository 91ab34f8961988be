"""What a person reads of what they follow alone fits Discord's limits, whatever the papers and the topic."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.editions import edition_on
from digests.plan import Digest
from papers.expression import Phrase
from papers.paper import Paper
from papers.subscription import Kind, OnQuietDay, State
from papers.topic import Topic
from tests.factories import DAY, NOW, paper, subscription
from tests.views.test_views import MARK, NASTY, PAPERS, TEXT, check, shown
from views.buttons import Press
from views.digest import digest_message
from views.follow import follow_label, followed, follows_listed, inbox_empty, inbox_page, reopened
from views.limits import CHOICE

TOPICS = TEXT.filter(lambda text: 0 < len(text.strip()) <= 200).map(lambda text: Topic(text, Phrase.of("x")))
ORDER = {"guild_id": 0, "channel_id": 2**63 - 1, "user_id": 7, "kind": Kind.INBOX, "size": 8}


def full(papers: list[Paper], **fields: object) -> Digest:
    """A digest with every line it can have."""
    return Digest(
        edition_on(subscription(**{**ORDER, "sources": ("huggingface", "arxiv"), **fields}), DAY),
        tuple(papers),
        listed=9_999,
        on_topic=5_000,
        shown_before=3_000,
        missing=("huggingface", "arxiv"),
        planned_at=datetime(2026, 6, 11, tzinfo=UTC),
        listed_first=10,
        grown_at=NOW,
        added={found.id: NOW for found in papers},
    )


@given(st.lists(PAPERS, min_size=1, max_size=8, unique_by=lambda p: p.id), TOPICS, st.integers(0, 13), st.sampled_from(Kind))
def test_every_page_of_the_inbox_fits(papers: list[Paper], topic: Topic, page: int, kind: Kind) -> None:
    kind = Kind.DIRECT if kind is Kind.DIRECT else Kind.INBOX
    view = inbox_page(full(papers, topic=topic, kind=kind), page, 14)
    check(view)
    verbs = [item.verb for item in view.walk_children() if isinstance(item, Press)]
    assert verbs.count("open") == len(papers)
    assert ("reopen" in verbs) is (kind is Kind.INBOX)
    assert not {"follow", "why"} & set(verbs)


@pytest.mark.parametrize("count", range(1, 9))
def test_a_servers_digest_of_any_size_has_room_for_its_buttons_and_a_mention(count: int) -> None:
    papers = [paper(n, title=NASTY) for n in range(count)]
    view = digest_message(full(papers, user_id=None, guild_id=1, kind=Kind.TEXT), MARK, role_id=2**63 - 1)
    check(view)
    assert {"more", "follow", "why"} < {item.verb for item in view.walk_children() if isinstance(item, Press)}


def test_only_a_digest_that_was_posted_in_a_server_can_be_followed() -> None:
    preview = digest_message(full([paper()], user_id=None, guild_id=1, kind=Kind.TEXT), "")
    for view in (preview, digest_message(full([paper()], kind=Kind.DIRECT), MARK)):
        assert "follow" not in {item.verb for item in view.walk_children() if isinstance(item, Press)}


@given(st.lists(TOPICS, max_size=30), st.booleans())
def test_every_list_of_follows_fits(topics: list[Topic], is_paused: bool) -> None:
    orders = [subscription(**{**ORDER, "topic": topic, "besides": tuple(range(10**18, 10**18 + 3))}) for topic in topics]
    check(follows_listed([(order, None if is_paused else NOW) for order in orders]))
    for order in orders:
        check(followed(order, NOW, note="x"))
        assert 0 < len(follow_label(order)) <= CHOICE


def test_what_is_followed_is_said_in_a_few_words() -> None:
    order = subscription(**{**ORDER, "topic": Topic.parse("robot"), "besides": (5,), "on_quiet_day": OnQuietDay.SAY_SO})
    at = int(NOW.timestamp())
    assert shown(followed(order, NOW)) == (
        "### Following\nYou get up to 8 papers on **robot** — every day at 09:00 UTC, in your `/inbox`.\n"
        f"The next edition comes <t:{at}:F> (<t:{at}:R>).\n"
        "-# grows as late papers arrive · says so on quiet days · without what <#5> shows"
    )
    assert "It is paused" in shown(followed(order, None))
    assert follow_label(subscription(topic=Topic.parse("robot"), state=State.PAUSED)) == "robot · 09:00 UTC (paused)"
    check(inbox_empty(is_closed=True))
    check(inbox_empty(is_closed=False))
    check(reopened())
