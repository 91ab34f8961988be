"""Whether Paperboy is well enough to do its work, and if not, why not: for /readyz, for /metrics and for the operator."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic

from bot.client import Paperboy
from bot.watching.watchdog import Pulse
from search.harm import IndexUnavailable
from storage.editions import DeliveryState
from storage.engine import StorageError, database_path
from storage.health import Health
from summaries.asked import Spending

log = logging.getLogger(__name__)

_NOTE = "written"
_WRITE_EVERY_S = 30.0  # a commit reaches the disk, so not with every question
_WRITE_WITHIN_S = 8.0  # a little more than one waits for another writer
_HUNG_LATELY_S = 30.0
_ROUND_WITHIN_S = 15 * 60.0  # a wave of 40,000 posts takes that long, and is one round
_FIGURES_FOR_S = 5.0
_NEARLY_FULL = 256 * 2**20  # bytes: the database, its index and a backup go on growing


@dataclass(frozen=True, slots=True)
class Figures:
    """What the database, the index and the disk tell, asked for at most every five seconds. Where asking failed, nothing."""

    waiting: Mapping[DeliveryState, int] = field(default_factory=dict)
    sources: Mapping[str, Health] = field(default_factory=dict)
    unindexed: int | None = None
    spending: Spending | None = None
    disk_free: int | None = None  # bytes
    is_told: bool = False  # whether the store answered


class Checkup:
    """Over a bot, logged in or not; ``ended_at`` is the Schedule's."""

    def __init__(self, bot: Paperboy, pulse: Pulse, ended_at: Mapping[str, float]) -> None:
        self.bot = bot
        self.pulse = pulse
        self._ended_at = ended_at
        self._began_at = monotonic()
        self._asking = asyncio.Lock()
        self._wrote_at: float | None = None
        self._unwritable = ""
        self._figured_at: float | None = None
        self._figures = Figures()

    @property
    def now(self) -> datetime:
        return self.bot.app.now()

    async def complaints(self) -> list[str]:
        """A sentence for each reason why it is not ready; none if it is."""
        found = []
        if not (self.bot.is_ready() and self.bot.tally.is_connected):
            found.append("gateway: there is no session with Discord, so commands get no answer")
        if why := await self.unwritable():
            found.append(f"database: it cannot be written ({why}), so nothing is posted")
        if self.pulse.hung_at is not None and monotonic() - self.pulse.hung_at < _HUNG_LATELY_S:
            found.append("loop: the event loop hung a moment ago; the log says where")
        if (still_s := self.round_ages().get("deliver", monotonic() - self._began_at)) > _ROUND_WITHIN_S:
            found.append(f"schedule: no round of deliveries has ended well for {still_s / 60:.0f} minutes")
        return found

    def round_ages(self) -> dict[str, float]:
        """Seconds since each round of the schedule last ended well, by its name."""
        return {name: monotonic() - ended_at for name, ended_at in self._ended_at.items()}

    async def unwritable(self) -> str:
        """Why the database cannot be written; empty if it can. It is tried, twice a minute at most."""
        async with self._asking:
            if self._wrote_at is None or monotonic() - self._wrote_at >= _WRITE_EVERY_S:
                self._unwritable = await self._write()
                self._wrote_at = monotonic()
        return self._unwritable

    async def figures(self) -> Figures:
        """What is stored, as of the last seconds."""
        async with self._asking:
            if self._figured_at is None or monotonic() - self._figured_at >= _FIGURES_FOR_S:
                self._figures = await self._figure()
                self._figured_at = monotonic()
        return self._figures

    async def _write(self) -> str:
        try:
            async with asyncio.timeout(_WRITE_WITHIN_S):
                await self.bot.app.store.notes.write(_NOTE, self.now.isoformat())
        except TimeoutError:
            return "it takes too long"
        except StorageError as error:
            return str(error)
        return ""

    async def _figure(self) -> Figures:
        app = self.bot.app
        disk_free = await asyncio.to_thread(_disk_free, app.config.database.url)
        try:
            async with asyncio.timeout(_WRITE_WITHIN_S):
                return Figures(
                    waiting=await app.store.outbox.waiting(),
                    sources=await app.store.health.all(),
                    unindexed=await self._unindexed(),
                    spending=await app.summariser.spending(0),
                    disk_free=disk_free,
                    is_told=True,
                )
        except (StorageError, TimeoutError) as error:
            log.warning("the store does not tell its figures: %s", error or "it takes too long")
            return Figures(disk_free=disk_free)

    async def _unindexed(self) -> int | None:
        app = self.bot.app
        try:
            change = await asyncio.to_thread(app.index.change)
        except IndexUnavailable:
            return None
        return await app.store.papers.count_since(change)


def is_nearly_full(figures: Figures) -> bool:
    """Whether the database's disk has next to no room."""
    return figures.disk_free is not None and figures.disk_free < _NEARLY_FULL


def _disk_free(url: str) -> int | None:
    try:
        return shutil.disk_usage(database_path(url).absolute().parent).free
    except OSError:
        return None
