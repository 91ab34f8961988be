"""How Paperboy fares → what `/status` shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Any

import discord

from digests.freshness import SourceState
from papers.text import plural
from storage.editions import DeliveryState
from storage.health import Health
from views.buttons import layout
from views.digest import SOURCE_NAMES, moment
from views.limits import inert

ACCENT = 0x5865F2
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
class ServerLine:
    """``waiting`` of the server's ``subscriptions`` do not post now; ``next_at`` is when the first of the others does."""

    subscriptions: int
    waiting: int
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class Status:
    """``deliveries`` are all servers' of the last day, by state; ``server`` is None in a private message."""

    sources: Sequence[SourceLine]
    deliveries: Mapping[DeliveryState, int]
    resting_until: datetime | None
    server: ServerLine | None


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
    if status.server:
        texts.append(f"**This server**\n{_server(status.server)}")
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


def _server(server: ServerLine) -> str:
    if not server.subscriptions:
        return "No subscriptions: `/subscribe add` makes one."
    text = plural(server.subscriptions, "subscription")
    if server.waiting:
        text += f", {server.waiting} of them not posting (`/subscribe list` says why)"
    return text + (f" · next edition {moment(server.next_at, 'R')}" if server.next_at else "")
