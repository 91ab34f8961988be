from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.editions import due, edition_on, instant, next_edition, papers_day
from papers.subscription import Mode
from tests.factories import DAY, NOW, subscription

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day", "at", "utc"),
    [
        ("UTC", date(2026, 6, 10), time(9), "2026-06-10T09:00"),
        ("Asia/Kolkata", date(2026, 6, 10), time(9), "2026-06-10T03:30"),
        # Clocks skip 02:00–03:00: 02:30 comes an hour after 01:30 all the same, as 03:30 of the new time.
        ("America/New_York", date(2026, 3, 8), time(2, 30), "2026-03-08T07:30"),
        # Clocks go back: the first of the two 01:30s.
        ("America/New_York", date(2026, 11, 1), time(1, 30), "2026-11-01T05:30"),
        ("Europe/Berlin", date(2026, 10, 25), time(2, 30), "2026-10-25T00:30"),
        # Half an hour is skipped on Lord Howe.
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2, 15), "2026-10-03T15:45"),
    ],
)
def test_a_local_time_is_one_instant(zone: str, day: date, at: time, utc: str) -> None:
    assert instant(day, at, ZoneInfo(zone)) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


def test_an_edition_is_due_from_its_hour_on() -> None:
    order = subscription()
    nine = datetime(2026, 6, 10, 9, tzinfo=UTC)
    assert due(order, LONG_AGO, nine)[0] == edition_on(order, DAY)
    assert due(order, LONG_AGO, nine - timedelta(seconds=1))[0] == edition_on(order, DAY - timedelta(days=1))


def test_t3_what_was_missed_while_down_is_known_the_newest_first() -> None:
    order = subscription()
    missed = due(order, NOW - timedelta(days=3), NOW + timedelta(minutes=5))
    assert [edition.day for edition in missed] == [DAY - timedelta(days=n) for n in range(4)]
    assert len(due(order, LONG_AGO, NOW)) == 15  # no further back than a fortnight


def test_nothing_is_owed_for_the_time_before_a_subscription_was_made() -> None:
    assert due(subscription(), NOW + timedelta(minutes=1), NOW + timedelta(minutes=5)) == []
    assert len(due(subscription(), NOW, NOW + timedelta(minutes=5))) == 1


def test_only_its_days_count() -> None:
    weekdays = subscription(weekdays=frozenset(range(5)))
    saturday = datetime(2026, 6, 13, 9, 5, tzinfo=UTC)
    assert due(weekdays, LONG_AGO, saturday)[0].day == date(2026, 6, 12)
    assert next_edition(weekdays, saturday).day == date(2026, 6, 15)


def test_t1_a_day_that_a_zone_skips_has_no_edition() -> None:
    samoa = subscription(zone=ZoneInfo("Pacific/Apia"))
    new_year = datetime(2012, 1, 1, 12, tzinfo=UTC)
    days = [edition.day.day for edition in due(samoa, new_year - timedelta(days=5), new_year)]
    assert days == [1, 31, 29, 28, 27]


@pytest.mark.parametrize(
    ("now", "papers_day"),
    [
        (datetime(2026, 6, 10, 9, tzinfo=UTC), date(2026, 6, 9)),
        (datetime(2026, 6, 15, 9, tzinfo=UTC), date(2026, 6, 12)),  # on Monday Friday's
        (datetime(2026, 6, 10, 1, tzinfo=UTC), date(2026, 6, 8)),  # that of the 9th may still grow
    ],
)
def test_yesterdays_list_is_the_last_working_days(now: datetime, papers_day: date) -> None:
    order = subscription(mode=Mode.YESTERDAY, at=now.time())
    assert edition_on(order, now.date()).papers_day == papers_day


@pytest.mark.parametrize(
    ("zone", "at", "papers_day"),
    [
        ("Europe/Berlin", time(9), DAY),
        ("America/New_York", time(9), DAY),
        ("America/Los_Angeles", time(18), DAY),  # 01:00 UTC of the 11th, whose list has hardly begun
        ("Asia/Tokyo", time(8), date(2026, 6, 9)),
        ("Asia/Shanghai", time(9), date(2026, 6, 9)),
        ("Asia/Shanghai", time(11), DAY),
    ],
)
def test_an_edition_brings_the_newest_day_whose_list_has_had_time_to_fill(zone: str, at: time, papers_day: date) -> None:
    assert edition_on(subscription(zone=ZoneInfo(zone), at=at), DAY).papers_day == papers_day


def test_the_next_edition_skips_days_that_had_theirs() -> None:
    order = subscription()
    before = NOW - timedelta(hours=1)
    assert next_edition(order, before).day == DAY
    assert next_edition(order, before, {DAY}).day == DAY + timedelta(days=1)


@given(
    zone=st.sampled_from(sorted(zone for zone in available_timezones() if "/" in zone)),
    at=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    now=st.integers(0, 22 * 365 * 24 * 60).map(lambda minutes: datetime(2015, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)),
    weekdays=st.frozensets(st.integers(0, 6), min_size=1),
)
def test_between_what_is_due_and_what_comes_next_there_is_nothing(
    zone: str, at: time, now: datetime, weekdays: frozenset[int]
) -> None:
    order = subscription(zone=ZoneInfo(zone), at=at, weekdays=weekdays)
    following = next_edition(order, now)
    assert following.due_at > now
    assert following.day.weekday() in weekdays
    for last in due(order, LONG_AGO, now)[:1]:
        assert last.due_at <= now < following.due_at
        between = [last.day + timedelta(days=n) for n in range(1, (following.day - last.day).days)]
        assert not [day for day in between if day.weekday() in weekdays]
    # At its own instant each edition is what is due: a schedule that wakes then finds it.
    assert due(order, LONG_AGO, following.due_at)[0] == following


@pytest.mark.parametrize(
    ("due_at", "alone", "with_arxiv"),
    [
        (datetime(2026, 12, 9, 3, tzinfo=UTC), 9, 8),  # in New York it is still the 8th
        (datetime(2026, 12, 9, 5, tzinfo=UTC), 9, 8),  # its feed may be some minutes late
        (datetime(2026, 12, 9, 6, tzinfo=UTC), 9, 9),
        (datetime(2026, 7, 9, 3, tzinfo=UTC), 9, 8),
        (datetime(2026, 7, 9, 5, tzinfo=UTC), 9, 9),
    ],
)
def test_with_arxiv_an_edition_brings_a_day_whose_feed_is_there(due_at: datetime, alone: int, with_arxiv: int) -> None:
    assert papers_day(Mode.LIVING, due_at).day == alone
    assert papers_day(Mode.LIVING, due_at, ("huggingface", "arxiv")).day == with_arxiv
