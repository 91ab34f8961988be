"""When a channel is open to Paperboy again, its subscription goes on by itself."""

from __future__ import annotations

import logging

import discord
from discord.ext import commands

from papers.subscription import Subscription
from storage.store import Store
from views.places import missing_permissions, place_of

log = logging.getLogger(__name__)


class Access(commands.Cog):
    """Listens for what changes permissions. Nothing is asked of Discord: the events tell."""

    def __init__(self, bot: commands.Bot, store: Store) -> None:
        self._bot = bot
        self._store = store

    @commands.Cog.listener()
    async def on_guild_channel_update(self, _: discord.abc.GuildChannel, after: discord.abc.GuildChannel) -> None:
        await self._look_again(after.guild)

    @commands.Cog.listener()
    async def on_guild_role_update(self, _: discord.Role, after: discord.Role) -> None:
        await self._look_again(after.guild)

    @commands.Cog.listener()
    async def on_member_update(self, _: discord.Member, after: discord.Member) -> None:
        if after == after.guild.me:
            await self._look_again(after.guild)

    @commands.Cog.listener()
    async def on_thread_update(self, _: discord.Thread, after: discord.Thread) -> None:
        await self._look_again(after.guild)

    @commands.Cog.listener()
    async def on_thread_join(self, thread: discord.Thread) -> None:
        """Ours are joined when they are made, and whenever an archived one is opened again."""
        await self._look_again(thread.guild)

    @commands.Cog.listener()
    async def on_guild_available(self, guild: discord.Guild) -> None:
        """One that was out of reach. Of those that come with a start discord.py tells too, but not our bot (bot/client.py)."""
        await self._look_again(guild)

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        for order in await self._store.subscriptions.shut_out():
            await self._readmit(self._bot.get_guild(order.guild_id), order)

    @commands.Cog.listener()
    async def on_guild_join(self, guild: discord.Guild) -> None:
        await self._look_again(guild)

    async def _look_again(self, guild: discord.Guild) -> None:
        for order in await self._store.subscriptions.shut_out(guild.id):
            await self._readmit(guild, order)

    async def _readmit(self, guild: discord.Guild | None, order: Subscription) -> None:
        """Let it go on if it was shut out and may post now. What it owes stays owed, as far as it is not too late."""
        place = place_of(guild, order.channel_id)
        if place and not missing_permissions(place, order):
            await self._store.subscriptions.readmit(order.id)
            log.info("subscription %d goes on: its channel is open again", order.id)
