"""/search: words, typos, conditions and all → the papers that answer, in pages."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from cogs.answering import answering, show
from cogs.completing import Choices, Completing
from cogs.installs import usable_anywhere
from cogs.search_options import SORTS, complete_since, complete_topic, question_of
from cogs.sharing import Sharing, may_share
from papers.language import _
from papers.paper import arxiv_id_in
from papers.parts import parts_of
from papers.topic import MAX_LENGTH
from search.engine import SearchEngine
from search.results import Results, Sort
from storage.engine import StorageError
from storage.notes import reference_of
from storage.store import Store
from views.errors import UserError
from views.pager import PAGE_SIZE, ROOM_FOR_REFERENCE, page_count
from views.paper import card
from views.results import Asked, results_page, shared_results

log = logging.getLogger(__name__)

# Whether the store must be asked what was posted here; what such words mean is the grammar's to say.
_ABOUT_HERE = re.compile(r"\bin:", re.IGNORECASE)


class Search(commands.Cog):
    def __init__(
        self, engine: SearchEngine, store: Store, completing: Completing, sharing: Sharing, now: Callable[[], datetime]
    ) -> None:
        self._engine = engine
        self._store = store
        self._completing = completing
        self._sharing = sharing
        self._now = now

    @app_commands.command()
    @usable_anywhere
    @app_commands.describe(
        query="Words, a title or a link; also “phrases”, -not, or, author:, org:, cat:, votes:>5, in:this-channel",
        sort="Default: by relevance",
        since="Only papers since then: a week, 30d, 2026-01-01",
        topic="Only papers on a topic: one of this server’s, a preset, or words",
    )
    @app_commands.choices(sort=SORTS)
    async def search(
        self,
        interaction: discord.Interaction[Any],
        query: app_commands.Range[str, 1, 500],
        sort: str = Sort.RELEVANCE.value,
        since: app_commands.Range[str, 1, 40] | None = None,
        topic: app_commands.Range[str, 1, MAX_LENGTH] | None = None,
    ) -> None:
        """Search the papers Paperboy has read."""
        async with answering(interaction, at_once=True):
            text = await question_of(self._store, interaction, query, since, topic)
            await self._show(interaction, text, Asked(_reference(text), Sort(sort)))
            await self._keep([text])

    @search.autocomplete("query")
    async def _complete(self, interaction: discord.Interaction[Any], typed: str) -> Choices:
        return await self._completing.question(interaction, typed)

    @search.autocomplete("topic")
    async def _topics(self, interaction: discord.Interaction[Any], typed: str) -> Choices:
        return await complete_topic(self._store, interaction, typed)

    @search.autocomplete("since")
    async def _since(self, _asker: discord.Interaction[Any], typed: str) -> Choices:
        return complete_since(typed)

    @commands.Cog.listener()
    async def on_search_pressed(self, interaction: discord.Interaction[Any], value: str) -> None:
        """A page was turned, or the question changed; below a shared list that is a private answer."""
        async with answering(interaction, same_message=not value.startswith("o"), at_once=True):
            await self._show(interaction, *await self._asked(value))

    @commands.Cog.listener()
    async def on_sharesearch_pressed(self, interaction: discord.Interaction[Any], value: str) -> None:
        async with answering(interaction, same_message=True):
            text, asked = await self._asked(value)
            results, asked = await self._found(interaction, text, asked)
            if not results.hits:
                raise UserError(_("Nothing is found any more: there is nothing to share."))
            await self._sharing.post(interaction, shared_results(results, asked, interaction.user.id))

    async def _show(self, interaction: discord.Interaction[Any], text: str, asked: Asked) -> None:
        results, asked = await self._found(interaction, text, asked)
        can_share = may_share(interaction)
        if len(results.hits) == 1 and results.hits[0].paper.id == arxiv_id_in(results.text):
            await show(interaction, card(results.hits[0].paper, can_share=can_share))
            return
        parts = parts_of(results.text) if results.nearly else ()
        ways_out = {part.text: _reference(part.rest) for part in parts if part.rest}
        await show(interaction, results_page(results, asked, ways_out, can_share=can_share))
        await self._keep(part.rest for part in parts)

    async def _found(self, interaction: discord.Interaction[Any], text: str, asked: Asked) -> tuple[Results, Asked]:
        """The page that is asked for; the last, where there are fewer by now."""
        here = await self._here(interaction) if _ABOUT_HERE.search(text) else frozenset()

        async def page(number: int) -> Results:
            return await self._engine.search(
                text,
                self._now(),
                sort=asked.sort,
                first=number * PAGE_SIZE,
                limit=PAGE_SIZE,
                as_typed=asked.as_typed,
                here=here,
            )

        results = await page(asked.page)
        if results.hits or not results.reachable:
            return results, asked
        last = page_count(results.reachable) - 1
        return await page(last), replace(asked, page=last)

    async def _here(self, interaction: discord.Interaction[Any]) -> frozenset[str]:
        """The papers that digests brought here; in a thread, into the channel around it, too."""
        around = getattr(interaction.channel, "parent_id", None)
        return frozenset(await self._store.ledger.seen(*filter(None, (interaction.channel_id, around))))

    async def _asked(self, value: str) -> tuple[str, Asked]:
        """The question of a pressed button, and what is asked besides."""
        asked = Asked.in_button(value)
        text = await self._store.notes.whole(asked.reference)
        if text is None:
            raise UserError(_("That search is no longer kept: please type it again with `/search`."))
        return text, asked

    async def _keep(self, questions: Iterable[str]) -> None:
        """For the buttons that are shown by now: nobody waits for this to be written, and nobody presses so soon."""
        try:
            for text in questions:
                await self._store.notes.shortened(text, ROOM_FOR_REFERENCE, self._now())
        except StorageError as error:
            log.warning("a question could not be kept, so its pages cannot be turned: %s", error)


def _reference(text: str) -> str:
    """What stands for a question in a button; ``_keep`` makes it last."""
    return reference_of(text, ROOM_FOR_REFERENCE)
