"""When arXiv announces papers: its days, evenings and holidays, all of them in US Eastern time.

New papers are announced at 20:00 from Sunday to Thursday and stand in the feeds from midnight on, so a feed belongs to a day
from Monday to Friday. That day is also the UTC day of the announcement: 20:00 Eastern is past midnight in UTC, summer and
winter. https://info.arxiv.org/help/availability.html
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from papers.language import N_

EASTERN = ZoneInfo("America/New_York")
_ONE_DAY = timedelta(days=1)
_CUT_OFF = time(14)
_ANNOUNCED = time(20)
_MONDAY = 0
_SATURDAY = 5

# Evenings on which arXiv announces nothing besides Fridays and Saturdays, as it publishes them for each year. Of a year that
# is not here nothing is claimed.
NO_MAILING: dict[int, dict[tuple[int, int], str]] = {
    2026: {
        (1, 1): N_("New Year’s Day"),
        (1, 19): N_("Martin Luther King Jr. Day"),
        (6, 19): N_("Juneteenth"),
        (7, 3): N_("Independence Day, observed"),
        (9, 7): N_("Labor Day"),
        (11, 26): N_("Thanksgiving"),
        (12, 25): N_("Christmas Day"),
        (12, 29): N_("the winter break"),
        (12, 31): N_("the winter break"),
    }
}


class Expected(StrEnum):
    """What a day's feed is to bring."""

    PAPERS = "papers"
    PERHAPS = "perhaps papers"  # a holiday, or the day after: whether the list names evenings or mornings it does not say
    NOTHING = "nothing"


def holiday(day: date) -> str | None:
    """The holiday that may leave a day without new papers: arXiv announces on the evening before, or early that day."""
    for mailing in (day, day - _ONE_DAY):
        name = NO_MAILING.get(mailing.year, {}).get((mailing.month, mailing.day))
        if name:
            return name
    return None


def expected(day: date) -> Expected:
    """What the feed of a day is to bring; at weekends arXiv makes none."""
    if day.weekday() >= _SATURDAY:
        return Expected.NOTHING
    return Expected.PERHAPS if holiday(day) else Expected.PAPERS


def feed_day(now: datetime) -> date:
    """The day whose feed is to be had at an instant: the date in New York."""
    return now.astimezone(EASTERN).date()


def feed_due_at(day: date) -> datetime:
    """When the feed of a day appears, in UTC."""
    return datetime.combine(day, time(), EASTERN).astimezone(UTC)


def announced_at(day: date) -> datetime:
    """When the papers of a day's feed are made public, in UTC: on the evening before."""
    return datetime.combine(day - _ONE_DAY, _ANNOUNCED, EASTERN).astimezone(UTC)


def day_before(day: date) -> date:
    """The last day before ``day`` that has a feed."""
    day -= _ONE_DAY
    while day.weekday() >= _SATURDAY:
        day -= _ONE_DAY
    return day


def submitted_between(day: date) -> tuple[datetime, datetime]:
    """From and until when (in UTC) most of a day's papers were submitted; moderation holds some back for longer."""
    return _cut_off(day_before(day)), _cut_off(day)


def _cut_off(day: date) -> datetime:
    """What is submitted later is not announced with this day's papers. Sunday evening brings what came until Friday."""
    last = day - timedelta(days=3 if day.weekday() == _MONDAY else 1)
    return datetime.combine(last, _CUT_OFF, EASTERN).astimezone(UTC)
