"""Until when a pause lasts, as people write it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers.pause import parse_until
from papers.subscription import SubscriptionError

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 6, 10, 9, 0, tzinfo=UTC)  # a Wednesday, 11:00 in Berlin


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("until Monday", "2026-06-15 00:00"),
        ("Monday", "2026-06-15 00:00"),
        ("next mon", "2026-06-15 00:00"),
        ("wed", "2026-06-17 00:00"),  # today is one
        ("Thursday", "2026-06-11 00:00"),
        ("tomorrow", "2026-06-11 00:00"),
        ("2026-12-24", "2026-12-24 00:00"),
        ("until 24 Dec", "2026-12-24 00:00"),
        ("24th of December", "2026-12-24 00:00"),
        ("24. December", "2026-12-24 00:00"),
        ("Dec 24, 2026", "2026-12-24 00:00"),
        ("june 1", "2027-06-01 00:00"),  # this year's is over
        ("1 jan", "2027-01-01 00:00"),
        ("3 days", "2026-06-13 11:00"),
        ("for 3 days", "2026-06-13 11:00"),
        ("a week", "2026-06-17 11:00"),
        ("2weeks", "2026-06-24 11:00"),
        ("12 hours", "2026-06-10 23:00"),
    ],
)
def test_the_end_of_a_pause_as_people_write_it(text: str, local: str) -> None:
    assert f"{parse_until(text, NOW, BERLIN).astimezone(BERLIN):%Y-%m-%d %H:%M}" == local


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "no end of a pause"),
        ("someday", "no end of a pause"),
        ("m", "no end of a pause"),
        ("30 Feb", "no end of a pause"),
        ("2026-13-01", "no end of a pause"),
        ("blue moons", "no end of a pause"),
        ("five days", "no end of a pause"),
        ("today", "not in the future"),
        ("2026-06-09", "not in the future"),
        ("10 June 2026", "not in the future"),
        ("0 days", "not in the future"),
        ("2030-01-01", "a year at most"),
        ("9999 weeks", "a year at most"),
        ("9998-12-31", "a year at most"),
    ],
)
def test_what_is_no_end_of_a_pause_is_said_in_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(SubscriptionError, match=sentence):
        parse_until(text, NOW, BERLIN)


def test_days_keep_their_hour_when_the_clocks_change() -> None:
    saturday = datetime(2026, 10, 24, 12, 0, tzinfo=BERLIN)
    assert parse_until("2 days", saturday, BERLIN) == datetime(2026, 10, 26, 12, 0, tzinfo=BERLIN)
    assert parse_until("48 hours", saturday, BERLIN) == datetime(2026, 10, 26, 11, 0, tzinfo=BERLIN)


def test_a_day_is_the_subscriptions_own() -> None:
    """It is Wednesday in Berlin still, and Thursday in Auckland already."""
    late = datetime(2026, 6, 10, 20, 0, tzinfo=UTC)
    assert parse_until("Thursday", late, BERLIN) == datetime(2026, 6, 10, 22, 0, tzinfo=UTC)
    assert parse_until("Thursday", late, ZoneInfo("Pacific/Auckland")) == datetime(2026, 6, 17, 12, 0, tzinfo=UTC)


@given(st.text(max_size=30) | st.from_regex(r"\d{1,5} ?(days|weeks|jan|-\d\d-\d\d|may \d{4})"))
def test_any_text_is_an_end_in_the_future_or_a_sentence(text: str) -> None:
    try:
        until = parse_until(text, NOW, BERLIN)
    except SubscriptionError:
        return
    assert NOW < until <= NOW + timedelta(days=367)
