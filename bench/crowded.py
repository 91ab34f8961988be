"""A Discord of many servers on a loopback socket, in a process of its own, so that what it takes is nobody else's."""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from bench.bots import BEFORE_WAVE
from bench.servers import guild_id, posted_in, server
from sandbox.press import REPLIES, Press
from sandbox.wire.gateway import PATH, Gateway
from sandbox.wire.rest import PREFIX, TOKEN, Rest, serving
from sandbox.wire.state import World

_COUNTS_EVERY_S = 0.2


@dataclass(frozen=True, slots=True)
class Crowded:
    """Where it is, and where a source of papers is. ``posted`` counts the messages that its channels took."""

    api: str
    gateway: str
    source: str
    posted: Any


@contextmanager
def crowded(servers: int) -> Iterator[Crowded]:
    """That many servers besides the wire's own small one, until the end of the block."""
    context = multiprocessing.get_context("spawn")
    told, posted = context.Queue(), context.Value("i", 0)
    process = context.Process(target=_run, args=(servers, told, posted), daemon=True)
    process.start()
    try:
        address, source = told.get()
        yield Crowded(f"http://{address}{PREFIX}", f"ws://{address}{PATH}", source, posted)
    finally:
        process.kill()
        process.join()


def _run(servers: int, told: Any, posted: Any) -> None:
    asyncio.run(_serve(servers, told, posted))


async def _serve(servers: int, told: Any, posted: Any) -> None:
    world = World()
    channels = [world.add_channel("papers", id=posted_in(n), guild_id=guild_id(n)) for n in range(servers)]
    app = web.Application()
    Rest(world, per_channel=None).add_to(app)
    Gateway(world, TOKEN, others=[server(n) for n in range(servers)]).add_to(app)
    async with Press(REPLIES, lambda: BEFORE_WAVE.date()).running() as source, serving(app) as address:
        told.put((address, source))
        while True:
            await asyncio.sleep(_COUNTS_EVERY_S)
            posted.value = sum(len(channel.messages) for channel in channels)
