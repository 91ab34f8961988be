"""The two bots that are measured, each a process that says when it is ready and that a line of input sets to its wave.

    python -m bench.bots paperboy config.toml
    python -m bench.bots bare http://127.0.0.1:1/api/v10 ws://127.0.0.1:1/gateway/ 50 < channels

A bot loads nothing here but what it is: Paperboy is `paperboy run` with a clock that can be put forward; the bare bot is what
discord.py's own examples begin with, with the intents that Paperboy has and all else as discord.py sets it.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

BEFORE_WAVE = datetime(2026, 6, 10, 8, 30, tzinfo=UTC)
_WAVE_AFTER = timedelta(minutes=30)


def paperboy(settings: str) -> None:
    """Until it is ended; the wave is the hour at which every subscription is due."""
    import functools

    from bot import cli, client, running

    began, forward = time.monotonic(), timedelta(0)

    def now() -> datetime:
        return BEFORE_WAVE + forward + timedelta(seconds=time.monotonic() - began)

    def wait_for_wave() -> None:
        nonlocal forward
        sys.stdin.readline()
        forward = _WAVE_AFTER

    async def on_ready(_: Any) -> None:
        _say_ready()

    client.Paperboy.on_ready = on_ready  # type: ignore[attr-defined]
    running.serve = functools.partial(running.serve, now=now)
    threading.Thread(target=wait_for_wave, daemon=True).start()
    cli.main(["run", "--config", settings])


def bare(api: str, gateway: str, per_s: float) -> None:
    """Until it is ended; its wave is a message of some lines to each channel of the input, so many a second at most."""
    import discord
    from discord.ext import commands
    from yarl import URL

    discord.http.Route.BASE = api
    discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = URL(gateway)
    bot = commands.Bot(command_prefix="!", intents=discord.Intents(guilds=True))

    @bot.tree.command()
    async def ping(interaction: discord.Interaction[Any]) -> None:
        """Say that it was heard."""
        await interaction.response.send_message("pong", ephemeral=True)

    async def wave() -> None:
        line = await asyncio.to_thread(sys.stdin.readline)
        sending = asyncio.Semaphore(10)

        async def send(channel_id: int) -> None:
            async with sending:
                await bot.get_partial_messageable(channel_id).send("Today’s papers\n" + "A paper, and what it is about\n" * 8)

        async with asyncio.TaskGroup() as group:
            for channel_id in json.loads(line):
                group.create_task(send(channel_id))
                await asyncio.sleep(1 / per_s)

    @bot.event
    async def setup_hook() -> None:
        await bot.tree.sync()

    @bot.event
    async def on_ready() -> None:
        _say_ready()
        await wave()

    bot.run(os.environ["PAPERBOY_DISCORD_TOKEN"], log_handler=None)


def _say_ready() -> None:
    sys.stdout.write(f"{time.monotonic()}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    if sys.argv[1] == "paperboy":
        paperboy(sys.argv[2])
    else:
        bare(sys.argv[2], sys.argv[3], float(sys.argv[4]))
