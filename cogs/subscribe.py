"""/subscribe add · list · preview · pause · resume · remove: a channel's standing orders, for moderators."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Literal

import discord
from discord import app_commands
from discord.ext import commands

from cogs.answering import answering, show
from digests.deliver import Courier, digest_of, preview
from digests.editions import Edition, next_edition
from papers.subscription import (
    MAX_SIZE,
    OnQuietDay,
    State,
    Subscription,
    parse_days,
    parse_time,
    parse_zone,
    zone_names,
)
from papers.text import words
from papers.topic import MAX_LENGTH, Topic
from storage.ledger import DeliveryState
from storage.store import Store
from views import subscriptions as shown
from views.buttons import plain
from views.digest import digest_message
from views.errors import UserError
from views.limits import CHOICES

MAX_PER_SERVER = 50
_DEFAULT_ZONE = "UTC"
# The last to recognise our own posts after a crash, so that none is posted twice.
_NEEDED = {
    "view_channel": "View Channel",
    "send_messages": "Send Messages",
    "read_message_history": "Read Message History",
}


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
    @app_commands.describe(
        topic="Words and phrases, commas between alternatives, -word to exclude; or: everything",
        channel="Where to post (this channel)",
        time="When, in local time (09:00)",
        timezone="Whose local time, such as Europe/Berlin (as in this server’s last subscription)",
        days="Which days: weekdays, daily, or a list like Mon, Wed, Fri (weekdays)",
        size="How many papers at most (5)",
        quiet_days="What to do on a day without a paper on the topic (say so)",
    )
    async def add(
        self,
        interaction: discord.Interaction[Any],
        topic: app_commands.Range[str, 1, MAX_LENGTH],
        channel: discord.TextChannel | None = None,
        time: str = "09:00",
        timezone: str | None = None,
        days: str = "weekdays",
        size: app_commands.Range[int, 1, MAX_SIZE] = 5,
        quiet_days: Literal["say so", "stay silent"] = "say so",
    ) -> None:
        """Post the day's papers on a topic into a channel."""
        async with answering(interaction):
            place = channel or _channel(interaction, interaction.channel_id or 0)
            if place is None:
                raise UserError("Digests are posted into text channels: name one with the option `channel`.")
            _require_both_may(interaction, place)
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
            )
            if any(replace(other, id=0, state=order.state) == order for other in others):
                raise UserError(f"{place.mention} has that very subscription already: `/subscribe list` shows it.")
            order = await self._store.subscriptions.add(order, self._now())
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
            edition = Edition(order, self._now().astimezone(order.zone).date(), self._now())
            posted = await self._store.ledger.of_edition(order.id, edition.day)
            digest = await (digest_of(self._store, posted) if posted else preview(self._store, edition))
            await show(interaction, digest_message(digest, mark=""))

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
            _require_both_may(interaction, _channel(interaction, chosen.channel_id))
            is_running = chosen.state is State.ACTIVE  # then what it owes stays owed
            order = chosen if is_running else await self._set_state(interaction, subscription, State.ACTIVE)
            said = "It was not paused" if is_running else "Resumed"
            following = shown.moment(await self._next_at(order), "R")
            text = f"{said}: <#{order.channel_id}> gets its next edition {following}."
            await show(interaction, plain(text))

    @app_commands.command()
    @app_commands.describe(subscription="Which one")
    async def remove(self, interaction: discord.Interaction[Any], subscription: str) -> None:
        """End a subscription."""
        async with answering(interaction):
            order = await self._set_state(interaction, subscription, State.REMOVED)
            await show(interaction, plain(f"Removed: <#{order.channel_id}> no longer gets {shown.in_words(order)}."))

    @add.autocomplete("timezone")
    async def _zones(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=zone, value=zone) for zone in zones_like(typed)[:CHOICES]]

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
            channel = _channel(interaction, order.channel_id)
            label = shown.label(order, channel.name if channel else "deleted channel")
            if all(any(word.startswith(part) for word in words(label)) for part in wanted):
                choices.append(app_commands.Choice(name=label, value=str(order.id)))
        return choices[:CHOICES]

    @commands.Cog.listener()
    async def on_post_pressed(self, interaction: discord.Interaction[Any], value: str) -> None:
        """ "Post one now": today's edition is brought forward."""
        async with answering(interaction):
            order = await self._chosen(interaction, value)
            if order.state is State.PAUSED:
                raise UserError("That subscription is paused: `/subscribe resume` first.")
            _require_both_may(interaction, _channel(interaction, order.channel_id))
            delivery = await self._courier.post_now(order, self._now())
            following = f"The next edition comes {shown.moment(await self._next_at(order), 'R')}."
            if delivery is None:
                raise UserError(f"There is no unseen paper on that topic to post yet. {following}")
            if delivery.state in {DeliveryState.REFUSED, DeliveryState.EXPIRED}:
                raise UserError(f"<#{order.channel_id}> did not take the post: check what Paperboy may do there.")
            if delivery.state is not DeliveryState.SENT:
                raise UserError(f"<#{order.channel_id}> takes no post just now; Paperboy tries again by itself.")
            address = f"https://discord.com/channels/{order.guild_id}/{delivery.channel_id}/{delivery.message_id}"
            await show(interaction, plain(f"Today’s edition is in <#{order.channel_id}>: {address}\n{following}"))

    async def _next_at(self, order: Subscription) -> datetime:
        """When the next edition comes that is not planned already."""
        now = self._now()
        planned = await self._store.ledger.days_planned(since=now - timedelta(days=2))
        return next_edition(order, now, {day for key, day in planned if key == order.id}).due_at

    async def _chosen(self, interaction: discord.Interaction[Any], value: str) -> Subscription:
        """The subscription an option or a button names, if it is this server's and its channel the person's to manage.

        The server is the interaction's own, never a part of what was sent. Raises UserError.
        """
        order = await self._store.subscriptions.get(int(value)) if value.isdecimal() and len(value) < 19 else None
        if order is None or order.guild_id != interaction.guild_id or order.state is State.REMOVED:
            raise UserError("This server has no such subscription: choose one from the list.")
        _require_manager(interaction, _channel(interaction, order.channel_id))
        return order

    async def _set_state(self, interaction: discord.Interaction[Any], value: str, state: State) -> Subscription:
        order = await self._chosen(interaction, value)
        await self._store.subscriptions.set_state(order.id, state, self._now())
        return replace(order, state=state)


