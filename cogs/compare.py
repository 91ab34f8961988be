"""/compare: two papers side by side; in words, where there is a model and somebody wants that."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from cogs.answering import answering, show
from cogs.completing import Choices, Completing, named
from cogs.growing import LONGEST_S, Growing, asker
from cogs.installs import usable_anywhere
from cogs.sharing import Sharing, may_share
from papers.language import _
from papers.paper import Paper
from search.engine import SearchEngine
from storage.store import Store
from summaries.compare import Comparison, compare
from summaries.summariser import Summariser
from views.compare import ONE, OTHER, compare_page
from views.errors import UserError
from views.pager import ROOM_FOR_REFERENCE, page_address
from views.paper import ACCENT, open_button
from views.sharing import as_shown

_BETWEEN = "\t"


class Compare(commands.Cog):
    def __init__(
        self,
        engine: SearchEngine,
        store: Store,
        summariser: Summariser,
        completing: Completing,
        sharing: Sharing,
        now: Callable[[], datetime],
    ) -> None:
        self._engine = engine
        self._store = store
        self._summariser = summariser
        self._completing = completing
        self._sharing = sharing
        self._now = now

    @app_commands.command()
    @usable_anywhere
    @app_commands.describe(
        paper="A title, an arXiv id, or a link to arXiv or Hugging Face", other="The paper to compare it with, named likewise"
    )
    async def compare(
        self,
        interaction: discord.Interaction[Any],
        paper: app_commands.Range[str, 1, 300],
        other: app_commands.Range[str, 1, 300],
    ) -> None:
        """Compare two papers: facts side by side, what they share, what only one says."""
        async with answering(interaction, at_once=True):
            one = await named(self._engine, self._store.papers, paper)
            second = await named(self._engine, self._store.papers, other)
            if one.id == second.id:
                raise UserError(_("Those are the same paper: choose two different ones."))
            reference = await self._store.notes.shortened(f"{one.id}{_BETWEEN}{second.id}", ROOM_FOR_REFERENCE, self._now())
            can_say = self._summariser.has_model
            page = compare_page(self._compared(one, second), reference, can_say=can_say, can_share=may_share(interaction))
            await show(interaction, page)

    @compare.autocomplete("paper")
    async def _titles(self, interaction: discord.Interaction[Any], typed: str) -> Choices:
        return await self._completing.papers(interaction, typed)

    @compare.autocomplete("other")
    async def _other_titles(self, interaction: discord.Interaction[Any], typed: str) -> Choices:
        return await self._completing.papers(interaction, typed)

    @commands.Cog.listener()
    async def on_comparewords_pressed(self, interaction: discord.Interaction[Any], value: str) -> None:
        """ "Say it in words": a model's text below the facts."""
        async with answering(interaction, same_message=True, at_once=True):
            reference = page_address(value)[1]
            one, other = await self._papers(reference)
            model, can_share = self._summariser, may_share(interaction)
            page = partial(compare_page, self._compared(one, other), reference)
            if not model.has_model:
                raise UserError(_("No model is set up here any more: the facts are all there is."))
            await show(interaction, page(waiting=_("Asking {model} …").format(model=model.model_name)))
            words = None
            try:
                async with asyncio.timeout(LONGEST_S):
                    words = await model.compare(one, other, asker(interaction))
            except TimeoutError:
                pass
            label = _("By {model}, from the abstracts; it may be wrong.").format(model=model.model_name)
            view = page(words=words, label=label, can_share=can_share) if words else page(can_say=True, can_share=can_share)
            await Growing(interaction, lambda _text: view).end(view)
            if not words:
                raise UserError(_("The model gave no answer just now: please try again later."))

    @commands.Cog.listener()
    async def on_sharecompare_pressed(self, interaction: discord.Interaction[Any], value: str) -> None:
        async with answering(interaction, same_message=True):
            one, other = await self._papers(page_address(value)[1])
            if interaction.message is None:
                raise UserError(_("That comparison is no longer there: please ask again."))
            labels = [_("Open {sign}").format(sign=sign) for sign in (ONE, OTHER)]
            buttons = discord.ui.ActionRow[Any](open_button(one, labels[0]), open_button(other, labels[1]))
            await self._sharing.post(interaction, as_shown(interaction.message, interaction.user.id, buttons, accent=ACCENT))

    def _compared(self, one: Paper, other: Paper) -> Comparison:
        return compare(one, other, self._engine.terms(one), self._engine.terms(other))

    async def _papers(self, reference: str) -> tuple[Paper, Paper]:
        kept = await self._store.notes.whole(reference)
        found = await self._store.papers.get_many(kept.split(_BETWEEN)) if kept else []
        if len(found) != 2:
            raise UserError(_("That comparison is no longer kept: please call `/compare` again."))
        return found[0], found[1]
