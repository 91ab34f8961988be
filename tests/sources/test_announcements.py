"""arXiv's calendar: feed days, evenings in New York, and what holidays leave open."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import pairwise

import pytest

from sources.announcements import (
    Expected,
    announced_at,
    day_before,
    expected,
    feed_day,
    feed_due_at,
    submitted_between,
)


def at(*numbers: int) -> datetime:
    return datetime(*numbers, tzinfo=UTC)  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("day", "what"),
    [
        (date(2026, 6, 10), Expected.PAPERS),
        (date(2026, 6, 13), Expected.NOTHING),
        (date(2026, 6, 14), Expected.NOTHING),
        (date(2026, 11, 26), Expected.PERHAPS),
        (date(2026, 11, 27), Expected.PERHAPS),
        (date(2031, 11, 27), Expected.PAPERS),  # of that year's holidays nothing is known
    ],
)
def test_a_feed_has_papers_on_working_days(day: date, what: Expected) -> None:
    assert expected(day) is what


def test_a_feeds_day_is_new_yorks_in_summer_and_winter() -> None:
    assert feed_day(at(2026, 6, 10, 3, 59)) == date(2026, 6, 9)
    assert feed_day(at(2026, 6, 10, 4, 0)) == date(2026, 6, 10)
    assert feed_day(at(2026, 1, 14, 4, 59)) == date(2026, 1, 13)
    assert feed_due_at(date(2026, 1, 14)) == at(2026, 1, 14, 5)


@pytest.mark.parametrize(("day", "hour"), [(date(2026, 6, 10), 0), (date(2026, 1, 14), 1), (date(2026, 3, 9), 0)])
def test_the_announcement_of_an_evening_is_on_its_feeds_day_in_utc(day: date, hour: int) -> None:
    assert announced_at(day) == datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def test_a_weekend_lies_between_two_feeds_and_their_cut_offs() -> None:
    assert day_before(date(2026, 6, 15)) == date(2026, 6, 12)
    windows = [submitted_between(date(2026, 6, day)) for day in (11, 12, 15, 16, 17)]
    assert windows[2] == (at(2026, 6, 11, 18), at(2026, 6, 12, 18))  # Sunday evening brings Thursday's to Friday's
    assert windows[3] == (at(2026, 6, 12, 18), at(2026, 6, 15, 18))
    assert all(one[1] == other[0] for one, other in pairwise(windows))
