"""The sender over real sockets: a Discord on loopback that fails on cue, and the real database."""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import discord
import pytest

from bot.pacer import Pacer
from bot.posting import ChannelPoster
from bot.requests import Requests
from digests.deliver import Courier
from papers.subscription import Subscription
from sandbox.wire.invariants import left_running, violations
from sandbox.wire.rest import PREFIX, TOKEN, Rest
from sandbox.wire.state import GUILD_ID, SOMEONE, Channel, World
from storage.editions import DeliveryState
from storage.store import Store
from tests.factories import DAY, NOW, POLICY, paper, subscription
from tests.flows.conftest import VALIDATOR, validator

TIMEOUT_S = 0.5
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
POST = r"POST /channels/\d+/messages"


@pytest.fixture
async def rest(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Rest]:
    """A Discord to send to. At its end its own answers are checked against Discord's description, where that lies near."""
    rest = Rest(World())
    async with rest.running() as address:
        monkeypatch.setattr(discord.http.Route, "BASE", f"http://{address}{PREFIX}")
        yield rest
    problems = []
    for request in rest.log if VALIDATOR.is_file() else []:
        problems += validator().validate(request.method, request.path, request.body, query=request.query)
        if request.status < 500 and request.response is not None:  # the description knows no 5xx
            problems += validator().validate_response(request.method, request.path, request.status, request.response)
    assert [str(problem) for problem in problems if problem.level == "error"] == []


@pytest.fixture
def flagged() -> set[str]:
    """Marks of messages that may be there twice, because the log said so; for a test to fill."""
    return set()


@pytest.fixture
def nothing_left_running() -> Iterator[None]:
    """Promise 7, looked at when the store and the client are closed again."""
    before = set(threading.enumerate())
    yield
    assert left_running(before) == []


@pytest.fixture(autouse=True)
async def promises(
    nothing_left_running: None,
    tmp_path: Path,
    rest: Rest,
    store: Store,
    flagged: set[str],
    caplog: pytest.LogCaptureFixture,
) -> AsyncIterator[None]:
    """After every test all that is still due is brought to its end, and then the seven promises hold."""
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.INFO, logger="aiosqlite")  # two lines for every statement
    yield
    rest.cues.faults.clear()
    rest.token = TOKEN
    pacer = Pacer(rate_per_s=1_000)
    async with logged_in(pacer) as client:
        # Later than anything may be posted, and before the next day's editions.
        await Courier(store, ChannelPoster(client, Requests(pacer, TIMEOUT_S)), POLICY).deliver_due(NOW + timedelta(hours=23))
    broken = violations(tmp_path / "test.db", rest.world, rest.log, caplog.text, [TOKEN], flagged=flagged)
    assert broken == []


@pytest.fixture
def channel(rest: Rest) -> Channel:
    return rest.world.add_channel("daily-papers")


@pytest.fixture
def pacer() -> Pacer:
    return Pacer(rate_per_s=1_000)


@pytest.fixture
async def client(rest: Rest, pacer: Pacer) -> AsyncIterator[discord.Client]:
    async with logged_in(pacer) as client:
        yield client


@asynccontextmanager
async def logged_in(pacer: Pacer) -> AsyncIterator[discord.Client]:
    """A client as the bot is one."""
    intents = discord.Intents.none()
    async with discord.Client(intents=intents, max_ratelimit_timeout=30, http_trace=pacer.trace()) as client:
        await client.login(TOKEN)
        yield client


@pytest.fixture
def poster(client: discord.Client, pacer: Pacer) -> ChannelPoster:
    return ChannelPoster(client, Requests(pacer, TIMEOUT_S))


@pytest.fixture
def courier(store: Store, poster: ChannelPoster) -> Courier:
    return Courier(store, poster, POLICY)


async def subscribe(store: Store, *channels: Channel) -> None:
    """A subscription for each channel, made an hour before NOW, and three papers to send."""
    for channel in channels:
        await order_for(store, channel)
    await store.papers.save_day([paper(n, votes=n) for n in range(1, 4)], "huggingface", DAY, NOW)


async def order_for(store: Store, channel: Channel, **fields: Any) -> Subscription:
    """A subscription for a channel, made an hour before NOW."""
    order = subscription(guild_id=GUILD_ID, channel_id=channel.id, **fields)
    return await store.subscriptions.add(order, NOW - HOUR, made_by=SOMEONE)


async def rounds(courier: Courier, count: int, start: datetime = NOW) -> int:
    """So many minutely rounds; how many messages they think they sent."""
    return sum([await courier.deliver_due(start + n * MINUTE) for n in range(count)])


async def states(store: Store) -> list[tuple[DeliveryState, int | None]]:
    """State and message id of the deliveries of NOW's date, of the subscriptions that are active."""
    orders = [order.subscription for order in await store.subscriptions.active()]
    found = [await store.ledger.of_edition(order.id, NOW.date()) for order in orders]
    return [(delivery.state, delivery.message_id) for deliveries in found for delivery in deliveries]


def posts(rest: Rest) -> int:
    """How many POST requests there were."""
    return len([request for request in rest.log if request.method == "POST"])
