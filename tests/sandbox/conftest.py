"""A whole Discord on a loopback wire, asked by hand and by discord.py."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import discord
import pytest
import yarl
from aiohttp import web
from discord import app_commands

from sandbox.wire.gateway import PATH, Gateway
from sandbox.wire.rest import PREFIX, TOKEN, Rest, serving
from sandbox.wire.state import World
from tests.flows.conftest import VALIDATOR, validator

SOON_S = 10


@dataclass
class Wire:
    """A Discord, and a session to ask it by hand."""

    world: World
    rest: Rest
    gateway: Gateway
    url: str
    session: aiohttp.ClientSession
    headers: dict[str, str] = field(default_factory=dict)  # of the last answer

    async def ask(self, method: str, path: str, body: Any = None, **query: str) -> tuple[int, Any]:
        """The status and the body of an answer, None for none."""
        sent = {"Authorization": f"Bot {TOKEN}"}
        async with self.session.request(method, self.url + path, json=body, params=query, headers=sent) as reply:
            self.headers = dict(reply.headers)
            return reply.status, await reply.json() if reply.status != 204 else None

    async def code(self, method: str, path: str, body: Any = None) -> tuple[int, int]:
        """The status and Discord's own code of an error."""
        status, answer = await self.ask(method, path, body)
        return status, answer["code"]


class Bot(discord.Client):
    """A client that keeps the names of its events."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True), max_ratelimit_timeout=30, guild_ready_timeout=0.05)
        self.tree = app_commands.CommandTree(self)
        self.events: list[str] = []
        self._awaited: tuple[str, int, asyncio.Future[None]] | None = None

    def dispatch(self, event_name: str, /, *args: Any, **kwargs: Any) -> None:
        self.events.append(event_name)
        self._check()
        super().dispatch(event_name, *args, **kwargs)

    async def seen(self, event: str, times: int = 1) -> None:
        """Until an event came so often."""
        self._awaited = (event, times, asyncio.get_running_loop().create_future())
        self._check()
        await asyncio.wait_for(self._awaited[2], SOON_S)

    def _check(self) -> None:
        if self._awaited and self.events.count(self._awaited[0]) >= self._awaited[1] and not self._awaited[2].done():
            self._awaited[2].set_result(None)


@pytest.fixture
async def wire(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Wire]:
    """At its end its answers are checked against Discord's description, where that lies near."""
    world = World()
    rest, gateway = Rest(world), Gateway(world, TOKEN)
    app = web.Application()
    rest.add_to(app)
    gateway.add_to(app)
    async with serving(app) as address, aiohttp.ClientSession() as session:
        monkeypatch.setattr(discord.http.Route, "BASE", f"http://{address}{PREFIX}")
        monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", yarl.URL(f"ws://{address}{PATH}"))
        yield Wire(world, rest, gateway, f"http://{address}{PREFIX}", session)
    problems = []
    for request in rest.log if VALIDATOR.is_file() else []:
        if request.status < 500 and request.response is not None:  # the description knows no 5xx
            problems += validator().validate_response(request.method, request.path, request.status, request.response)
    assert [str(problem) for problem in problems if problem.level == "error"] == []


@pytest.fixture
async def client(wire: Wire) -> AsyncIterator[Bot]:
    """discord.py, logged in, without a gateway."""
    async with Bot() as client:
        await client.login(TOKEN)
        yield client


@asynccontextmanager
async def connected(client: Bot) -> AsyncIterator[discord.Guild]:
    """discord.py on the gateway until the end of the block; yields the server."""
    task = asyncio.ensure_future(client.connect())
    try:
        await asyncio.wait_for(client.wait_until_ready(), SOON_S)
        yield client.guilds[0]
    finally:
        await client.close()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.wait_for(task, SOON_S)
