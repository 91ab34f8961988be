"""How Paperboy fares → what `/status` shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version

import discord

from digests.freshness import SourceState
from papers.text import plural
from storage.editions import DeliveryState
from storage.health import Health
from views.buttons import layout
from views.digest import SOURCE_NAMES, moment
from views.limits import inert

ACCENT = 0x5865F2
_SIGNS = {SourceState.FRESH: "✓", SourceState.STALE: "⚠", SourceState.FAILING: "✖", SourceState.UNREAD: "…"}
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
class Status:
    """``deliveries`` are those of the last day, by state; ``waiting`` of the server's ``subscriptions`` do not post now."""

    sources: Sequence[SourceLine]
    deliveries: Mapping[DeliveryState, int]
    resting_until: datetime | None
    subscriptions: int
    waiting: int
    next_at: datetime | None


def status_page(status: Status) -> discord.ui.LayoutView:
    sources = "\n".join(_source(line) for line in status.sources)
    figures = [f"{count:,} {_STATES[state]}" for state, count in sorted(status.deliveries.items()) if count]
    sending = " · ".join(figures) or "none was due"
    if status.resting_until:
        sending += f"\n⚠ Discord takes nothing just now: sending goes on {moment(status.resting_until, 'R')}"
    return layout(
        discord.ui.TextDisplay(f"### Paperboy {version('paperboy')}"),
        discord.ui.TextDisplay(f"**Sources**\n{sources}"),
        discord.ui.TextDisplay(f"**Editions of the last day**\n{sending}"),
        discord.ui.TextDisplay(f"**This server**\n{_server(status)}"),
        accent=ACCENT,
    )


def _source(line: SourceLine) -> str:
    text = f"{_SIGNS[line.state]} {SOURCE_NAMES.get(line.name, line.name)}: {line.state}"
    health = line.health
    if health and health.answered_at:
        text += f" · last read {moment(health.answered_at, 'R')}"
    if health and health.failures:
        text += f" · {plural(health.failures, 'failure')} in a row"
    if health and health.why:
        text += f"\n-# {inert(health.why, 300)}"
    return text


def _server(status: Status) -> str:
    if not status.subscriptions:
        return "No subscriptions: `/subscribe add` makes one."
    text = plural(status.subscriptions, "subscription")
    if status.waiting:
        text += f", {status.waiting} of them not posting (`/subscribe list` says why)"
    return text + (f" · next edition {moment(status.next_at, 'R')}" if status.next_at else "")
