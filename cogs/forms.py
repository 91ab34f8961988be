"""Tells the cogs of every form that was filled in, whether or not this process had opened it."""

from __future__ import annotations

from typing import Any, cast

import discord
from discord.ext import commands

from papers.language import _
from views.buttons import EXPIRED
from views.forms import filled


class Forms(commands.Cog):
    @commands.Cog.listener()
    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        if interaction.type is not discord.InteractionType.modal_submit:
            return
        found = filled(cast(dict[str, Any], interaction.data or {}))
        if found is None:
            return
        verb, value, texts = found
        bot = cast(commands.Bot, interaction.client)
        if not await bot.tree.interaction_check(interaction):
            return
        if f"on_{verb}_filled" in bot.extra_events:
            bot.dispatch(f"{verb}_filled", interaction, value, texts)
        else:
            await interaction.response.send_message(_(EXPIRED), ephemeral=True)
