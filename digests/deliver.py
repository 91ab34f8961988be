"""One edition: plan → note it in the ledger → post (passed in) → mark it sent.

The plan, its papers marked as seen and the delivery are one transaction; the claim is committed before the request leaves.
So a crash at any point leaves a ledger that tells what may be in the channel, and the next round goes on from it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import zip_longest
from time import monotonic
from typing import TypeVar

from digests.editions import edition_at
from digests.errands import follow_up_due
from digests.grow import grow_due
from digests.planning import Lists, Policy, digest_of, plan_due, plan_edition, preview
from digests.poster import Outcome, Posted, Poster, PostError, Stopped, name
from papers.subscription import Kind, State, Subscription
from storage.editions import Delivery
from storage.engine import StorageError
from storage.store import Store

log = logging.getLogger(__name__)

T = TypeVar("T")
Clock = Callable[[], datetime]

WORKERS = 32  # posts on their way at one time; more only wait for Discord's limit elsewhere
BLOCKED_FOR = timedelta(minutes=10)
# For so long after a first try Discord surely still knows its nonce and returns the message it made ("the past few minutes").
NONCE_WINDOW = timedelta(minutes=2)
# What leaves so late may have left before: from a database that was since restored from an older copy. It is looked for.
UNPROVEN_AFTER = timedelta(minutes=10)
_FAILURES_IN_A_ROW = 5  # over all channels: then Discord is down, and is left alone for a while
_LONGEST_REST = timedelta(minutes=5)
_QUICK_TRIES = 3  # one in each round; after that the pauses double
_LONGEST_PAUSE = timedelta(minutes=15)


class Courier:
    """Plans and posts editions: several at a time, but one at a time to a channel. Methods raise StorageError and Stopped."""

    def __init__(self, store: Store, poster: Poster, policy: Policy) -> None:
        self._store = store
        self._poster = poster
        self.policy = policy
        self._planning = asyncio.Lock()
        self._channels: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._resting_until: datetime | None = None
        self._failures = 0  # in a row
        self._is_stopping = False

    @property
    def resting_until(self) -> datetime | None:
        """Until when nothing is sent, because Discord is down or takes no requests from here."""
        return self._resting_until

    def stop(self) -> None:
        """Take nothing more up; what is on its way is finished."""
        self._is_stopping = True

    async def plan(self, now: datetime) -> None:
        """Plan what is due at ``now``, without posting."""
        async with self._planning:
            await plan_due(self._store, now, self.policy)

    async def deliver_due(self, now: datetime) -> int:
        """Plan what is due at ``now``, post everything unsent, and return how many messages went out.

        Servers take turns, so that one with many channels does not keep the others waiting.
        """
        await self.plan(now)
        clock = running_on(now)
        unsent = [
            d for d in await self._store.ledger.unsent(now) if d.subscription.state is not State.SHUT_OUT or self._is_late(d, now)
        ]
        waiting = deque(in_turns(unsent, by=lambda delivery: delivery.subscription.guild_id))
        failures: list[Exception] = []
        sent = 0
        if self._failures and waiting:  # after a rest one goes ahead, to see how the land lies
            sent = await self._work_off(deque([waiting.popleft()]), failures, clock)
        async with asyncio.TaskGroup() as group:
            count = min(WORKERS, len(waiting))
            workers = [group.create_task(self._work_off(waiting, failures, clock)) for _ in range(count)]
        if failures:
            raise failures[0]
        return sent + sum(worker.result() for worker in workers)

    async def post_now(self, subscription: Subscription, now: datetime) -> list[Delivery]:
        """Bring the subscription's edition of the present local date forward; its deliveries, sent or not.

        If the day had its edition, its deliveries are returned. Where there is nothing to post yet, none: then nothing is
        planned either, and the edition comes at its hour.
        """
        edition = edition_at(subscription, now)
        clock = running_on(now)
        lists = Lists(self._store)
        is_planned = False
        async with self._planning:
            if (await preview(lists, edition, self.policy)).papers:
                is_planned = await plan_edition(lists, edition, now, self.policy)
        deliveries = await self._store.ledger.of_edition(subscription.id, edition.day)
        for delivery in deliveries if is_planned else ():
            async with self._channels[delivery.channel_id]:
                await self._go_on(delivery, clock)
        return await self._store.ledger.of_edition(subscription.id, edition.day)

    async def grow(self, now: datetime) -> int:
        """Bring the living editions up to date; how many messages were edited."""
        return 0 if self._is_resting(now) else await grow_due(self._store, self._poster, self.policy, now)

    async def follow_up(self, now: datetime) -> int:
        """Publish what is to be published, and open threads; how many were done."""
        return 0 if self._is_resting(now) else await follow_up_due(self._store, self._poster, now)

    async def _work_off(self, waiting: deque[Delivery], failures: list[Exception], clock: Clock) -> int:
        """Take deliveries off the queue until it is empty; how many messages are in their channels now.

        Without the store nothing more is sent: what cannot be noted must not be posted.
        """
        sent = 0
        while waiting and not failures and not self._is_stopping and not self._is_resting(clock()):
            delivery = waiting.popleft()
            try:
                async with self._channels[delivery.channel_id]:
                    sent += await self._go_on(delivery, clock)
            except (StorageError, Stopped) as error:
                failures.append(error)
            except Exception:
                # A fault of ours in one edition must not keep the others from their channels.
                log.exception("edition not posted: %s", name(delivery))
        return sent

    async def _go_on(self, delivery: Delivery, clock: Clock) -> bool:
        """Take an unsent delivery one step on; True if its message is in the channel now."""
        digest = await digest_of(self._store, delivery)
        claimed = await self._store.outbox.claim(delivery, clock())
        if claimed is None:
            return False  # somebody else has it, or one before it is still on its way
        is_owed = delivery.subscription.state is State.ACTIVE and not self._is_late(delivery, clock())
        try:
            posted = await self._look_for(delivery, clock()) if self._may_exist(delivery, clock(), is_owed=is_owed) else None
            if posted is None and not is_owed:
                await self._give_up(claimed)
                return False
            posted = posted or await self._poster.post(claimed, digest)
        except PostError as error:
            await self._not_posted(claimed, error, clock(), may_exist=delivery.first_tried_at is not None)
            return False
        self._failures = 0
        return await self._sent(claimed, posted, digest.fingerprint(), clock())

    def _may_exist(self, delivery: Delivery, now: datetime, *, is_owed: bool) -> bool:
        """Whether to look for its message first.

        One that was begun lately is sent again under the same nonce: even a request that is still on its way then makes one
        message. Forums know no nonces.
        """
        if delivery.first_tried_at is None:
            return is_owed and now - delivery.due_at > UNPROVEN_AFTER
        return not is_owed or delivery.subscription.kind is Kind.FORUM or now - delivery.first_tried_at > NONCE_WINDOW

    async def _look_for(self, delivery: Delivery, now: datetime) -> Posted | None:
        since = min(delivery.first_tried_at or now, delivery.due_at, now)
        return await self._poster.find(delivery, since)

    async def _sent(self, delivery: Delivery, posted: Posted, shown: str, now: datetime) -> bool:
        noted = await self._store.outbox.sent(
            delivery, posted.message_id, now, thread_id=posted.thread_id, shown=shown, is_final=posted.is_final
        )
        if noted:
            log.info("edition posted: %s, %d papers, message %d", name(delivery), len(delivery.paper_ids), posted.message_id)
        else:
            log.warning("edition posted, but another sender had taken it over: %s", name(delivery))
        return noted

    async def _give_up(self, delivery: Delivery) -> None:
        reason = "no longer wanted" if delivery.subscription.state is not State.ACTIVE else "too late"
        if delivery.subscription.state is State.SHUT_OUT:
            reason = "too late: the channel was closed to Paperboy"
        await self._store.outbox.expired(delivery, reason)
        log.warning("edition given up, %s: %s", reason, name(delivery))

    async def _not_posted(self, delivery: Delivery, error: PostError, now: datetime, *, may_exist: bool) -> None:
        log.warning("edition not posted, %s: %s: %s", error.outcome, name(delivery), error)
        outbox, order = self._store.outbox, delivery.subscription
        if error.outcome in {Outcome.GONE, Outcome.REFUSED, Outcome.MALFORMED, Outcome.NEEDS_TAG}:
            await outbox.refused(delivery, str(error))
        else:
            may_exist |= error.outcome is Outcome.UNCERTAIN
            pause = max(error.after, pause_after(delivery.tries))
            await outbox.put_off(delivery, now + pause if pause else None, str(error), may_exist=may_exist)
        match error.outcome:
            case Outcome.GONE:
                await self._store.subscriptions.set_state(order.id, State.CLOSED, now, trouble=str(error))
            case Outcome.CLOSED:
                await self._store.subscriptions.set_state(order.id, State.SHUT_OUT, now, trouble=str(error))
            case Outcome.NEEDS_TAG:
                await self._store.subscriptions.set_state(order.id, order.state, now, trouble=str(error))
            case Outcome.BLOCKED:
                self._rest_until(now + max(BLOCKED_FOR, error.after), error)
            case Outcome.STOPPED:
                raise Stopped(str(error)) from error
            case Outcome.LATER | Outcome.UNCERTAIN if not error.after:
                self._failures += 1
                if self._failures >= _FAILURES_IN_A_ROW:
                    rest = min(_LONGEST_REST, timedelta(minutes=2 ** min(self._failures - _FAILURES_IN_A_ROW, 10)))
                    self._rest_until(now + rest, error)

    def _rest_until(self, until: datetime, why: PostError) -> None:
        self._resting_until = until
        log.error("all sending stops until %s: %s", until, why)

    def _is_resting(self, now: datetime) -> bool:
        return self._resting_until is not None and now < self._resting_until

    def _is_late(self, delivery: Delivery, now: datetime) -> bool:
        return now - delivery.due_at > self.policy.too_late


def running_on(now: datetime) -> Clock:
    """A clock that goes on from ``now`` by the monotonic one: a wall clock that is set meanwhile does not touch it."""
    began = monotonic()
    return lambda: now + timedelta(seconds=monotonic() - began)


def pause_after(tries: int) -> timedelta:
    """How long a delivery rests after so many tries: not at all at first, then longer and longer.

    A few seconds less than whole minutes, so that a round that comes every minute does not miss it by a moment.
    """
    if tries < _QUICK_TRIES:
        return timedelta(0)
    return min(_LONGEST_PAUSE, timedelta(minutes=2 ** min(tries - _QUICK_TRIES, 10))) - timedelta(seconds=10)


def in_turns(things: Iterable[T], by: Callable[[T], object]) -> Iterator[T]:
    """The first thing of each group, then the second of each, and so on; within a group the order stays."""
    groups: dict[object, list[T]] = {}
    for thing in things:
        groups.setdefault(by(thing), []).append(thing)
    for round_ in zip_longest(*groups.values()):
        yield from (thing for thing in round_ if thing is not None)
