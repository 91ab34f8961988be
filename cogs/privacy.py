"""/privacy: what is kept, of whom and for how long; and /delete-my-data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from cogs.answering import answering, show
from cogs.installs import usable_anywhere
from storage.people import PeopleStore
from views.privacy import ASK, NOW, Notice, confirm_page, deleted_page, kept_page, notice_page


class Privacy(commands.Cog):
    """Whose data it is, the interaction says: no button carries a person's id. ``forget`` is for what memory has of one."""

    def __init__(self, people: PeopleStore, notice: Notice, forget: Callable[[int], None]) -> None:
        self._people = people
        self._notice = notice
        self._forget = forget

    @app_commands.command()
    @usable_anywhere
    async def privacy(self, interaction: discord.Interaction[Any]) -> None:
        """Show what is stored, for how long, and what of it is about you."""
        async with answering(interaction, at_once=True):
            await show(interaction, notice_page(self._notice, await self._people.held(interaction.user.id)))

    @app_commands.command(name="delete-my-data")
    @usable_anywhere
    async def delete_my_data(self, interaction: discord.Interaction[Any]) -> None:
        """Delete what is stored about you; what it is is shown first."""
        async with answering(interaction, at_once=True):
            await show(interaction, confirm_page(await self._people.held(interaction.user.id)))

    @commands.Cog.listener()
    async def on_forgetme_pressed(self, interaction: discord.Interaction[Any], value: str) -> None:
        """The data of whoever presses."""
        user_id = interaction.user.id
        async with answering(interaction, same_message=True):
            if value == NOW:
                self._forget(user_id)
                await self._people.forget(user_id)
                await show(interaction, deleted_page())
            elif value == ASK:
                await show(interaction, confirm_page(await self._people.held(user_id)))
            else:
                await show(interaction, kept_page())
