"""Wakes collecting and delivering. What is due, and what was sent, the tables decide: a wake-up more or less does no harm."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from bot.app import App, utc_now
from digests.deliver import Courier
from storage.engine import StorageError

log = logging.getLogger(__name__)

_YESTERDAY_UNTIL_HOUR = 12  # UTC; papers are added to a day's list for hours after it has ended elsewhere


class Schedule:
    """The two rounds of the day, over an open App."""

    def __init__(self, app: App, courier: Courier) -> None:
        self._app = app
        self._courier = courier

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Both rounds at once and then on their clocks, until the end of the block."""
        refresh = IntervalTrigger(minutes=self._app.config.sources.huggingface.refresh_minutes, timezone="UTC")
        scheduler = AsyncIOScheduler(
            timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        scheduler.add_job(self.collect, refresh, next_run_time=utc_now())
        scheduler.add_job(self.deliver, CronTrigger(second=0, timezone="UTC"), next_run_time=utc_now())
        scheduler.start()
        try:
            yield
        finally:
            scheduler.shutdown(wait=False)

    async def collect(self) -> None:
        """Read today's list, and yesterday's while it may still grow; then deliver what was waiting for it."""
        today = self._app.now().date()
        try:
            if self._app.now().hour < _YESTERDAY_UNTIL_HOUR:
                await self._app.collect(today - timedelta(days=1))
            await self._app.collect(today)
        except StorageError as error:
            log.error("collecting failed, the next round tries again: %s", error)
        await self.deliver()

    async def deliver(self) -> None:
        """Send what is due."""
        try:
            await self._courier.deliver_due(self._app.now())
        except StorageError as error:
            log.error("delivering failed, the next round tries again: %s", error)
