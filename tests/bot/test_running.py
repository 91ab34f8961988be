"""`paperboy run` against a Discord on a loopback wire: rows G1–G7 of the catalogue, logging in, being refused, stopping."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import discord
import pytest
from aiohttp import web

from bot.client import use_addresses
from bot.config import Config
from bot.running import serve
from sandbox.press import REPLIES, Press
from sandbox.wire.gateway import PATH, Gateway
from sandbox.wire.rest import PREFIX, TOKEN, Rest, serving
from sandbox.wire.state import World

SOON_S = 10


@dataclass
class Wire:
    """A whole Discord and the source beside it, with the settings that lead there."""

    rest: Rest
    gateway: Gateway
    press: Press
    config: Config

    @asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.Task[None]]:
        """The bot, until the end of the block; it must end in time."""
        task = asyncio.ensure_future(serve(self.config, TOKEN))
        try:
            yield task
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.wait_for(task, SOON_S)


@pytest.fixture
async def wire(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Wire]:
    monkeypatch.setattr(discord.http.Route, "BASE", discord.http.Route.BASE)
    monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", None)
    world = World()
    rest, gateway, press = Rest(world), Gateway(world, TOKEN), Press(REPLIES)
    app = web.Application()
    rest.add_to(app)
    gateway.add_to(app)
    async with serving(app) as address, press.running() as source:
        config = Config.model_validate(
            {
                "discord": {"api_url": f"http://{address}{PREFIX}", "gateway_url": f"ws://{address}{PATH}"},
                "database": {"url": f"sqlite:///{tmp_path}/x.db"},
                "sources": {"huggingface": {"url": source}},
            }
        )
        use_addresses(config.discord)
        yield Wire(rest, gateway, press, config)


async def test_it_logs_in_syncs_identifies_with_one_intent_collects_and_stops(wire: Wire) -> None:
    async with wire.running():
        await asyncio.wait_for(wire.gateway.wait_for(identifies=1), SOON_S)
        await asyncio.wait_for(wire.press.answered.wait(), SOON_S)
    (identity,) = wire.gateway.identifies
    assert identity["intents"] == discord.Intents(guilds=True).value == 1
    commands = {command["name"]: command for command in wire.rest.world.commands}
    assert set(commands) == {"search", "paper", "today", "subscribe", "status"}
    may_subscribe = int(commands["subscribe"]["default_member_permissions"])
    assert may_subscribe == discord.Permissions(manage_channels=True).value


async def test_a_refused_token_ends_it(wire: Wire) -> None:
    wire.rest.token = "another"
    with pytest.raises(discord.LoginFailure):
        await asyncio.wait_for(serve(wire.config, TOKEN), SOON_S)
    assert len(wire.rest.log) == 1


async def test_g1_asked_to_reconnect_it_resumes(wire: Wire) -> None:
    async with wire.running():
        await asyncio.wait_for(wire.gateway.wait_for(identifies=1), SOON_S)
        await wire.gateway.ask_to_reconnect()
        await asyncio.wait_for(wire.gateway.wait_for(resumes=1), SOON_S)
    assert len(wire.gateway.identifies) == 1
    assert wire.gateway.resumes[0]["session_id"] == "loopback"


async def test_g2_an_invalid_session_is_begun_anew(wire: Wire) -> None:
    async with wire.running():
        await asyncio.wait_for(wire.gateway.wait_for(identifies=1), SOON_S)
        await wire.gateway.invalidate_session()
        await asyncio.wait_for(wire.gateway.wait_for(identifies=2), SOON_S)
    assert wire.gateway.resumes == []


async def test_g5_the_work_goes_on_while_the_gateway_is_down(wire: Wire) -> None:
    wire.gateway.is_down = True
    async with wire.running() as task:
        await asyncio.wait_for(wire.press.answered.wait(), SOON_S)
        assert not task.done()
    assert wire.gateway.identifies == []


@pytest.mark.parametrize("code", [4004, 4014])
async def test_g7_a_fatal_close_ends_it_without_another_try(wire: Wire, code: int) -> None:
    wire.gateway.refuse_identify(code)
    with pytest.raises((discord.ConnectionClosed, discord.PrivilegedIntentsRequired)):
        await asyncio.wait_for(serve(wire.config, TOKEN), SOON_S)
    assert len(wire.gateway.identifies) == 1
