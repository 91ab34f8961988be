"""/follow add · list · edit · remove: a person's own editions, by private message; and a digest's "Follow this topic"."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from cogs import options
from cogs.adding import chosen_topic, require_sources
from cogs.answering import answering, show
from cogs.follow_options import DESCRIPTIONS, EDITED, PAUSE, READ
from cogs.inbox import Private
from cogs.installs import usable_anywhere
from cogs.orders import next_at
from cogs.places import Picked, Picking
from digests.editions import owed_after
from papers.language import N_, _
from papers.presets import presets_like
from papers.subscription import MAX_SIZE, Kind, OnQuietDay, State, Subscription, Summaries, parse_days, parse_time, parse_zone
from papers.text import words
from papers.topic import MAX_LENGTH
from storage.store import Store
from views import follow as shown
from views.buttons import plain
from views.digest import on_topic
from views.errors import UserError
from views.limits import CHOICE, CHOICES

MAX_PER_PERSON = 10  # where the settings say nothing
_NO_SUCH = N_("You follow no such topic: choose one from the list, or see `/follow list`.")


@usable_anywhere
class Follow(commands.GroupCog, group_name="follow", group_description="Digests for you alone, by private message"):
    """``sources`` are the names of those that Paperboy reads."""

    def __init__(
        self,
        store: Store,
        private: Private,
        sources: Collection[str],
        now: Callable[[], datetime],
        limit: int = MAX_PER_PERSON,
        zone: str = "UTC",
    ) -> None:
        self._store = store
        self._private = private
        self._sources = sources
        self._now = now
        self._limit = limit
        self._zone = zone
        self._adding = asyncio.Lock()  # a button pressed twice makes one

    @app_commands.command()
    @app_commands.describe(**DESCRIPTIONS)
    @app_commands.choices(quiet_days=options.QUIET_DAYS, summaries=options.SUMMARIES, source=options.SOURCES)
    @app_commands.autocomplete(timezone=options.complete_zone)
    async def add(
        self,
        interaction: discord.Interaction[Any],
        topic: app_commands.Range[str, 1, MAX_LENGTH],
        time: str = "09:00",
        timezone: str | None = None,
        days: str = "weekdays",
        size: app_commands.Range[int, 1, MAX_SIZE] = 5,
        quiet_days: str = OnQuietDay.STAY_SILENT.value,
        summaries: str = Summaries.SHORT.value,
        source: str = options.HUGGING_FACE,
        besides: app_commands.Transform[Picked, Picking] | None = None,
    ) -> None:
        """Get the day's papers on a topic for yourself, by private message."""
        async with answering(interaction):
            user_id = interaction.user.id
            others = await self._store.subscriptions.of_user(user_id)
            order = Subscription(
                guild_id=0,
                channel_id=user_id,
                topic=await chosen_topic(self._store, user_id, topic),
                at=parse_time(time),
                zone=parse_zone(timezone or (others[-1].zone.key if others else self._zone)),
                weekdays=parse_days(days),
                size=size,
                on_quiet_day=OnQuietDay(quiet_days),
                summaries=Summaries(summaries),
                kind=Kind.INBOX,
                sources=options.sources_of(source),
                user_id=user_id,
                besides=(await self._shown_in(interaction, besides),) if besides else (),
                language=interaction.locale.value,
            )
            require_sources(order.sources, self._sources)
            order = await self._made(order)
            note = _("The time zone is UTC: `/follow edit` with `timezone` makes it yours.")
            if timezone or others or self._zone != "UTC":
                note = ""
            await show(interaction, shown.followed(order, await self._next_at(order), note=note))

    @app_commands.command(name="list")
    async def list_(self, interaction: discord.Interaction[Any]) -> None:
        """Show what you follow, and when each comes next."""
        async with answering(interaction, at_once=True):
            orders = await self._store.subscriptions.of_user(interaction.user.id)
            await show(interaction, shown.follows_listed([(order, await self._next_at(order)) for order in orders]))

    @app_commands.command()
    @app_commands.describe(**EDITED)
    @app_commands.choices(quiet_days=options.QUIET_DAYS, summaries=options.SUMMARIES, source=options.SOURCES, pause=PAUSE)
    @app_commands.autocomplete(timezone=options.complete_zone)
    async def edit(
        self,
        interaction: discord.Interaction[Any],
        follow: str,
        topic: app_commands.Range[str, 1, MAX_LENGTH] | None = None,
        time: str | None = None,
        timezone: str | None = None,
        days: str | None = None,
        size: app_commands.Range[int, 1, MAX_SIZE] | None = None,
        quiet_days: str | None = None,
        summaries: str | None = None,
        source: str | None = None,
        besides: app_commands.Transform[Picked, Picking] | None = None,
        pause: str | None = None,
    ) -> None:
        """Change something you follow: its topic, time, days or size; or pause it."""
        async with answering(interaction):
            was = await self._chosen(interaction, follow)
            changes: dict[str, Any] = {"size": size} if size else {}
            if topic is not None:
                changes["topic"] = await chosen_topic(self._store, interaction.user.id, topic)
            if besides:
                changes["besides"] = await self._toggled(interaction, was, besides)
            texts = {"at": time, "zone": timezone, "weekdays": days, "on_quiet_day": quiet_days, "sources": source}
            texts |= {"summaries": summaries}
            changes |= {name: READ[name](text) for name, text in texts.items() if text is not None}
            if not (changes or pause):
                raise UserError(_("Nothing to change: give an option, such as `time` or `pause`."))
            require_sources(changes.get("sources", ()), self._sources)
            changes["language"] = interaction.locale.value
            order = await self._changed(was, replace(was, **changes), State(pause) if pause else None)
            await show(interaction, shown.followed(order, await self._next_at(order), _("Changed")))

    @app_commands.command()
    @app_commands.describe(follow="Which one")
    async def remove(self, interaction: discord.Interaction[Any], follow: str) -> None:
        """Stop following a topic."""
        async with answering(interaction):
            order = await self._chosen(interaction, follow)
            await self._store.subscriptions.set_state(order.id, State.REMOVED, self._now())
            await show(interaction, plain(_("Removed: you get nothing more {topic}.").format(topic=on_topic(order.topic))))

    @edit.autocomplete("follow")
    @remove.autocomplete("follow")
    async def _follows(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        orders = await self._store.subscriptions.of_user(interaction.user.id)
        labels = {order.id: shown.follow_label(order) for order in orders}
        return [app_commands.Choice(name=label, value=f"{key}") for key, label in labels.items() if _fits(label, typed)][:CHOICES]

    @add.autocomplete("topic")
    @edit.autocomplete("topic")
    async def _topics(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        own = options.topics_like(await self._store.topics.of(interaction.user.id), typed)
        labels = {topic.name[:CHOICE]: topic.label[:CHOICE] for topic in [*own, *presets_like(typed)]}
        return [app_commands.Choice(name=label, value=name) for name, label in labels.items()][:CHOICES]

    @commands.Cog.listener()
    async def on_follow_pressed(self, interaction: discord.Interaction[Any], value: str) -> None:
        """ "Follow this topic" under a server's digest: at the same hour, without what its channel shows."""
        async with answering(interaction):
            user_id, order_id = interaction.user.id, value.rpartition(":")[2]
            order = await self._store.subscriptions.get(int(order_id)) if _is_id(order_id) else None
            if order is None or order.user_id or order.guild_id != interaction.guild_id:
                raise UserError(_("That subscription is no longer there: `/follow add` follows a topic."))
            own = Subscription(
                guild_id=0,
                channel_id=user_id,
                topic=order.topic,
                at=order.at,
                zone=order.zone,
                weekdays=order.weekdays,
                size=order.size,
                on_quiet_day=OnQuietDay.STAY_SILENT,
                mode=order.mode,
                summaries=order.summaries,
                kind=Kind.INBOX,
                sources=order.sources,
                user_id=user_id,
                besides=(order.channel_id,),
                language=interaction.locale.value,
            )
            own = await self._made(own)
            await show(interaction, shown.followed(own, await self._next_at(own), note=_("`/follow edit` changes it.")))

    async def _made(self, order: Subscription) -> Subscription:
        """Store a new one, to be sent by message where that can be. Raises UserError for one too many, and one that is there."""
        user_id = order.user_id or 0
        others = await self._store.subscriptions.of_user(user_id)
        self._require_room(order, others)
        if others:
            order = replace(order, channel_id=others[0].channel_id, kind=others[0].kind)
        elif (channel_id := await self._private.opened(user_id)) is not None:
            order = replace(order, channel_id=channel_id, kind=Kind.DIRECT)
        async with self._adding:
            self._require_room(order, await self._store.subscriptions.of_user(user_id))
            return await self._store.subscriptions.add(order, self._now(), made_by=user_id)

    def _require_room(self, order: Subscription, others: Sequence[Subscription]) -> None:
        _require_another_topic(order, others)
        if len(others) >= self._limit:
            raise UserError(_("You can follow {most} topics at most: `/follow remove` one first.").format(most=self._limit))

    async def _changed(self, was: Subscription, order: Subscription, state: State | None) -> Subscription:
        """Store what a person has changed. What was due before by a new hour is not owed, nor what a pause left out."""
        _require_another_topic(order, await self._store.subscriptions.of_user(order.user_id or 0))
        now = self._now()
        has_new_hour = (order.at, order.zone) != (was.at, was.zone)
        await self._store.subscriptions.change(order, now if has_new_hour else owed_after(was, order, now))
        if state and state is not was.state:
            await self._store.subscriptions.set_state(order.id, state, self._now())
            return replace(order, state=state)
        return order

    async def _chosen(self, interaction: discord.Interaction[Any], value: str) -> Subscription:
        """What an option names, if it is the person's own; another's is as unknown as one that is not there."""
        order = await self._store.subscriptions.get(int(value)) if _is_id(value) else None
        if order is None or order.user_id != interaction.user.id or order.state is State.REMOVED:
            raise UserError(_(_NO_SUCH))
        return order

    async def _shown_in(self, interaction: discord.Interaction[Any], channel: Picked) -> int:
        """The id of a channel that shows digests, and that the person can see. Raises UserError."""
        orders = await self._store.subscriptions.of_guild(interaction.guild_id or 0)
        if not channel.permissions.view_channel or all(order.channel_id != channel.id for order in orders):
            problem = _("No digests are posted in {channel}: choose a channel of this server where they are.")
            raise UserError(problem.format(channel=channel.mention))
        return channel.id

    async def _toggled(self, interaction: discord.Interaction[Any], order: Subscription, channel: Picked) -> tuple[int, ...]:
        """What is left out with that channel besides, or without it, if it was among them. Raises UserError."""
        if channel.id in order.besides:
            return tuple(known for known in order.besides if known != channel.id)
        return (*order.besides, await self._shown_in(interaction, channel))

    async def _next_at(self, order: Subscription) -> datetime | None:
        """When the next edition comes; None while it is paused."""
        return await next_at(self._store, order, self._now()) if order.state is State.ACTIVE else None


def _require_another_topic(order: Subscription, others: Sequence[Subscription]) -> None:
    if any(other.id != order.id and other.topic.text.casefold() == order.topic.text.casefold() for other in others):
        problem = _("You follow that topic already ({topic}): `/follow edit` changes when and how it comes.")
        raise UserError(problem.format(topic=on_topic(order.topic)))


def _is_id(text: str) -> bool:
    return text.isdecimal() and len(text) < 19


def _fits(label: str, typed: str) -> bool:
    """Whether each typed word begins one of the label's."""
    return all(any(word.startswith(part) for word in words(label)) for part in words(typed))
