"""A month in a server's life, over the wire and at the pace of the machine: papers trickle in, everything goes wrong at random.

Each round a clock goes on by some minutes. Discord refuses, drops, stores and falls silent, bans and is down for hours; Paperboy
is cancelled in the middle of a round, stays away for hours or days and comes back; a clock is set; the source falls silent;
channels close and open again; moderators delete posts. In the end all must be as promised.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import discord

from bot.pacer import Pacer
from bot.posting import ChannelPoster
from bot.requests import Requests
from digests.deliver import Courier
from digests.planning import Policy
from papers.subscription import Kind, State, Subscription
from sandbox.wire.almanac import ORDERS, TITLE, WORDS, papers_of
from sandbox.wire.channels import ANNOUNCEMENT, FORUM, PUBLIC_THREAD, tag
from sandbox.wire.faults import Fault
from sandbox.wire.faults import Kind as Fails
from sandbox.wire.invariants import unshown, violations
from sandbox.wire.rest import PREFIX, TOKEN, Rest
from sandbox.wire.state import GUILD_ID, World
from storage.store import Store

START = datetime(2026, 10, 1, tzinfo=UTC)  # clocks change on the 4th (Lord Howe) and on the 25th (Europe)
SOURCE = "huggingface"
POLICY = Policy((SOURCE,))
_STEPS_MIN = (5, 10, 30, 60, 60, 90)
_REQUEST = r"(POST|PATCH) .*"
_PASSING = (
    Fails.REFUSE,
    Fails.STORE_THEN_FAIL,
    Fails.STORE_THEN_DROP,
    Fails.STORE_THEN_GARBLE,
    Fails.DROP,
    Fails.STORE_THEN_HANG,
)
_TIMEOUT_S = 0.1


@dataclass(frozen=True, slots=True)
class Shown:
    """What a month came to: the messages there in the end that show papers, the papers in them, and the editions that grew by
    some. A month with none of these proves nothing.
    """

    messages: int
    papers: int
    grown: int


@dataclass
class Month:
    """One life. ``happened`` counts what went wrong; ``now`` is the instant of the simulation.

    The same seed brings the same faults, though not always at the same statement.
    """

    folder: Path
    seed: int
    now: datetime = START
    happened: Counter[str] = field(default_factory=Counter)
    down_until: datetime = START
    quiet_until: datetime = START  # the source

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)  # noqa: S311 (chance, not secrets)
        self.whom = random.Random(self.seed)  # noqa: S311 (a choice among what is there, which hangs on the machine's pace)
        self.world = World(clock=lambda: self.now)
        self.rest = Rest(self.world, per_channel=None)
        self.database = self.folder / "month.db"

    async def live(self, days: int) -> list[str]:
        """Live for so many days; what is broken in the end, in sentences."""
        async with self.rest.running() as address:
            before = discord.http.Route.BASE
            discord.http.Route.BASE = f"http://{address}{PREFIX}"
            try:
                async with Store.open(f"sqlite:///{self.database}") as store:
                    await self._subscribe(store)
                while self.now < START + timedelta(days=days):
                    async with self._paperboy() as (store, courier):
                        await self._run(store, courier, START + timedelta(days=days))
                self.rest.cues.faults.clear()
                async with self._paperboy() as (store, courier):
                    missing = await self._settled(store, courier)
                    broken = violations(self.database, self.world, self.rest.log)
                    return [*missing, *broken, *unshown(self.database, self.world, START + timedelta(days=days - 2))]
            finally:
                discord.http.Route.BASE = before

    def shown(self) -> Shown:
        """On the evidence of Discord's messages, and of the ledger for what grew."""
        found = [re.findall(TITLE, json.dumps(message)) for place in self.world.channels.values() for message in place.messages]
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            grew = "SELECT count(DISTINCT edition_id) FROM edition_papers WHERE added_at IS NOT NULL"
            (grown,) = connection.execute(grew).fetchone()
        return Shown(messages=sum(map(bool, found)), papers=len({title for titles in found for title in titles}), grown=grown)

    @asynccontextmanager
    async def _paperboy(self) -> AsyncIterator[tuple[Store, Courier]]:
        """A process, from its start to its end, as far as delivery is concerned."""
        pacer = Pacer(rate_per_s=10_000)
        async with (
            Store.open(f"sqlite:///{self.database}") as store,
            discord.Client(intents=discord.Intents.none(), max_ratelimit_timeout=30, http_trace=pacer.trace()) as client,
        ):
            cues, self.rest.cues.faults = self.rest.cues.faults, []
            await client.login(TOKEN)
            self.rest.cues.faults = cues
            yield store, Courier(store, ChannelPoster(client, Requests(pacer, _TIMEOUT_S)), POLICY)

    async def _run(self, store: Store, courier: Courier, until: datetime) -> None:
        """Until the process dies or time is up."""
        while self.now < until:
            self.now += timedelta(minutes=self.rng.choice(_STEPS_MIN), seconds=self.rng.randrange(60))
            await self._befall(store)
            await self._fill(store)
            a_round = self._round(courier, now=self._clock(), grows=self.rng.random() < 0.5)
            if self.rng.random() < 0.03:
                self.happened["cancelled in the middle of a round"] += 1
                with suppress(TimeoutError):
                    await asyncio.wait_for(a_round, self.rng.uniform(0, 0.05))
                self.now += timedelta(seconds=self.rng.choice([1, 30, 300]))
                return
            await a_round
            if self.rng.random() < 0.008:
                away = timedelta(hours=self.rng.choice([1, 6, 15, 50]))
                self.happened[f"away for {away}"] += 1
                self.now += away
                return

    def _clock(self) -> datetime:
        """What Paperboy takes for the present."""
        if self.rng.random() >= 0.01:
            return self.now
        self.happened["the clock was wrong"] += 1
        return self.now + self.rng.choice([timedelta(hours=-1), timedelta(hours=1), timedelta(minutes=-7)])

    async def _round(self, courier: Courier, now: datetime, *, grows: bool) -> None:
        await courier.deliver_due(now)
        await courier.follow_up(now)
        if grows:
            await courier.grow(now)

    async def _befall(self, store: Store) -> None:
        """What goes wrong next, and what comes right again."""
        if self.now >= self.down_until and self.down_until > START:
            self.rest.cues.faults.clear()
        chances: list[tuple[float, Callable[[Store], Any]]] = [
            (0.10, self._a_fault),
            (0.01, self._an_outage),
            (0.02, self._a_silent_source),
            (0.02, self._a_closed_channel),
            (0.02, self._a_deleted_post),
        ]
        for chance, happening in chances:
            if self.rng.random() < chance:
                self.happened[happening.__name__.strip("_").replace("_", " ")] += 1
                await happening(store)
        for order in await store.subscriptions.shut_out(GUILD_ID):
            place = self.world.channels[order.channel_id]
            if self.whom.random() < 0.05:
                place.can_send = True
                await store.subscriptions.readmit(order.id)

    async def _a_fault(self, _: Store) -> None:
        if self.rng.random() < 0.2:
            scope = self.rng.choice(["user", "global", "shared"])
            fault = Fault(_REQUEST, Fails.REFUSE, status=429, retry_after_s=0.05, scope=scope)
        elif self.rng.random() < 0.05:
            fault = Fault(_REQUEST, Fails.BAN)
        else:
            status = self.rng.choice([500, 502, 503])
            fault = Fault(_REQUEST, self.rng.choice(_PASSING), times=self.rng.choice([1, 1, 2, 6]), status=status)
        self.rest.cues.add(fault)

    async def _an_outage(self, _: Store) -> None:
        self.down_until = self.now + timedelta(hours=self.rng.choice([1, 4, 14]))
        self.rest.cues.add(Fault(".*", self.rng.choice([Fails.REFUSE, Fails.DROP]), times=10**6, status=503))

    async def _a_silent_source(self, _: Store) -> None:
        self.quiet_until = self.now + timedelta(hours=self.rng.choice([1, 3, 14]))

    async def _a_closed_channel(self, _: Store) -> None:
        self.rng.choice([c for c in self.world.channels.values() if c.parent_id is None]).can_send = False

    async def _a_deleted_post(self, _: Store) -> None:
        full = [channel for channel in self.world.channels.values() if channel.messages]
        if full:
            messages = self.whom.choice(full).messages
            messages.pop(self.whom.randrange(len(messages)))

    async def _fill(self, store: Store) -> None:
        """The day's list as far as it has come: it grows until the evening; nothing at weekends."""
        if self.now < self.quiet_until or self.rng.random() < 0.5:
            return
        for day in (self.now.date() - timedelta(days=1), self.now.date()):
            whole = papers_of(day, self.seed)
            age = self.now - datetime.combine(day, time(), UTC)
            share = min(1.0, age / timedelta(hours=18))
            await store.papers.save_day(whole[: round(share * len(whole))], SOURCE, day, self.now)

    async def _subscribe(self, store: Store) -> None:
        home = self.world.add_channel("home")
        tags = [tag(number, word) for number, word in enumerate(WORDS, start=1)]
        for number, (kind, fields) in enumerate(ORDERS):
            name = f"place{number}"
            if kind is Kind.THREAD:
                place = self.world.add_channel(name, PUBLIC_THREAD, parent_id=home.id)
            elif kind is Kind.FORUM:
                place = self.world.add_channel(name, FORUM, tags=tags)
            else:
                place = self.world.add_channel(name, ANNOUNCEMENT if kind is Kind.ANNOUNCEMENT else 0)
            order = Subscription(guild_id=GUILD_ID, channel_id=place.id, kind=kind, **fields)
            await store.subscriptions.add(order, START)

    async def _settled(self, store: Store, courier: Courier) -> list[str]:
        """Bring all that is open to its end, with no new edition; and see that no date is without one."""
        missing = []
        await courier.deliver_due(self.now)
        planned = await store.ledger.days_planned(START)
        for order in await store.subscriptions.of_guild(GUILD_ID):
            day = START.astimezone(order.zone).date() + timedelta(days=1)
            while order.state is State.ACTIVE and day < self.now.astimezone(order.zone).date() - timedelta(days=1):
                if day.weekday() in order.weekdays and (order.id, day) not in planned:
                    missing.append(f"subscription {order.id} has no edition of {day}")
                day += timedelta(days=1)
            await store.subscriptions.set_state(order.id, State.PAUSED, self.now)
        self.now += POLICY.too_late + timedelta(hours=12)
        for _ in range(3):
            self.now += timedelta(minutes=20)
            await courier.deliver_due(self.now)
        return missing
