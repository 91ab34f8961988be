"""/subscribe add · list · preview · pause · resume · remove: a channel's standing orders, for moderators."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from cogs import options
from cogs.answering import answering, show
from cogs.places import Somewhere, found_place, mentionable_id, require_both_may, require_manager, tag_id_of
from digests.deliver import Courier
from digests.editions import edition_at, next_edition
from digests.planning import Lists, assembled, preview
from papers.subscription import (
    MAX_SIZE,
    Mode,
    OnQuietDay,
    State,
    Subscription,
    parse_days,
    parse_time,
    parse_zone,
)
from papers.text import words
from papers.topic import MAX_LENGTH, Topic
from storage.editions import DeliveryState
from storage.store import Store
from views import subscriptions as shown
from views.buttons import plain
from views.digest import moment, previewed
from views.errors import UserError
from views.limits import CHOICES
from views.places import Place, kind_of, place_of

MAX_PER_SERVER = 50
_DEFAULT_ZONE = "UTC"


@app_commands.guild_only()
@app_commands.default_permissions(manage_channels=True)
class Subscribe(commands.GroupCog, group_name="subscribe", group_description="Digests posted into a channel"):
    def __init__(self, store: Store, courier: Courier, now: Callable[[], datetime]) -> None:
        self._store = store
        self._courier = courier
        self._now = now

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Discord's own check is only a hint, which servers can change: this one counts."""
        if not interaction.permissions.manage_channels:
            raise app_commands.MissingPermissions(["manage_channels"])
        return True

    @app_commands.command()
    @app_commands.describe(**options.DESCRIPTIONS)
    @app_commands.choices(quiet_days=options.QUIET_DAYS, mode=options.MODES, posts=options.POSTS)
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
        mention: discord.Role | None = None,
        silent: bool = False,
        discussion: bool = False,
        posts: str = "edition",
        tag: str | None = None,
    ) -> None:
        """Post the day's papers on a topic into a channel."""
        async with answering(interaction):
            place = channel or await found_place(interaction.guild, interaction.channel_id or 0)
            if place is None:
                raise UserError("Digests are posted into text channels, threads and forums: name one with the option `channel`.")
            others = await self._store.subscriptions.of_guild(place.guild.id)
            if len(others) >= MAX_PER_SERVER:
                raise UserError(f"A server has at most {MAX_PER_SERVER} subscriptions: remove one first.")
            order = Subscription(
                guild_id=place.guild.id,
                channel_id=place.id,
                topic=Topic.parse(topic),
                at=parse_time(time),
                zone=parse_zone(timezone or (others[-1].zone.key if others else _DEFAULT_ZONE)),
                weekdays=parse_days(days),
                size=size,
                on_quiet_day=OnQuietDay(quiet_days),
                mode=Mode(mode),
                kind=kind_of(place),
                role_id=mentionable_id(mention, place),
                is_silent=silent,
                has_discussion=discussion,
                is_per_paper=posts == "paper",
                tag_id=tag_id_of(place, tag),
            )
            require_both_may(interaction, place, order)
            if any(replace(other, id=0, state=order.state) == order for other in others):
                raise UserError(f"{place.mention} has that very subscription already: `/subscribe list` shows it.")
            order = await self._store.subscriptions.add(order, self._now(), made_by=interaction.user.id)
            note = "" if timezone or others else "The time zone is UTC: give `timezone` to choose yours."
            await show(interaction, shown.added(order, await self._next_at(order), note))

    @app_commands.command(name="list")
    async def list_(self, interaction: discord.Interaction[Any]) -> None:
        """Show this server's subscriptions, and when each posts next."""
        async with answering(interaction):
            orders = await self._store.subscriptions.of_guild(interaction.guild_id or 0)
            await show(interaction, shown.listed([(order, await self._next_at(order)) for order in orders]))

    @app_commands.command()
    @app_commands.describe(subscription="Which one")
    async def preview(self, interaction: discord.Interaction[Any], subscription: str) -> None:
        """Show, to you alone, what a subscription would post if its hour were now."""
        async with answering(interaction):
            order = await self._chosen(interaction, subscription)
            edition = edition_at(order, self._now())
            posted = await self._store.ledger.of_edition(order.id, edition.day)
            if posted:
                digest = assembled(posted[0].edition, await self._store.papers.get_many(posted[0].edition.paper_ids))
            else:
                digest = await preview(Lists(self._store), edition, self._courier.policy)
            await show(interaction, previewed(digest))

    @app_commands.command()
    @app_commands.describe(subscription="Which one")
    async def pause(self, interaction: discord.Interaction[Any], subscription: str) -> None:
        """Stop posting, without forgetting the subscription."""
        async with answering(interaction):
            was = await self._chosen(interaction, subscription)
            order = await self._set_state(interaction, subscription, State.PAUSED)
            now = "It was paused already" if was.state is State.PAUSED else "Paused"
            text = f"{now}: <#{order.channel_id}> gets nothing until `/subscribe resume`."
            await show(interaction, plain(text))

    @app_commands.command()
    @app_commands.describe(subscription="Which one")
    async def resume(self, interaction: discord.Interaction[Any], subscription: str) -> None:
        """Post again; what was missed meanwhile is not sent."""
        async with answering(interaction):
            chosen = await self._chosen(interaction, subscription)
            if chosen.state is State.CLOSED:
                raise UserError(
                    "That channel is gone: `/subscribe remove` ends its subscription, `/subscribe add` makes another."
                )
            require_both_may(interaction, await found_place(interaction.guild, chosen.channel_id), chosen)
            is_running = chosen.state is State.ACTIVE  # then what it owes stays owed
            order = chosen if is_running else await self._resumed(chosen)
            said = "It was not paused" if is_running else "Resumed"
            following = moment(await self._next_at(order), "R")
            text = f"{said}: <#{order.channel_id}> gets its next edition {following}."
            await show(interaction, plain(text))

    @app_commands.command()
    @app_commands.describe(subscription="Which one")
    async def remove(self, interaction: discord.Interaction[Any], subscription: str) -> None:
        """End a subscription."""
        async with answering(interaction):
            order = await self._set_state(interaction, subscription, State.REMOVED)
            await show(interaction, plain(f"Removed: <#{order.channel_id}> no longer gets {shown.in_words(order)}."))

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
                raise UserError(f"That subscription is {order.state}: `/subscribe resume` first.")
            require_both_may(interaction, await found_place(interaction.guild, order.channel_id), order)
            deliveries = await self._courier.post_now(order, self._now())
            following = f"The next edition comes {moment(await self._next_at(order), 'R')}."
            if not deliveries:
                raise UserError(f"There is no unseen paper on that topic to post yet. {following}")
            states = {delivery.state for delivery in deliveries}
            if states & {DeliveryState.REFUSED, DeliveryState.EXPIRED}:
                raise UserError(f"<#{order.channel_id}> did not take the post: check what Paperboy may do there.")
            if states != {DeliveryState.SENT}:
                raise UserError(f"<#{order.channel_id}> takes no post just now; Paperboy tries again by itself.")
            first = deliveries[0]
            address = f"https://discord.com/channels/{order.guild_id}/{first.thread_id or first.channel_id}/{first.message_id}"
            await show(interaction, plain(f"Today’s edition is in <#{order.channel_id}>: {address}\n{following}"))

    async def _next_at(self, order: Subscription) -> datetime:
        """When the next edition comes that is not planned already."""
        now = self._now()
        planned = await self._store.ledger.days_planned(since=now - timedelta(days=2), of=order.id)
        return next_edition(order, now, {day for key, day in planned if key == order.id}).due_at

    async def _chosen(self, interaction: discord.Interaction[Any], value: str) -> Subscription:
        """The subscription an option or a button names, if it is this server's and its channel the person's to manage.

        The server is the interaction's own, never a part of what was sent. Raises UserError.
        """
        order = await self._store.subscriptions.get(int(value)) if value.isdecimal() and len(value) < 19 else None
        if order is None or order.guild_id != interaction.guild_id or order.state is State.REMOVED:
            raise UserError("This server has no such subscription: choose one from the list.")
        require_manager(interaction, await found_place(interaction.guild, order.channel_id))
        return order

    async def _resumed(self, order: Subscription) -> Subscription:
        """What a person paused owes nothing for that time; what was shut out owes all that is not too late."""
        if order.state is State.SHUT_OUT:
            await self._store.subscriptions.readmit(order.id)
        else:
            await self._store.subscriptions.set_state(order.id, State.ACTIVE, self._now())
        return replace(order, state=State.ACTIVE)

    async def _set_state(self, interaction: discord.Interaction[Any], value: str, state: State) -> Subscription:
        order = await self._chosen(interaction, value)
        await self._store.subscriptions.set_state(order.id, state, self._now())
        return replace(order, state=state)
