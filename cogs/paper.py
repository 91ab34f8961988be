"""/paper: one card, by title, id or link; and the "Open" button of every list."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from cogs.answering import answering, show
from cogs.installs import usable_anywhere
from search.engine import SearchEngine
from search.index import IndexUnavailable
from storage.engine import StorageError
from storage.papers import PaperStore
from views.errors import UserError
from views.limits import CHOICE, CHOICES, inert
from views.paper import card
from views.results import results_page


class Paper(commands.Cog):
    def __init__(self, engine: SearchEngine, papers: PaperStore, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._papers = papers
        self._now = now

    @app_commands.command()
    @usable_anywhere
    @app_commands.describe(paper="A title, an arXiv id, or a link to arXiv or Hugging Face")
    async def paper(self, interaction: discord.Interaction[Any], paper: app_commands.Range[str, 1, 300]) -> None:
        """Show one paper: summary, abstract and links."""
        async with answering(interaction):
            found = await self._engine.paper(paper)
            if found:
                await show(interaction, card(found))
                return
            results = await self._engine.search(paper, self._now(), limit=5)
            if not results.hits:
                raise UserError(f"Paperboy has not read a paper called “{inert(paper, 200)}”: try `/search` with a few words.")
            await show(interaction, results_page(results, 0, ""))

    @paper.autocomplete("paper")
    async def _titles(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await titles_like(self._engine, typed, self._now().date())

    @commands.Cog.listener()
    async def on_open_pressed(self, interaction: discord.Interaction[Any], value: str) -> None:
        """ "Open" beside a paper in a list: its card, privately. ``value`` is the list's mark (perhaps none) and the id."""
        async with answering(interaction):
            paper = await self._papers.get(value.partition(":")[2])
            if paper is None:
                raise UserError("Paperboy no longer has that paper.")
            await show(interaction, card(paper))


async def titles_like(engine: SearchEngine, typed: str, today: date) -> list[app_commands.Choice[str]]:
    """Papers to choose from while their title is typed."""
    try:
        papers = await engine.complete(typed, CHOICES, today)
    except (IndexUnavailable, StorageError):
        return []  # the command itself says what is wrong
    return [app_commands.Choice(name=paper.title[:CHOICE], value=paper.id) for paper in papers]
