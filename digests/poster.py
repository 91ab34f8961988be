"""How a digest gets into a channel: what the sender is promised, and what a failure means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from digests.plan import Digest
from storage.editions import Delivery
from storage.outbox import FollowUp


class Outcome(StrEnum):
    """What a failed request means for its delivery."""

    LATER = "try again later"  # certainly nothing was posted
    UNCERTAIN = "it may have been posted"  # look for it before trying again
    BLOCKED = "Discord takes no requests from here for now"  # stop all sending for a while
    STOPPED = "Discord refuses our token"  # stop everything: no request will do any better
    CLOSED = "the channel is closed to us"  # pause the subscription until it is open again
    GONE = "the channel is gone"  # close the subscription
    REFUSED = "this message was refused"  # for what it is: trying again, or pausing, would help nobody
    DELETED = "its message was deleted"  # by a moderator: never again
    MALFORMED = "this message is malformed"  # our fault, and as good as refused
    NEEDS_TAG = "the forum wants a tag"  # for a moderator to choose


class PostError(Exception):
    """A request failed. ``after`` is how long Discord asked us to wait, where it did."""

    def __init__(self, message: str, outcome: Outcome, after: timedelta = timedelta(0)) -> None:
        super().__init__(message)
        self.outcome = outcome
        self.after = after


@dataclass(frozen=True, slots=True)
class Posted:
    """A message in its channel. ``thread_id`` is a forum post's own; a ``is_final`` message cannot be edited by us."""

    message_id: int
    thread_id: int | None = None
    is_final: bool = False


class Stopped(Exception):
    """Discord refuses our token: nothing more can be sent until a person has given another."""


def name(delivery: Delivery) -> str:
    """For the log."""
    part = f", part {delivery.part}" if delivery.part else ""
    return f"subscription {delivery.subscription.id}, {delivery.edition.day}{part}"


def event(delivery: Delivery, outcome: str) -> dict[str, object]:
    """The same as fields of a log record: what became of a delivery. bot/watching/tally.py counts by them."""
    return {
        "event": "edition",
        "outcome": outcome,
        "subscription": delivery.subscription.id,
        "guild": delivery.subscription.guild_id,
        "channel": delivery.channel_id,
        "day": delivery.edition.day.isoformat(),
        "part": delivery.part,
        "papers": len(delivery.paper_ids),
        "tries": delivery.tries,
    }


class Poster(Protocol):
    """Every method raises PostError."""

    async def post(self, delivery: Delivery, digest: Digest) -> Posted:
        """Post it. Posting twice under one mark within minutes makes one message, except in forums."""
        ...

    async def find(self, delivery: Delivery, since: datetime) -> Posted | None:
        """The message with the delivery's mark; None if there is none, or the channel's history is closed to us."""
        ...

    async def edit(self, delivery: Delivery, digest: Digest) -> None:
        """Make the delivery's message show the digest as it is now. REFUSED: the message is gone."""
        ...

    async def follow_up(self, follow_up: FollowUp) -> None:
        """Do an errand. Doing it twice does no harm."""
        ...
