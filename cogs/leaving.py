"""What is kept of a server goes some days after Paperboy was removed from it: not on an outage, and not if it is back by then."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

import discord
from discord.ext import commands

from storage.store import Store

log = logging.getLogger(__name__)


class Leaving(commands.Cog):
    """``kept_for`` is how long a server's data outlives the removal."""

    def __init__(self, bot: commands.Bot, store: Store, kept_for: timedelta, now: Callable[[], datetime]) -> None:
        self._bot = bot
        self._store = store
        self._kept_for = kept_for
        self._now = now

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Removed, for Discord says of an outage that the server is unavailable, and then discord.py tells something else.

        https://discord.com/developers/docs/events/gateway-events#guild-delete
        """
        await self._store.guilds.left(guild.id, self._now())
        log.info("removed from server %d: its data is kept for %d days", guild.id, self._kept_for.days)

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        await self._store.guilds.back(guild.id)

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Whatever happened while no connection told of it: READY names every server that Paperboy is in, also those that are
        unavailable.
        """
        missing = await self._store.guilds.known() - {guild.id for guild in self._bot.guilds}
        await self._welcome_back()
        missing -= set(await self._store.guilds.gone_since(None))
        if missing:
            await self._store.guilds.all_left(missing, self._now())
            log.info("removed from %d servers while not connected", len(missing))

    async def purge(self) -> None:
        """Delete what is kept of servers that were left long enough ago. Raises StorageError.

        Not before Discord has told which servers there are: one may have added Paperboy again while it did not run.
        """
        if not self._bot.is_ready():
            return
        await self._welcome_back()
        for guild_id in await self._store.guilds.gone_since(self._now() - self._kept_for):
            if self._bot.get_guild(guild_id) is None:
                await self._store.guilds.purge(guild_id)
                log.info("what was kept of server %d is deleted", guild_id)

    async def _welcome_back(self) -> None:
        """Whatever told of it, or did not: a server that Paperboy is in was not left."""
        for guild_id in await self._store.guilds.gone_since(None):
            if self._bot.get_guild(guild_id):
                await self._store.guilds.back(guild_id)
