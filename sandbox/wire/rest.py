"""Discord's REST interface on a loopback socket, as far as Paperboy uses it, with faults on cue."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from aiohttp import web

from sandbox.wire.buckets import Buckets
from sandbox.wire.faults import Cues, Fault, Kind
from sandbox.wire.routes import Call, route
from sandbox.wire.rules import Refusal, TooMany
from sandbox.wire.state import World

TOKEN = "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs"  # noqa: S105 (this Discord's own)
PREFIX = "/api/v10"
_NEW_MESSAGE = re.compile(r"POST /channels/(\d+)/messages")

Answered = tuple[int, Any, dict[str, str]]


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
    """``per_second`` is the global limit, None for none; ``log`` has every request in order.

    ``per_channel`` is how many messages a channel takes in how many seconds, None for any number.
    """

    world: World
    cues: Cues = field(default_factory=Cues)
    token: str = TOKEN
    per_second: int | None = None
    per_channel: tuple[int, float] | None = (5, 5.0)
    log: list[Request] = field(default_factory=list)
    _recent: deque[float] = field(default_factory=deque)
    _blocked_until: float = 0.0
    _buckets: Buckets = field(init=False)

    def __post_init__(self) -> None:
        self._buckets = Buckets(self.world)

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
        if fault and fault.kind is Kind.BAN:
            status, answer = 429, None
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

    def _work(self, request: web.Request, path: str, body: Any, fault: Fault | None) -> Answered:
        """The status, body and headers that this request deserves; its effect on the world is done then."""
        headers = {"Via": "1.1 loopback"}
        # Whoever answers an interaction shows its token, and no global limit counts the answer.
        has_own_token = path.startswith(("/interactions/", "/webhooks/"))
        if not has_own_token and request.headers.get("Authorization") != f"Bot {self.token}":
            return 401, {"message": "401: Unauthorized", "code": 0}, headers
        if fault and fault.status == 429 and fault.kind is Kind.REFUSE:
            return self._too_many(fault.retry_after_s, fault.scope, headers)
        if not has_own_token and (wait_s := self._over_the_limit()) > 0:
            return self._too_many(wait_s, "global", headers)
        if fault and fault.kind in {Kind.REFUSE, Kind.DROP, Kind.BAN}:
            return fault.status, {"message": "on cue", "code": fault.code}, headers
        answered = self._in_its_bucket(Call(request.method, path, dict(request.query), body, request.host), headers)
        if fault and fault.kind is Kind.STORE_THEN_FAIL:
            return fault.status, {"message": "on cue", "code": fault.code}, headers
        return answered

    def _in_its_bucket(self, call: Call, headers: dict[str, str]) -> Answered:
        match = _NEW_MESSAGE.fullmatch(f"{call.method} {call.path}")
        if match and self.per_channel:
            wait_s, told = self._buckets.enter(int(match[1]), *self.per_channel)
            headers |= told
            if wait_s:
                return self._too_many(wait_s, "user", headers)
        try:
            return *route(self.world, call), headers
        except Refusal as refusal:
            return refusal.status, refusal.body, headers
        except TooMany as limit:
            return self._too_many(limit.retry_after_s, "user", headers)

    def _too_many(self, wait_s: float, scope: str, headers: dict[str, str]) -> Answered:
        is_global = scope == "global"
        if is_global:
            self._blocked_until = max(self._blocked_until, time.monotonic() + wait_s)
            headers["X-RateLimit-Global"] = "true"
        headers |= {"X-RateLimit-Scope": scope, "Retry-After": str(max(1, ceil(wait_s)))}
        answer = {
            "message": "You are being rate limited.",
            "code": 0,
            "retry_after": ceil(wait_s * 1_000) / 1_000,
            "global": is_global,
        }
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
