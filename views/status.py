"""How Paperboy fares → what `/status` shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any

import discord

from digests.freshness import SourceState
from papers.language import N_, _
from papers.subscription import State, Subscription
from papers.text import counted
from storage.editions import DeliveryState
from storage.health import Health
from summaries.asked import Spending
from views.buttons import layout
from views.digest import SOURCE_NAMES, moment
from views.limits import fitting, inert
from views.locales import listed, money, number
from views.subscriptions import and_more

ACCENT = 0x5865F2
# Of what comes next, and again of what is held up: lines, and characters.
_LISTED, _ROOM = 10, 1_100
_SOURCES = {
    SourceState.FRESH: ("✓", N_("up to date")),
    SourceState.STALE: ("⚠", N_("out of date")),
    SourceState.FAILING: ("✖", N_("failing")),
    SourceState.UNREAD: ("…", N_("not read yet")),
}
_STATES = {
    DeliveryState.SENT: N_("{count} posted"),
    DeliveryState.PLANNED: N_("{count} planned"),
    DeliveryState.SENDING: N_("{count} on the way"),
    DeliveryState.RETRY: N_("{count} to be tried again"),
    DeliveryState.UNCERTAIN: N_("{count} to be looked for"),
    DeliveryState.REFUSED: N_("{count} refused"),
    DeliveryState.EXPIRED: N_("{count} given up, too late"),
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
    figures = [_(_STATES[state]).format(count=number(count)) for state, count in sorted(status.deliveries.items()) if count]
    sending = " · ".join(figures) or _("none was due")
    if status.resting_until:
        resting = _("⚠ Discord takes nothing just now: sending goes on {when}")
        sending += f"\n{resting.format(when=moment(status.resting_until, 'R'))}"
    texts = [
        f"### Paperboy {version('paperboy')}",
        f"**{_('Sources')}**\n{sources}",
        f"**{_('Messages of the last day, all servers')}**\n{sending}",
    ]
    if status.model:
        texts.append(f"**{_('Model, today (UTC)')}**\n{_model(status.model, is_server=status.is_server)}")
    texts += _orders(status.orders, is_server=status.is_server)
    items: list[discord.ui.Item[Any]] = [discord.ui.TextDisplay(texts[0])]
    for text in texts[1:]:
        items += [discord.ui.Separator(visible=False), discord.ui.TextDisplay(text)]
    return layout(*items, accent=ACCENT)


def _source(line: SourceLine) -> str:
    sign, state = _SOURCES[line.state]
    text = f"{sign} {SOURCE_NAMES.get(line.name, line.name)}: {_(state)}"
    health = line.health
    if health and health.answered_at:
        text += " · " + _("last read {when}").format(when=moment(health.answered_at, "R"))
    if health and health.failures:
        text += " · " + counted(health.failures, "{count} failure in a row", "{count} failures in a row")
    if health and health.why:
        text += f"\n-# {inert(health.why, 300)}"
    return text


def _model(line: ModelLine, *, is_server: bool) -> str:
    spending, caps = line.spending, line.spending.caps
    everyone, server = spending.everyone, spending.server
    spent = [_("{spent} of {all} tokens").format(spent=number(everyone.tokens), all=number(caps.tokens))]
    if caps.price_in or caps.price_out:
        spent.append(_("{spent} of {all} in money").format(spent=money(everyone.micros / 1_000_000), all=money(caps.money)))
    if is_server:
        said = _("this server {spent} of {all} tokens")
        spent.append(said.format(spent=number(server.tokens), all=number(caps.tokens_per_server)))
    spent.append(counted(everyone.calls, "{count} call", "{count} calls"))
    text = f"{'⚠' if spending.resting_s else '✓'} {inert(line.name, 60)}: {' · '.join(spent)}"
    if not spending.resting_s:
        return text
    again = counted(
        max(1, round(spending.resting_s / 60)),
        "It failed, and is asked again in about {count} minute.",
        "It failed, and is asked again in about {count} minutes.",
    )
    return f"{text}\n-# {again}"


def _orders(lines: Sequence[OrderLine], *, is_server: bool) -> list[str]:
    """What comes next, and what does not post and why; each only where there is any."""
    if not lines:
        none = _("No subscriptions that you can see: a moderator makes one with `/subscribe add`.")
        return [f"**{_('This server')}**\n{none}"] if is_server else []
    whose = _("This server") if is_server else _("What you follow")
    head = f"**{whose}** · {counted(len(lines), '{count} subscription', '{count} subscriptions')}"
    following = sorted(((line.next_at, _next(line)) for line in lines if line.next_at), key=lambda each: each[0])
    held_up = [text for line in lines if (text := _held_up(line))]
    texts = [f"{head}\n{_list([text for _, text in following])}" if following else f"{head}\n{_('None posts at present.')}"]
    return [*texts, f"**{_('Held up')}**\n{_list(held_up)}"] if held_up else texts


def _next(line: OrderLine) -> str:
    """When it comes, in the reader's own time."""
    assert line.next_at  # noqa: S101
    return f"{_which(line.order)}: {moment(line.next_at, 'f')} ({moment(line.next_at, 'R')})"


def _held_up(line: OrderLine) -> str:
    """Why it does not post, or soon will not; nothing where all is well."""
    order, which = line.order, _which(line.order)
    needed = listed([_("“{word}”").format(word=name) for name in line.missing])
    match order.state:
        case State.ACTIVE if needed:
            said = _("⚠ {subscription}: Paperboy will not be able to post; it needs {permissions} there")
        case State.PAUSED if order.paused_until:
            said = _("⏸ {subscription}: paused until {when}")
        case State.PAUSED:
            said = _("⏸ {subscription}: paused until somebody resumes it")
        case State.SHUT_OUT if needed:
            said = _("⛔ {subscription}: Paperboy may not post there; it needs {permissions}, and then goes on by itself")
        case State.SHUT_OUT:
            said = _("⛔ {subscription}: Paperboy may not post there; it goes on by itself when it may again")
        case State.CLOSED:
            said = _("✖ {subscription}: the channel is gone; `/subscribe remove` ends it")
        case _other:
            return ""
    when = moment(order.paused_until, "f") if order.paused_until else ""
    return said.format(subscription=which, permissions=needed, when=when)


def _which(order: Subscription) -> str:
    topic = _("everything") if order.topic.is_everything else f"**{inert(order.topic.label, 60)}**"
    return _("{channel} on {topic}").format(channel=f"<#{order.channel_id}>", topic=topic) if order.guild_id else topic


def _list(lines: Sequence[str]) -> str:
    shown = fitting([f"- {line}" for line in lines], _ROOM, _LISTED)
    more = len(lines) - len(shown)
    return "\n".join([*shown, *([f"-# {and_more(more)}"] if more else [])])
