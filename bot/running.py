"""`paperboy run`: the bot and its schedule until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack, suppress
from datetime import datetime
from typing import Any

import aiohttp
import click
import discord

from bot.app import App, utc_now
from bot.client import Paperboy, use_addresses
from bot.config import Config, ConfigError, model_key, token
from bot.identifying import stay_connected
from bot.memory import spare
from bot.requests import Requests
from bot.schedule import Schedule
from bot.terminal.command import WrongUse, configured, stop_on_sigterm
from bot.watching.alarm import Alarm
from bot.watching.checkup import Checkup
from bot.watching.health import serving
from bot.watching.logs import Sink, logging_to_stderr
from bot.watching.watchdog import watching
from digests.poster import Stopped
from storage.engine import StorageError, database_path
from storage.instance import only_instance

log = logging.getLogger(__name__)

_TOLD = (click.ClickException, ConfigError, StorageError, discord.DiscordException, Stopped, aiohttp.ClientError, OSError)

_MANY_SERVERS = 500
_CONNECTS_WITHIN_S, _READY_WITHIN_S = 5.0, 60.0
_LOOK_EVERY_S = 0.05


@click.command()
@configured
async def run(config: Config) -> None:
    """Run the bot. The token comes from PAPERBOY_DISCORD_TOKEN or the settings' token file."""
    spare()
    secret = token(config.discord)
    use_addresses(config.discord)
    stop_on_sigterm()
    try:
        with (
            logging_to_stderr(config.log.level, config.log.format, [secret, model_key()]) as sink,
            only_instance(database_path(config.database.url), "run", utc_now()),
        ):
            await _until_cancelled(serve(config, secret, sink=sink))
    except (discord.LoginFailure, Stopped) as error:
        # Wrong use, with its exit code: whoever starts it again and again (deploy/paperboy.service) can tell it from an outage.
        raise WrongUse("Discord refused the token: copy it anew from the developer portal") from error
    except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
        raise click.ClickException(f"the connection to Discord failed: {_first_line(error)}") from error


async def _until_cancelled(serving_: Coroutine[Any, Any, None]) -> None:
    try:
        await serving_
    except asyncio.CancelledError:
        log.info("stopped")
    except _TOLD:
        raise  # in one line, by who runs the command
    except Exception as error:
        log.critical("a fault of Paperboy’s own ends it", exc_info=error)
        raise click.ClickException("a fault of Paperboy’s own ended it: the log has it whole, please report it") from None


async def serve(config: Config, secret: str, now: Callable[[], datetime] = utc_now, *, sink: Sink | None = None) -> None:
    """Log in, then run the schedule and the gateway connection; leaving it, by whatever way, closes everything.

    Raises Stopped where Discord refuses the token while it runs.
    """
    with watching() as pulse:
        async with App.open(config, now, waits_for_index=False) as app, Paperboy(app) as bot, AsyncExitStack() as beside:
            schedule = Schedule(app, bot.courier, bot.teller.tell, bot.leaving.purge)
            checkup = Checkup(bot, pulse, schedule.ended_at)
            beside.enter_context(bot.tally.listening())
            await beside.enter_async_context(serving(config.health, checkup, sink))
            await bot.login(secret)
            spare_the_collector()
            if config.operator.channel_id:
                await beside.enter_async_context(Alarm(checkup, Requests(bot.pacer), config.operator.channel_id).running())
            connection = asyncio.ensure_future(stay_connected(bot))
            beside.callback(connection.cancel)
            await _servers_first(bot, connection)
            # Digests are posted over REST: they go out even while the gateway cannot be reached.
            async with schedule.running() as broken:
                try:
                    await asyncio.wait({connection, broken}, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    connection.cancel()
                (broken if broken.done() else connection).result()


async def _servers_first(bot: Paperboy, connection: asyncio.Future[None]) -> None:
    """Until Discord has told of the servers, whose language the first digests are in; of many, until the bot is ready: the first
    rounds would take the processor meanwhile, and people's commands wait for both. A gateway that is slow or down, or a server
    that is, holds no round up for long.
    """

    async def told() -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_CONNECTS_WITHIN_S):
                await bot.wait_for("connect")
            async with asyncio.timeout(_READY_WITHIN_S):
                while not bot.is_ready() and (len(bot.guilds) >= _MANY_SERVERS or _are_untold(bot)):  # noqa: ASYNC110 (no event)
                    await asyncio.sleep(_LOOK_EVERY_S)

    telling = asyncio.ensure_future(told())
    try:
        await asyncio.wait({connection, telling}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        telling.cancel()


def _are_untold(bot: Paperboy) -> bool:
    return any(guild.unavailable for guild in bot.guilds)


def spare_the_collector() -> None:
    """Leave what is loaded by now out of every later garbage collection: a whole one stops the sender for 150 ms."""
    gc.collect()
    gc.freeze()


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
