"""Discord's gateway on a loopback socket: HELLO, IDENTIFY, READY, heartbeats, RESUME with what was missed, and closes on cue.

https://discord.com/developers/docs/events/gateway
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from sandbox.wire.state import BOT_ID, GUILD_ID, World

PATH = "/gateway/"
_DISPATCH, _HEARTBEAT, _IDENTIFY, _RESUME, _RECONNECT, _INVALID_SESSION, _HELLO, _ACK = 0, 1, 2, 6, 7, 9, 10, 11


@dataclass(slots=True)
class Gateway:
    """One session at a time. ``identifies`` and ``resumes`` hold the payloads in order; ``is_down`` refuses connections."""

    world: World
    token: str
    heartbeat_ms: int = 45_000
    is_down: bool = False
    answers_heartbeats: bool = True
    identifies: list[dict[str, Any]] = field(default_factory=list)
    resumes: list[dict[str, Any]] = field(default_factory=list)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _socket: web.WebSocketResponse | None = None
    _seq: int = 0
    _sent: list[dict[str, Any]] = field(default_factory=list)  # dispatches of the session, for RESUME
    _refuse_with: int | None = None

    def add_to(self, app: web.Application) -> None:
        app.router.add_get(PATH, self._connected)

    async def dispatch(self, event: str, data: dict[str, Any]) -> None:
        """An event, kept for those who resume."""
        self._seq += 1
        payload = {"op": _DISPATCH, "t": event, "s": self._seq, "d": data}
        self._sent.append(payload)
        await self._send(payload)

    async def ask_to_reconnect(self) -> None:
        await self._send({"op": _RECONNECT, "d": None})

    async def invalidate_session(self) -> None:
        await self._send({"op": _INVALID_SESSION, "d": False})

    async def close(self, code: int) -> None:
        if self._socket:
            await self._socket.close(code=code)

    def refuse_identify(self, code: int) -> None:
        """Close with that code at the next IDENTIFY (4004: the token is wrong, 4014: an intent is not allowed)."""
        self._refuse_with = code

    async def wait_for(self, *, identifies: int = 0, resumes: int = 0) -> None:
        """Until there were so many of each in all."""
        async with self.changed:
            await self.changed.wait_for(lambda: len(self.identifies) >= identifies and len(self.resumes) >= resumes)

    async def _connected(self, request: web.Request) -> web.StreamResponse:
        if self.is_down:
            return web.Response(status=503)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._socket = socket
        await self._send({"op": _HELLO, "d": {"heartbeat_interval": self.heartbeat_ms}})
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await self._heard(socket, json.loads(message.data), request.host)
        return socket

    async def _heard(self, socket: web.WebSocketResponse, payload: dict[str, Any], host: str) -> None:
        match payload["op"]:
            case 1 if self.answers_heartbeats:
                await self._send({"op": _ACK})
            case 2:
                await self._note(self.identifies, payload["d"])
                if self._refuse_with is not None or payload["d"]["token"] != self.token:
                    await socket.close(code=self._refuse_with or 4004)
                    return
                self._seq, self._sent = 0, []
                await self.dispatch("READY", self._ready(host))
                await self.dispatch("GUILD_CREATE", self._guild())
            case 6:
                await self._note(self.resumes, payload["d"])
                for missed in [sent for sent in self._sent if sent["s"] > payload["d"]["seq"]]:
                    await self._send(missed)
                await self.dispatch("RESUMED", {})

    async def _note(self, where: list[dict[str, Any]], what: dict[str, Any]) -> None:
        async with self.changed:
            where.append(what)
            self.changed.notify_all()

    async def _send(self, payload: dict[str, Any]) -> None:
        if self._socket and not self._socket.closed:
            await self._socket.send_json({"s": None, "t": None, **payload})

    def _ready(self, host: str) -> dict[str, Any]:
        return {
            "v": 10,
            "user": self.world.user(),
            "guilds": [{"id": str(GUILD_ID), "unavailable": True}],
            "session_id": "loopback",
            "resume_gateway_url": f"ws://{host}{PATH}",
            "application": {"id": str(BOT_ID), "flags": 0},
        }

    def _guild(self) -> dict[str, Any]:
        everyone = {"id": str(GUILD_ID), "name": "@everyone", "permissions": str(0xFFFFFFFF), "position": 0, "color": 0}
        me = {"user": self.world.user(), "roles": [], "joined_at": "2026-01-01T00:00:00+00:00", "deaf": False, "mute": False}
        return {
            "id": str(GUILD_ID),
            "name": "Loopback",
            "owner_id": "2",
            "member_count": 1,
            "roles": [{**everyone, "hoist": False, "managed": False, "mentionable": False, "flags": 0, "tags": {}}],
            "channels": [
                {"id": str(c.id), "type": 0, "name": c.name, "position": 0, "permission_overwrites": [], "nsfw": False}
                for c in self.world.channels.values()
            ],
            "members": [{**me, "flags": 0}],
            "emojis": [],
            "stickers": [],
            "features": [],
            "threads": [],
            "presences": [],
            "voice_states": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
            "unavailable": False,
            "verification_level": 0,
            "default_message_notifications": 0,
            "explicit_content_filter": 0,
            "mfa_level": 0,
            "nsfw_level": 0,
            "premium_tier": 0,
            "premium_progress_bar_enabled": False,
            "preferred_locale": "en-US",
            "system_channel_flags": 0,
        }
