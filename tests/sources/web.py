"""Services on loopback sockets, names that resolve as a test likes, and a clock that it moves."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

from sources.http import Http, Patience

QUICK = Patience(timeout_s=5, attempts=3, first_pause_s=0.001, longest_pause_s=0.3)
LASTING = Patience(timeout_s=20, attempts=1)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(handler: Handler, host: str = "127.0.0.1") -> AsyncIterator[str]:
    """Serve every path of ``host`` until the end of the block; yields the base address."""
    app = web.Application()
    app.router.add_get("/{path:.*}", handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://{host}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def get(handler: Handler, patience: Patience = QUICK) -> bytes:
    async with serving(handler) as url, Http.session(patience) as http:
        http.allow(url)
        return await http.get(f"{url}/x", {"q": "a b"}, bytes)


@dataclass
class Listener:
    """A port that nobody should come to."""

    port: int = 0
    connections: int = 0


@asynccontextmanager
async def listening() -> AsyncIterator[Listener]:
    """Listen on loopback, on the same port of IPv4 and (where there is one) IPv6, and count who connects."""
    found = Listener()

    async def connected(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        found.connections += 1
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nsecret")
        writer.close()

    four = await asyncio.start_server(connected, "127.0.0.1", 0)
    found.port = four.sockets[0].getsockname()[1]
    servers = [four]
    if socket.has_ipv6:
        with suppress(OSError):  # no IPv6 here, or the port is taken there: one address fewer to come to
            servers.append(await asyncio.start_server(connected, "::1", found.port))
    try:
        yield found
    finally:
        for server in servers:
            server.close()


class Names(AbstractResolver):
    """Names that resolve out of a table; each lookup takes a name's next answer, and the last one stays."""

    def __init__(self, answers: Mapping[str, Sequence[Sequence[str]]]) -> None:
        self._answers = {name: list(told) for name, told in answers.items()}

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        told = self._answers.get(host)
        if not told:
            raise OSError(f"{host} is unknown")
        addresses = told.pop(0) if len(told) > 1 else told[0]
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in addresses
        ]

    async def close(self) -> None:
        pass


@dataclass
class Clock:
    """Monotonic seconds that pass when told to."""

    now_s: float = 1000.0

    def __call__(self) -> float:
        return self.now_s
