"""Dates, weekdays, numbers and lists as the language spoken writes them.

English is written here, British as all our texts are; the others' ways are Unicode's, through Babel (https://babel.pocoo.org).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, time

from papers.language import ENGLISH, _, spoken


def number(value: int) -> str:
    """ "12,345"."""
    return _decimal(value, f"{value:,}", "#,##0")


def money(value: float) -> str:
    """ "1,234.50", without a currency."""
    return _decimal(value, f"{value:,.2f}", "#,##0.00")


def long_date(day: date) -> str:
    """ "Wednesday 10 June"."""
    return _date(day, f"{day:%A} {day.day} {day:%B}", {"de": "EEEE, d. MMMM"}.get(spoken(), "EEEE d MMMM"))


def day_and_month(day: date) -> str:
    """ "10 June"."""
    return _date(day, f"{day.day} {day:%B}", _day_first("MMMM"))


def day_and_year(day: date) -> str:
    """ "10 June 2026"."""
    return _date(day, f"{day.day} {day:%B} {day.year}", _day_first("MMMM y"))


def short_day(day: date) -> str:
    """ "10 Jun"."""
    return _date(day, f"{day.day} {day:%b}", _day_first("MMM"))


def short_day_and_year(day: date) -> str:
    """ "10 Jun 2026"."""
    return _date(day, f"{day.day} {day:%b} {day.year}", _day_first("MMM y"))


def clock(at: time) -> str:
    """ "09:00"; the languages that we have write it alike."""
    return f"{at:%H:%M}"


def weekday(number: int) -> str:
    """A day of the week in short, from 0, Monday: "Mon", as it stands alone."""
    day = date(2024, 1, 1 + number)  # which began on a Monday
    return _date(day, f"{day:%a}", "ccc")


def days(weekdays: Iterable[int]) -> str:
    """ "weekdays", "every day", or the days by name in the week's order ("Mon, Wed")."""
    order = sorted(weekdays)
    if order == list(range(7)):
        return _("every day")
    if order == list(range(5)):
        return _("weekdays")
    return ", ".join(weekday(day) for day in order)


def listed(items: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    if spoken() == ENGLISH or len(items) < 2:
        return f"{', '.join(items[:-1])} and {items[-1]}" if len(items) > 1 else "".join(items)
    from babel.lists import format_list

    return format_list(items, locale=spoken())


def _day_first(rest: str) -> str:
    return f"d. {rest}" if spoken() == "de" else f"d {rest}"


def _date(day: date, english: str, pattern: str) -> str:
    """``pattern`` is Unicode's: https://www.unicode.org/reports/tr35/tr35-dates.html#Date_Field_Symbol_Table"""
    if spoken() == ENGLISH:
        return english
    from babel.dates import format_date  # a tenth of a second, and not needed by those who speak English

    written = format_date(day, pattern, locale=spoken())
    return written.replace("1 ", "1er ", 1) if spoken() == "fr" and day.day == 1 else written


def _decimal(value: float, english: str, pattern: str) -> str:
    if spoken() == ENGLISH:
        return english
    from babel.numbers import format_decimal

    return format_decimal(value, pattern, locale=spoken())
