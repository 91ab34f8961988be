"""When a paper appeared, and the times that people name: "7d" is counted from today when it is asked, "2026-01" is a month."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

from papers.language import N_, _
from papers.paper import Paper

UNKNOWN_DAY = date(1970, 1, 1)
_MONTHS = (
    N_("January"),
    N_("February"),
    N_("March"),
    N_("April"),
    N_("May"),
    N_("June"),
    N_("July"),
    N_("August"),
    N_("September"),
    N_("October"),
    N_("November"),
    N_("December"),
)
_SPAN = re.compile(r"(?P<number>\d{1,4}) ?(?P<unit>[dwmy]|days?|weeks?|months?|years?)", re.ASCII)
_DATE = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d{1,2})(?:-(?P<day>\d{1,2}))?)?", re.ASCII)


def day_of(paper: Paper) -> date:
    """The UTC day it was published; for lack of that the first on which it was featured, or else UNKNOWN_DAY."""
    return paper.published_at.date() if paper.published_at else min(paper.featured_on, default=UNKNOWN_DAY)


def time_named(text: str) -> str | None:
    """A time as it is kept: "7d", "2w", "3m", "1y" before today, a day "2026-01-31", a month "2026-01" or a year "2026".

    None for what is none, such as 31 February.
    """
    typed = text.casefold()
    if found := _SPAN.fullmatch(typed):
        return f"{int(found['number'])}{found['unit'][0]}"
    found = _DATE.fullmatch(typed)
    if found is None:
        return None
    year, month, day = (int(found[part] or 1) for part in ("year", "month", "day"))
    try:
        whole = date(year, month, day).isoformat()
    except ValueError:
        return None
    return whole if found["day"] else whole[:7] if found["month"] else whole[:4]


def days_named(kept: str, today: date) -> tuple[date, date]:
    """The first and the last day of a time, as time_named gives it; a span before today is one day, never before year 1."""
    if kept[-1] in "dwmy":
        day = _back(today, int(kept[:-1]), kept[-1])
        return day, day
    year, month, day_of_month = (int(part) for part in f"{kept}-0-0".split("-")[:3])
    last = date(year, month or 12, day_of_month or monthrange(year, month or 12)[1])
    return date(year, month or 1, day_of_month or 1), last


def month_name(month: int) -> str:
    """From 1, in the language spoken, as it stands in a date."""
    return _(_MONTHS[month - 1])


def _back(today: date, number: int, unit: str) -> date:
    """So many days, weeks, months or years before; in a shorter month its last day."""
    if unit in "dw":
        days = number * (7 if unit == "w" else 1)
        return date.fromordinal(max(1, today.toordinal() - days))
    months = today.year * 12 + today.month - 1 - number * (12 if unit == "y" else 1)
    year, month = divmod(months, 12)
    return date(year, month + 1, min(today.day, monthrange(year, month + 1)[1])) if year > 0 else date.min
