"""Subscriptions → what a moderator reads: one that was just made, and a server's list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import discord

from papers.subscription import Kind, Mode, OnQuietDay, State, Subscription, Summaries, days_in_words
from papers.text import plural
from views.buttons import Press, layout, row
from views.digest import moment, on_topic
from views.limits import CHOICE, MESSAGE_TEXT, inert
from views.places import needed_permissions

ACCENT = 0x5865F2
_LISTED = 18  # each is two components of the forty
_HEAD_AND_FOOT = 100  # characters kept for them
_STATES = {
    State.PAUSED: "⏸ paused",
    State.SHUT_OUT: "⛔ Paperboy may not post there; it goes on when it may again",
    State.CLOSED: "✖ the channel is gone",
}


def added(order: Subscription, next_at: datetime, note: str = "") -> discord.ui.LayoutView:
    """What was made, when its first edition comes, and "Post one now"."""
    text = (
        f"### Subscribed\n<#{order.channel_id}> gets {in_words(order)}.\n"
        f"The next edition comes {moment(next_at, 'F')} ({moment(next_at, 'R')})."
    )
    text += manner(order)
    if note:
        text += f"\n-# {note}"
    post_now = Press("post", f"{order.id}", "Post one now", style=discord.ButtonStyle.primary)
    return layout(discord.ui.TextDisplay(text), row(post_now), accent=ACCENT)


def listed(orders: Sequence[tuple[Subscription, datetime]]) -> discord.ui.LayoutView:
    """A server's subscriptions, each with the instant of its next edition."""
    if not orders:
        return layout(discord.ui.TextDisplay("This server has no subscriptions yet: `/subscribe add` makes one."))
    items: list[discord.ui.Item[Any]] = [discord.ui.TextDisplay(f"### {plural(len(orders), 'subscription')}")]
    shown = 0
    room = MESSAGE_TEXT - _HEAD_AND_FOOT
    for order, next_at in orders[:_LISTED]:
        when = standing(order) or f"next {moment(next_at, 'R')}"
        facts = " · ".join([_schedule(order), when, *extras(order)])
        text = f"<#{order.channel_id}> {on_topic(order.topic)}\n-# {facts}"
        room -= len(text)
        if room < 0:
            break
        items += [discord.ui.Separator(visible=not shown), discord.ui.TextDisplay(text)]
        shown += 1
    if len(orders) > shown:
        items.append(discord.ui.TextDisplay(f"-# and {len(orders) - shown} more"))
    return layout(*items, accent=ACCENT)


def trouble(order: Subscription, why: str) -> discord.ui.LayoutView:
    """What a moderator is told, once, when a channel takes no editions any more."""
    place = f"<#{order.channel_id}>"
    match order.state:
        case State.SHUT_OUT:
            needed = ", ".join(f"“{name}”" for name in needed_permissions(order).values())
            locked = " (a locked thread needs “Manage Threads”, too)" if order.kind is Kind.THREAD else ""
            text = (
                f"Paperboy may no longer post in {place}: its editions wait. Allow it {needed} there{locked}, "
                "and it goes on by itself; or end the subscription with `/subscribe remove`."
            )
        case State.CLOSED:
            text = f"The channel {place} is gone, and its subscription has ended: `/subscribe add` makes one elsewhere."
        case _:
            text = (
                f"{place} wants a tag on every post, and none fitted today’s: "
                "`/subscribe remove` it and add it anew with the option `tag`, "
                "or have a moderator drop that rule."
            )
    return layout(
        discord.ui.TextDisplay(f"### No edition on {inert(order.topic.label, 60)}\n{text}\n-# Discord said: {inert(why, 200)}")
    )


def standing(order: Subscription) -> str:
    """Why it does not post, and until when, in the reader's own time; empty for one that does."""
    if order.state is State.PAUSED and order.paused_until:
        return f"⏸ paused until {moment(order.paused_until, 'f')}"
    return _STATES.get(order.state, "")


def in_words(order: Subscription) -> str:
    """ "up to 5 papers on **diffusion** — weekdays at 09:00 Europe/Berlin"."""
    papers = "one paper" if order.size == 1 else f"up to {order.size} papers"
    return f"{papers} {on_topic(order.topic)} — {days_in_words(order.weekdays)} at {order.at:%H:%M} {order.zone.key}"


def extras(order: Subscription) -> list[str]:
    """What is out of the ordinary about a subscription, a few words each."""
    found = {
        "stays as posted": order.mode is Mode.ONE_SHOT,
        "the last working day’s whole list": order.mode is Mode.YESTERDAY,
        "no summaries": order.summaries is Summaries.NONE,
        "full summaries": order.summaries is Summaries.FULL,
        "each paper is a post of its own": order.is_per_paper,
        f"mentions <@&{order.role_id}>": order.role_id is not None,
        "silent": order.is_silent,
        "a discussion thread under each": order.has_discussion,
        "nothing on quiet days": order.on_quiet_day is OnQuietDay.STAY_SILENT,
    }
    return [words for words, is_so in found.items() if is_so]


def label(order: Subscription, channel: str | None) -> str:
    """One plain line for a list of choices; ``channel`` is its name, where Paperboy knows it."""
    if channel is None:
        channel = "a thread" if order.kind is Kind.THREAD and order.state is not State.CLOSED else "deleted channel"
    ends = order.paused_until.astimezone(order.zone) if order.paused_until else None
    until = f" until {ends.day} {ends:%b}" if ends else ""
    paused = "" if order.state is State.ACTIVE else f" ({order.state}{until})"
    return f"#{channel} · {order.topic.label} · {order.at:%H:%M} {order.zone.key}{paused}"[:CHOICE]


def _schedule(order: Subscription) -> str:
    return f"{days_in_words(order.weekdays)} at {order.at:%H:%M} {order.zone.key} · up to {order.size}"


def manner(order: Subscription) -> str:
    """How its editions come: a small line of its own."""
    manner = extras(order)
    if order.mode is Mode.LIVING:
        manner.insert(0, "grows as late papers arrive")
    if order.kind is Kind.FORUM and not order.is_per_paper:
        manner.append("one post for each edition")
    if order.kind is Kind.ANNOUNCEMENT:
        manner.append("published to its followers")
    return f"\n-# {' · '.join(manner)}" if manner else ""
