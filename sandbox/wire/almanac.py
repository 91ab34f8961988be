"""Who subscribes in a simulated month, and what is listed there."""

from __future__ import annotations

import random
from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo

from papers.paper import Paper
from papers.subscription import Kind, Mode, OnQuietDay
from papers.topic import Topic

WORDS = ("robots", "speech", "diffusion", "agents", "reasoning", "video", "safety", "retrieval")
TITLE = r"On \w+ and \w+, \d+"


def _order(zone: str, hour: int, minute: int = 0, **fields: Any) -> dict[str, Any]:
    common: dict[str, Any] = {"topic": Topic.parse("everything"), "weekdays": frozenset(range(7))}
    return {**common, "at": time(hour, minute), "zone": ZoneInfo(zone), **fields}


ORDERS: list[tuple[Kind, dict[str, Any]]] = [
    (Kind.TEXT, _order("Europe/Berlin", 9)),
    (Kind.TEXT, _order("Europe/Berlin", 2, 30, mode=Mode.ONE_SHOT, size=8)),
    (Kind.TEXT, _order("America/New_York", 8, topic=Topic.parse("robots"), on_quiet_day=OnQuietDay.STAY_SILENT)),
    (Kind.TEXT, _order("Asia/Kolkata", 10, 30, mode=Mode.YESTERDAY, weekdays=frozenset(range(5)))),
    (Kind.TEXT, _order("Australia/Lord_Howe", 2, 15, topic=Topic.parse("speech, video"), has_discussion=True)),
    (Kind.ANNOUNCEMENT, _order("UTC", 12, topic=Topic.parse("agents"))),
    (Kind.THREAD, _order("Pacific/Auckland", 7, is_silent=True)),
    (Kind.FORUM, _order("UTC", 15, topic=Topic.parse("safety"))),
    (Kind.FORUM, _order("UTC", 16, is_per_paper=True, size=2)),
]


def papers_of(day: date, seed: int) -> list[Paper]:
    """A day's papers in the order they are listed: none at weekends, else ten to thirty, with a few old acquaintances."""
    if day.weekday() >= 5:
        return []
    rng = random.Random(f"{seed} {day}")  # noqa: S311
    number = day.toordinal() % 1_000 * 40
    return [
        Paper(
            id=f"2610.{number + n:05}",
            title=f"On {' and '.join(rng.sample(WORDS, 2))}, {number + n}",
            featured_on=(day,),
            votes=rng.randrange(60),
        )
        for n in range(rng.randrange(10, 31))
    ]
