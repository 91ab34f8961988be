"""The times that people name, and which days they are."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from papers.dates import days_named, time_named

TODAY = date(2026, 3, 31)


@pytest.mark.parametrize(
    ("typed", "kept", "first", "last"),
    [
        ("7d", "7d", date(2026, 3, 24), date(2026, 3, 24)),
        ("0d", "0d", TODAY, TODAY),
        ("2 weeks", "2w", date(2026, 3, 17), date(2026, 3, 17)),
        ("1m", "1m", date(2026, 2, 28), date(2026, 2, 28)),  # February has no 31st
        ("3 Months", "3m", date(2025, 12, 31), date(2025, 12, 31)),
        ("1y", "1y", date(2025, 3, 31), date(2025, 3, 31)),
        ("9999y", "9999y", date.min, date.min),
        ("2026", "2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2024-2", "2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026-12", "2026-12", date(2026, 12, 1), date(2026, 12, 31)),
        ("2026-1-5", "2026-01-05", date(2026, 1, 5), date(2026, 1, 5)),
        ("0007", "0007", date(7, 1, 1), date(7, 12, 31)),
    ],
)
def test_a_time_is(typed: str, kept: str, first: date, last: date) -> None:
    assert time_named(typed) == kept
    assert days_named(kept, TODAY) == (first, last)


@pytest.mark.parametrize(
    "typed", ["", "d", "7", "7q", "-7d", "0000", "2026-13", "2026-02-30", "2026-", "26-01-01", "٣d", "1d 2d"]
)
def test_no_time_is(typed: str) -> None:
    assert time_named(typed) is None


@given(
    st.one_of(st.text("0123456789-dwmy ", max_size=12), st.from_regex(r"\d{1,4} ?[dwmy]", fullmatch=True)),
    st.dates(),
)
@example("9999m", date.min)
@example("9999-12-31", date.max)
def test_any_time_is_kept_as_the_same_and_has_days(typed: str, today: date) -> None:
    kept = time_named(typed)
    if kept:
        assert time_named(kept) == kept
        first, last = days_named(kept, today)
        assert first <= last
