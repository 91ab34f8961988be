"""Where a subscription can post: kinds of channels, and what Paperboy must be allowed there."""

from __future__ import annotations

import discord

from papers.language import N_, _
from papers.subscription import Kind, Subscription

Place = discord.TextChannel | discord.Thread | discord.ForumChannel


def place_of(guild: discord.Guild | None, channel_id: int) -> Place | None:
    """A server's channel or thread, if editions can go there."""
    found = guild.get_channel_or_thread(channel_id) if guild else None
    return found if isinstance(found, Place) else None


def kind_of(place: Place) -> Kind:
    if isinstance(place, discord.Thread):
        return Kind.THREAD
    if isinstance(place, discord.ForumChannel):
        return Kind.FORUM
    return Kind.ANNOUNCEMENT if place.is_news() else Kind.TEXT


def needed_permissions(order: Subscription) -> dict[str, str]:
    """What Paperboy must be allowed where it posts: Discord's permissions, and the English names that people see."""
    needed = {"view_channel": N_("View Channel")}
    if order.kind is Kind.THREAD:
        needed["send_messages_in_threads"] = N_("Send Messages in Threads")
    else:
        needed["send_messages"] = N_("Send Messages") if order.kind is not Kind.FORUM else N_("Create Posts")
    # To recognise our own posts after a crash, so that none is posted twice.
    needed["read_message_history"] = N_("Read Message History")
    if order.has_discussion:
        needed["create_public_threads"] = N_("Create Public Threads")
    return needed


def missing_permissions(place: Place, order: Subscription) -> list[str]:
    """What Paperboy is not allowed there and needs, by the names that Discord shows to who speaks our language."""
    needed = needed_permissions(order)
    if isinstance(place, discord.Thread) and place.locked:
        needed["manage_threads"] = N_("Manage Threads")
    allowed = place.permissions_for(place.guild.me)
    return [_(name) for permission, name in needed.items() if not getattr(allowed, permission)]
