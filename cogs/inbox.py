"""/inbox: the editions that did not come by private message, and how to get messages again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Protocol

import discord
from discord import app_commands
from discord.ext import commands

from cogs.answering import answering, show
from cogs.installs import usable_anywhere
from digests.deliver import Courier
from digests.planning import assembled
from papers.language import _
from papers.subscription import Kind
from storage.store import Store
from views.buttons import plain
from views.errors import UserError
from views.follow import HOW_TO_OPEN, INBOX_DAYS, inbox_empty, inbox_page
from views.pager import page_address


class Private(Protocol):
    """Private channels with people."""

    async def opened(self, user_id: int) -> int | None:
        """The id of the person's channel; None where it could not be opened."""
        ...

    async def greeted(self, channel_id: int) -> bool:
        """Whether a short message came through."""
        ...


class Inbox(commands.Cog):
    def __init__(self, store: Store, private: Private, courier: Courier, now: Callable[[], datetime]) -> None:
        self._store = store
        self._private = private
        self._courier = courier
        self._now = now

    @app_commands.command()
    @usable_anywhere
    async def inbox(self, interaction: discord.Interaction[Any]) -> None:
        """Show the editions that could not be sent to you, the newest first."""
        async with answering(interaction, at_once=True):
            await self._show(interaction, 0)

    @commands.Cog.listener()
    async def on_inbox_pressed(self, interaction: discord.Interaction[Any], value: str) -> None:
        """A page was turned: of the presser's own inbox, whoever called for it."""
        async with answering(interaction, same_message=True, at_once=True):
            await self._show(interaction, page_address(value)[0])

    @commands.Cog.listener()
    async def on_reopen_pressed(self, interaction: discord.Interaction[Any], _value: str) -> None:
        """ "Send me messages again": a message is tried, and if it comes through, the editions come so again."""
        async with answering(interaction):
            user_id = interaction.user.id
            if not any(order.kind is Kind.INBOX for order in await self._store.subscriptions.of_user(user_id)):
                raise UserError(_("Nothing waits for that: what you follow comes by private message (`/follow list`)."))
            channel_id = await self._private.opened(user_id)
            if channel_id is None or not await self._private.greeted(channel_id):
                problem = _("Your private messages are still closed to Paperboy. {how}")
                raise UserError(problem.format(how=_(HOW_TO_OPEN)))
            await self._store.inbox.reopen(user_id, channel_id)
            await show(interaction, plain(_("They come by private message again; what came before stays in `/inbox`.")))

    async def _show(self, interaction: discord.Interaction[Any], page: int) -> None:
        user_id = interaction.user.id
        editions = await self._store.inbox.of_user(user_id, self._now() - timedelta(days=INBOX_DAYS))
        if not editions:
            orders = await self._store.subscriptions.of_user(user_id)
            await show(interaction, inbox_empty(is_closed=any(order.kind is Kind.INBOX for order in orders)))
            return
        page = min(page, len(editions) - 1)
        edition = editions[page]
        digest = assembled(edition, await self._store.papers.get_many(edition.paper_ids))
        await show(interaction, inbox_page(await self._courier.summarised(digest), page, len(editions)))
