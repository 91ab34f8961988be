"""Days without papers, and why: what the sources' own calendars say."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum

from digests.editions import WEEKEND


class QuietDay(StrEnum):
    """Why an edition brings nothing."""

    WEEKEND = "the sources list nothing at weekends"
    HOLIDAY = "arXiv announced nothing"
    NOTHING_LISTED = "nothing is listed"
    NOT_READ = "no source has answered yet"
    OFF_TOPIC = "nothing listed fits the topic"
    SHOWN_BEFORE = "all that fits was shown before"


# Evenings (US Eastern) on which arXiv announces nothing besides Fridays and Saturdays, as it publishes them for each year:
# https://info.arxiv.org/help/availability.html. Of a year that is not here nothing is claimed.
NO_MAILING: dict[int, dict[tuple[int, int], str]] = {
    2026: {
        (1, 1): "New Year’s Day",
        (1, 19): "Martin Luther King Jr. Day",
        (6, 19): "Juneteenth",
        (7, 3): "Independence Day, observed",
        (9, 7): "Labor Day",
        (11, 26): "Thanksgiving",
        (12, 25): "Christmas Day",
        (12, 29): "the winter break",
        (12, 31): "the winter break",
    }
}


def holiday(day: date) -> str | None:
    """The holiday that left a UTC day's list without new papers: arXiv announces on the evening before, or early that day."""
    for mailing in (day, day - timedelta(days=1)):
        name = NO_MAILING.get(mailing.year, {}).get((mailing.month, mailing.day))
        if name:
            return name
    return None


def quiet_kind(day: date, listed: int, on_topic: int, shown_before: int, *, is_read: bool = True) -> QuietDay | None:
    """Why a UTC day brings nothing, by its figures; None if it brings something."""
    if on_topic > shown_before:
        return None
    if on_topic:
        return QuietDay.SHOWN_BEFORE
    if listed:
        return QuietDay.OFF_TOPIC
    if day.weekday() in WEEKEND:
        return QuietDay.WEEKEND
    if not is_read:
        return QuietDay.NOT_READ
    return QuietDay.HOLIDAY if holiday(day) else QuietDay.NOTHING_LISTED
