"""The whole of `paperboy run` over a wire: a Discord on loopback, the source beside it, and the real database."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

import discord
import pytest
from aiohttp import web
from aiohttp.typedefs import Middleware
from apscheduler.triggers.interval import IntervalTrigger

from bot.app import utc_now
from bot.client import use_addresses
from bot.config import Config
from bot.running import serve
from sandbox.press import REPLIES, Press
from sandbox.wire.channels import EVERYONE_MAY, GUILD_ID
from sandbox.wire.gateway import PATH, Gateway
from sandbox.wire.rest import PREFIX, TOKEN, Request, Rest, serving
from sandbox.wire.rules import LOADING
from sandbox.wire.state import SOMEONE, Channel, World
from storage.store import Store
from tests.factories import subscription

SOON_S = 10
_MODERATOR = EVERYONE_MAY | discord.Permissions(manage_channels=True).value


def sources_at(url: str) -> dict[str, dict[str, str]]:
    """Settings that lead to a Press."""
    arxiv = {"feed_url": f"{url}/rss", "api_url": f"{url}/api/query", "html_url": f"{url}/html"}
    return {"huggingface": {"url": url}, "arxiv": arxiv}


@dataclass
class Wire:
    """A whole Discord and the source beside it, with the settings that lead there.

    ``at`` is the present for Discord and the bot, None for the real one; ``looks`` is how often the bot asked for it.
    """

    rest: Rest
    gateway: Gateway
    press: Press
    config: Config
    at: datetime | None = None
    looks: int = 0

    @classmethod
    @asynccontextmanager
    async def open(
        cls, folder: Path, monkeypatch: pytest.MonkeyPatch, middlewares: Iterable[Middleware] = ()
    ) -> AsyncIterator[Wire]:
        monkeypatch.setattr(discord.http.Route, "BASE", discord.http.Route.BASE)
        monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", None)
        # So long after the last server's arrival discord.py takes itself for ready; it waits two seconds, and ours come at once.
        at_once = property(lambda _: 0.3, lambda _, value: None)
        monkeypatch.setattr(discord.state.ConnectionState, "guild_ready_timeout", at_once, raising=False)
        world = World()
        rest, gateway, press = Rest(world), Gateway(world, TOKEN), Press(REPLIES)
        app = web.Application(middlewares=middlewares)
        rest.add_to(app)
        gateway.add_to(app)
        async with serving(app) as address, press.running() as source:
            config = Config.model_validate(
                {
                    "discord": {"api_url": f"http://{address}{PREFIX}", "gateway_url": f"ws://{address}{PATH}"},
                    "database": {"url": f"sqlite:///{folder}/x.db"},
                    "sources": sources_at(source),
                    "health": {"port": 0},
                }
            )
            use_addresses(config.discord)
            wire = cls(rest, gateway, press, config)
            world.clock = lambda: wire.at or utc_now()
            yield wire

    @asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.Task[None]]:
        """The bot, until the end of the block; it must end in time."""
        task = asyncio.ensure_future(serve(self.config, TOKEN, self._now))
        try:
            yield task
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.wait_for(task, SOON_S)

    async def identified(self, times: int = 1) -> None:
        await asyncio.wait_for(self.gateway.wait_for(identifies=times), SOON_S)

    async def asks(self, command: str, channel: Channel) -> str:
        """A moderator's command, and the text of its answer: whatever the gateway told before is done then."""
        asked = await self.gateway.interact(command, channel=channel, permissions=_MODERATOR)
        answers = self.rest.world.answers[asked.token]
        await until(lambda: any(answer.message and not answer.message["flags"] & LOADING for answer in answers))
        return json.dumps(answers[-1].body)

    async def subscribe(self, *channels: Channel, at: time) -> None:
        """A subscription of SOMEONE's for each channel, daily at that time; made an hour before the present."""
        made_at = self._now() - timedelta(hours=1)
        async with Store.open(self.config.database.url) as store:
            for channel in channels:
                order = subscription(guild_id=GUILD_ID, channel_id=channel.id, at=at)
                await store.subscriptions.add(order, made_at, made_by=SOMEONE)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the database's file holds."""
        with closing(sqlite3.connect(self.config.database.url.removeprefix("sqlite:///"))) as connection:
            return connection.execute(query).fetchall()

    def requests(self, pattern: str) -> list[Request]:
        """Those whose "METHOD /path" matches."""
        return [request for request in self.rest.log if re.fullmatch(pattern, f"{request.method} {request.path}")]

    async def rounds(self) -> None:
        """Until the schedule has gone round a few times more."""
        before = self.looks
        await until(lambda: self.looks > before + 20)

    def _now(self) -> datetime:
        self.looks += 1
        return self.at or utc_now()


async def until(condition: Callable[[], object], within_s: float = SOON_S) -> None:
    async with asyncio.timeout(within_s):
        while not condition():  # noqa: ASYNC110 (nothing tells of it)
            await asyncio.sleep(0.01)


def ring_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the schedule deliver and grow several times a second."""
    monkeypatch.setattr("bot.schedule.CronTrigger", lambda **_: IntervalTrigger(seconds=0.2, timezone="UTC"))


@pytest.fixture
async def wire(tmp_path: Path, empty_database: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Wire]:
    shutil.copy(empty_database, tmp_path / "x.db")
    async with Wire.open(tmp_path, monkeypatch) as wire:
        yield wire