def _require_manager(interaction: discord.Interaction[Any], place: discord.TextChannel | None) -> None:
    """Refuse who may not manage the channel in question; where it is gone, the one they are in decides."""
    member = interaction.user
    if place is None or not isinstance(member, discord.Member):
        allowed = interaction.permissions.manage_channels
    else:
        allowed = place.permissions_for(member).manage_channels
    if not allowed:
        raise UserError(f"You need the permission “Manage Channels”{f' in {place.mention}' if place else ''} for that.")


def _channel(interaction: discord.Interaction[Any], channel_id: int) -> discord.TextChannel | None:
    channel = interaction.guild.get_channel(channel_id) if interaction.guild else None
    return channel if isinstance(channel, discord.TextChannel) else None


def _require_both_may(interaction: discord.Interaction[Any], place: discord.TextChannel | None) -> None:
    """Refuse a channel that is gone, that the person may not manage, or that the bot may not post in."""
    if place is None:
        raise UserError("That channel is no longer there: `/subscribe remove` ends its subscription.")
    _require_manager(interaction, place)
    allowed = place.permissions_for(place.guild.me)
    missing = [f"“{name}”" for permission, name in _NEEDED.items() if not getattr(allowed, permission)]
    if missing:
        raise UserError(f"Paperboy may not post in {place.mention}: allow it {' and '.join(missing)} there, then try again.")


def zones_like(typed: str) -> list[str]:
    """Time zones for what was typed so far: those with a part that begins with it first, then those that contain it."""
    wanted = "".join(words(typed))
    parts = {zone: words(zone) for zone in zone_names()}
    begun = [zone for zone in parts if "".join(parts[zone]).startswith(wanted) or "".join(parts[zone][1:]).startswith(wanted)]
    return begun + [zone for zone in parts if zone not in begun and wanted in "".join(parts[zone])]
