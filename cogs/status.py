"""/status: whether all is well, without reading a log."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from cogs.answering import answering, show
from digests.deliver import Courier
from digests.editions import next_edition
from digests.freshness import state_of
from papers.subscription import State
from storage.store import Store
from views.status import ServerLine, SourceLine, Status, status_page

_LATELY = timedelta(days=1)


class StatusCog(commands.Cog, name="Status"):
    def __init__(self, store: Store, courier: Courier, now: Callable[[], datetime]) -> None:
        self._store = store
        self._courier = courier
        self._now = now

    @app_commands.command()
    async def status(self, interaction: discord.Interaction[Any]) -> None:
        """Show how the sources and the deliveries fare, and what this server gets next."""
        async with answering(interaction):
            await show(interaction, status_page(await self._status(interaction.guild_id)))

    async def _status(self, guild_id: int | None) -> Status:
        now = self._now()
        health = await self._store.health.all()
        names = self._courier.policy.sources
        resting_until = self._courier.resting_until
        return Status(
            sources=[SourceLine(name, state_of(health.get(name), now), health.get(name)) for name in names],
            deliveries=await self._store.ledger.counts(since=now - _LATELY),
            resting_until=resting_until if resting_until and resting_until > now else None,
            server=await self._server(guild_id, now) if guild_id else None,
        )

    async def _server(self, guild_id: int, now: datetime) -> ServerLine:
        orders = await self._store.subscriptions.of_guild(guild_id)
        active = [order for order in orders if order.state is State.ACTIVE]
        planned = await self._store.ledger.days_planned(since=now - _LATELY * 2)
        days = {order.id: {day for key, day in planned if key == order.id} for order in active}
        next_at = min((next_edition(order, now, days[order.id]).due_at for order in active), default=None)
        return ServerLine(len(orders), len(orders) - len(active), next_at)
