"""/language: in which language a server's digests are written, for who may manage the server."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from cogs.answering import answering, show
from digests.languages import Languages
from papers.language import LANGUAGES, _
from storage.store import Store
from views.buttons import plain
from views.errors import UserError

_AS_DISCORD_SAYS = "discord"
_CHOICES = [
    *(app_commands.Choice(name=name, value=code) for code, name in LANGUAGES.items()),
    app_commands.Choice(name="as Discord says: the language that the server has there", value=_AS_DISCORD_SAYS),
]


class Language(commands.Cog):
    def __init__(self, store: Store, languages: Languages) -> None:
        self._store = store
        self._languages = languages

    @app_commands.command()
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.describe(language="Of what is posted for all; what you ask for yourself is in your own language")
    @app_commands.choices(language=_CHOICES)
    async def language(self, interaction: discord.Interaction[Any], language: str) -> None:
        """Choose the language of this server’s digests."""
        async with answering(interaction):
            if interaction.guild_id is None or not interaction.permissions.manage_guild:
                raise UserError(_("You need the permission “Manage Server” for that."))
            await self._store.guilds.set_language(interaction.guild_id, language if language in LANGUAGES else "")
            spoken = LANGUAGES[await self._languages.of_server(interaction.guild_id)]
            text = _(
                "From now on this server’s digests are in **{language}**; what is posted already follows with its next edit."
            )
            await show(interaction, plain(text.format(language=spoken)))
