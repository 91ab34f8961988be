"""One edition: plan → note it in the ledger → post (passed in) → mark it sent.

The plan, its papers marked as seen and the delivery are one transaction; the claim is committed before the request leaves.
So a crash at any point leaves a ledger that tells what may be in the channel, and the next round goes on from it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict, deque
from collections.abc import Callable, Coroutine, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import zip_longest
from time import monotonic
from typing import Any, TypeVar

from digests.editions import edition_at
from digests.errands import follow_up_due
from digests.grow import grow_due
from digests.languages import Languages, none_but_english
from digests.made import Made, Ready, nothing_ready
from digests.plan import Digest
from digests.planning import Lists, Policy, assembled, plan_due, plan_edition, preview
from digests.poster import Poster, PostError, Stopped, name
from digests.sender import Clock, Sender
from papers.paper import Paper
from papers.subscription import State, Subscription
from storage.editions import Delivery
from storage.engine import StorageError
from storage.store import Store

log = logging.getLogger(__name__)

T = TypeVar("T")

WORKERS = 32  # posts on their way at one time; more only wait for Discord's limit elsewhere
_LOOK_EVERY_S = 0.25  # for what was planned meanwhile


@dataclass(slots=True)
class _Round:
    """One round's work: what waits, the papers it needs, and how far it is. Any failure ends it."""

    now: datetime
    clock: Clock
    made: Made
    waiting: deque[Delivery] = field(default_factory=deque)
    papers: dict[str, Paper] = field(default_factory=dict)
    failures: list[Exception] = field(default_factory=list)
    is_planned: bool = False  # nothing more will come
    news: asyncio.Event = field(default_factory=asyncio.Event)  # for who has nothing to do
    sent: int = 0


