"""Subscription: a channel's standing order for a digest, and the words people write one with."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from papers.filters import SOURCES
from papers.language import N_, _
from papers.topic import Topic
from papers.typed import in_english

MAX_SIZE = 8  # Discord takes 40 components in a message, and each paper needs four
DAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_NAMED_DAYS = {
    "weekdays": (0, 1, 2, 3, 4),
    "workdays": (0, 1, 2, 3, 4),
    "weekend": (5, 6),
    "weekends": (5, 6),
    "daily": tuple(range(7)),
    "every day": tuple(range(7)),
    "everyday": tuple(range(7)),
    "all": tuple(range(7)),
}
_TIME = re.compile(r"(?P<hour>\d{1,2})(?:\s?[:.h]\s?(?P<minute>\d{2})|\s?(?:h|uhr))?\s*(?P<half>[ap]\.?m\.?)?", re.IGNORECASE)


class State(StrEnum):
    """Whether a subscription posts. A removed one stays in the store, so that the ledger keeps its meaning."""

    ACTIVE = "active"
    PAUSED = N_("paused")  # by a person
    SHUT_OUT = N_("shut out")  # Paperboy lost access to the channel; it goes on by itself when that is back
    CLOSED = N_("closed")  # the channel is gone
    REMOVED = "removed"


class OnQuietDay(StrEnum):
    """What a subscription does on a day without a matching paper."""

    SAY_SO = "say so"
    STAY_SILENT = "stay silent"


class Mode(StrEnum):
    """Which list an edition brings, and whether it grows."""

    LIVING = "living"  # the day's list so far; the message is edited as late papers and votes arrive
    ONE_SHOT = "one-shot"  # the day's list so far, never edited
    YESTERDAY = "yesterday"  # the last working day's list, complete


class Summaries(StrEnum):
    """How much of each paper an edition tells below its title."""

    NONE = "none"  # titles and figures alone
    SHORT = "short"  # a sentence or two
    FULL = "full"  # the whole short summary, as room allows


class Kind(StrEnum):
    """What kind of channel an edition goes to."""

    TEXT = "text"
    ANNOUNCEMENT = "announcement"  # its messages are published to the channels that follow it
    THREAD = "thread"
    FORUM = "forum"  # each edition, or each paper, is a post
    DIRECT = "direct"  # a private message to the one who follows
    INBOX = "inbox"  # nowhere: who follows takes no private messages, and looks with `/inbox`


class SubscriptionError(ValueError):
    """What was typed is no time, zone or list of days; the message is a sentence for the person who typed it."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A standing order: at ``at`` local time in ``zone`` on ``weekdays`` (Monday is 0), the ``size`` best papers on ``topic``.

    ``role_id`` is mentioned in each edition; a ``is_silent`` one notifies nobody; ``has_discussion`` opens a thread under
    each. In a forum, ``is_per_paper`` makes a post of each paper, and ``tag_id`` is the tag of posts that no other tag fits.
    ``sources`` are those whose papers it brings, by name. What is paused until ``paused_until`` goes on then by itself.

    One that a person follows alone has ``guild_id`` 0 and their ``user_id``; it leaves out what the channels ``besides``
    have shown, and its ``language`` is theirs, as Discord names it ("de", "en-GB"); a server's has none of its own. ``id`` is 0
    until it is stored.
    """

    guild_id: int
    channel_id: int
    topic: Topic
    at: time
    zone: ZoneInfo
    weekdays: frozenset[int] = frozenset(range(5))
    size: int = 5
    on_quiet_day: OnQuietDay = OnQuietDay.SAY_SO
    mode: Mode = Mode.LIVING
    summaries: Summaries = Summaries.SHORT
    kind: Kind = Kind.TEXT
    role_id: int | None = None
    is_silent: bool = False
    has_discussion: bool = False
    is_per_paper: bool = False
    tag_id: int | None = None
    sources: tuple[str, ...] = ("huggingface",)
    paused_until: datetime | None = None
    user_id: int | None = None
    besides: tuple[int, ...] = ()
    language: str = ""
    state: State = State.ACTIVE
    id: int = 0

    def __post_init__(self) -> None:
        if not self.weekdays or not self.weekdays <= frozenset(range(7)):
            raise SubscriptionError(_("A subscription needs at least one day of the week."))
        if not 1 <= self.size <= MAX_SIZE:
            raise SubscriptionError(_("A digest shows 1 to {most} papers.").format(most=MAX_SIZE))
        if not self.sources or not set(self.sources) <= set(SOURCES.values()):
            raise SubscriptionError(_("A subscription needs a source: Hugging Face, arXiv, or both."))
        if self.is_per_paper and self.kind is not Kind.FORUM:
            raise SubscriptionError(_("One post per paper needs a forum channel."))
        if self.has_discussion and self.kind not in {Kind.TEXT, Kind.ANNOUNCEMENT}:
            raise SubscriptionError(_("A discussion thread can only be opened under a digest in a text channel."))


def parse_time(text: str) -> time:
    """A local time as people write it: "9", "09:00", "9.30", "7:15 pm", "9 h 30", "9 Uhr". Raises SubscriptionError."""
    found = _TIME.fullmatch(text.strip())
    if found:
        hour, minute = int(found["hour"]), int(found["minute"] or 0)
        half = (found["half"] or "").lower()[:1]
        if half and not 1 <= hour <= 12:
            hour = 24  # "15 pm" is no time
        elif half:
            hour = hour % 12 + (12 if half == "p" else 0)
        if hour < 24 and minute < 60:
            return time(hour, minute)
    raise SubscriptionError(_("“{typed}” is not a time of day: write it like 09:00 or 9:30 pm.").format(typed=text.strip()[:40]))


def parse_zone(text: str) -> ZoneInfo:
    """A zone of the IANA time zone database by its name, e.g. "Europe/Berlin". Raises SubscriptionError."""
    name = "_".join(text.split())
    for zone in zone_names():
        if zone.casefold() == name.casefold():
            return ZoneInfo(zone)
    problem = _("“{typed}” is not a time zone: choose one from the list, such as Europe/Berlin.")
    raise SubscriptionError(problem.format(typed=text.strip()[:40]))


@cache
def zone_names() -> tuple[str, ...]:
    """The zones people live in, and UTC first: the database's names without its aliases for offsets and old habits."""
    return ("UTC", *sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/")))


def parse_days(text: str) -> frozenset[int]:
    """Days of the week as people write them: "weekdays", "daily", "Mon-Fri", "mon, wed, fri", also in the language spoken.

    Raises SubscriptionError.
    """
    folded = in_english(text)
    if folded in _NAMED_DAYS:
        return frozenset(_NAMED_DAYS[folded])
    days: set[int] = set()
    for part in filter(None, re.split(r"[,;/ ]+", re.sub(r"\s*[-–]\s*", "-", folded))):
        first, _, last = part.partition("-")
        start, end = _day(first, text), _day(last or first, text)
        days.update((start + step) % 7 for step in range((end - start) % 7 + 1))
    if not days:
        raise _no_days(text)
    return frozenset(days)


def _day(name: str, text: str) -> int:
    name = name.removesuffix(".")
    for number, day in enumerate(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")):
        if len(name) >= 2 and day.startswith(name):
            return number
    raise _no_days(text)


def _no_days(text: str) -> SubscriptionError:
    problem = _("“{typed}” is no list of days: write weekdays, daily, or a list like Mon, Wed, Fri.")
    return SubscriptionError(problem.format(typed=text.strip()[:40]))


def days_in_words(weekdays: Iterable[int]) -> str:
    """ "weekdays", "every day", or the days by name in the week's order ("Mon, Wed"): in English, for what is stored."""
    days = sorted(weekdays)
    if days == list(range(7)):
        return "every day"
    if days == list(range(5)):
        return "weekdays"
    return ", ".join(DAY_NAMES[day] for day in days)
