"""`paperboy run` against a Discord of a few lines on a loopback socket: logging in, identifying, being refused, stopping."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import discord
import pytest
from aiohttp import WSMsgType, web

from bot.client import use_addresses
from bot.config import Config
from bot.running import serve
from sandbox.press import REPLIES, Press

TOKEN = "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs"

USER = {"id": "1", "username": "paperboy", "discriminator": "0", "avatar": None, "bot": True}


@dataclass
class Door:
    """Just enough of Discord to knock at: it knows one token and hears one IDENTIFY."""

    token: str = TOKEN
    synced: list[Any] = field(default_factory=list)
    identified: asyncio.Future[Any] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    @asynccontextmanager
    async def open(self) -> AsyncIterator[str]:
        app = web.Application()
        app.router.add_get("/api/v10/users/@me", self._me)
        app.router.add_get("/api/v10/oauth2/applications/@me", self._application)
        app.router.add_put("/api/v10/applications/{id}/commands", self._commands)
        app.router.add_get("/gateway/", self._gateway)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            yield f"127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()

    async def _me(self, request: web.Request) -> web.Response:
        if request.headers["Authorization"] != f"Bot {self.token}":
            return _json({"message": "401: Unauthorized", "code": 0}, status=401)
        return _json(USER)

    async def _application(self, request: web.Request) -> web.Response:
        application = {"id": "1", "name": "paperboy", "description": "", "summary": "", "verify_key": "", "flags": 0}
        return _json({**application, "bot_public": True, "bot_require_code_grant": False, "icon": None, "owner": USER})

    async def _commands(self, request: web.Request) -> web.Response:
        self.synced.append(await request.json())
        return _json([])

    async def _gateway(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"op": 10, "d": {"heartbeat_interval": 45_000}, "s": None, "t": None})
        async for message in socket:
            if message.type is WSMsgType.TEXT and json.loads(message.data)["op"] == 2:
                self.identified.set_result(json.loads(message.data)["d"])
        return socket


def _json(value: object, status: int = 200) -> web.Response:
    # discord.py reads an answer as JSON only if its type is exactly this, without a charset.
    return web.Response(body=json.dumps(value).encode(), content_type="application/json", status=status)


@pytest.fixture
async def door(monkeypatch: pytest.MonkeyPatch) -> Door:
    monkeypatch.setattr(discord.http.Route, "BASE", discord.http.Route.BASE)
    monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", None)
    return Door()


def config(tmp_path: Path, address: str, source: str) -> Config:
    config = Config.model_validate(
        {
            "discord": {"api_url": f"http://{address}/api/v10", "gateway_url": f"ws://{address}/gateway/"},
            "database": {"url": f"sqlite:///{tmp_path}/x.db"},
            "sources": {"huggingface": {"url": source}},
        }
    )
    use_addresses(config.discord)
    return config


async def test_it_logs_in_syncs_identifies_with_one_intent_collects_and_stops(tmp_path: Path, door: Door) -> None:
    press = Press(REPLIES)
    async with door.open() as address, press.running() as source:
        running = asyncio.ensure_future(serve(config(tmp_path, address, source), TOKEN))
        identity = await asyncio.wait_for(door.identified, 10)
        await asyncio.wait_for(press.answered.wait(), 10)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(running, 10)
    assert identity["intents"] == discord.Intents(guilds=True).value == 1
    (commands,) = door.synced
    assert {command["name"] for command in commands} == {"search", "paper", "today", "subscribe"}
    (subscribe,) = [command for command in commands if command["name"] == "subscribe"]
    assert int(subscribe["default_member_permissions"]) == discord.Permissions(manage_channels=True).value


async def test_a_refused_token_ends_it(tmp_path: Path, door: Door) -> None:
    door.token = "another"
    async with door.open() as address:
        with pytest.raises(discord.LoginFailure):
            await serve(config(tmp_path, address, "http://127.0.0.1:9"), TOKEN)
