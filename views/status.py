"""How Paperboy fares → what `/status` shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any

import discord

from digests.freshness import SourceState
from papers.subscription import State, Subscription
from papers.text import plural
from storage.editions import DeliveryState
from storage.health import Health
from summaries.asked import Spending
from views.buttons import layout
from views.digest import SOURCE_NAMES, moment
from views.limits import fitting, inert

ACCENT = 0x5865F2
# Of what comes next, and again of what is held up: lines, and characters.
_LISTED, _ROOM = 10, 1_100
_SOURCES = {
    SourceState.FRESH: ("✓", "up to date"),
    SourceState.STALE: ("⚠", "out of date"),
    SourceState.FAILING: ("✖", "failing"),
    SourceState.UNREAD: ("…", "not read yet"),
}
_STATES = {
    DeliveryState.SENT: "posted",
    DeliveryState.PLANNED: "planned",
    DeliveryState.SENDING: "on the way",
    DeliveryState.RETRY: "to be tried again",
    DeliveryState.UNCERTAIN: "to be looked for",
    DeliveryState.REFUSED: "refused",
    DeliveryState.EXPIRED: "given up, too late",
}


@dataclass(frozen=True, slots=True)
class SourceLine:
    name: str
    state: SourceState
    health: Health | None


@dataclass(frozen=True, slots=True)
class OrderLine:
    """A subscription and when it posts next (None: not as it is); ``missing`` is what Paperboy is not allowed there."""

    order: Subscription
    next_at: datetime | None
    missing: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class ModelLine:
    """A model and what today's budget is and has left."""

    name: str
    spending: Spending


@dataclass(frozen=True, slots=True)
class Status:
    """``deliveries`` are all servers' of the last day, by state; ``orders`` the server's as far as the person may know of them,
    or, where it is not asked in a server, what the person follows. ``model`` is None where there is none.
    """

    sources: Sequence[SourceLine]
    deliveries: Mapping[DeliveryState, int]
    resting_until: datetime | None
    is_server: bool
    orders: Sequence[OrderLine]
    model: ModelLine | None = None


def status_page(status: Status) -> discord.ui.LayoutView:
    sources = "\n".join(_source(line) for line in status.sources)
    figures = [f"{count:,} {_STATES[state]}" for state, count in sorted(status.deliveries.items()) if count]
    sending = " · ".join(figures) or "none was due"
    if status.resting_until:
        sending += f"\n⚠ Discord takes nothing just now: sending goes on {moment(status.resting_until, 'R')}"
    texts = [
        f"### Paperboy {version('paperboy')}",
        f"**Sources**\n{sources}",
        f"**Messages of the last day, all servers**\n{sending}",
    ]
    if status.model:
        texts.append(f"**Model, today (UTC)**\n{_model(status.model, is_server=status.is_server)}")
    texts += _orders(status.orders, is_server=status.is_server)
    items: list[discord.ui.Item[Any]] = [discord.ui.TextDisplay(texts[0])]
    for text in texts[1:]:
        items += [discord.ui.Separator(visible=False), discord.ui.TextDisplay(text)]
    return layout(*items, accent=ACCENT)


def _source(line: SourceLine) -> str:
    sign, state = _SOURCES[line.state]
    text = f"{sign} {SOURCE_NAMES.get(line.name, line.name)}: {state}"
    health = line.health
    if health and health.answered_at:
        text += f" · last read {moment(health.answered_at, 'R')}"
    if health and health.failures:
        text += f" · {plural(health.failures, 'failure')} in a row"
    if health and health.why:
        text += f"\n-# {inert(health.why, 300)}"
    return text


def _model(line: ModelLine, *, is_server: bool) -> str:
    spending, caps = line.spending, line.spending.caps
    spent = [f"{spending.everyone.tokens:,} of {caps.tokens:,} tokens"]
    if caps.price_in or caps.price_out:
        spent.append(f"{spending.everyone.micros / 1_000_000:,.2f} of {caps.money:,.2f} in money")
    if is_server:
        spent.append(f"this server {spending.server.tokens:,} of {caps.tokens_per_server:,} tokens")
    sign = "⚠" if spending.resting_s else "✓"
    text = f"{sign} {inert(line.name, 60)}: {' · '.join(spent)} · {plural(spending.everyone.calls, 'call')}"
    minutes = max(1, round(spending.resting_s / 60))
    return f"{text}\n-# It failed, and is asked again in about {plural(minutes, 'minute')}." if spending.resting_s else text


def _orders(lines: Sequence[OrderLine], *, is_server: bool) -> list[str]:
    """What comes next, and what does not post and why; each only where there is any."""
    if not lines:
        none = "**This server**\nNo subscriptions that you can see: a moderator makes one with `/subscribe add`."
        return [none] if is_server else []
    head = f"**{'This server' if is_server else 'What you follow'}** · {plural(len(lines), 'subscription')}"
    following = sorted(((line.next_at, _next(line)) for line in lines if line.next_at), key=lambda each: each[0])
    held_up = [text for line in lines if (text := _held_up(line))]
    texts = [f"{head}\n{_list([text for _, text in following])}" if following else f"{head}\nNone posts at present."]
    return [*texts, f"**Held up**\n{_list(held_up)}"] if held_up else texts


def _next(line: OrderLine) -> str:
    """When it comes, in the reader's own time."""
    assert line.next_at  # noqa: S101
    return f"{_which(line.order)}: {moment(line.next_at, 'f')} ({moment(line.next_at, 'R')})"


def _held_up(line: OrderLine) -> str:
    """Why it does not post, or soon will not; nothing where all is well."""
    needed = " and ".join(f"“{name}”" for name in line.missing)
    order = line.order
    match order.state:
        case State.ACTIVE if line.missing:
            return f"⚠ {_which(order)}: Paperboy will not be able to post; it needs {needed} there"
        case State.PAUSED:
            until = f"until {moment(order.paused_until, 'f')}" if order.paused_until else "until somebody resumes it"
            return f"⏸ {_which(order)}: paused {until}"
        case State.SHUT_OUT:
            mend = f"it needs {needed}, and then goes on by itself" if needed else "it goes on by itself when it may again"
            return f"⛔ {_which(order)}: Paperboy may not post there; {mend}"
        case State.CLOSED:
            return f"✖ {_which(order)}: the channel is gone; `/subscribe remove` ends it"
    return ""


def _which(order: Subscription) -> str:
    topic = "everything" if order.topic.is_everything else f"**{inert(order.topic.label, 60)}**"
    return f"<#{order.channel_id}> on {topic}" if order.guild_id else topic


def _list(lines: Sequence[str]) -> str:
    shown = fitting([f"- {line}" for line in lines], _ROOM, _LISTED)
    more = len(lines) - len(shown)
    return "\n".join([*shown, *([f"-# and {more} more"] if more else [])])
