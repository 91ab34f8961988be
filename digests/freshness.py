"""Whether a source's word can be relied on just now."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from storage.health import Health

_STALE_AFTER = timedelta(hours=2)  # a good answer comes every half hour


class SourceState(StrEnum):
    FRESH = "fresh"
    STALE = "stale"  # its last good answer is old, or the latest was shorter than before
    FAILING = "failing"
    UNREAD = "never read"


def state_of(health: Health | None, now: datetime) -> SourceState:
    """A source's state at ``now``, by what is noted of it."""
    if health is None:
        return SourceState.UNREAD
    if health.failures:
        return SourceState.FAILING
    if health.why or health.answered_at is None or now - health.answered_at > _STALE_AFTER:
        return SourceState.STALE
    return SourceState.FRESH
