"""/today: the newest day's papers, in pages; and the "more on topic" button of a digest."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from cogs.answering import answering, show
from cogs.installs import usable_anywhere
from digests.planning import Lists, seen_by
from papers.expression import EVERYTHING
from papers.language import N_, _
from papers.paper import Paper
from papers.shelf import Shelf
from papers.subscription import Subscription
from papers.topic import MAX_LENGTH, Topic
from storage.store import Store
from views.errors import UserError
from views.listing import Listing, day_page
from views.locales import long_date
from views.pager import ROOM_FOR_REFERENCE, page_address

_DATE_ROOM = len("2026-06-10/")
_NONE_YET = N_("Paperboy has not read any papers yet: please try again in a few minutes.")
_NOT_KEPT = N_("That list is no longer kept: please call `/today` again.")


class Today(commands.Cog):
    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    @app_commands.command()
    @usable_anywhere
    @app_commands.describe(topic="Words or phrases to narrow it down, such as: diffusion, world model -survey")
    async def today(
        self, interaction: discord.Interaction[Any], topic: app_commands.Range[str, 1, MAX_LENGTH] = EVERYTHING
    ) -> None:
        """Show today's papers; before the first is listed, those of the last day that had any."""
        async with answering(interaction, at_once=True):
            wanted = Topic.parse(topic)
            day = await self._store.papers.latest_day(until=self._now().date())
            if day is None:
                raise UserError(_(_NONE_YET))
            await self._show(interaction, day, wanted, 0)

    @commands.Cog.listener()
    async def on_today_pressed(self, interaction: discord.Interaction[Any], value: str) -> None:
        """A page was turned."""
        async with answering(interaction, same_message=True, at_once=True):
            page, reference = page_address(value)
            day, _slash, kept = reference.partition("/")
            topic = await self._store.notes.whole(kept)
            if topic is None:
                raise UserError(_(_NOT_KEPT))
            await self._show(interaction, _day(day), Topic.parse(topic), page)

    @commands.Cog.listener()
    async def on_more_pressed(self, interaction: discord.Interaction[Any], value: str) -> None:
        """What a digest's day had on its topic and its channel has not seen: privately first, then its pages turn."""
        async with answering(interaction, same_message=not value.startswith("o"), at_once=True):
            page, reference = page_address(value)
            day, _colon, subscription_id = reference.partition(":")
            order = await self._store.subscriptions.get(int(subscription_id) if subscription_id.isdecimal() else 0)
            if order is None or not _is_theirs(order, interaction):
                raise UserError(_("That subscription is no longer there: `/today` shows the newest papers."))
            seen = await seen_by(self._store, order)
            shelf = await Lists(self._store).shelf(_day(day), order.sources)
            papers = [paper for paper in shelf.matching(order.topic.expression) if paper.id not in seen]
            title = _("More of {date}").format(date=long_date(_day(day)))
            listing = Listing("more", reference, title, order.topic)
            await show(interaction, day_page(listing, papers, page))

    @commands.Cog.listener()
    async def on_day_pressed(self, interaction: discord.Interaction[Any], value: str) -> None:
        """ "The whole day" under a quiet edition, or in a forum's post: that day's papers, or the newest."""
        async with answering(interaction, at_once=True):
            named = value.partition(":")[2]
            day = _day(named) if named else await self._store.papers.latest_day(until=self._now().date())
            if day is None:
                raise UserError(_(_NONE_YET))
            await self._show(interaction, day, Topic.parse(EVERYTHING), 0)

    async def _show(self, interaction: discord.Interaction[Any], day: date, topic: Topic, page: int) -> None:
        now = self._now()
        kept = await self._store.notes.shortened(topic.text, ROOM_FOR_REFERENCE - _DATE_ROOM, now)
        name = _("Today’s papers")
        if day != now.date():
            is_newest = day == await self._store.papers.latest_day(until=now.date())
            name = _("The newest papers") if is_newest else _("The day’s papers")
        listing = Listing("today", f"{day}/{kept}", f"{name} · {long_date(day)}", topic)
        await show(interaction, day_page(listing, await self._on_topic(day, topic), page))

    async def _on_topic(self, day: date, topic: Topic) -> list[Paper]:
        return Shelf(await self._store.papers.featured(day)).matching(topic.expression)


def _is_theirs(order: Subscription, interaction: discord.Interaction[Any]) -> bool:
    """A subscription of the server they are in, or one of their own."""
    if order.user_id:
        return order.user_id == interaction.user.id
    return order.guild_id == interaction.guild_id


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UserError(_(_NOT_KEPT)) from None
