from __future__ import annotations

from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers.subscription import SubscriptionError, days_in_words, parse_days, parse_time, parse_zone
from tests.factories import subscription


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("9", time(9)),
        ("09:00", time(9)),
        ("9.30", time(9, 30)),
        ("7:15 pm", time(19, 15)),
        ("12am", time(0)),
        ("12 p.m.", time(12)),
    ],
)
def test_times_are_read_as_people_write_them(text: str, at: time) -> None:
    assert parse_time(text) == at


@pytest.mark.parametrize("text", ["", "25:00", "9:60", "15 pm", "0 am", "noon", "9:5", "-1"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(SubscriptionError, match="is not a time of day"):
        parse_time(text)


def test_zones_are_named_as_in_the_database() -> None:
    assert parse_zone(" Europe/Berlin ").key == "Europe/Berlin"
    assert parse_zone("utc").key == "UTC"
    assert parse_zone("america/new york").key == "America/New_York"


NO_ZONES = ["", "Berlin", "Mars/Phobos", "../../etc/passwd", "Europe", "a/b\x00", "localtime", "right/Europe/Berlin"]


@pytest.mark.parametrize("text", NO_ZONES)
def test_what_is_no_zone_is_refused(text: str) -> None:
    with pytest.raises(SubscriptionError, match="is not a time zone"):
        parse_zone(text)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("weekdays", {0, 1, 2, 3, 4}),
        ("Daily", {0, 1, 2, 3, 4, 5, 6}),
        ("Mon-Fri", {0, 1, 2, 3, 4}),
        ("sat – mon", {5, 6, 0}),
        ("Mon, wednesday,FRI", {0, 2, 4}),
        ("tu th", {1, 3}),
        ("mon., wed,", {0, 2}),
    ],
)
def test_days_are_read_as_people_write_them(text: str, days: set[int]) -> None:
    assert parse_days(text) == days


@pytest.mark.parametrize("text", ["", ",", "t.", "m", "someday", "weekday-fri"])
def test_what_are_no_days_is_refused(text: str) -> None:
    with pytest.raises(SubscriptionError, match="is no list of days"):
        parse_days(text)


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused_in_a_sentence(text: str) -> None:
    for parse in (parse_time, parse_zone, parse_days):
        try:
            parse(text)
        except SubscriptionError as error:
            assert str(error).startswith("“")


def test_days_are_named_back() -> None:
    assert days_in_words({0, 1, 2, 3, 4}) == "weekdays"
    assert days_in_words(range(7)) == "every day"
    assert days_in_words({4, 0}) == "Mon, Fri"


def test_a_subscription_without_days_or_with_too_many_papers_is_refused() -> None:
    with pytest.raises(SubscriptionError, match="at least one day"):
        subscription(weekdays=frozenset())
    with pytest.raises(SubscriptionError, match="1 to 8 papers"):
        subscription(size=9)
