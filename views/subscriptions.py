"""Subscriptions → what a moderator reads: one that was just made, and a server's list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import discord

from papers.language import N_, _, ngettext
from papers.subscription import Kind, Mode, OnQuietDay, State, Subscription, Summaries
from papers.text import counted
from views.buttons import Press, layout, row
from views.digest import moment, on_topic
from views.limits import CHOICE, MESSAGE_TEXT, inert
from views.locales import clock, days, short_day
from views.places import needed_permissions

ACCENT = 0x5865F2
_LISTED = 18  # each is two components of the forty
_HEAD_AND_FOOT = 100  # characters kept for them
_STATES = {
    State.PAUSED: N_("⏸ paused"),
    State.SHUT_OUT: N_("⛔ Paperboy may not post there; it goes on when it may again"),
    State.CLOSED: N_("✖ the channel is gone"),
}
# In a word, for a line of plain text.
STANDINGS = {
    State.ACTIVE: N_("active"),
    State.PAUSED: N_("paused"),
    State.SHUT_OUT: N_("shut out"),
    State.CLOSED: N_("closed"),
    State.REMOVED: N_("removed"),
}


def added(order: Subscription, next_at: datetime, note: str = "") -> discord.ui.LayoutView:
    """What was made, when its first edition comes, and "Post one now"."""
    text = f"### {_('Subscribed')}\n{gets(order)}\n{next_edition(next_at)}{manner(order)}"
    if note:
        text += f"\n-# {note}"
    post_now = Press("post", f"{order.id}", _("Post one now"), style=discord.ButtonStyle.primary)
    return layout(discord.ui.TextDisplay(text), row(post_now), accent=ACCENT)


def listed(orders: Sequence[tuple[Subscription, datetime]]) -> discord.ui.LayoutView:
    """A server's subscriptions, each with the instant of its next edition."""
    if not orders:
        return layout(discord.ui.TextDisplay(_("This server has no subscriptions yet: `/subscribe add` makes one.")))
    items: list[discord.ui.Item[Any]] = [
        discord.ui.TextDisplay(f"### {counted(len(orders), '{count} subscription', '{count} subscriptions')}")
    ]
    shown = 0
    room = MESSAGE_TEXT - _HEAD_AND_FOOT
    for order, next_at in orders[:_LISTED]:
        when = standing(order) or _("next {when}").format(when=moment(next_at, "R"))
        facts = " · ".join([schedule(order), when, *extras(order)])
        text = f"<#{order.channel_id}> {on_topic(order.topic)}\n-# {facts}"
        room -= len(text)
        if room < 0:
            break
        items += [discord.ui.Separator(visible=not shown), discord.ui.TextDisplay(text)]
        shown += 1
    if len(orders) > shown:
        items.append(discord.ui.TextDisplay(f"-# {and_more(len(orders) - shown)}"))
    return layout(*items, accent=ACCENT)


def trouble(order: Subscription, why: str) -> discord.ui.LayoutView:
    """What a moderator is told, once, when a channel takes no editions any more."""
    place = f"<#{order.channel_id}>"
    match order.state:
        case State.SHUT_OUT:
            text = _(
                "Paperboy may no longer post in {channel}: its editions wait. Allow it {permissions} there, "
                "and it goes on by itself; or end the subscription with `/subscribe remove`."
            )
            if order.kind is Kind.THREAD:
                text = _(
                    "Paperboy may no longer post in {channel}: its editions wait. Allow it {permissions} there (a locked thread "
                    "needs “Manage Threads”, too), and it goes on by itself; or end the subscription with `/subscribe remove`."
                )
        case State.CLOSED:
            text = _("The channel {channel} is gone, and its subscription has ended: `/subscribe add` makes one elsewhere.")
        case _other:
            text = _(
                "{channel} wants a tag on every post, and none fitted today’s: "
                "`/subscribe remove` it and add it anew with the option `tag`, "
                "or have a moderator drop that rule."
            )
    needed = ", ".join(_("“{word}”").format(word=_(name)) for name in needed_permissions(order).values())
    head = _("No edition on {topic}").format(topic=inert(order.topic.label, 60))
    reason = _("Discord said: {reason}").format(reason=inert(why, 200))
    return layout(discord.ui.TextDisplay(f"### {head}\n{text.format(channel=place, permissions=needed)}\n-# {reason}"))


