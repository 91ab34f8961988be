"""Discord's gateway on a loopback socket: HELLO, IDENTIFY, READY, heartbeats, RESUME with what was missed, and closes on cue.

https://discord.com/developers/docs/events/gateway
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from sandbox.wire import guild, people
from sandbox.wire.channels import EVERYONE_MAY, GUILD_ID, Channel, Role
from sandbox.wire.interaction import Interaction
from sandbox.wire.state import BOT_ID, SOMEONE, World

PATH = "/gateway/"
_DISPATCH, _HEARTBEAT, _IDENTIFY, _RESUME, _RECONNECT, _INVALID_SESSION, _HELLO, _ACK = 0, 1, 2, 6, 7, 9, 10, 11
_WRONG_TOKEN = 4004
_ACK_AFTER_S = 0.05


@dataclass(slots=True)
class Gateway:
    """One session at a time. ``identifies`` and ``resumes`` hold the payloads in order; ``is_down`` refuses connections.

    ``has_outage`` is for the server, which READY then names and no GUILD_CREATE follows; ``can_resume`` for the session.
    ``others`` are further servers, as GUILD_CREATE tells of them: for what only their number shows.
    """

    world: World
    token: str
    heartbeat_ms: int = 45_000
    is_down: bool = False
    answers_heartbeats: bool = True
    can_resume: bool = True
    has_outage: bool = False
    others: Sequence[dict[str, Any]] = ()
    identifies: list[dict[str, Any]] = field(default_factory=list)
    resumes: list[dict[str, Any]] = field(default_factory=list)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _socket: web.WebSocketResponse | None = None
    _host: str = ""
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

    async def dispatch_again(self, event: str) -> None:
        """The last event of that name once more, with its old sequence number, as a RESUME replays it."""
        await self._send(next(sent for sent in reversed(self._sent) if sent["t"] == event))

    async def interact(
        self,
        command: str,
        options: Mapping[str, Any] | None = None,
        *,
        channel: Channel,
        user_id: int = SOMEONE,
        permissions: int = EVERYONE_MAY,
        focused: str | None = None,
    ) -> Interaction:
        """Someone runs a slash command, or asks for the choices of the option in ``focused``. "subscribe add" has its group."""
        asked = people.runs(self.world, command, options or {}, channel, user_id, focused)
        return await self._ask(asked, permissions)

    async def click(
        self,
        custom_id: str,
        message: Mapping[str, Any],
        *,
        values: Sequence[str] = (),
        user_id: int = SOMEONE,
        permissions: int = EVERYONE_MAY,
    ) -> Interaction:
        """Someone presses a button of a message, or chooses ``values`` in a menu of it."""
        return await self._ask(people.clicks(self.world, custom_id, message, values, user_id), permissions)

    async def replay(self) -> None:
        """The last interaction once more: the same id and token."""
        await self.dispatch_again("INTERACTION_CREATE")

    async def announce_channel(self, channel: Channel) -> None:
        """The channel, or the thread, as it is now."""
        await self.dispatch("THREAD_UPDATE" if channel.is_thread else "CHANNEL_UPDATE", channel.payload())

    async def announce_creation(self, channel: Channel) -> None:
        if channel.is_thread:
            await self.dispatch("THREAD_CREATE", {**channel.payload(), "newly_created": True})
        else:
            await self.dispatch("CHANNEL_CREATE", channel.payload())

    async def announce_deletion(self, channel: Channel) -> None:
        """Take the channel out of the world, with its threads, and tell of it."""
        gone = [channel, *(c for c in self.world.channels.values() if c.is_thread and c.parent_id == channel.id)]
        for one in gone:
            self.world.channels.pop(one.id, None)
        await self.dispatch("THREAD_DELETE" if channel.is_thread else "CHANNEL_DELETE", channel.payload())

    async def announce_role(self, role: Role) -> None:
        """The role as it is now; @everyone's too, after ``world.may_mention_all``."""
        await self.dispatch("GUILD_ROLE_UPDATE", {"guild_id": str(GUILD_ID), "role": guild.role(self.world, role)})

    async def lose_guild(self, *, is_outage: bool = True) -> None:
        """The server cannot be reached for a while, or else the bot was put out of it."""
        self.has_outage = True
        await self.dispatch("GUILD_DELETE", {"id": str(GUILD_ID), **({"unavailable": True} if is_outage else {})})

    async def bring_guild_back(self) -> None:
        self.has_outage = False
        await self.dispatch("GUILD_CREATE", guild.over_gateway(self.world))

    async def be_ready(self) -> None:
        """READY and the servers: what follows an IDENTIFY, and may come again in the same session."""
        await self.dispatch("READY", self._ready())
        if not self.has_outage:
            await self.dispatch("GUILD_CREATE", guild.over_gateway(self.world))
        for other in self.others:
            await self.dispatch("GUILD_CREATE", other)

    async def ask_to_reconnect(self) -> None:
        await self._send({"op": _RECONNECT, "d": None})

    async def invalidate_session(self, *, is_resumable: bool = False) -> None:
        await self._send({"op": _INVALID_SESSION, "d": is_resumable})

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
        self._socket, self._host = socket, request.host
        await self._send({"op": _HELLO, "d": {"heartbeat_interval": self.heartbeat_ms}})
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await self._heard(socket, json.loads(message.data))
        return socket

    async def _heard(self, socket: web.WebSocketResponse, payload: dict[str, Any]) -> None:
        match payload["op"]:
            case 1 if self.answers_heartbeats:
                # discord.py's thread notes the time once it has sent: an answer before that would count from the last heartbeat.
                await asyncio.sleep(min(_ACK_AFTER_S, self.heartbeat_ms / 4_000))
                with suppress(ConnectionError):  # it may have hung up meanwhile
                    await self._send({"op": _ACK})
            case 2:
                await self._identified(socket, payload["d"])
            case 6:
                await self._note(self.resumes, payload["d"])
                if not self.can_resume:
                    await self.invalidate_session()
                    return
                for missed in [sent for sent in self._sent if sent["s"] > payload["d"]["seq"]]:
                    await self._send(missed)
                await self.dispatch("RESUMED", {})

    async def _identified(self, socket: web.WebSocketResponse, identity: dict[str, Any]) -> None:
        await self._note(self.identifies, identity)
        # Who identifies more often than is allowed gets its token reset.
        is_spent = self.world.session_starts.remaining <= 0
        self.world.session_starts.remaining -= not is_spent
        if self._refuse_with is not None or is_spent or identity["token"] != self.token:
            await socket.close(code=self._refuse_with or _WRONG_TOKEN)
            return
        self._seq, self._sent = 0, []
        await self.be_ready()

    async def _ask(self, asked: people.Asked, permissions: int) -> Interaction:
        await self.dispatch("INTERACTION_CREATE", people.payload(self.world, asked, permissions))
        return asked.interaction

    async def _note(self, where: list[dict[str, Any]], what: dict[str, Any]) -> None:
        async with self.changed:
            where.append(what)
            self.changed.notify_all()

    async def _send(self, payload: dict[str, Any]) -> None:
        if self._socket and not self._socket.closed:
            await self._socket.send_json({"s": None, "t": None, **payload})

    def _ready(self) -> dict[str, Any]:
        return {
            "v": 10,
            "user": self.world.user(),
            "guilds": [{"id": guild_id, "unavailable": True} for guild_id in (str(GUILD_ID), *(o["id"] for o in self.others))],
            "session_id": "loopback",
            "resume_gateway_url": f"ws://{self._host}{PATH}",
            "application": {"id": str(BOT_ID), "flags": 0},
        }
