"""Days without papers, and why: what the sources' own calendars say."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from digests.editions import WEEKEND
from sources.announcements import holiday


class QuietDay(StrEnum):
    """Why an edition brings nothing."""

    WEEKEND = "the sources list nothing at weekends"
    HOLIDAY = "arXiv announced nothing"
    NOTHING_LISTED = "nothing is listed"
    NOT_READ = "no source has answered yet"
    OFF_TOPIC = "nothing listed fits the topic"
    SHOWN_BEFORE = "all that fits was shown before"


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
