"""/summary and the "Summary" of every card; Apps → Summarise papers here, on any message."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from cogs.answering import answering, show
from cogs.completing import Choices, Completing, named
from cogs.find import none_named, text_of
from cogs.growing import LONGEST_S, Growing, asker
from cogs.installs import usable_anywhere
from cogs.sharing import Sharing, may_share
from cogs.subjects import Subjects
from papers.language import N_, _
from papers.paper import Paper, arxiv_id_in
from search.engine import SearchEngine
from storage.store import Store
from summaries.ladder import summary as at_once
from summaries.languages import ENGLISH, LANGUAGES
from summaries.parts import parts
from summaries.summariser import Summariser
from summaries.summary import Depth, Origin, Summary
from views.buttons import plain
from views.errors import UserError
from views.pager import ROOM_FOR_REFERENCE, page_address, page_flags
from views.paper import ACCENT, ask_button, open_button
from views.results import unknown_paper
from views.sharing import as_shown
from views.summary import growing_page, shared_summaries, summaries_page, summary_page

log = logging.getLogger(__name__)

_MOST = 10  # papers of one message
_LIMIT = 500  # characters of one paper's short summary
_LIMIT_IN_LIST = 350
_PREPARED_WITHIN = timedelta(seconds=60)
_TOO_LONG = N_("The model took too long.")
_DEPTHS = [app_commands.Choice(name="short", value="short"), app_commands.Choice(name="full: the whole paper", value="full")]
_LANGUAGES = [app_commands.Choice(name=name, value=code) for code, name in LANGUAGES.items()]


class Summaries(commands.Cog):
    """``menu`` is the message command; the tree it hangs in is the caller's."""

    def __init__(
        self,
        engine: SearchEngine,
        store: Store,
        summariser: Summariser,
        completing: Completing,
        sharing: Sharing,
        subjects: Subjects,
        now: Callable[[], datetime],
    ) -> None:
        self._engine = engine
        self._store = store
        self._summariser = summariser
        self._completing = completing
        self._sharing = sharing
        self._subjects = subjects
        self._now = now
        self.menu = usable_anywhere(app_commands.ContextMenu(name="Summarise papers here", callback=self._summarise_message))

    @app_commands.command()
    @usable_anywhere
    @app_commands.describe(
        paper="A title, an arXiv id, or a link to arXiv or Hugging Face",
        depth="Default: short",
        language="Default: English. Others need a model",
    )
    @app_commands.choices(depth=_DEPTHS, language=_LANGUAGES)
    async def summary(
        self,
        interaction: discord.Interaction[Any],
        paper: app_commands.Range[str, 1, 300],
        depth: str = "short",
        language: str = ENGLISH,
    ) -> None:
        """Sum up one paper: what is new, how, and with what result."""
        async with answering(interaction, at_once=True):
            found = await named(self._engine, self._store.papers, paper)
            await self._show(interaction, found, Depth.FULL if depth == "full" else Depth.ABSTRACT, language)

    @summary.autocomplete("paper")
    async def _titles(self, interaction: discord.Interaction[Any], typed: str) -> Choices:
        return await self._completing.papers(interaction, typed)

    @commands.Cog.listener()
    async def on_summary_pressed(self, interaction: discord.Interaction[Any], value: str) -> None:
        """ "Summary" under a card is a private answer; in that, the whole paper is asked for."""
        is_deeper = value.startswith("f")
        async with answering(interaction, same_message=is_deeper, at_once=True):
            paper = await self._store.papers.get(page_address(value)[1])
            if paper is None:
                raise UserError(_("Paperboy no longer has that paper."))
            await self._show(interaction, paper, Depth.FULL if is_deeper else Depth.ABSTRACT, page_flags(value) or ENGLISH)

    @commands.Cog.listener()
    async def on_sharesummary_pressed(self, interaction: discord.Interaction[Any], value: str) -> None:
        async with answering(interaction, same_message=True):
            paper = await self._store.papers.get(page_address(value)[1])
            if paper is None or interaction.message is None:
                raise UserError(_("Paperboy no longer has that paper."))
            buttons = discord.ui.ActionRow[Any](open_button(paper), ask_button(paper))
            view = as_shown(interaction.message, interaction.user.id, buttons, accent=ACCENT)
            await self._subjects.shared(interaction, await self._sharing.post(interaction, view), paper)

    @commands.Cog.listener()
    async def on_summaries_pressed(self, interaction: discord.Interaction[Any], value: str) -> None:
        """A page was turned; below a shared list that is a private answer."""
        async with answering(interaction, same_message=not value.startswith("o"), at_once=True):
            page, reference = page_address(value)
            papers = await self._papers(reference)
            found = await self._short(papers)
            await show(interaction, summaries_page(papers, found, page, reference, can_share=may_share(interaction)))

    @commands.Cog.listener()
    async def on_sharesummaries_pressed(self, interaction: discord.Interaction[Any], value: str) -> None:
        async with answering(interaction, same_message=True):
            page, reference = page_address(value)
            papers = await self._papers(reference)
            view = shared_summaries(papers, await self._short(papers), page, reference, interaction.user.id)
            await self._sharing.post(interaction, view)

    async def _summarise_message(self, interaction: discord.Interaction[Any], message: discord.Message) -> None:
        async with answering(interaction, at_once=True):
            text = text_of(message)
            papers = await self._engine.mentioned(text, _MOST)
            if not papers:
                unread = arxiv_id_in(text)
                await show(interaction, unknown_paper(unread) if unread else none_named())
            elif len(papers) == 1:
                await self._show(interaction, papers[0], Depth.ABSTRACT, ENGLISH)
            else:
                await self._show_several(interaction, papers)

    async def _show(self, interaction: discord.Interaction[Any], paper: Paper, depth: Depth, language: str) -> None:
        """The lower rung at once; where a model is to say it better, what it says in its place."""
        self._subjects.asked(interaction, paper)
        model, who = self._summariser, asker(interaction)
        page = partial(summary_page, paper, language=language, can_share=may_share(interaction))
        can_read = model.has_model and paper.is_on_arxiv
        lower = (await self._short([paper], _LIMIT)).get(paper.id)
        is_quick = depth is Depth.ABSTRACT and language == ENGLISH and lower is not None and lower.origin is not Origin.EXTRACT
        if is_quick or not model.has_model:
            best = lower if is_quick else await model.summary(paper, depth=depth, language=language, who=who)
            await show(interaction, page(_with_parts(paper, best, depth), can_deepen=can_read))
            return
        asking = _("Asking {model} …").format(model=model.model_name)
        what = _("Reading the whole paper …") if depth is Depth.FULL else asking
        await show(interaction, summary_page(paper, lower, waiting=what))
        growing = Growing(interaction, partial(growing_page, paper, waiting=what))
        try:
            async with asyncio.timeout(LONGEST_S):
                best = await model.summary(paper, depth=depth, language=language, who=who, said=growing.said)
        except TimeoutError:
            best = replace(lower, note=_(_TOO_LONG)) if lower else None
        can_deepen = can_read and (best is None or best.depth is not Depth.FULL)
        await growing.end(page(_with_parts(paper, best, depth), can_deepen=can_deepen))

    async def _show_several(self, interaction: discord.Interaction[Any], papers: list[Paper]) -> None:
        found = await self._short(papers)
        reference = await self._store.notes.shortened("\t".join(paper.id for paper in papers), ROOM_FOR_REFERENCE, self._now())
        page = partial(summaries_page, papers, page=0, reference=reference)
        can_share = may_share(interaction)
        wanting = [paper for paper in papers if paper.id in found and found[paper.id].origin is Origin.EXTRACT]
        if not self._summariser.has_model or not wanting:
            await show(interaction, page(found=found, can_share=can_share))
            return
        asking = _("Asking {model} …").format(model=self._summariser.model_name)
        await show(interaction, page(found=found, waiting=asking))
        await self._summariser.prepare(wanting, self._now() + _PREPARED_WITHIN, interaction.guild_id or 0)
        await Growing(interaction, plain).end(page(found=await self._short(papers), can_share=can_share))

    async def _short(self, papers: list[Paper], limit: int = _LIMIT_IN_LIST) -> dict[str, Summary]:
        """The best short summary of each that is there without asking anybody."""
        made = await self._summariser.ready(papers)
        found = {paper.id: at_once(paper, limit, made.get(paper.id)) for paper in papers}
        return {paper_id: summary for paper_id, summary in found.items() if summary}

    async def _papers(self, reference: str) -> list[Paper]:
        kept = await self._store.notes.whole(reference)
        papers = await self._store.papers.get_many(kept.split("\t")) if kept else []
        if not papers:
            raise UserError(_("That list is no longer kept: please call *Summarise papers here* on the message again."))
        return papers


def _with_parts(paper: Paper, found: Summary | None, depth: Depth) -> Summary | None:
    """Where the whole paper was asked for and no model told of it, the sentences of the abstract by what they tell."""
    if found is None or depth is not Depth.FULL or found.sections:
        return found
    return replace(found, sections=parts(paper.abstract))
