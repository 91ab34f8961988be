"""Values out of JSON that may hold anything: each reader gives what is sound, or that there is none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from papers.text import clean
from sources.tex import readable

_EARLIEST, _LATEST = datetime(1991, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)  # arXiv's life
_LARGEST = 2**31 - 1


def text(values: Mapping[str, Any], key: str) -> str:
    """A text as it came, or ""."""
    value = values.get(key)
    return value if isinstance(value, str) else ""


def line(values: Mapping[str, Any], key: str) -> str:
    """A text for people, on one line with its TeX readable, or ""."""
    told = text(values, key)
    return clean(readable(told)) if told else ""


def items(values: Mapping[str, Any], key: str) -> list[Any]:
    """A list, or an empty one."""
    value = values.get(key)
    return value if isinstance(value, list) else []


def count(values: Mapping[str, Any], key: str) -> int | None:
    """A number of things, at least 0, or None."""
    value = values.get(key)
    return min(max(value, 0), _LARGEST) if isinstance(value, int) and not isinstance(value, bool) else None


def moment(value: object) -> datetime | None:
    """An ISO-8601 instant, in UTC; one without a zone is taken as UTC, and one outside arXiv's life is none."""
    if not isinstance(value, str):
        return None
    try:
        return sound(datetime.fromisoformat(value.strip()))
    except ValueError:
        return None


def sound(found: datetime) -> datetime | None:
    """The instant in UTC, or None where it lies outside arXiv's life."""
    try:
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except OverflowError:
        return None
    return found if _EARLIEST <= found < _LATEST else None
