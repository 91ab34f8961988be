"""How long a person waits for /search: from the interaction leaving Discord to its answer arriving there, over loopback.

The real bot (`paperboy run`, each part of it) beside a bare discord.py bot whose one command says "ok" at once; each in a process
of its own, asked in turn. The stand-in for Discord is this process.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import discord
import numpy as np
from aiohttp import web
from discord import app_commands

from bench.ours import DATABASE
from bot.client import use_addresses
from bot.config import Config
from bot.running import serve, spare_the_collector
from sandbox.press import REPLIES, Press
from sandbox.wire.gateway import PATH, Gateway
from sandbox.wire.rest import PREFIX, TOKEN, Rest, serving
from sandbox.wire.rules import LOADING
from sandbox.wire.state import Channel, World

_STARTING_S = 120.0
_ANSWER_S = 10.0
_WARMING = 30  # questions that are not counted
HEADING = """
| papers | bot | questions | p50 ms | p99 ms | p50 ÷ bare |
|---|---|---|---|---|---|"""


@dataclass(frozen=True, slots=True)
class Row:
    """One bot, in milliseconds."""

    papers: int
    name: str
    questions: int
    p50_ms: float
    p99_ms: float
    p50_ratio: float

    def __str__(self) -> str:
        told = f"{self.p50_ms:.2f} | {self.p99_ms:.2f} | {self.p50_ratio:.2f}"
        return f"| {self.papers:,} | {self.name} | {self.questions:,} | {told} |"


@dataclass(slots=True)
class Place:
    """A Discord of one bot's own: ``answered`` is set whenever a request was answered."""

    gateway: Gateway
    channel: Channel
    answered: asyncio.Event

    @classmethod
    @asynccontextmanager
    async def open(cls, run: Callable[[dict[str, Any]], None], settings: Mapping[str, Any]) -> AsyncIterator[Place]:
        """With a bot in it, ``run`` in a process of its own; it is ready to answer."""
        world = World()
        rest, gateway = Rest(world), Gateway(world, TOKEN)
        place = cls(gateway, world.add_channel("papers"), asyncio.Event())
        app = web.Application(middlewares=[place._tell])
        rest.add_to(app)
        gateway.add_to(app)
        async with serving(app) as address:
            discord_settings = {"api_url": f"http://{address}{PREFIX}", "gateway_url": f"ws://{address}{PATH}"}
            process = multiprocessing.get_context("spawn").Process(target=run, args=({**settings, "discord": discord_settings},))
            process.start()
            try:
                async with asyncio.timeout(_STARTING_S):
                    await gateway.wait_for(identifies=1)
                yield place
            finally:
                await asyncio.to_thread(_end, process)

    async def ask(self, question: str) -> float:
        """Milliseconds until the answer to a /search was there. Raises TimeoutError."""
        began = time.perf_counter_ns()
        asked = await self.gateway.interact("search", {"query": question}, channel=self.channel)
        answers = self.gateway.world.answers[asked.token]
        async with asyncio.timeout(_ANSWER_S):
            while not any(answer.message and not answer.message["flags"] & LOADING for answer in answers):
                self.answered.clear()
                await self.answered.wait()
        return (time.perf_counter_ns() - began) / 1e6

    @web.middleware
    async def _tell(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        response = await handler(request)
        self.answered.set()
        return response


async def measured(folder: Path, papers: int, questions: Sequence[str]) -> list[Row]:
    """Ask both bots every question; ``folder`` has the store and the index, which the bot may write to."""
    async with AsyncExitStack() as stack:
        source = await stack.enter_async_context(Press(REPLIES).running())
        settings = {
            "database": {"url": f"sqlite:///{folder / DATABASE}"},
            "sources": {"huggingface": {"url": source}, "arxiv": {"enabled": False}},
            "limits": {"searches_per_minute": [1_000_000] * 3},  # one person asks them all
        }
        places = {
            "Paperboy": await stack.enter_async_context(Place.open(run_paperboy, settings)),
            "bare": await stack.enter_async_context(Place.open(run_bare, {})),
        }
        times: dict[str, list[float]] = {name: [] for name in places}
        for number, question in enumerate(questions):
            for name, place in places.items():
                spent_ms = await place.ask(question)
                if number >= _WARMING:
                    times[name].append(spent_ms)
    p50 = {name: float(np.median(spent)) for name, spent in times.items()}
    return [
        Row(papers, name, len(spent), p50[name], float(np.quantile(spent, 0.99)), p50[name] / p50["bare"])
        for name, spent in times.items()
    ]


def run_paperboy(settings: dict[str, Any]) -> None:
    config = Config.model_validate(settings)
    use_addresses(config.discord)
    asyncio.run(serve(config, TOKEN))


def run_bare(settings: dict[str, Any]) -> None:
    use_addresses(Config.model_validate(settings).discord)
    asyncio.run(_bare())


async def _bare() -> None:
    client = discord.Client(intents=discord.Intents(guilds=True), max_messages=None)
    tree = app_commands.CommandTree(client)

    @tree.command()
    async def search(interaction: discord.Interaction[Any], query: str) -> None:
        """Say that it was heard."""
        await interaction.response.send_message("ok", ephemeral=True)

    async with client:
        await client.login(TOKEN)
        await tree.sync()
        spare_the_collector()
        await client.connect()


def _end(process: BaseProcess) -> None:
    process.kill()
    process.join()
