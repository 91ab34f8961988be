"""/paper: one card, by title, id or link; and the "Open" button of every list."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from cogs.answering import answering, show
from cogs.completing import Choices, Completing, meant
from cogs.installs import usable_anywhere
from cogs.sharing import Sharing, may_share
from cogs.subjects import Subjects
from digests.made import Ready
from papers.language import N_, _
from papers.paper import Paper as PaperValue
from search.engine import SearchEngine
from storage.notes import NoteStore
from storage.papers import PaperStore
from summaries.summary import Summary
from views.errors import UserError
from views.limits import inert
from views.pager import PAGE_SIZE, ROOM_FOR_REFERENCE
from views.paper import card, shared_card
from views.results import Asked, results_page, unknown_paper

_GONE = N_("Paperboy no longer has that paper.")


class Paper(commands.Cog):
    def __init__(
        self,
        engine: SearchEngine,
        papers: PaperStore,
        notes: NoteStore,
        completing: Completing,
        sharing: Sharing,
        subjects: Subjects,
        ready: Ready,
        now: Callable[[], datetime],
    ) -> None:
        self._engine = engine
        self._papers = papers
        self._notes = notes
        self._completing = completing
        self._sharing = sharing
        self._subjects = subjects
        self._ready = ready
        self._now = now

    @app_commands.command()
    @usable_anywhere
    @app_commands.describe(paper="A title, an arXiv id, or a link to arXiv or Hugging Face")
    async def paper(self, interaction: discord.Interaction[Any], paper: app_commands.Range[str, 1, 300]) -> None:
        """Show one paper: summary, abstract and links."""
        async with answering(interaction, at_once=True):
            found = await meant(self._engine, self._papers, paper)
            can_share = may_share(interaction)
            if found:
                await show(interaction, card(found, await self._made(found), can_share=can_share))
                return
            results = await self._engine.search(paper, self._now(), limit=PAGE_SIZE)
            if results.unknown_id:
                await show(interaction, unknown_paper(results.unknown_id))
                return
            if not results.hits:
                problem = _("Paperboy has not read a paper called “{name}”: try `/search` with a few words.")
                raise UserError(problem.format(name=inert(paper, 200)))
            reference = await self._notes.shortened(paper, ROOM_FOR_REFERENCE, self._now())
            await show(interaction, results_page(results, Asked(reference), can_share=can_share))

    @paper.autocomplete("paper")
    async def _titles(self, interaction: discord.Interaction[Any], typed: str) -> Choices:
        return await self._completing.papers(interaction, typed)

    @commands.Cog.listener()
    async def on_open_pressed(self, interaction: discord.Interaction[Any], value: str) -> None:
        """ "Open" beside a paper in a list: its card, privately. ``value`` is the list's mark (perhaps none) and the id."""
        async with answering(interaction, at_once=True):
            paper = await self._paper_of(value)
            await show(interaction, card(paper, await self._made(paper), can_share=may_share(interaction)))

    @commands.Cog.listener()
    async def on_sharecard_pressed(self, interaction: discord.Interaction[Any], value: str) -> None:
        async with answering(interaction, same_message=True):
            paper = await self._paper_of(value)
            message = await self._sharing.post(interaction, shared_card(paper, interaction.user.id, await self._made(paper)))
            await self._subjects.shared(interaction, message, paper)

    async def _made(self, paper: PaperValue) -> Summary | None:
        """What a model made of it so far; none is waited for."""
        return (await self._ready([paper])).get(paper.id)

    async def _paper_of(self, value: str) -> PaperValue:
        paper = await self._papers.get(value.partition(":")[2])
        if paper is None:
            raise UserError(_(_GONE))
        return paper
