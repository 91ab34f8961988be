"""/similar: the papers most like one, each with what they share; and the "Similar papers" of every card and list."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from cogs.answering import answering, show
from cogs.completing import Choices, Completing, named
from cogs.installs import usable_anywhere
from cogs.sharing import Sharing, may_share
from papers.language import _
from papers.paper import Paper
from search.engine import SearchEngine
from search.results import Alike
from storage.papers import PaperStore
from views.errors import UserError
from views.pager import page_address
from views.similar import shared_similar, similar_page

_MOST = 20  # four pages: further down they are hardly alike


class Similar(commands.Cog):
    def __init__(self, engine: SearchEngine, papers: PaperStore, completing: Completing, sharing: Sharing) -> None:
        self._engine = engine
        self._papers = papers
        self._completing = completing
        self._sharing = sharing

    @app_commands.command()
    @usable_anywhere
    @app_commands.describe(paper="A title, an arXiv id, or a link to arXiv or Hugging Face")
    async def similar(self, interaction: discord.Interaction[Any], paper: app_commands.Range[str, 1, 300]) -> None:
        """Show the papers most like one that you know, and what they share."""
        async with answering(interaction, at_once=True):
            found = await named(self._engine, self._papers, paper)
            await self._show(interaction, found.id, 0)

    @similar.autocomplete("paper")
    async def _titles(self, interaction: discord.Interaction[Any], typed: str) -> Choices:
        return await self._completing.papers(interaction, typed)

    @commands.Cog.listener()
    async def on_similar_pressed(self, interaction: discord.Interaction[Any], value: str) -> None:
        """Under a card, a private answer appears; in that, a page was turned."""
        async with answering(interaction, same_message=not value.startswith("o"), at_once=True):
            page, paper_id = page_address(value)
            await self._show(interaction, paper_id, page)

    @commands.Cog.listener()
    async def on_similar_chosen(self, interaction: discord.Interaction[Any], _value: str, paper_ids: list[str]) -> None:
        """One of the papers of a list was chosen."""
        async with answering(interaction, at_once=True):
            await self._show(interaction, paper_ids[0], 0)

    @commands.Cog.listener()
    async def on_sharesimilar_pressed(self, interaction: discord.Interaction[Any], value: str) -> None:
        async with answering(interaction, same_message=True):
            page, paper_id = page_address(value)
            paper, found = await self._found(paper_id)
            if not found:
                raise UserError(_("Nothing like it is found any more: there is nothing to share."))
            await self._sharing.post(interaction, shared_similar(paper, found, page, interaction.user.id))

    async def _show(self, interaction: discord.Interaction[Any], paper_id: str, page: int) -> None:
        paper, found = await self._found(paper_id)
        await show(interaction, similar_page(paper, found, page, can_share=may_share(interaction)))

    async def _found(self, paper_id: str) -> tuple[Paper, tuple[Alike, ...]]:
        paper = await self._papers.get(paper_id)
        found = await self._engine.similar(paper_id, _MOST) if paper else None
        if paper is None or found is None:
            raise UserError(_("Paperboy no longer has that paper."))
        return paper, found
