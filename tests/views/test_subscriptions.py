"""What moderators read of their subscriptions, and anybody of how Paperboy fares: true, and within the limits."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.freshness import SourceState
from papers.expression import Phrase
from papers.subscription import Kind, Mode, OnQuietDay, State, Subscription
from papers.topic import MAX_LENGTH, Topic
from storage.editions import DeliveryState
from storage.health import Health
from tests.factories import NOW, subscription
from tests.views.test_views import NASTY, TEXT, check, shown
from views.limits import CHOICE
from views.status import OrderLine, SourceLine, Status, status_page
from views.subscriptions import added, label, listed, trouble

HOSTILE = TEXT.filter(lambda text: bool(text.strip())).map(lambda text: Topic(text[:MAX_LENGTH], Phrase.of("x")))


def order(**fields: Any) -> Subscription:
    return subscription(channel_id=2**63, **fields)


FULL = order(
    topic=Topic("*" * MAX_LENGTH, Phrase.of("x")),
    mode=Mode.YESTERDAY,
    role_id=2**63,
    is_silent=True,
    has_discussion=True,
    on_quiet_day=OnQuietDay.STAY_SILENT,
)


@given(st.integers(0, 60), st.sampled_from(State))
def test_a_list_of_subscriptions_with_every_option_fits(count: int, state: State) -> None:
    check(listed([(replace(FULL, state=state), NOW)] * count))


@given(HOSTILE, st.sampled_from(State), st.sampled_from(Kind), TEXT.filter(bool))
def test_every_trouble_fits_and_means_only_itself(topic: Topic, state: State, kind: Kind, why: str) -> None:
    view = trouble(order(topic=topic, state=state, kind=kind), why)
    check(view)
    assert "@everyone" not in shown(view).replace("\\@everyone", "")


@given(HOSTILE, st.text(max_size=200) | st.none())
def test_every_label_fits_a_choice(topic: Topic, channel: str | None) -> None:
    assert 0 < len(label(order(topic=topic, state=State.SHUT_OUT), channel)) <= CHOICE


def test_trouble_says_what_to_do() -> None:
    shut = shown(trouble(order(state=State.SHUT_OUT), "Missing Access"))
    assert "Allow it “View Channel”, “Send Messages”, “Read Message History” there, and it goes on by itself" in shut
    assert shut.endswith("-# Discord said: Missing Access")
    thread = shown(trouble(order(state=State.SHUT_OUT, kind=Kind.THREAD), "x"))
    assert "“Send Messages in Threads”" in thread
    assert "a locked thread needs “Manage Threads”, too" in thread
    assert "“Create Posts”" in shown(trouble(order(state=State.SHUT_OUT, kind=Kind.FORUM), "x"))
    assert "is gone, and its subscription has ended" in shown(trouble(order(state=State.CLOSED), "x"))
    assert "wants a tag on every post" in shown(trouble(order(kind=Kind.FORUM), "x"))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "grows as late papers arrive"),
        ({"mode": Mode.ONE_SHOT}, "stays as posted"),
        ({"mode": Mode.YESTERDAY, "is_silent": True}, "the last working day’s whole list · silent"),
        (
            {"mode": Mode.ONE_SHOT, "role_id": 5, "has_discussion": True},
            "stays as posted · mentions <@&5> · a discussion thread under each",
        ),
        ({"kind": Kind.FORUM, "is_per_paper": True}, "grows as late papers arrive · each paper is a post of its own"),
        ({"kind": Kind.FORUM}, "grows as late papers arrive · one post for each edition"),
        ({"kind": Kind.ANNOUNCEMENT}, "grows as late papers arrive · published to its followers"),
        ({"on_quiet_day": OnQuietDay.STAY_SILENT}, "grows as late papers arrive · nothing on quiet days"),
    ],
)
def test_what_was_chosen_is_confirmed(fields: dict[str, Any], words: str) -> None:
    view = added(order(**fields), NOW, "A note.")
    check(view)
    assert shown(view).splitlines()[3] == f"-# {words}"


@given(
    st.lists(TEXT, max_size=3),
    st.dictionaries(st.sampled_from(DeliveryState), st.integers(0, 10**6)),
    st.none() | st.just(NOW),
    st.lists(
        st.builds(
            OrderLine,
            st.builds(replace, st.just(FULL), state=st.sampled_from(State), paused_until=st.none() | st.just(NOW)),
            st.none() | st.just(NOW),
            st.lists(st.sampled_from(["View Channel", "Send Messages in Threads", "Read Message History"]), unique=True),
        ),
        max_size=30,
    ),
    st.booleans(),
)
def test_every_status_fits_and_means_only_itself(
    whys: list[str],
    deliveries: dict[DeliveryState, int],
    resting_until: datetime | None,
    orders: list[OrderLine],
    is_server: bool,
) -> None:
    sources = [SourceLine("huggingface", SourceState.FAILING, Health("x", NOW, NOW, 3, f"{why}{NASTY}")) for why in whys]
    view = status_page(Status(sources, deliveries, resting_until, is_server, orders))
    check(view)
    assert "@everyone" not in shown(view).replace("\\@everyone", "")
    assert ("This server" in shown(view)) is is_server


def test_status_in_words() -> None:
    at = int(NOW.timestamp())
    unread = SourceLine("arxiv", SourceState.UNREAD, None)
    short = SourceLine("huggingface", SourceState.STALE, Health("huggingface", NOW, NOW, 0, "listed 3 papers, after 9 before"))
    counts = {DeliveryState.SENT: 1_204, DeliveryState.RETRY: 2, DeliveryState.REFUSED: 0}
    text = shown(status_page(Status([short, unread], counts, NOW, True, [OrderLine(subscription(), NOW)])))
    assert text.splitlines()[1:] == [
        "**Sources**",
        f"⚠ Hugging Face: out of date · last read <t:{at}:R>",
        "-# listed 3 papers, after 9 before",
        "… arXiv: not read yet",
        "**Messages of the last day, all servers**",
        "2 to be tried again · 1,204 posted",
        f"⚠ Discord takes nothing just now: sending goes on <t:{at}:R>",
        "**This server** · 1 subscription",
        f"- <#10> on everything: <t:{at}:f> (<t:{at}:R>)",
    ]