class Courier:
    """Plans and posts editions: several at a time, but one at a time to a channel. Methods raise StorageError and Stopped.

    ``ready`` tells what models have made of papers so far, and waits for none. ``discords`` gives a server's locale (by its id),
    where it is known.
    """

    def __init__(
        self,
        store: Store,
        poster: Poster,
        policy: Policy,
        ready: Ready = nothing_ready,
        discords: Callable[[int], str] = none_but_english,
    ) -> None:
        self._store = store
        self._ready = ready
        self.languages = Languages(store, discords)
        self._poster = poster
        self._sender = Sender(store, poster, policy)
        self.policy = policy
        self._planning = asyncio.Lock()
        self._channels: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._is_stopping = False

    @property
    def resting_until(self) -> datetime | None:
        """Until when nothing is sent, because Discord is down or takes no requests from here."""
        return self._sender.resting_until

    def stop(self) -> None:
        """Take nothing more up; what is on its way is finished."""
        self._is_stopping = True

    async def plan(self, now: datetime) -> None:
        """Plan what is due at ``now``, without posting."""
        async with self._planning:
            await plan_due(self._store, now, self.policy)

    async def deliver_due(self, now: datetime) -> int:
        """Plan what is due at ``now``, post everything unsent, and return how many messages went out.

        What is planned is posted while the rest is still being planned: for thousands of channels that takes a minute.
        """
        work = _Round(now, running_on(now), self._made())
        async with asyncio.TaskGroup() as group:
            group.create_task(self._prepare(work))
            for number in range(WORKERS):
                group.create_task(self._work_off(work, number))
        if work.failures:
            raise work.failures[0]
        return work.sent

    async def post_now(self, subscription: Subscription, now: datetime) -> list[Delivery]:
        """Bring the subscription's edition of the present local date forward; its deliveries, sent or not.

        If the day had its edition, its deliveries are returned. Where there is nothing to post yet, none: then nothing is
        planned either, and the edition comes at its hour.
        """
        edition = edition_at(subscription, now)
        lists = Lists(self._store)
        is_planned = False
        async with self._planning:
            if (await preview(lists, edition, self.policy)).papers:
                is_planned = await plan_edition(lists, edition, now, self.policy)
        if is_planned:
            work = _Round(now, running_on(now), self._made())
            await self._take_up(work, await self._store.ledger.of_edition(subscription.id, edition.day))
            while work.waiting:
                await self._post(work, work.waiting.popleft())
            if work.failures:
                raise work.failures[0]
        return await self._store.ledger.of_edition(subscription.id, edition.day)

    async def grow(self, now: datetime) -> int:
        """Bring the living editions up to date; how many messages were edited."""
        return await self._unless_resting(grow_due(self._store, self._poster, self.policy, now, self._made()), now)

    async def summarised(self, digest: Digest) -> Digest:
        """A digest with the summaries it would be posted with, in its language."""
        return await Made(self._ready, self.languages.of).into(digest)

    async def follow_up(self, now: datetime) -> int:
        """Publish what is to be published, and open threads; how many were done."""
        return await self._unless_resting(follow_up_due(self._store, self._poster, now, self.languages), now)

    def _made(self) -> Made:
        return Made(self._ready, self.languages.at_once())

    async def _unless_resting(self, work: Coroutine[Any, Any, int], now: datetime) -> int:
        if self._sender.is_resting(now):
            work.close()
            return 0
        try:
            return await work
        except PostError as error:
            self._sender.block(error, now)
            return 0

    async def _prepare(self, work: _Round) -> None:
        """Plan, and take up what is planned, until all is."""
        last = 0
        try:
            planning = asyncio.ensure_future(self.plan(work.now))
            try:
                is_over = False
                while not (is_over or work.failures or self._is_stopping):
                    await asyncio.wait({planning}, timeout=_LOOK_EVERY_S)
                    is_over = planning.done()
                    unsent = await self._store.ledger.unsent(work.now, after=last)
                    last = max([last, *(delivery.id for delivery in unsent)])
                    await self._take_up(work, [d for d in unsent if not self._waits_for_access(d, work.now)])
            finally:
                planning.cancel()  # no more than what is being told to end, or has failed, leaves undone
                await asyncio.wait({planning})
            if not planning.cancelled():
                planning.result()
        except StorageError as error:
            work.failures.append(error)
        finally:
            work.is_planned = True
            work.news.set()

    async def _take_up(self, work: _Round, deliveries: list[Delivery]) -> None:
        """Servers, and people, take turns, so that one with many channels does not keep the others waiting."""
        ids = {paper_id for delivery in deliveries for paper_id in delivery.paper_ids} - work.papers.keys()
        if ids:
            work.papers |= {paper.id: paper for paper in await self._store.papers.get_many(sorted(ids))}
            await work.made.ask(work.papers.values())  # at once for all of them
        if self._sender.failures:  # what was tried least tells best how the land lies
            deliveries = sorted(deliveries, key=lambda delivery: delivery.tries)
        work.waiting += in_turns(deliveries, by=lambda delivery: delivery.subscription.guild_id or delivery.channel_id)
        work.news.set()

    def _waits_for_access(self, delivery: Delivery, now: datetime) -> bool:
        return delivery.subscription.state is State.SHUT_OUT and not self._sender.is_late(delivery, now)

    async def _work_off(self, work: _Round, number: int) -> None:
        """Take deliveries off the queue until nothing more will come.

        Without the store nothing more is sent: what cannot be noted must not be posted. While Discord fails, only the first
        worker goes on, to see how the land lies.
        """
        while not (work.failures or self._is_stopping or self._sender.is_resting(work.clock())):
            if work.waiting and not (number and self._sender.failures):
                await self._post(work, work.waiting.popleft())
            elif work.is_planned and not work.waiting:
                break
            else:
                work.news.clear()
                await work.news.wait()

    async def _post(self, work: _Round, delivery: Delivery) -> None:
        try:
            bare = assembled(delivery.edition, [work.papers[paper_id] for paper_id in delivery.paper_ids])
            # In its turn already, so that none to the same channel overtakes it while something is read of it.
            async with self._channels[delivery.channel_id]:
                is_there = await self._sender.go_on(delivery, await work.made.into(bare), work.clock)
            work.sent += is_there
        except (StorageError, Stopped) as error:
            work.failures.append(error)
        except Exception:
            # A fault of ours in one edition must not keep the others from their channels.
            log.exception("edition not posted: %s", name(delivery))
        finally:
            work.news.set()


def running_on(now: datetime) -> Clock:
    """A clock that goes on from ``now`` by the monotonic one: a wall clock that is set meanwhile does not touch it."""
    began = monotonic()
    return lambda: now + timedelta(seconds=monotonic() - began)


def in_turns(things: Iterable[T], by: Callable[[T], object]) -> Iterator[T]:
    """The first thing of each group, then the second of each, and so on; within a group the order stays."""
    groups: dict[object, list[T]] = {}
    for thing in things:
        groups.setdefault(by(thing), []).append(thing)
    for round_ in zip_longest(*groups.values()):
        yield from (thing for thing in round_ if thing is not None)
