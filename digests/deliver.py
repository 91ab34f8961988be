"""One edition: plan → note it in the ledger → post (passed in) → mark it sent.

The plan, its papers marked as seen and the delivery are one transaction; "sending" is committed before the request leaves.
So a crash at any point leaves a ledger that tells what may be in the channel, and the next run goes on from it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import zip_longest
from typing import Protocol, TypeVar

from digests.editions import TOO_LATE, Edition, due
from digests.plan import Digest, plan
from papers.subscription import OnQuietDay, State, Subscription
from storage.engine import StorageError
from storage.ledger import Delivery, Plan
from storage.store import Store

log = logging.getLogger(__name__)

T = TypeVar("T")

# A list last read this long before an edition's hour is asked for again first; if the sources stay silent, the edition
# goes out with what there is after a while.
STALE_AFTER = timedelta(hours=1)
WAIT_FOR_SOURCES = timedelta(hours=2)
GIVEN_UP_AFTER = timedelta(hours=24)
WORKERS = 32  # posts on their way at one time; more only wait for Discord's limit elsewhere
BLOCKED_FOR = timedelta(minutes=10)
# For so long after a first try Discord surely still knows its nonce and returns the message it made ("the past few minutes").
NONCE_WINDOW = timedelta(minutes=2)


class Outcome(StrEnum):
    """What a failed post means for its delivery."""

    LATER = "try again later"  # certainly nothing was posted
    UNCERTAIN = "it may have been posted"  # look for it before trying again
    BLOCKED = "Discord takes no requests from here for now"  # stop all sending for a while
    CLOSED = "the channel is gone, or closed to us"  # pause the subscription
    REFUSED = "this message was refused"  # for what it is: trying again, or pausing, would help nobody
    MALFORMED = "this message is malformed"  # our fault, and as good as refused


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
        """The id of the message with that mark; None if the channel has none, or its history is closed to us.

        Raises PostError where it could not be looked for just now.
        """
        ...


class Courier:
    """Plans and posts editions: several at a time, but one at a time to a channel. Methods raise StorageError."""

    def __init__(self, store: Store, poster: Poster) -> None:
        self._store = store
        self._poster = poster
        self._planning = asyncio.Lock()
        self._channels: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._at_work: set[int] = set()  # ids of the deliveries that a round has in hand
        self._blocked_until: datetime | None = None

    async def plan(self, now: datetime) -> None:
        """Plan what is due at ``now``, without posting."""
        async with self._planning:
            await plan_due(self._store, now)

    async def deliver_due(self, now: datetime) -> int:
        """Plan what is due at ``now``, post everything unsent, and return how many messages went out.

        Servers take turns, so that one with many channels does not keep the others waiting. What another round still
        has in hand is left to it.
        """
        await self.plan(now)
        async with self._planning:
            # Taken before the ledger is read: what another round finishes meanwhile may still be unsent in what was read.
            in_hand = frozenset(self._at_work)
            unsent = [d for d in await self._store.ledger.unsent() if d.id not in in_hand]
            self._at_work |= {delivery.id for delivery in unsent}
        waiting = deque(in_turns(unsent, by=lambda delivery: delivery.subscription.guild_id))
        failures: list[StorageError] = []
        try:
            async with asyncio.TaskGroup() as group:
                count = min(WORKERS, len(unsent))
                workers = [group.create_task(self._work_off(waiting, failures, now)) for _ in range(count)]
        finally:
            self._at_work -= {delivery.id for delivery in unsent}
        if failures:
            raise failures[0]
        return sum(worker.result() for worker in workers)

    async def post_now(self, subscription: Subscription, now: datetime) -> Delivery | None:
        """Bring the subscription's edition of the present local date forward; its delivery, sent or not.

        If the day had its edition, that one is returned. None where there is nothing to post yet: then nothing is
        planned either, and the edition comes at its hour.
        """
        edition = Edition(subscription, now.astimezone(subscription.zone).date(), now)
        delivery = None
        async with self._planning:
            if (await preview(self._store, edition)).papers and await plan_edition(self._store, edition, now):
                delivery = await self._store.ledger.of_edition(subscription.id, edition.day)
            if delivery:
                self._at_work.add(delivery.id)
        if delivery:
            try:
                async with self._channels[delivery.channel_id]:
                    await self._send(delivery, now)
            finally:
                self._at_work.discard(delivery.id)
        return await self._store.ledger.of_edition(subscription.id, edition.day)

    async def _work_off(self, waiting: deque[Delivery], failures: list[StorageError], now: datetime) -> int:
        """Take deliveries off the queue until it is empty; how many messages are in their channels now.

        Without the store nothing more is sent: what cannot be noted must not be posted.
        """
        sent = 0
        while waiting and not failures and not (self._blocked_until and now < self._blocked_until):
            delivery = waiting.popleft()
            try:
                async with self._channels[delivery.channel_id]:
                    sent += await self._go_on(delivery, now)
            except StorageError as error:
                failures.append(error)
            except Exception:
                # A fault of ours in one edition must not keep the others from their channels.
                log.exception("edition not posted: %s", _name(delivery))
        return sent

    async def _go_on(self, delivery: Delivery, now: datetime) -> bool:
        """Take an unsent delivery one step on; True if its message is in the channel now."""
        is_owed = delivery.subscription.state is State.ACTIVE and now - delivery.due_at <= GIVEN_UP_AFTER
        if is_owed:
            return await self._send(delivery, now)
        try:
            if delivery.first_tried_at is not None and await self._found(delivery, now):
                return True
        except PostError:
            return False  # it can wait for an answer: nothing more will be posted
        await self._store.ledger.expired(delivery, "too late, or no longer wanted")
        log.warning("edition given up, too late or no longer wanted: %s", _name(delivery))
        return False

    async def _send(self, delivery: Delivery, now: datetime) -> bool:
        """Post one delivery and mark it sent; False where it could not be posted now.

        One that was begun lately is sent again under the same nonce: even a request that is still on its way then makes one
        message. One that was begun longer ago is looked for in the channel first.
        """
        digest = await digest_of(self._store, delivery)
        tried_at = delivery.first_tried_at
        try:
            if tried_at is not None and now - tried_at > NONCE_WINDOW and await self._found(delivery, now):
                return True
            await self._store.ledger.begin(delivery, now)
            message_id = await self._poster.post(delivery.channel_id, digest, delivery.mark)
        except PostError as error:
            await self._not_posted(delivery, error, now)
            return False
        await self._sent(delivery, message_id, now)
        return True

    async def _found(self, delivery: Delivery, now: datetime) -> bool:
        """Whether an earlier try has left its message; then the delivery is marked sent. Raises PostError."""
        message_id = await self._poster.find(delivery.channel_id, delivery.mark, delivery.first_tried_at or now)
        if message_id is not None:
            await self._sent(delivery, message_id, now)
        return message_id is not None

    async def _sent(self, delivery: Delivery, message_id: int, now: datetime) -> None:
        await self._store.ledger.sent(delivery, message_id, now)
        log.info("edition posted: %s, %d papers, message %d", _name(delivery), len(delivery.paper_ids), message_id)

    async def _not_posted(self, delivery: Delivery, error: PostError, now: datetime) -> None:
        log.warning("edition not posted, %s: %s: %s", error.outcome, _name(delivery), error)
        if error.outcome is Outcome.BLOCKED:
            self._blocked_until = now + BLOCKED_FOR
            log.error("all sending stops until %s: %s", self._blocked_until, error)
        if error.outcome in {Outcome.LATER, Outcome.BLOCKED} and delivery.first_tried_at is None:
            await self._store.ledger.back_to_plan(delivery, str(error))
        elif error.outcome in {Outcome.CLOSED, Outcome.REFUSED, Outcome.MALFORMED}:
            await self._store.ledger.refused(delivery, str(error))
        # Otherwise it stays begun: an earlier try may have left a message.
        if error.outcome is Outcome.CLOSED:
            await self._store.subscriptions.set_state(delivery.subscription.id, State.PAUSED, now)


def in_turns(things: Iterable[T], by: Callable[[T], object]) -> Iterator[T]:
    """The first thing of each group, then the second of each, and so on; within a group the order stays."""
    groups: dict[object, list[T]] = {}
    for thing in things:
        groups.setdefault(by(thing), []).append(thing)
    for round_ in zip_longest(*groups.values()):
        yield from (thing for thing in round_ if thing is not None)


async def plan_due(store: Store, now: datetime) -> None:
    """Plan the editions whose time has come, each once, the earliest due first."""
    for edition in await owed(store, now):
        if await _is_ready(store, edition, now):
            await plan_edition(store, edition, now)


async def stale_days(store: Store, now: datetime) -> set[date]:
    """The UTC days whose lists editions are waiting for."""
    return {edition.papers_day for edition in await owed(store, now) if not await _is_ready(store, edition, now)}


async def owed(store: Store, now: datetime) -> list[Edition]:
    """The editions whose time has come and that are not planned, the earliest due first."""
    planned = await store.ledger.days_planned(since=now - TOO_LATE - timedelta(days=1))
    orders = await store.subscriptions.active()
    editions = [edition for o in orders if (edition := due(o.subscription, o.owed_since, now))]
    return sorted((e for e in editions if (e.subscription.id, e.day) not in planned), key=lambda edition: edition.due_at)


async def _is_ready(store: Store, edition: Edition, now: datetime) -> bool:
    """Whether the day's list has been read lately enough to tell "no papers" from "not read"."""
    fetched_at = await store.papers.fetched_at(edition.papers_day)
    if fetched_at is None:
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
