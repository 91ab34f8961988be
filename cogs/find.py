"""Apps → Find this paper, on any message: the papers it names, privately."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from cogs.answering import answering, show
from cogs.installs import usable_anywhere
from cogs.sharing import Sharing, may_share
from papers.language import N_, _
from papers.paper import Paper, arxiv_id_in
from search.engine import SearchEngine
from storage.store import Store
from views.buttons import plain
from views.errors import UserError
from views.listing import found_page, shared_found
from views.pager import ROOM_FOR_REFERENCE, page_address
from views.paper import card
from views.results import unknown_paper

_MOST = 25  # papers of one message
_ENOUGH = 12_000  # characters of a message, its embeds and what it forwards: more than anybody writes
_NONE_NAMED = N_(
    "No paper that Paperboy has read is named in that message: it looks for links to arXiv, Hugging Face and alphaXiv, for ids, "
    "and for titles."
)


class Find(commands.Cog):
    """``menu`` is the command; the tree it hangs in is the caller's."""

    def __init__(self, engine: SearchEngine, store: Store, sharing: Sharing, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._store = store
        self._sharing = sharing
        self._now = now
        self.menu = usable_anywhere(app_commands.ContextMenu(name="Find this paper", callback=self._find))

    async def _find(self, interaction: discord.Interaction[Any], message: discord.Message) -> None:
        async with answering(interaction, at_once=True):
            text = text_of(message)
            papers = await self._engine.mentioned(text, _MOST)
            if not papers:
                unread = arxiv_id_in(text)
                await show(interaction, unknown_paper(unread) if unread else none_named())
                return
            reference = await self._kept(papers)
            await show(interaction, _shown(papers, 0, reference, can_share=may_share(interaction)))

    @commands.Cog.listener()
    async def on_found_pressed(self, interaction: discord.Interaction[Any], value: str) -> None:
        """A page was turned; below a shared list that is a private answer."""
        async with answering(interaction, same_message=not value.startswith("o"), at_once=True):
            page, reference = page_address(value)
            papers = await self._papers(reference)
            await show(interaction, _shown(papers, page, reference, can_share=may_share(interaction)))

    @commands.Cog.listener()
    async def on_sharefound_pressed(self, interaction: discord.Interaction[Any], value: str) -> None:
        async with answering(interaction, same_message=True):
            page, reference = page_address(value)
            papers = await self._papers(reference)
            await self._sharing.post(interaction, shared_found(papers, page, reference, interaction.user.id))

    async def _kept(self, papers: list[Paper]) -> str:
        return await self._store.notes.shortened("\t".join(paper.id for paper in papers), ROOM_FOR_REFERENCE, self._now())

    async def _papers(self, reference: str) -> list[Paper]:
        kept = await self._store.notes.whole(reference)
        papers = await self._store.papers.get_many(kept.split("\t")) if kept else []
        if not papers:
            raise UserError(_("That list is no longer kept: please call *Find this paper* on the message again."))
        return papers


def none_named() -> discord.ui.LayoutView:
    """For a message without a paper that is known."""
    return plain(f"{_(_NONE_NAMED)}\n-# {_('`/search` finds papers by a few words.')}")


def _shown(papers: list[Paper], page: int, reference: str, *, can_share: bool) -> discord.ui.LayoutView:
    if len(papers) == 1:
        return card(papers[0], can_share=can_share)
    return found_page(papers, page, reference, can_share=can_share)


def text_of(message: discord.Message) -> str:
    """All that can be read in a message: what was typed, its embeds and components, and what it forwards."""
    found = ""
    for text in _texts(message):
        found = f"{found}\n{text}" if found else text
        if len(found) > _ENOUGH:
            break
    return found[:_ENOUGH]


def _texts(message: discord.Message | discord.MessageSnapshot) -> Iterator[str]:
    yield message.content
    for embed in message.embeds:
        yield from filter(None, (embed.url, embed.title, embed.description))
        for field in embed.fields:
            yield from filter(None, (field.name, field.value))
    for component in message.components:
        yield from _component_texts(component)
    if isinstance(message, discord.Message):
        for snapshot in message.message_snapshots:
            yield from _texts(snapshot)


def _component_texts(component: Any) -> Iterator[str]:
    """Its text or its address, then those of what is in it and beside it."""
    for text in (getattr(component, "content", None), getattr(component, "url", None)):
        if isinstance(text, str):
            yield text
    for child in (*getattr(component, "children", ()), getattr(component, "accessory", None)):
        if child is not None:
            yield from _component_texts(child)
