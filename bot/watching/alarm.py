"""One message to the operator's channel when something needs a person, and one when it is over.

What is wrong is looked at every minute. Each kind of trouble is told of once until it is over, at most once an hour, and what was
told is a note in the store: a restart repeats nothing. Operators read English; nobody is mentioned.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import discord

from bot.requests import Requests
from bot.watching.checkup import Checkup, Figures, is_nearly_full
from bot.watching.redaction import Redactor
from digests.poster import Outcome, PostError
from storage.engine import StorageError
from views.limits import inert

log = logging.getLogger(__name__)

EVERY_S = 60.0
_NOTE = "alarms"
_APART = timedelta(hours=1)  # two messages about the same kind
_SOURCE_SILENT = timedelta(hours=6)
_REFUSED_FOR = timedelta(minutes=10)  # a channel that refuses is not asked every minute: that costs budget
_KEEPS_WITHIN_S = 5.0
_WHY = 300  # characters of somebody else's text

# What happens rather than lasts: how long it takes to be over after the last time, and what to tell.
_HAPPENINGS: Mapping[str, tuple[timedelta, str]] = {
    "blocked": (
        timedelta(hours=1),
        "Discord took no requests from this address: it was blocked, or too many of ours were refused. All sending pauses, and "
        "goes on by itself. If it comes again, see in the log which requests are refused, and whether others share the address.",
    ),
    "malformed": (
        timedelta(days=1),
        "Discord refused a digest as malformed, which is a fault of Paperboy’s; it went out as plain text. Please report it, "
        "with the log’s ERROR line.",
    ),
    "expired": (
        timedelta(days=1),
        "An edition was not posted, since it was too late when it could have been. Lines of the log with “edition expired” and "
        "“edition given up” name it; delivery.late_hours sets what is too late.",
    ),
}


@dataclass(frozen=True, slots=True)
class Told:
    """What the operator was told of a kind last, and when; ``seen_at`` is when it last happened. All as ISO texts, in UTC."""

    is_bad: bool = False
    at: str = ""
    seen_at: str = ""


class Alarm:
    """Over a logged-in bot."""

    def __init__(self, checkup: Checkup, requests: Requests, channel_id: int) -> None:
        self._checkup = checkup
        self._requests = requests
        self._channel_id = channel_id
        self._told: dict[str, Told] | None = None  # None until it was read
        self._is_kept = True  # whether the note is as it is here
        self._not_before: datetime | None = None  # for a channel that takes no message
        self._counted = dict.fromkeys(_HAPPENINGS, 0)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Look every minute until the end of the block."""
        task = asyncio.create_task(self._go_round())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait({task})

    async def look(self) -> None:
        """Tell what is new. What cannot be told now is told the next time."""
        now = self._checkup.now
        told = await self._read()
        figures = await self._checkup.figures()
        troubles = await self._troubles(told, figures, now)
        # Where the store does not tell, nothing is known to be over.
        for kind in sorted({*troubles, *(kind for kind, last in told.items() if last.is_bad and figures.is_told)}):
            last = told.get(kind, Told())
            is_bad = kind in troubles
            if is_bad == last.is_bad or (last.at and now - datetime.fromisoformat(last.at) < _APART):
                continue
            # The same for every try at this message: one whose answer was lost is not there twice.
            nonce = hashlib.sha256(f"{kind} {is_bad} {last.at}".encode()).hexdigest()[:16]
            if await self._say(_sentence(kind, troubles.get(kind)), nonce):
                told[kind] = Told(is_bad, now.isoformat(), last.seen_at)
                self._is_kept = False
        await self._keep()

    async def _go_round(self) -> None:
        while True:
            try:
                await self.look()
            except Exception:
                log.exception("the operator could not be told")
            await asyncio.sleep(EVERY_S)

    async def _troubles(self, told: dict[str, Told], figures: Figures, now: datetime) -> dict[str, str]:
        """What needs a person at present: a sentence each, by kind."""
        found = {kind: _HAPPENINGS[kind][1] for kind in self._happening(told, now)}
        if why := await self._checkup.unwritable():
            found["database"] = (
                f"The database cannot be written ({_inert(why)}), and nothing is posted meanwhile. See that its disk has room, "
                "and that Paperboy may write to its folder; it goes on by itself."
            )
        if is_nearly_full(figures):
            free = (figures.disk_free or 0) // 2**20
            found["disk"] = (
                f"The database’s disk is nearly full: {free} MiB are left. Make room before nothing can be stored any more."
            )
        return found | _silent_sources(figures, now)

    def _happening(self, told: dict[str, Told], now: datetime) -> list[str]:
        """The kinds that have happened of late; it is noted when."""
        counted = self._checkup.bot.tally.happened
        for kind in _HAPPENINGS:
            if counted[kind] > self._counted[kind]:
                self._counted[kind] = counted[kind]
                last = told.get(kind, Told())
                told[kind] = Told(last.is_bad, last.at, now.isoformat())
                self._is_kept = False
        return [
            kind
            for kind, (lasts, _) in _HAPPENINGS.items()
            if (seen_at := told.get(kind, Told()).seen_at) and now - datetime.fromisoformat(seen_at) < lasts
        ]

    async def _say(self, text: str, nonce: str) -> bool:
        """Whether it is in the channel. While all sending rests nothing is tried: one more refusal helps nobody."""
        bot, now = self._checkup.bot, self._checkup.now
        if now < max(filter(None, (self._not_before, bot.courier.resting_until)), default=now):
            return False
        try:
            async with self._requests.one():
                channel = bot.get_partial_messageable(self._channel_id)
                await channel.send(text, nonce=nonce, suppress_embeds=True, allowed_mentions=discord.AllowedMentions.none())
        except PostError as error:
            log.warning("the operator’s channel %d cannot be told: %s", self._channel_id, error)
            if error.outcome is not Outcome.UNCERTAIN:  # else soon, while Discord knows the nonce
                self._not_before = now + _REFUSED_FOR
            return False
        return True

    async def _read(self) -> dict[str, Told]:
        if self._told is None:
            try:
                note = await self._checkup.bot.app.store.notes.note(_NOTE)
                self._told = {kind: Told(**last) for kind, last in json.loads(note or "{}").items()}
            except (StorageError, ValueError, TypeError, AttributeError) as error:
                log.warning("what the operator was told before is unknown: %s", error)
                self._told = {}
        return self._told

    async def _keep(self) -> None:
        if self._is_kept or self._told is None:
            return
        with suppress(StorageError, TimeoutError):  # the next time
            async with asyncio.timeout(_KEEPS_WITHIN_S):
                text = json.dumps({kind: asdict(last) for kind, last in self._told.items()})
                await self._checkup.bot.app.store.notes.write(_NOTE, text)
                self._is_kept = True


def _silent_sources(figures: Figures, now: datetime) -> dict[str, str]:
    found = {}
    for name, health in figures.sources.items():
        since = health.answered_at or health.failed_at
        if health.failures and since and now - since > _SOURCE_SILENT:
            hours = (now - since) / timedelta(hours=1)
            found[f"source {name}"] = (
                f"The source {name} has not answered well for {hours:.0f} hours ({_inert(health.why)}), and editions go out "
                "without its papers. If the service is up, see whether this machine reaches it, and its address in the settings."
            )
    return found


def _sentence(kind: str, trouble: str | None) -> str:
    return f"⚠️ **Paperboy:** {trouble}" if trouble else f"✅ **Paperboy:** {_WELL.get(kind, f'{kind}: that')} is well again."


_WELL = {
    "blocked": "Sending to Discord",
    "malformed": "What digests are made of (none was refused for a day)",
    "expired": "Delivery (no edition came too late for a day)",
    "database": "The database",
    "disk": "The room on the disk",
}


def _inert(text: str) -> str:
    return inert(Redactor()(text), _WHY) or "it does not say why"
