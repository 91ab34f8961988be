"""Until when a pause lasts, as people write it: "Monday", "2026-12-24", "24 Dec", "3 days"; also in the language spoken."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from papers.language import _
from papers.subscription import SubscriptionError
from papers.typed import in_english

LONGEST = timedelta(days=366)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_NUMBERS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4}
_UNITS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(weeks=1)}
_LEAD = re.compile(r"(?:until|till|to|for|next|on|the)\s+")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})", re.ASCII)
_SPAN = re.compile(r"(\d{1,4}|[a-z]+)\s*(hour|day|week)s?", re.ASCII)
_DAY_FIRST = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?\.?\s+(?:of\s+)?([a-z]{3,9})\.?(?:,?\s+(\d{4}))?", re.ASCII)
_MONTH_FIRST = re.compile(r"([a-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?(?:,?\s+(\d{4}))?", re.ASCII)


def parse_until(text: str, now: datetime, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, at which what is paused goes on. Raises SubscriptionError.

    A date or a day of the week is its midnight in ``zone``, so that the edition of that day comes; days and weeks end at the
    present hour. A date without a year is the next of that name, and "Wednesday", on a Wednesday, the one in a week.
    """
    folded = in_english(text)
    while found := _LEAD.match(folded):
        folded = folded[found.end() :]
    local = now.astimezone(zone)
    until = _after_span(folded, local) or _midnight(_date(folded, local.date()), zone)
    if until is None:
        raise SubscriptionError(
            _("“{typed}” is no end of a pause: write it like Monday, 2026-12-24, 24 Dec or 3 days.").format(
                typed=text.strip()[:40]
            )
        )
    if until <= now:
        problem = _("“{typed}” is not in the future: a pause ends tomorrow, say, or in 12 hours.")
        raise SubscriptionError(problem.format(typed=text.strip()[:40]))
    if until > now + LONGEST:
        raise SubscriptionError(_("A pause with an end lasts a year at most: leave the end out to pause until you resume it."))
    return until


def _after_span(folded: str, local: datetime) -> datetime | None:
    """ "3 days": at the same hour by the local clock, whatever the clocks do in between."""
    found = _SPAN.fullmatch(folded)
    if not found:
        return None
    count = int(found[1]) if found[1].isdecimal() else _NUMBERS.get(found[1])
    if count is None:
        return None
    span = count * _UNITS[found[2]]
    if found[2] == "hour":
        return local.astimezone(UTC) + span
    return (local.replace(tzinfo=None) + span).replace(tzinfo=local.tzinfo).astimezone(UTC)


def _date(folded: str, today: date) -> date | None:
    if folded == "today":
        return today
    if folded == "tomorrow":
        return today + timedelta(days=1)
    for number, name in enumerate(_DAYS):
        if len(folded) >= 2 and name.startswith(folded.removesuffix(".")):
            return today + timedelta(days=(number - today.weekday() - 1) % 7 + 1)
    if found := _ISO.fullmatch(folded):
        return _real(int(found[1]), int(found[2]), int(found[3]))
    if found := _DAY_FIRST.fullmatch(folded):
        return _named(int(found[1]), found[2], found[3], today)
    if found := _MONTH_FIRST.fullmatch(folded):
        return _named(int(found[2]), found[1], found[3], today)
    return None


def _named(day: int, name: str, year: str | None, today: date) -> date | None:
    """A day of a month by its name, of the next year that has it where none is given."""
    month = next((number for number, known in enumerate(_MONTHS, 1) if known.startswith(name)), None)
    if month is None:
        return None
    if year:
        return _real(int(year), month, day)
    found = (_real(today.year + ahead, month, day) for ahead in range(9))
    return next((each for each in found if each and each > today), None)


def _real(year: int, month: int, day: int) -> date | None:
    """The date, if the calendar has it."""
    is_one = 1 <= year <= 9998 and 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]
    return date(year, month, day) if is_one else None


def _midnight(day: date | None, zone: ZoneInfo) -> datetime | None:
    return datetime.combine(day, time.min, zone).astimezone(UTC) if day else None
