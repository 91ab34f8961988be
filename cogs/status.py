"""/status: whether all is well, without reading a log."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from cogs.answering import answering, show
from cogs.installs import usable_anywhere
from cogs.places import is_about_server, may_see
from digests.deliver import Courier
from digests.editions import next_edition
from digests.freshness import state_of
from papers.subscription import State, Subscription
from storage.store import Store
from summaries.summariser import Summariser
from views.places import missing_permissions, place_of
from views.status import ModelLine, OrderLine, SourceLine, Status, status_page

_LATELY = timedelta(days=1)


class StatusCog(commands.Cog, name="Status"):
    def __init__(self, store: Store, courier: Courier, summariser: Summariser, now: Callable[[], datetime]) -> None:
        self._store = store
        self._courier = courier
        self._summariser = summariser
        self._now = now

    @app_commands.command()
    @usable_anywhere
    async def status(self, interaction: discord.Interaction[Any]) -> None:
        """Show how the sources and the deliveries fare, what comes next, and what does not post and why."""
        async with answering(interaction, at_once=True):
            await show(interaction, status_page(await self._status(interaction)))

    async def _status(self, interaction: discord.Interaction[Any]) -> Status:
        now = self._now()
        health = await self._store.health.all()
        wanted = await self._store.subscriptions.sources() or {self._courier.policy.sources[0]}
        names = [name for name in self._courier.policy.sources if name in wanted]
        resting_until = self._courier.resting_until
        is_server = is_about_server(interaction)
        spending = await self._summariser.spending(interaction.guild_id or 0)
        orders = await (self._visible(interaction) if is_server else self._store.subscriptions.of_user(interaction.user.id))
        return Status(
            sources=[SourceLine(name, state_of(health.get(name), now), health.get(name)) for name in names],
            deliveries=await self._store.ledger.counts(since=now - _LATELY),
            resting_until=resting_until if resting_until and resting_until > now else None,
            is_server=is_server,
            orders=[await self._line(interaction.guild, order, now) for order in orders],
            model=ModelLine(self._summariser.model_name, spending) if spending else None,
        )

    async def _visible(self, interaction: discord.Interaction[Any]) -> list[Subscription]:
        """The server's subscriptions, without those to channels that the person cannot see; gone ones are the moderators'."""
        found = []
        for order in await self._store.subscriptions.of_guild(interaction.guild_id or 0):
            place = place_of(interaction.guild, order.channel_id)
            if may_see(interaction, place) if place else interaction.permissions.manage_channels:
                found.append(order)
        return found

    async def _line(self, guild: discord.Guild | None, order: Subscription, now: datetime) -> OrderLine:
        place = place_of(guild, order.channel_id)
        missing = missing_permissions(place, order) if place else []
        if order.state is not State.ACTIVE:
            return OrderLine(order, None, missing)
        planned = await self._store.ledger.days_planned(since=now - _LATELY * 2, of=order.id)
        return OrderLine(order, next_edition(order, now, {day for _, day in planned}).due_at, missing)
