"""Builders with sensible defaults: a test names only what it is about."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from digests.planning import Policy
from papers.paper import Paper
from papers.subscription import Subscription
from papers.topic import Topic

DAY = date(2026, 6, 10)  # a Wednesday
NOW = datetime(2026, 6, 10, 9, 0, tzinfo=UTC)
POLICY = Policy(sources=("huggingface",))


def paper(number: int = 1, **fields: Any) -> Paper:
    """A paper with an id made from ``number``, featured on DAY."""
    values: dict[str, Any] = {
        "id": f"2606.{number:05}",
        "title": f"Paper {number}",
        "abstract": f"We study thing {number}. It works.",
        "published_at": datetime(2026, 6, 8, tzinfo=UTC),
        "featured_on": (DAY,),
    }
    return Paper(**{**values, **fields})


def subscription(**fields: Any) -> Subscription:
    """Everything, into channel 10 of server 1, daily at 09:00 UTC."""
    values: dict[str, Any] = {
        "guild_id": 1,
        "channel_id": 10,
        "topic": Topic.parse("everything"),
        "at": time(9, 0),
        "zone": ZoneInfo("UTC"),
        "weekdays": frozenset(range(7)),
    }
    return Subscription(**{**values, **fields})
