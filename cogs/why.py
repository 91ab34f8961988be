"""/why: the stages of one paper in a channel; and the "Why these?" button of a digest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from cogs.answering import answering, show
from cogs.completing import Choices, Completing
from cogs.installs import usable_anywhere
from cogs.places import Somewhere, found_place, is_about_server, may_see
from digests.accounts import accounts, day_account
from digests.planning import Policy
from papers.language import _
from papers.paper import arxiv_id_in
from papers.subscription import Subscription
from search.engine import SearchEngine
from storage.store import Store
from views.errors import UserError
from views.limits import inert
from views.places import Place
from views.why import day_why_page, why_page


class Why(commands.Cog):
    def __init__(
        self, engine: SearchEngine, store: Store, policy: Policy, completing: Completing, now: Callable[[], datetime]
    ) -> None:
        self._engine = engine
        self._completing = completing
        self._store = store
        self._policy = policy
        self._now = now

    @app_commands.command()
    @usable_anywhere
    @app_commands.describe(
        paper="A title, an arXiv id, or a link to arXiv or Hugging Face", channel="Whose digests. Default: this channel’s"
    )
    async def why(
        self,
        interaction: discord.Interaction[Any],
        paper: app_commands.Range[str, 1, 300],
        channel: app_commands.Transform[Place, Somewhere] | None = None,
    ) -> None:
        """Tell why a paper came to a channel, or did not."""
        async with answering(interaction, at_once=True):
            orders = await self._orders(interaction, channel)
            found = await self._engine.paper(paper)
            asked = arxiv_id_in(paper)
            if found is None and asked is None:
                problem = _("Paperboy knows no paper called “{name}”: choose one from the list, or give its arXiv id.")
                raise UserError(problem.format(name=inert(paper, 200)))
            told = await accounts(self._store, self._policy, orders, found, self._now())
            await show(interaction, why_page(found, asked or "", told))

    @why.autocomplete("paper")
    async def _titles(self, interaction: discord.Interaction[Any], typed: str) -> Choices:
        return await self._completing.papers(interaction, typed)

    @commands.Cog.listener()
    async def on_why_pressed(self, interaction: discord.Interaction[Any], value: str) -> None:
        """ "Why these?" under a digest: the account of its day. ``value`` is the message's mark."""
        async with answering(interaction, at_once=True):
            delivery = await self._store.ledger.marked(value)
            order = delivery.subscription if delivery else None
            if delivery is None or not order or not _is_theirs(interaction, order):
                raise UserError(_("Paperboy no longer knows that edition: `/why` tells of any one paper."))
            await show(interaction, day_why_page(await day_account(self._store, self._policy, delivery.edition, self._now())))

    async def _orders(self, interaction: discord.Interaction[Any], channel: Place | None) -> list[Subscription]:
        """The subscriptions of the channel that is asked about; in a private message, what the person follows. At least one.

        Raises UserError.
        """
        if interaction.guild is None or not is_about_server(interaction):
            if followed := await self._store.subscriptions.of_user(interaction.user.id):
                return followed
            raise UserError(_("You follow nothing alone; in a server, `/why` tells of its channels’ digests."))
        place = channel or await found_place(interaction.guild, interaction.channel_id or 0)
        if place is None or not may_see(interaction, place):
            raise UserError(_("You cannot see that channel: ask about one that you can."))
        known = await self._store.subscriptions.of_guild(interaction.guild.id)
        # Under a forum's post, or in a thread, the digests of the channel around it are meant, if there are none of its own.
        for channel_id in (place.id, getattr(place, "parent_id", None)):
            if orders := [order for order in known if order.channel_id == channel_id]:
                return orders
        problem = _("No digests are posted in {channel}: name another channel with the option `channel`.")
        raise UserError(problem.format(channel=place.mention))


def _is_theirs(interaction: discord.Interaction[Any], order: Subscription) -> bool:
    """A person's own, or that of the server they are in."""
    return order.user_id == interaction.user.id if order.user_id else order.guild_id == interaction.guild_id
