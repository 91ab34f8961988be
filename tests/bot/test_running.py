"""`paperboy run` against a Discord on a loopback wire: rows G1–G7 of the catalogue, logging in, being refused, stopping."""

from __future__ import annotations

import asyncio

import discord
import pytest

from bot.running import run, serve
from bot.terminal.arguments import WrongUse
from sandbox.wire.rest import TOKEN
from tests.bot.conftest import SOON_S, Wire, until


async def test_it_logs_in_syncs_identifies_with_one_intent_collects_and_stops(wire: Wire) -> None:
    async with wire.running():
        await wire.identified()
        await asyncio.wait_for(wire.press.answered.wait(), SOON_S)
    (identity,) = wire.gateway.identifies
    assert identity["intents"] == discord.Intents(guilds=True).value == 1
    commands = {command["name"]: command for command in wire.rest.world.commands}
    reading = {"search", "paper", "similar", "Find this paper", "today", "why", "status"}
    asking = {"summary", "Summarise papers here", "ask", "compare"}
    assert set(commands) == {*reading, *asking, "subscribe", "topic", "follow", "inbox", "language", "privacy", "delete-my-data"}
    may_subscribe = int(commands["subscribe"]["default_member_permissions"])
    assert may_subscribe == discord.Permissions(manage_channels=True).value


async def test_a_refused_token_ends_it(wire: Wire) -> None:
    wire.rest.token = "another"
    with pytest.raises(discord.LoginFailure):
        await asyncio.wait_for(serve(wire.config, TOKEN), SOON_S)
    assert len(wire.rest.log) == 1


async def test_a_refused_token_is_wrong_use_for_whoever_would_start_it_again(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERBOY_DISCORD_TOKEN", TOKEN)
    wire.rest.token = "another"
    assert run.callback
    with pytest.raises(WrongUse, match="refused the token"):
        await asyncio.wait_for(run.callback.__wrapped__(wire.config), SOON_S)  # type: ignore[attr-defined]  # the coroutine


async def test_g1_asked_to_reconnect_it_resumes(wire: Wire) -> None:
    async with wire.running():
        await wire.identified()
        await wire.gateway.ask_to_reconnect()
        await asyncio.wait_for(wire.gateway.wait_for(resumes=1), SOON_S)
    assert len(wire.gateway.identifies) == 1
    assert wire.gateway.resumes[0]["session_id"] == "loopback"


async def test_g2_an_invalid_session_is_begun_anew(wire: Wire) -> None:
    async with wire.running():
        await wire.identified()
        await wire.gateway.invalidate_session()
        await wire.identified(times=2)
    assert wire.gateway.resumes == []


async def test_g5_the_work_goes_on_while_the_gateway_is_down(wire: Wire) -> None:
    wire.gateway.is_down = True
    async with wire.running() as task:
        await asyncio.wait_for(wire.press.answered.wait(), SOON_S)
        assert not task.done()
    assert wire.gateway.identifies == []


async def test_g5_a_gateway_that_is_down_at_the_start_is_tried_again(wire: Wire, caplog: pytest.LogCaptureFixture) -> None:
    wire.gateway.is_down = True
    async with wire.running() as task:
        await until(lambda: "the gateway could not be reached yet" in caplog.text)
        wire.gateway.is_down = False
        await wire.identified()
        assert not task.done()


@pytest.mark.parametrize("code", [4004, 4014])
async def test_g7_a_fatal_close_ends_it_without_another_try(wire: Wire, code: int) -> None:
    wire.gateway.refuse_identify(code)
    with pytest.raises((discord.ConnectionClosed, discord.PrivilegedIntentsRequired)):
        await asyncio.wait_for(serve(wire.config, TOKEN), SOON_S)
    assert len(wire.gateway.identifies) == 1
