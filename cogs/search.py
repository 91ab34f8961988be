"""/search: keywords, typos and all → the papers that answer, in pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from cogs.answering import answering, show
from cogs.installs import usable_anywhere
from search.engine import SearchEngine
from storage.notes import NoteStore
from views.errors import UserError
from views.pager import ROOM_FOR_REFERENCE, page_address
from views.results import results_page


class Search(commands.Cog):
    def __init__(self, engine: SearchEngine, notes: NoteStore, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._notes = notes
        self._now = now

    @app_commands.command()
    @usable_anywhere
    @app_commands.describe(query="Words, a title or a link; also “phrases”, -not, or, author:, org:, cat:, votes:>5")
    async def search(self, interaction: discord.Interaction[Any], query: app_commands.Range[str, 1, 500]) -> None:
        """Search the papers Paperboy has read."""
        async with answering(interaction):
            reference = await self._notes.shortened(query, ROOM_FOR_REFERENCE, self._now())
            await show(interaction, results_page(await self._engine.search(query, self._now()), 0, reference))

    @commands.Cog.listener()
    async def on_search_pressed(self, interaction: discord.Interaction[Any], value: str) -> None:
        """A page was turned."""
        async with answering(interaction, same_message=True):
            page, reference = page_address(value)
            query = await self._notes.whole(reference)
            if query is None:
                raise UserError("That search is no longer kept: please type it again with `/search`.")
            await show(interaction, results_page(await self._engine.search(query, self._now()), page, reference))