def standing(order: Subscription) -> str:
    """Why it does not post, and until when, in the reader's own time; empty for one that does."""
    if order.state is State.PAUSED and order.paused_until:
        return _("⏸ paused until {when}").format(when=moment(order.paused_until, "f"))
    return _(_STATES[order.state]) if order.state in _STATES else ""


def in_words(order: Subscription) -> str:
    """ "up to 5 papers on **diffusion** — weekdays at 09:00 Europe/Berlin"."""
    return _("{papers} {on_topic} — {days} at {time} {zone}").format(
        papers=up_to(order.size),
        on_topic=on_topic(order.topic),
        days=days(order.weekdays),
        time=clock(order.at),
        zone=order.zone.key,
    )


def up_to(size: int) -> str:
    """ "one paper", "up to 5 papers"."""
    return ngettext("one paper", "up to {count} papers", size).format(count=size)


def gets(order: Subscription) -> str:
    """ "#papers gets up to 5 papers on **diffusion** …"."""
    return _("{channel} gets {papers}.").format(channel=f"<#{order.channel_id}>", papers=in_words(order))


def next_edition(at: datetime) -> str:
    """When it comes, in the reader's own time, and in how long."""
    return _("The next edition comes {when} ({in_how_long}).").format(when=moment(at, "F"), in_how_long=moment(at, "R"))


def and_more(count: int) -> str:
    """Below a list that had no room for all: "and 3 more"."""
    return ngettext("and {count} more", "and {count} more", count).format(count=count)


def extras(order: Subscription) -> list[str]:
    """What is out of the ordinary about a subscription, a few words each."""
    found = {
        _("stays as posted"): order.mode is Mode.ONE_SHOT,
        _("the last working day’s whole list"): order.mode is Mode.YESTERDAY,
        _("no summaries"): order.summaries is Summaries.NONE,
        _("full summaries"): order.summaries is Summaries.FULL,
        _("each paper is a post of its own"): order.is_per_paper,
        _("mentions {role}").format(role=f"<@&{order.role_id}>"): order.role_id is not None,
        _("silent"): order.is_silent,
        _("a discussion thread under each"): order.has_discussion,
        _("nothing on quiet days"): order.on_quiet_day is OnQuietDay.STAY_SILENT,
    }
    return [words for words, is_so in found.items() if is_so]


def label(order: Subscription, channel: str | None) -> str:
    """One plain line for a list of choices; ``channel`` is its name, where Paperboy knows it."""
    if channel is None:
        channel = _("a thread") if order.kind is Kind.THREAD and order.state is not State.CLOSED else _("deleted channel")
    ends = order.paused_until.astimezone(order.zone) if order.paused_until else None
    said = _(STANDINGS[order.state])
    if ends:
        said = _("{state} until {day}").format(state=said, day=short_day(ends))
    paused = "" if order.state is State.ACTIVE else f" ({said})"
    return f"#{channel} · {order.topic.label} · {clock(order.at)} {order.zone.key}{paused}"[:CHOICE]


def schedule(order: Subscription) -> str:
    """ "weekdays at 09:00 Europe/Berlin · up to 5"."""
    return _("{days} at {time} {zone} · up to {size}").format(
        days=days(order.weekdays), time=clock(order.at), zone=order.zone.key, size=order.size
    )


def manner(order: Subscription) -> str:
    """How its editions come: a small line of its own."""
    manner = extras(order)
    if order.mode is Mode.LIVING:
        manner.insert(0, _("grows as late papers arrive"))
    if order.kind is Kind.FORUM and not order.is_per_paper:
        manner.append(_("one post for each edition"))
    if order.kind is Kind.ANNOUNCEMENT:
        manner.append(_("published to its followers"))
    return f"\n-# {' · '.join(manner)}" if manner else ""
