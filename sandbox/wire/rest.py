"""Discord's REST interface on a loopback socket, as far as Paperboy uses it, with faults on cue."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from sandbox.wire.faults import Cues, Fault, Kind
from sandbox.wire.state import BOT_ID, Refusal, World

TOKEN = "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs"  # noqa: S105 (this Discord's own)
PREFIX = "/api/v10"

_APPLICATION: dict[str, Any] = {
    "id": str(BOT_ID),
    "name": "paperboy",
    "description": "",
    "summary": "",
    "type": None,
    "verify_key": "",
    "flags": 0,
    "flags_new": "0",
    "icon": None,
    "team": None,
    "redirect_uris": [],
    "interactions_endpoint_url": None,
    "role_connections_verification_url": None,
    "approximate_guild_count": 1,
    "approximate_user_install_count": 0,
    "approximate_user_authorization_count": 0,
    "explicit_content_filter": 0,
    "eligible_oauth2_scopes": [],
    "bot_public": True,
    "bot_require_code_grant": False,
}


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came, with what it was answered (0: not at all) and when, on the monotonic clock."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    status: int
    response: Any
    at: float


@dataclass(slots=True)
class Rest:
    """``per_second`` is the global limit, None for none; ``log`` has every request in order."""

    world: World
    cues: Cues = field(default_factory=Cues)
    token: str = TOKEN
    per_second: int | None = None
    log: list[Request] = field(default_factory=list)
    _recent: deque[float] = field(default_factory=deque)
    _blocked_until: float = 0.0

    @asynccontextmanager
    async def running(self, port: int = 0) -> AsyncIterator[str]:
        """Serve until the end of the block; yields "host:port"."""
        app = web.Application()
        self.add_to(app)
        async with serving(app, port) as address:
            yield address

    def add_to(self, app: web.Application) -> None:
        app.router.add_route("*", PREFIX + "/{path:.*}", self._answer)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        path = "/" + request.match_info["path"]
        body = await request.json() if request.can_read_body else None
        fault = self.cues.take(request.method, path)
        status, answer, headers = self._work(request, path, body, fault)
        self.log.append(Request(request.method, path, dict(request.query), body, status, answer, time.monotonic()))
        if fault and fault.kind in {Kind.DROP, Kind.STORE_THEN_DROP} and request.transport:
            request.transport.abort()
        if fault and fault.kind is Kind.STORE_THEN_HANG:
            await asyncio.sleep(3_600)
        if fault and fault.kind is Kind.BAN:
            return web.Response(status=429, body=b"<html>error 1015</html>", content_type="text/html")
        if status == 204:
            return web.Response(status=204, headers=headers)
        data = json.dumps(answer).encode()
        if fault and fault.kind is Kind.STORE_THEN_GARBLE:
            data = data[: len(data) // 2]
        # discord.py reads an answer as JSON only if its type is exactly this, without a charset.
        return web.Response(status=status, body=data, content_type="application/json", headers=headers)

    def _work(self, request: web.Request, path: str, body: Any, fault: Fault | None) -> tuple[int, Any, dict[str, str]]:
        """The status, body and headers that this request deserves; its effect on the world is done then."""
        headers = {"Via": "1.1 loopback"}
        if request.headers.get("Authorization") != f"Bot {self.token}":
            return 401, {"message": "401: Unauthorized", "code": 0}, headers
        if fault and fault.status == 429 and fault.kind is Kind.REFUSE:
            return self._too_many(fault.retry_after_s, fault.scope, headers)
        if (wait_s := self._over_the_limit()) > 0:
            return self._too_many(wait_s, "global", headers)
        if fault and fault.kind in {Kind.REFUSE, Kind.DROP, Kind.BAN}:
            return fault.status, {"message": "on cue", "code": fault.code}, headers
        try:
            status, answer = self._route(request.method, path, dict(request.query), body)
        except Refusal as refusal:
            return refusal.status, refusal.body, headers
        if fault and fault.kind is Kind.STORE_THEN_FAIL:
            return fault.status, {"message": "on cue", "code": fault.code}, headers
        return status, answer, headers

    def _too_many(self, wait_s: float, scope: str, headers: dict[str, str]) -> tuple[int, Any, dict[str, str]]:
        is_global = scope == "global"
        if is_global:
            self._blocked_until = max(self._blocked_until, time.monotonic() + wait_s)
            headers["X-RateLimit-Global"] = "true"
        headers |= {"X-RateLimit-Scope": scope, "Retry-After": str(max(1, round(wait_s)))}
        answer = {"message": "You are being rate limited.", "code": 0, "retry_after": wait_s, "global": is_global}
        return 429, answer, headers

    def _over_the_limit(self) -> float:
        """Seconds until the next request is allowed by the global limit; 0 for now."""
        now = time.monotonic()
        if now < self._blocked_until:
            return self._blocked_until - now
        if self.per_second is None:
            return 0.0
        while self._recent and self._recent[0] <= now - 1.0:
            self._recent.popleft()
        if len(self._recent) >= self.per_second:
            return self._recent[0] + 1.0 - now
        self._recent.append(now)
        return 0.0

    def _route(self, method: str, path: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
        match method, path.strip("/").split("/"):
            case "GET", ["users", "@me"]:
                return 200, {**self.world.user(), "mfa_enabled": False, "locale": "en-US"}
            case "GET", ["oauth2", "applications", "@me"] | ["applications", "@me"]:
                return 200, {**_APPLICATION, "owner": self.world.user()}
            case "PUT", ["applications", _, "commands"]:
                self.world.commands = body
                return 200, []
            case "POST", ["channels", channel_id, "messages"]:
                return 200, self.world.post(int(channel_id), body)
            case "GET", ["channels", channel_id, "messages"]:
                before = int(query["before"]) if "before" in query else None
                return 200, self.world.history(int(channel_id), int(query.get("limit", "50")), before)
            case "DELETE", ["channels", channel_id, "messages", message_id]:
                channel = self.world.channel(int(channel_id))
                channel.messages = [m for m in channel.messages if m["id"] != message_id]
                return 204, None
        raise Refusal(404, 0, "404: Not Found")


@asynccontextmanager
async def serving(app: web.Application, port: int = 0) -> AsyncIterator[str]:
    """Serve an application on loopback until the end of the block; yields "host:port"."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield f"127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
