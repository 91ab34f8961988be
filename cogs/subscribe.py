"""/subscribe add · list · edit · preview · pause · resume · remove · export · import: a channel's orders, for moderators."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from cogs import options
from cogs.adding import chosen_topic, propose, require_new, require_sources
from cogs.answering import answering, show
from cogs.exchange import Exchange
from cogs.orders import chosen_order, next_at, pause, preview_of, resume
from cogs.panel import Panel
from cogs.places import Somewhere, found_place, mentionable_id, require_both_may, tag_id_of
from digests.deliver import Courier
from papers.language import _, speaking
from papers.subscription import (
    MAX_SIZE,
    Mode,
    OnQuietDay,
    State,
    Subscription,
    Summaries,
    parse_days,
    parse_time,
    parse_zone,
)
from papers.text import words
from papers.topic import MAX_LENGTH
from storage.editions import DeliveryState
from storage.store import Store
from views import subscriptions as shown
from views.buttons import plain
from views.digest import moment, previewed
from views.errors import UserError
from views.limits import CHOICES
from views.places import Place, kind_of, place_of


@app_commands.guild_only()
@app_commands.default_permissions(manage_channels=True)
class Subscribe(commands.GroupCog, group_name="subscribe", group_description="Digests posted into a channel"):
    """At most ``limit`` subscriptions a server; ``zone`` is for the first, where none is given."""

    def __init__(
        self,
        store: Store,
        courier: Courier,
        now: Callable[[], datetime],
        panel: Panel,
        exchange: Exchange,
        limit: int,
        zone: str = "UTC",
    ) -> None:
        self._store = store
        self._courier = courier
        self._now = now
        self._panel = panel
        self._exchange = exchange
        self._limit = limit
        self._zone = zone

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Discord's own check is only a hint, which servers can change: this one counts."""
        if not interaction.permissions.manage_channels:
            raise app_commands.MissingPermissions(["manage_channels"])
        return True

    @app_commands.command()
    @app_commands.describe(**options.DESCRIPTIONS)
    @app_commands.choices(quiet_days=options.QUIET_DAYS, mode=options.MODES, posts=options.POSTS, source=options.SOURCES)
    @app_commands.choices(summaries=options.SUMMARIES)
    @app_commands.autocomplete(timezone=options.complete_zone, tag=options.complete_tag)
    async def add(
        self,
        interaction: discord.Interaction[Any],
        topic: app_commands.Range[str, 1, MAX_LENGTH],
        channel: app_commands.Transform[Place, Somewhere] | None = None,
        time: str = "09:00",
        timezone: str | None = None,
        days: str = "weekdays",
        size: app_commands.Range[int, 1, MAX_SIZE] = 5,
        quiet_days: str = OnQuietDay.SAY_SO.value,
        mode: str = Mode.LIVING.value,
        summaries: str = Summaries.SHORT.value,
        mention: discord.Role | None = None,
        silent: bool = False,
        discussion: bool = False,
        posts: str = "edition",
        tag: str | None = None,
        source: str = options.HUGGING_FACE,
    ) -> None:
        """Post the day's papers on a topic into a channel; what would have come is shown first."""
        async with answering(interaction):
            place = channel or await found_place(interaction.guild, interaction.channel_id or 0)
            if place is None:
                raise UserError(
                    _("Digests are posted into text channels, threads and forums: name one with the option `channel`.")
                )
            others = await self._store.subscriptions.of_guild(place.guild.id)
            order = Subscription(
                guild_id=place.guild.id,
                channel_id=place.id,
                topic=await chosen_topic(self._store, place.guild.id, topic),
                at=parse_time(time),
                zone=parse_zone(timezone or (others[-1].zone.key if others else self._zone)),
                weekdays=parse_days(days),
                size=size,
                on_quiet_day=OnQuietDay(quiet_days),
                mode=Mode(mode),
                summaries=Summaries(summaries),
                kind=kind_of(place),
                role_id=mentionable_id(mention, place),
                is_silent=silent,
                has_discussion=discussion,
                is_per_paper=posts == "paper",
                tag_id=tag_id_of(place, tag),
                sources=options.sources_of(source),
            )
            require_both_may(interaction, place, order)
            require_sources(order.sources, self._courier.policy.sources)
            await require_new(self._store, order, place, self._limit)
            await propose(interaction, self._store, order, self._now())

    @add.autocomplete("topic")
    async def _topics(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return await options.complete_topic(interaction, self._store, typed)

    @app_commands.command(name="list")
    async def list_(self, interaction: discord.Interaction[Any]) -> None:
        """Show this server's subscriptions, and when each posts next."""
        async with answering(interaction, at_once=True):
            orders = await self._store.subscriptions.of_guild(interaction.guild_id or 0)
            await show(interaction, shown.listed([(order, await self._next_at(order)) for order in orders]))

    @app_commands.command()
    @app_commands.describe(subscription="Which one")
    async def edit(self, interaction: discord.Interaction[Any], subscription: str) -> None:
        """Show a subscription, to you alone, with what can be changed about it."""
        await self._panel.open(interaction, subscription)

    @app_commands.command()
    async def export(self, interaction: discord.Interaction[Any]) -> None:
        """Give you this server's subscriptions and named topics as one file."""
        await self._exchange.give(interaction)

    @app_commands.command(name="import")
    @app_commands.describe(file="A file as the export writes it: TOML, up to 256 KiB")
    async def import_(self, interaction: discord.Interaction[Any], file: discord.Attachment) -> None:
        """Show what a file would change about this server's subscriptions, before anything is changed."""
        await self._exchange.take(interaction, file)

    @app_commands.command()
    @app_commands.describe(subscription="Which one")
    async def preview(self, interaction: discord.Interaction[Any], subscription: str) -> None:
        """Show, to you alone, what a subscription would post if its hour were now."""
        async with answering(interaction, at_once=True):
            order = await self._chosen(interaction, subscription)
            digest = await preview_of(self._store, order, self._now(), self._courier)
            with speaking(digest.language):
                view = previewed(digest)
            await show(interaction, view)

    @app_commands.command()
    @app_commands.describe(subscription="Which one", until="Monday, 2026-12-24, 24 Dec, 3 days … Default: until you resume it")
    async def pause(
        self, interaction: discord.Interaction[Any], subscription: str, until: app_commands.Range[str, 1, 40] = ""
    ) -> None:
        """Stop posting for a while, without forgetting the subscription."""
        async with answering(interaction):
            was = await self._chosen(interaction, subscription)
            order = await pause(self._store, was, until, self._now())
            channel, ends, following = f"<#{order.channel_id}>", "", ""
            text = _("Paused: {channel} gets nothing until `/subscribe resume`.")
            if order.paused_until:
                ends, following = moment(order.paused_until, "F"), moment(await self._next_at(order), "F")
                text = _("Paused until {ends}: {channel} then goes on by itself, with the edition of {following}.")
            elif was.state is State.PAUSED and not was.paused_until:
                text = _("It was paused already: {channel} gets nothing until `/subscribe resume`.")
            await show(interaction, plain(text.format(channel=channel, ends=ends, following=following)))

    @app_commands.command()
    @app_commands.describe(subscription="Which one")
    async def resume(self, interaction: discord.Interaction[Any], subscription: str) -> None:
        """Post again; what was missed meanwhile is not sent."""
        async with answering(interaction):
            chosen = await self._chosen(interaction, subscription)
            order = await resume(self._store, interaction, chosen, self._now())
            text = _("Resumed: {channel} gets its next edition {following}.")
            if chosen.state is State.ACTIVE:
                text = _("It was not paused: {channel} gets its next edition {following}.")
            following = moment(await self._next_at(order), "R")
            await show(interaction, plain(text.format(channel=f"<#{order.channel_id}>", following=following)))

    @app_commands.command()
    @app_commands.describe(subscription="Which one")
    async def remove(self, interaction: discord.Interaction[Any], subscription: str) -> None:
        """End a subscription."""
        async with answering(interaction):
            order = await self._chosen(interaction, subscription)
            await self._store.subscriptions.set_state(order.id, State.REMOVED, self._now())
            text = _("Removed: {channel} no longer gets {papers}.")
            await show(interaction, plain(text.format(channel=f"<#{order.channel_id}>", papers=shown.in_words(order))))

    @edit.autocomplete("subscription")
    @preview.autocomplete("subscription")
    @pause.autocomplete("subscription")
    @resume.autocomplete("subscription")
    @remove.autocomplete("subscription")
    async def _orders(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        if not interaction.permissions.manage_channels:  # discord.py runs no checks before it completes
            return []
        wanted = words(typed)
        choices = []
        for order in await self._store.subscriptions.of_guild(interaction.guild_id or 0):
            channel = place_of(interaction.guild, order.channel_id)
            label = shown.label(order, channel.name if channel else None)
            if all(any(word.startswith(part) for word in words(label)) for part in wanted):
                choices.append(app_commands.Choice(name=label, value=str(order.id)))
        return choices[:CHOICES]

    @commands.Cog.listener()
    async def on_post_pressed(self, interaction: discord.Interaction[Any], value: str) -> None:
        """ "Post one now": today's edition is brought forward."""
        async with answering(interaction):
            order = await self._chosen(interaction, value)
            if order.state is not State.ACTIVE:
                problem = _("That subscription is {state}: `/subscribe resume` first.")
                raise UserError(problem.format(state=_(order.state.value)))
            require_both_may(interaction, await found_place(interaction.guild, order.channel_id), order)
            deliveries = await self._courier.post_now(order, self._now())
            following = _("The next edition comes {when}.").format(when=moment(await self._next_at(order), "R"))
            channel = f"<#{order.channel_id}>"
            if not deliveries:
                problem = _("There is no unseen paper on that topic to post yet. {following}")
                raise UserError(problem.format(following=following))
            states = {delivery.state for delivery in deliveries}
            if states & {DeliveryState.REFUSED, DeliveryState.EXPIRED}:
                problem = _("{channel} did not take the post: check what Paperboy may do there.")
                raise UserError(problem.format(channel=channel))
            if states != {DeliveryState.SENT}:
                problem = _("{channel} takes no post just now; Paperboy tries again by itself.")
                raise UserError(problem.format(channel=channel))
            first = deliveries[0]
            address = f"https://discord.com/channels/{order.guild_id}/{first.thread_id or first.channel_id}/{first.message_id}"
            posted = _("Today’s edition is in {channel}: {address}").format(channel=channel, address=address)
            await show(interaction, plain(f"{posted}\n{following}"))

    async def _next_at(self, order: Subscription) -> datetime:
        """When the next edition comes that is not planned already."""
        return await next_at(self._store, order, self._now())

    async def _chosen(self, interaction: discord.Interaction[Any], value: str) -> Subscription:
        return await chosen_order(self._store, interaction, value)
