"""The sender over real sockets: a Discord on loopback that fails on cue, and the real database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import discord
import pytest

from bot.pacer import Pacer
from bot.posting import ChannelPoster
from bot.requests import Requests
from digests.deliver import Courier
from sandbox.wire.rest import PREFIX, TOKEN, Rest
from sandbox.wire.state import GUILD_ID, Channel, World
from storage.store import Store
from tests.factories import DAY, NOW, POLICY, paper, subscription
from tests.flows.conftest import VALIDATOR, validator

TIMEOUT_S = 0.5


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
def channel(rest: Rest) -> Channel:
    return rest.world.add_channel("daily-papers")


@pytest.fixture
def pacer() -> Pacer:
    return Pacer(rate_per_s=1_000)


@pytest.fixture
async def client(rest: Rest, pacer: Pacer) -> AsyncIterator[discord.Client]:
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
    """A subscription for each channel, made the day before NOW, and three papers to send."""
    for channel in channels:
        order = subscription(guild_id=GUILD_ID, channel_id=channel.id)
        await store.subscriptions.add(order, NOW - timedelta(days=1))
    await store.papers.save_day([paper(n, votes=n) for n in range(1, 4)], "test", DAY, NOW)
