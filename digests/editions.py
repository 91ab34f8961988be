"""Edition: one digest of one subscription for one local date; which one is due, and when the next is."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from datetime import time as local_time

from papers.subscription import Subscription

TOO_LATE = timedelta(hours=12)  # what was missed for longer is yesterday's paper
# A day's list grows for hours: a third of it is there after one hour, nearly three quarters after three.
LIST_FILLS_FOR = timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class Edition:
    """``day`` is a date in the subscription's zone; ``due_at`` its instant, in UTC."""

    subscription: Subscription
    day: date
    due_at: datetime

    @property
    def papers_day(self) -> date:
        """The UTC day whose papers it brings: the newest that has run for three hours when the edition is due."""
        return (self.due_at - LIST_FILLS_FOR).date()


def instant(day: date, at: local_time, zone: tzinfo) -> datetime:
    """The UTC instant of a local time: the first of two when clocks go back, and when they skip it, as far after the skip.

    With ``fold=0`` zoneinfo reads a skipped 02:30 by the offset before the change, which is 03:30 by the new one.
    """
    return datetime.combine(day, at, zone).replace(fold=0).astimezone(UTC)


def edition_on(subscription: Subscription, day: date) -> Edition:
    """The subscription's edition of a local date, whatever its weekdays."""
    return Edition(subscription, day, instant(day, subscription.at, subscription.zone))


def due(subscription: Subscription, owed_since: datetime, now: datetime) -> Edition | None:
    """The newest edition whose time has come, if it is owed and not too late; whether it was sent, the ledger knows."""
    for edition in _around(subscription, now, step=-1):
        if edition.due_at <= now:
            return edition if edition.due_at >= owed_since and now - edition.due_at <= TOO_LATE else None
    return None


def next_edition(subscription: Subscription, now: datetime, planned: Collection[date] = ()) -> Edition:
    """The first edition due after ``now`` on a local date that is not among the ``planned`` ones."""
    editions = (edition for edition in _around(subscription, now, step=1) if edition.day not in planned)
    return next(edition for edition in editions if edition.due_at > now)


def _around(subscription: Subscription, now: datetime, step: int) -> Iterator[Edition]:
    """Editions by local date, from a day before (or after) the present one, in the given direction, for a fortnight."""
    today = now.astimezone(subscription.zone).date()
    for distance in range(-1, 15):
        day = today + timedelta(days=step * distance)
        if day.weekday() in subscription.weekdays:
            yield edition_on(subscription, day)
