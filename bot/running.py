"""`paperboy run`: the bot and its schedule until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Callable
from datetime import datetime

import aiohttp
import click
import discord

from bot.app import App, utc_now
from bot.client import Paperboy, use_addresses
from bot.config import Config, token
from bot.identifying import stay_connected
from bot.logs import set_up
from bot.schedule import Schedule
from bot.terminal import configured, stop_on_sigterm
from bot.watchdog import watching
from digests.poster import Stopped

log = logging.getLogger(__name__)


@click.command()
@configured
async def run(config: Config) -> None:
    """Run the bot. The token comes from PAPERBOY_DISCORD_TOKEN or the settings' token file."""
    set_up(config.log.level)
    secret = token(config.discord)
    use_addresses(config.discord)
    stop_on_sigterm()
    try:
        await serve(config, secret)
    except asyncio.CancelledError:
        log.info("stopped")
    except (discord.LoginFailure, Stopped) as error:
        raise click.ClickException("Discord refused the token: copy it anew from the developer portal") from error
    except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
        raise click.ClickException(f"the connection to Discord failed: {_first_line(error)}") from error


async def serve(config: Config, secret: str, now: Callable[[], datetime] = utc_now) -> None:
    """Log in, then run the schedule and the gateway connection; leaving it, by whatever way, closes everything.

    Raises Stopped where Discord refuses the token while it runs.
    """
    with watching():
        async with App.open(config, now, waits_for_index=False) as app, Paperboy(app) as bot:
            await bot.login(secret)
            spare_the_collector()
            # Digests are posted over REST: they go out even while the gateway cannot be reached.
            async with Schedule(app, bot.courier, bot.teller.tell).running() as broken:
                connection = asyncio.ensure_future(stay_connected(bot))
                try:
                    await asyncio.wait({connection, broken}, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    connection.cancel()
                (broken if broken.done() else connection).result()


def spare_the_collector() -> None:
    """Leave what is loaded by now out of every later garbage collection: a whole one stops the sender for 150 ms."""
    gc.collect()
    gc.freeze()


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
