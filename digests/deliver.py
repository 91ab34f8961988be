"""One edition: plan → note it in the ledger → post (passed in) → mark it sent.

The plan, its papers marked as seen and the delivery are one transaction; "sending" is committed before the request leaves.
So a crash at any point leaves a ledger that tells what may be in the channel, and the next run goes on from it.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from digests.editions import TOO_LATE, Edition, due
from digests.plan import Digest, plan
from papers.subscription import OnQuietDay, State, Subscription
from storage.ledger import Delivery, DeliveryState, Plan
from storage.store import Store

log = logging.getLogger(__name__)

# A list last read this long before an edition's hour is asked for again first; if the sources stay silent, the edition
# goes out with what there is after a while.
STALE_AFTER = timedelta(hours=1)
WAIT_FOR_SOURCES = timedelta(hours=2)


class Outcome(StrEnum):
    """What a failed post means for its delivery."""

    LATER = "try again later"  # certainly nothing was posted
    UNCERTAIN = "it may have been posted"  # look for it before trying again
    CLOSED = "the channel is gone, or closed to us"  # pause the subscription
    OUR_FAULT = "the message was refused as malformed"  # tell the operator; the subscription can do nothing about it


class PostError(Exception):
    """A message was not posted, as far as we know."""

    def __init__(self, message: str, outcome: Outcome) -> None:
        super().__init__(message)
        self.outcome = outcome


class Poster(Protocol):
    """How a digest gets into a channel."""

    async def post(self, channel_id: int, digest: Digest, mark: str) -> int:
        """Post it and return the message's id. Posting twice under one ``mark`` within minutes makes one message.

        Raises PostError.
        """
        ...

    async def find(self, channel_id: int, mark: str, since: datetime) -> int | None:
        """The id of the message with that mark, if the channel has one; None too where its history cannot be read."""
        ...


class Courier:
    """Plans and posts editions, one at a time. Methods raise StorageError."""

    def __init__(self, store: Store, poster: Poster) -> None:
        self._store = store
        self._poster = poster
        self._turn = asyncio.Lock()  # "Post one now" must not meet the schedule over one delivery

    async def deliver_due(self, now: datetime) -> int:
        """Plan what is due at ``now``, post everything unsent, and return how many messages went out."""
        async with self._turn:
            await plan_due(self._store, now)
            return await self._send_unsent(now)

    async def post_now(self, subscription: Subscription, now: datetime) -> Delivery | None:
        """Bring the subscription's edition of the present local date forward, with the papers of the UTC day running now.

        The delivery, sent or not; None where there is nothing to post. If the day had its edition, that one is returned.
        """
        edition = Edition(subscription, now.astimezone(subscription.zone).date(), now)
        async with self._turn:
            if await plan_edition(self._store, edition, now):
                delivery = await self._store.ledger.of_edition(subscription.id, edition.day)
                if delivery:
                    await self._send(delivery, now)
            return await self._store.ledger.of_edition(subscription.id, edition.day)

    async def _send_unsent(self, now: datetime) -> int:
        sent = 0
        for delivery in await self._store.ledger.unsent():
            begun = delivery.state is DeliveryState.SENDING
            if not begun and now - delivery.due_at > 2 * TOO_LATE:
                await self._store.ledger.refused(delivery, "too late")
                log.warning("edition given up, too late: %s", _name(delivery))
            elif begun or delivery.subscription.state is State.ACTIVE:
                sent += await self._send(delivery, now)
        return sent

    async def _send(self, delivery: Delivery, now: datetime) -> bool:
        """Post one delivery and mark it sent; False where it could not be posted now.

        One that was begun before is looked for in the channel first: the crash may have come after the post.
        """
        message_id = None
        if delivery.first_tried_at is not None:
            message_id = await self._poster.find(delivery.channel_id, delivery.mark, delivery.first_tried_at)
        if message_id is None:
            await self._store.ledger.begin(delivery, now)
            try:
                digest = await digest_of(self._store, delivery)
                message_id = await self._poster.post(delivery.channel_id, digest, delivery.mark)
            except PostError as error:
                await self._not_posted(delivery, error, now)
                return False
        await self._store.ledger.sent(delivery, message_id, now)
        log.info("edition posted: %s, %d papers, message %d", _name(delivery), len(delivery.paper_ids), message_id)
        return True

    async def _not_posted(self, delivery: Delivery, error: PostError, now: datetime) -> None:
        log.warning("edition not posted, %s: %s: %s", error.outcome, _name(delivery), error)
        if error.outcome is Outcome.LATER:
            await self._store.ledger.back_to_plan(delivery, str(error))
        elif error.outcome is not Outcome.UNCERTAIN:
            await self._store.ledger.refused(delivery, str(error))
        if error.outcome is Outcome.CLOSED:
            await self._store.subscriptions.set_state(delivery.subscription.id, State.PAUSED, now)


async def plan_due(store: Store, now: datetime) -> None:
    """Plan the editions whose time has come, each once, the earliest due first."""
    planned = await store.ledger.days_planned(since=now - TOO_LATE - timedelta(days=1))
    owed = [edition for o in await store.subscriptions.active() if (edition := due(o.subscription, o.owed_since, now))]
    for edition in sorted(owed, key=lambda edition: edition.due_at):
        if (edition.subscription.id, edition.day) not in planned and await _is_ready(store, edition, now):
            await plan_edition(store, edition, now)


async def _is_ready(store: Store, edition: Edition, now: datetime) -> bool:
    """Whether the day's list has been read lately enough to tell "no papers" from "not read"."""
    fetched_at = await store.papers.fetched_at(edition.papers_day)
    if fetched_at is None:
        log.info("edition waits for the papers of %s: subscription %d", edition.papers_day, edition.subscription.id)
        return False
    return fetched_at >= edition.due_at - STALE_AFTER or now >= edition.due_at + WAIT_FOR_SOURCES


async def plan_edition(store: Store, edition: Edition, now: datetime) -> bool:
    """Plan one edition and write it down; False if its day had one already."""
    order = edition.subscription
    digest = await preview(store, edition)
    edition_id = await store.ledger.plan(
        Plan(
            subscription_id=order.id,
            channel_id=order.channel_id,
            day=edition.day,
            due_at=edition.due_at,
            planned_at=now,
            paper_ids=[paper.id for paper in digest.papers],
            listed=digest.listed,
            on_topic=digest.on_topic,
            shown_before=digest.shown_before,
            is_posted=bool(digest.papers) or order.on_quiet_day is OnQuietDay.SAY_SO,
        )
    )
    if edition_id is not None:
        log.info("edition planned: subscription %d, %s, %d papers", order.id, edition.day, len(digest.papers))
    return edition_id is not None


async def preview(store: Store, edition: Edition) -> Digest:
    """What the edition would bring if it were planned now."""
    papers = await store.papers.featured(edition.papers_day)
    return plan(edition, papers, await store.ledger.seen(edition.subscription.channel_id))


async def digest_of(store: Store, delivery: Delivery) -> Digest:
    """The digest as it was planned."""
    edition = Edition(delivery.subscription, delivery.day, delivery.due_at)
    papers = await store.papers.get_many(delivery.paper_ids)
    return Digest(edition, tuple(papers), delivery.listed, delivery.on_topic, delivery.shown_before)


def _name(delivery: Delivery) -> str:
    return f"subscription {delivery.subscription.id}, {delivery.day}"
