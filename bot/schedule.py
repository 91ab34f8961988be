"""Wakes collecting and delivering. What is due, and what was sent, the tables decide: a wake-up more or less does no harm."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from bot.app import App
from digests.deliver import Courier, stale_days
from storage.engine import StorageError

log = logging.getLogger(__name__)

_YESTERDAY_UNTIL_HOUR = 12  # UTC; papers are added to a day's list for hours after it has ended elsewhere
_ASK_AGAIN_AFTER = timedelta(minutes=5)


class Schedule:
    """The two rounds of the day, over an open App."""

    def __init__(self, app: App, courier: Courier) -> None:
        self._app = app
        self._courier = courier
        self._asked: dict[date, datetime] = {}  # UTC day → when its list was last asked for out of turn

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Both rounds at once and then on their clocks, until the end of the block; then none of them is left running."""
        scheduler = AsyncIOScheduler(timezone="UTC", job_defaults={"coalesce": True, "misfire_grace_time": None})
        minutes = self._app.config.sources.huggingface.refresh_minutes
        # The scheduler only rings; the work is done in tasks of ours, which are waited for at the end. (No TaskGroup: it
        # would wrap whatever goes wrong in the block.)
        tasks = [
            asyncio.create_task(_on_ring(self.collect, _bell(scheduler, IntervalTrigger(minutes=minutes, timezone="UTC")))),
            asyncio.create_task(_on_ring(self.deliver, _bell(scheduler, CronTrigger(second=0, timezone="UTC")))),
        ]
        scheduler.start()
        try:
            yield
        finally:
            scheduler.shutdown(wait=False)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def collect(self) -> None:
        """Read today's list, and yesterday's while it may still grow; then deliver what was waiting for it."""
        now = self._app.now()
        if now.hour < _YESTERDAY_UNTIL_HOUR:
            await self._app.collect(now.date() - timedelta(days=1))
        await self._app.collect(now.date())
        await self._courier.deliver_due(self._app.now())

    async def deliver(self) -> None:
        """Send what is due. A list that an edition waits for is asked for again first, though not every minute."""
        now = self._app.now()
        for day in await stale_days(self._app.store, now):
            if now - self._asked.get(day, datetime.min.replace(tzinfo=UTC)) >= _ASK_AGAIN_AFTER:
                self._asked[day] = now
                await self._app.collect(day)
        await self._courier.deliver_due(self._app.now())
        # What another process stored, or an index that was found broken.
        await self._app.index.catch_up(self._app.store.papers)


def _bell(scheduler: AsyncIOScheduler, trigger: object) -> asyncio.Event:
    """An event that is set now, and by the scheduler from time to time."""
    bell = asyncio.Event()
    bell.set()

    async def ring() -> None:  # a coroutine, so that the scheduler runs it in our loop
        bell.set()

    scheduler.add_job(ring, trigger)
    return bell


async def _on_ring(work: Callable[[], Awaitable[None]], bell: asyncio.Event) -> None:
    while True:
        await bell.wait()
        bell.clear()
        try:
            await work()
        except StorageError as error:
            log.error("the round failed, the next one tries again: %s", error)
        except Exception:
            log.exception("the round failed, the next one tries again")
