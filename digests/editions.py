"""Edition: one digest of one subscription for one local date; which one is due, and when the next is."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from datetime import time as local_time

from papers.subscription import Mode, Subscription
from sources.announcements import feed_day

# A day's list grows for hours: a third of it is there after one hour, nearly three quarters after three.
LIST_FILLS_FOR = timedelta(hours=3)
_FEED_APPEARS_WITHIN = timedelta(minutes=30)
WEEKEND = (5, 6)


@dataclass(frozen=True, slots=True)
class Edition:
    """``day`` is a date in the subscription's zone; ``due_at`` its instant, and ``papers_day`` the day of its list, in UTC."""

    subscription: Subscription
    day: date
    due_at: datetime
    papers_day: date


def edition_at(subscription: Subscription, due_at: datetime) -> Edition:
    """The subscription's edition of the local date of an instant, due then."""
    day = due_at.astimezone(subscription.zone).date()
    return Edition(subscription, day, due_at, papers_day(subscription.mode, due_at, subscription.sources))


def papers_day(mode: Mode, due_at: datetime, sources: Collection[str] = ()) -> date:
    """The UTC day whose list an edition brings: the newest that has run for three hours when it is due; with "yesterday" the
    last working day before that, so that Friday's papers come after the weekend. With arXiv among the ``sources`` it is a day
    whose feed is there.
    """
    day = (due_at - LIST_FILLS_FOR).date()
    if "arxiv" in sources:
        day = min(day, feed_day(due_at - _FEED_APPEARS_WITHIN))
    if mode is not Mode.YESTERDAY:
        return day
    day -= timedelta(days=1)
    while day.weekday() in WEEKEND:
        day -= timedelta(days=1)
    return day


def instant(day: date, at: local_time, zone: tzinfo) -> datetime:
    """The UTC instant of a local time: the first of two when clocks go back, and when they skip it, as far after the skip.

    With ``fold=0`` zoneinfo reads a skipped 02:30 by the offset before the change, which is 03:30 by the new one.
    """
    return datetime.combine(day, at, zone).replace(fold=0).astimezone(UTC)


def edition_on(subscription: Subscription, day: date) -> Edition:
    """The subscription's edition of a local date, whatever its weekdays."""
    due_at = instant(day, subscription.at, subscription.zone)
    return Edition(subscription, day, due_at, papers_day(subscription.mode, due_at, subscription.sources))


def due(subscription: Subscription, owed_since: datetime, now: datetime) -> list[Edition]:
    """The editions of the last fortnight whose time has come, and that are owed, the newest first.

    Whether they were sent, the ledger knows.
    """
    editions = []
    for edition in _around(subscription, now, step=-1):
        if edition.due_at < owed_since:
            break
        if edition.due_at <= now:
            editions.append(edition)
    return editions


def next_edition(subscription: Subscription, now: datetime, planned: Collection[date] = ()) -> Edition:
    """The first edition due after ``now`` on a local date that is not among the ``planned`` ones."""
    editions = (edition for edition in _around(subscription, now, step=1) if edition.day not in planned)
    return next(edition for edition in editions if edition.due_at > now)


def owed_after(was: Subscription, order: Subscription, now: datetime) -> datetime | None:
    """From when on a changed subscription owes editions; None where its days and hours stay, and so what it owes.

    From the start of its present day: a new hour that is over already brings today's edition at once, while the past days of
    a new weekday are nobody's loss. And no less than two hours back, for what still waits for its list across midnight.
    """
    if (was.at, was.zone, was.weekdays) == (order.at, order.zone, order.weekdays):
        return None
    midnight = instant(now.astimezone(order.zone).date(), local_time(), order.zone)
    return min(midnight, now - timedelta(hours=2))


def _around(subscription: Subscription, now: datetime, step: int) -> Iterator[Edition]:
    """Editions by local date, from a day before (or after) the present one, in the given direction, for a fortnight."""
    today = now.astimezone(subscription.zone).date()
    for distance in range(-1, 15):
        day = today + timedelta(days=step * distance)
        if day.weekday() in subscription.weekdays:
            edition = edition_on(subscription, day)
            # A zone that crosses the date line skips a whole day (Samoa, 30 December 2011): that day has no edition.
            if edition.due_at.astimezone(subscription.zone).date() == day:
                yield edition
