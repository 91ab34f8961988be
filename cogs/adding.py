"""Between `/subscribe add` and the subscription: a private replay of what would come, to be changed, saved or dropped.

The draft is kept in the store and every button leads back to it, so nothing of it is in memory.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

import discord
from discord.ext import commands

from cogs.answering import answering, show
from cogs.places import found_place, require_both_may
from digests.deliver import Courier
from digests.editions import next_edition, papers_day
from digests.planning import Lists
from digests.replay import replay, stored_shelf
from papers.language import _
from papers.order_values import order_of, values_of
from papers.presets import preset
from papers.subscription import Subscription
from papers.terms import narrower, wider, with_term
from papers.topic import Topic
from storage.store import Store
from views import subscriptions as shown
from views.buttons import plain
from views.errors import UserError
from views.places import Place, kind_of
from views.replay import proposed

_REFERENCE = 26  # characters of a button's custom_id for the draft: so little that it is always kept in the store


async def chosen_topic(store: Store, guild_id: int, text: str) -> Topic:
    """What was typed stands for the server's topic of that name, for a preset's, or for itself. Raises TopicError."""
    return await named_topic(store, guild_id, text) or Topic.parse(text)


async def named_topic(store: Store, guild_id: int, name: str) -> Topic | None:
    return await store.topics.get(guild_id, name) or preset(name)


async def require_new(store: Store, order: Subscription, place: Place, limit: int) -> list[Subscription]:
    """The server's other subscriptions. Raises UserError where there are too many, or the very same is among them."""
    others = await store.subscriptions.of_guild(order.guild_id)
    if len(others) >= limit:
        raise UserError(_("A server has at most {most} subscriptions: `/subscribe remove` one first.").format(most=limit))
    if any(replace(other, id=0, state=order.state, paused_until=None) == order for other in others):
        raise UserError(
            _("{channel} has that very subscription already: `/subscribe list` shows it.").format(channel=place.mention)
        )
    return others


def require_sources(sources: Collection[str], read: Collection[str]) -> None:
    """Refuse a source that the operator does not have Paperboy read."""
    if "arxiv" in sources and "arxiv" not in read:
        raise UserError(_("This Paperboy does not read arXiv: leave `source` out, or ask its operator to switch arXiv on."))


async def propose(interaction: discord.Interaction[Any], store: Store, order: Subscription, now: datetime) -> None:
    """Answer with what the order would have brought."""
    reference = await _kept(store, order, now)
    replayed = await replay(Lists(store), order, papers_day(order.mode, now, order.sources))
    others = await store.subscriptions.of_guild(order.guild_id)
    await show(interaction, proposed(replayed, reference, zone_note(order, others)))


def zone_note(order: Subscription, others: Collection[Subscription]) -> str:
    """For a server's first subscription, where the default zone may not be what was meant."""
    is_default = order.zone.key == "UTC" and not others
    return _("The time zone is UTC: give `timezone` to choose yours.") if is_default else ""


async def _kept(store: Store, order: Subscription, now: datetime) -> str:
    return await store.notes.shortened(json.dumps(values_of(order)), _REFERENCE, now)


class Adding(commands.Cog):
    """The buttons below a replay. At most ``limit`` subscriptions a server."""

    def __init__(self, store: Store, courier: Courier, now: Callable[[], datetime], limit: int) -> None:
        self._store = store
        self._courier = courier
        self._now = now
        self._limit = limit
        self._saving = asyncio.Lock()  # who presses Save twice finds the first one's subscription

    @commands.Cog.listener()
    async def on_draftsave_pressed(self, interaction: discord.Interaction[Any], value: str) -> None:
        async with answering(interaction, same_message=True):
            order, place = await self._draft(interaction, value)
            now = self._now()
            async with self._saving:
                others = await require_new(self._store, order, place, self._limit)
                order = await self._store.subscriptions.add(order, now, made_by=interaction.user.id)
            await show(interaction, shown.added(order, next_edition(order, now).due_at, zone_note(order, others)))

    @commands.Cog.listener()
    async def on_draftnarrow_pressed(self, interaction: discord.Interaction[Any], value: str) -> None:
        await self._offer(interaction, value, is_narrower=True)

    @commands.Cog.listener()
    async def on_draftwiden_pressed(self, interaction: discord.Interaction[Any], value: str) -> None:
        await self._offer(interaction, value, is_narrower=False)

    @commands.Cog.listener()
    async def on_draftterm_pressed(self, interaction: discord.Interaction[Any], value: str) -> None:
        """A term is taken into the topic, and what would come is told anew."""
        async with answering(interaction, same_message=True):
            reference, _, term = value[1:].partition(":")
            order, _ = await self._draft(interaction, reference)
            topic = with_term(order.topic, term, is_narrower=value.startswith("n"))
            await propose(interaction, self._store, replace(order, topic=topic), self._now())

    @commands.Cog.listener()
    async def on_draftdrop_pressed(self, interaction: discord.Interaction[Any], _value: str) -> None:
        async with answering(interaction, same_message=True):
            await show(interaction, plain(_("Nothing was saved.")))

    async def _offer(self, interaction: discord.Interaction[Any], value: str, *, is_narrower: bool) -> None:
        """The same replay, and a row of terms below it."""
        async with answering(interaction, same_message=True):
            order, _ = await self._draft(interaction, value)
            lists, until = Lists(self._store), papers_day(order.mode, self._now(), order.sources)
            replayed = await replay(lists, order, until)
            shelf = await stored_shelf(lists, order.sources, until)
            expression = order.topic.expression
            terms = await asyncio.to_thread(narrower if is_narrower else wider, shelf, expression)
            note = zone_note(order, await self._store.subscriptions.of_guild(order.guild_id))
            of = shelf.mask(expression).bit_count()
            await show(interaction, proposed(replayed, value, note, terms, is_narrower=is_narrower, of=of))

    async def _draft(self, interaction: discord.Interaction[Any], reference: str) -> tuple[Subscription, Place]:
        """The draft behind a button, as it may be saved now. The server is the interaction's own. Raises UserError."""
        text = await self._store.notes.whole(reference)
        if text is None or interaction.guild is None:
            raise UserError(_("That draft is no longer kept: `/subscribe add` makes another."))
        order = order_of(json.loads(text), interaction.guild.id)
        place = await found_place(interaction.guild, order.channel_id)
        if place is None:
            raise UserError(_("That channel is no longer there: `/subscribe add` makes a subscription in another."))
        order = replace(order, kind=kind_of(place))  # a text channel may have been made one for announcements
        require_both_may(interaction, place, order)
        require_sources(order.sources, self._courier.policy.sources)
        if order.topic.name and await named_topic(self._store, order.guild_id, order.topic.name) != order.topic:
            order = replace(order, topic=replace(order.topic, name=""))  # the name stands for something else by now
        return order, place
