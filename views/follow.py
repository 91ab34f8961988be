"""What a person follows alone → what they read of it: one that was just made, their list, their inbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import discord

from digests.plan import Digest
from papers.language import N_, _
from papers.subscription import MAX_SIZE, Kind, Mode, OnQuietDay, State, Subscription, Summaries
from papers.text import counted
from views.buttons import Press, layout, plain, row
from views.digest import digest_message, moment, more_button, on_topic
from views.limits import CHOICE, MESSAGE_TEXT
from views.locales import clock
from views.pager import page_buttons
from views.paper import ACCENT
from views.subscriptions import STANDINGS, and_more, in_words, next_edition, schedule

INBOX_DAYS = 14
HOW_TO_OPEN = N_(
    "Discord lets you: *Privacy Settings* of a server that you share with Paperboy, *Direct Messages* on; or press *Message* in "
    "Paperboy’s profile. If you blocked Paperboy, unblock it."
)
_HEAD_AND_FOOT = 700  # characters of a list kept for them


def followed(order: Subscription, next_at: datetime | None, said: str = "", note: str = "") -> discord.ui.LayoutView:
    """One that was just made or changed, what it brings, and when it comes next (None: it is paused)."""
    by_message, in_inbox = _("You get {papers}, by private message."), _("You get {papers}, in your `/inbox`.")
    gets = in_inbox if order.kind is Kind.INBOX else by_message
    text = f"### {said or _('Following')}\n{gets.format(papers=in_words(order))}\n"
    text += next_edition(next_at) if next_at else _("It is paused: `/follow edit` with *resume* lets it go on.")
    for small in [" · ".join(_manner(order)), note]:
        text += f"\n-# {small}" if small else ""
    items: list[discord.ui.Item[Any]] = [discord.ui.TextDisplay(text)]
    if order.kind is Kind.INBOX:
        items.append(row(reopen_button()))
    return layout(*items, accent=ACCENT)


def follows_listed(orders: Sequence[tuple[Subscription, datetime | None]]) -> discord.ui.LayoutView:
    """All that a person follows, each with the instant of its next edition, None while it is paused."""
    if not orders:
        return plain(_("You follow nothing yet: `/follow add` brings you the day’s papers on a topic."))
    head = counted(len(orders), "You follow {count} topic", "You follow {count} topics")
    items: list[discord.ui.Item[Any]] = [discord.ui.TextDisplay(f"### {head}")]
    room = MESSAGE_TEXT - _HEAD_AND_FOOT
    for number, (order, next_at) in enumerate(orders):
        when = _("next {when}").format(when=moment(next_at, "R")) if next_at else _("⏸ paused")
        text = f"{on_topic(order.topic)}\n-# {' · '.join([schedule(order), when, *_manner(order)])}"
        room -= len(text)
        if room < 0:
            items.append(discord.ui.TextDisplay(f"-# {and_more(len(orders) - number)}"))
            break
        items.append(discord.ui.TextDisplay(text))
    if any(order.kind is Kind.INBOX for order, _ in orders):
        closed = _("Your private messages are closed to Paperboy: `/inbox` has the editions.")
        items.append(discord.ui.TextDisplay(f"-# {closed}"))
        items.append(row(reopen_button()))
    return layout(*items, accent=ACCENT)


def inbox_page(digest: Digest, page: int, pages: int) -> discord.ui.LayoutView:
    """An edition as its message would show it, page ``page`` (from 0) of ``pages``, and how to get messages again."""
    order = digest.edition.subscription
    (whole,) = digest_message(digest, "").children
    assert isinstance(whole, discord.ui.Container)  # noqa: S101
    kept = [item for item in whole.children if not isinstance(item, discord.ui.ActionRow)]
    buttons: list[discord.ui.Item[Any]] = list(filter(None, [more_button(digest)]))
    if order.kind is Kind.INBOX:
        buttons.append(reopen_button())
    rows = list(filter(None, [page_buttons("inbox", page, pages, ""), row(*buttons) if buttons else None]))
    if len(digest.papers) == MAX_SIZE:  # the pager's row takes the components of the lines in between
        kept = [item for item in kept if not isinstance(item, discord.ui.Separator)]
    return layout(*kept, *rows, accent=ACCENT)


def inbox_empty(*, is_closed: bool) -> discord.ui.LayoutView:
    """Nothing of late; and if private messages are closed, how to get them again."""
    if not is_closed:
        text = _("Your inbox is empty: in the last {days} days there was no edition that did not come by private message.")
        return plain(text.format(days=INBOX_DAYS))
    text = _("Your inbox is empty: no edition had a paper in the last {days} days.").format(days=INBOX_DAYS)
    return layout(discord.ui.TextDisplay(text), row(reopen_button()))


def reopened() -> discord.ui.LayoutView:
    """The message that tries whether private messages are open."""
    return plain(_("Paperboy sends you your editions here again. `/follow list` shows them."))


def reopen_button() -> Press:
    return Press("reopen", "", _("Send me messages again"), style=discord.ButtonStyle.primary)


def follow_label(order: Subscription) -> str:
    """One plain line for a list of choices."""
    paused = "" if order.state is State.ACTIVE else f" ({_(STANDINGS[order.state])})"
    line = f" · {clock(order.at)} {order.zone.key}{paused}"
    return f"{order.topic.label[: CHOICE - len(line)]}{line}"


def _manner(order: Subscription) -> list[str]:
    """What is to be known about it besides, a few words each."""
    manner = []
    if order.mode is Mode.LIVING:
        manner.append(_("grows as late papers arrive"))
    if order.summaries is not Summaries.SHORT:
        manner.append(_("no summaries") if order.summaries is Summaries.NONE else _("full summaries"))
    if order.on_quiet_day is OnQuietDay.SAY_SO:
        manner.append(_("says so on quiet days"))
    if order.besides:
        channels = ", ".join(f"<#{channel_id}>" for channel_id in order.besides)
        manner.append(_("without what {channels} shows").format(channels=channels))
    return manner
