from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from papers.order_values import order_of, values_of
from papers.subscription import Kind, Mode, OnQuietDay, SubscriptionError, Summaries
from papers.topic import Topic, TopicError
from tests.factories import subscription

PLAIN = {"channel": "10", "topic": "diffusion", "time": "09:00"}


def test_a_subscription_survives_being_written_down() -> None:
    everything_set = subscription(
        topic=Topic.parse('"world model" or rl -survey', "Worlds"),
        weekdays=frozenset({0, 2}),
        size=8,
        on_quiet_day=OnQuietDay.STAY_SILENT,
        mode=Mode.YESTERDAY,
        summaries=Summaries.FULL,
        kind=Kind.FORUM,
        is_per_paper=True,
        is_silent=True,
        role_id=77,
        tag_id=78,
        sources=("huggingface", "arxiv"),
    )
    with_thread = replace(everything_set, kind=Kind.TEXT, is_per_paper=False, tag_id=None, has_discussion=True)
    for order in (subscription(), everything_set, with_thread):
        written = json.loads(json.dumps(values_of(order)))
        assert order_of(written, order.guild_id) == order


def test_what_is_left_out_has_its_default() -> None:
    order = order_of(PLAIN, guild_id=1)
    assert (order.size, order.zone.key, order.weekdays) == (5, "UTC", frozenset(range(5)))
    assert order.summaries is Summaries.SHORT


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"topic": "(a"}, "never closed"),
        ({"topic": None}, "needs “topic”"),
        ({"channel": "here"}, "an id of Discord’s"),
        ({"channel": "9" * 30}, "an id of Discord’s"),
        ({"time": "25:00"}, "not a time"),
        ({"timezone": "Mars"}, "not a time zone"),
        ({"days": "someday"}, "no list of days"),
        ({"size": "5"}, "a whole number"),
        ({"size": True}, "a whole number"),
        ({"size": 99}, "1 to 8"),
        ({"mode": "sideways"}, "“living”"),
        ({"summaries": "long"}, "“none”, “short”, “full”"),
        ({"summaries": True}, "“summaries” is a text"),
        ({"sources": "arxiv"}, "is a list"),
        ({"sources": ["twitter"]}, "needs a source"),
        ({"sources": []}, "needs a source"),
        ({"colour": "red"}, "no setting “colour”"),
    ],
)
def test_what_is_wrong_is_said(changed: dict[str, Any], words: str) -> None:
    values = {key: value for key, value in {**PLAIN, **changed}.items() if value is not None}
    with pytest.raises((SubscriptionError, TopicError), match=words):
        order_of(values, guild_id=1)
