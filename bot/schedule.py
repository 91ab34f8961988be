"""Wakes collecting and delivering. What is due, and what was sent, the tables decide: a wake-up more or less does no harm."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from time import monotonic

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from bot.app import App
from bot.memory import give_back
from digests.ahead import papers_ahead
from digests.collect import Collected
from digests.deliver import Courier
from digests.planning import stale_days
from digests.poster import Stopped
from storage.engine import StorageError

log = logging.getLogger(__name__)

_YESTERDAY_UNTIL_HOUR = 12  # UTC; papers are added to a day's list for hours after it has ended elsewhere
_ASK_AGAIN_AFTER = timedelta(minutes=5)
_WAITS_FOR_LISTS_S = 5.0  # then the editions that need none of them go first
_WAITS_FOR_CATEGORIES_S = 20.0  # then editions go without what arXiv knows of others' papers
_GROW_EVERY_MINUTES = 5
_PREPARE_EVERY = timedelta(minutes=5)  # a round lasts no longer; the next one asks anew what is wanted first
_FINISHES_WITHIN_S = 9.0  # what is on its way when Paperboy is told to end; systems kill after ten


async def _nobody() -> None:
    pass


class Schedule:
    """The rounds of the day, over an open App. ``tell`` passes subscriptions' troubles on to their moderators, ``purge``
    deletes what is kept of servers that were left long ago.
    """

    def __init__(
        self,
        app: App,
        courier: Courier,
        tell: Callable[[], Awaitable[None]] = _nobody,
        purge: Callable[[], Awaitable[None]] = _nobody,
    ) -> None:
        self._app = app
        self._courier = courier
        self._tell = tell
        self._purge = purge
        self._asked: dict[date, datetime] = {}  # UTC day → when its list was last asked for out of turn
        self._fetching: set[asyncio.Task[Collected]] = set()
        self._collected = asyncio.Event()
        self._sending = asyncio.Lock()
        self.ended_at: dict[str, float] = {}  # each round's last end, well or not, by its name; on the monotonic clock

    @asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.Future[None]]:
        """All rounds at once and then on their clocks, until the end of the block; then none of them is left running.

        Yields a future that fails with Stopped where going on has no sense. What is being sent at the end is finished.
        """
        scheduler = AsyncIOScheduler(timezone="UTC", job_defaults={"coalesce": True, "misfire_grace_time": None})
        broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        every = self._app.config.sources.huggingface.refresh_minutes
        rounds = {
            self.collect: IntervalTrigger(minutes=every, timezone="UTC"),
            self.deliver: CronTrigger(second=0, timezone="UTC"),
            self.attend: CronTrigger(second=15, timezone="UTC"),
            self.keep_index: CronTrigger(second="*/10", timezone="UTC"),
            self.keep_senses: CronTrigger(second=50, timezone="UTC"),
            self.grow: CronTrigger(minute=f"*/{_GROW_EVERY_MINUTES}", second=30, timezone="UTC"),
            self.forget: CronTrigger(minute=20, second=40, timezone="UTC"),
            self.prepare: IntervalTrigger(seconds=int(_PREPARE_EVERY.total_seconds()), timezone="UTC"),
        }
        bells = {self.prepare: self._collected}
        # The scheduler only rings; the work is done in tasks of ours, which are waited for at the end. (No TaskGroup: it
        # would wrap whatever goes wrong in the block.)
        tasks = [
            asyncio.create_task(_on_ring(work, _bell(scheduler, trigger, bells.get(work)), broken, self.ended_at))
            for work, trigger in rounds.items()
        ]
        scheduler.start()
        try:
            yield broken
        finally:
            scheduler.shutdown(wait=False)
            await self._finish_sending()
            for task in (*tasks, *self._fetching):
                task.cancel()
            await asyncio.gather(*tasks, *self._fetching, return_exceptions=True)
            broken.cancel()

    async def collect(self) -> None:
        """Read today's list, and yesterday's while it may still grow; then deliver what was waiting for it."""
        now = self._app.now()
        days = [now.date()]
        if now.hour < _YESTERDAY_UNTIL_HOUR:
            days.append(now.date() - timedelta(days=1))
        for day in days:
            await self._app.collect(day)
        with suppress(TimeoutError):
            async with asyncio.timeout(_WAITS_FOR_CATEGORIES_S):
                for day in days:
                    await self._app.complete(day)
        self._collected.set()
        await self._deliver()
        await asyncio.to_thread(give_back)

    async def deliver(self) -> None:
        """Send what is due. A list that an edition waits for is asked for again first, though not every minute."""
        now = self._app.now()
        for day in await stale_days(self._app.store, now, self._courier.policy):
            if now - self._asked.get(day, datetime.min.replace(tzinfo=UTC)) >= _ASK_AGAIN_AFTER:
                self._asked[day] = now
                self._fetching.add(asyncio.create_task(self._app.collect(day)))
        await self._lists_or_a_moment()
        await self._deliver()

    async def attend(self) -> None:
        """See to what follows a message, and tell moderators what they should know; posting does not wait for it."""
        await self._courier.follow_up(self._app.now())
        until = self._courier.resting_until
        if until is None or until <= self._app.now():
            await self._tell()

    async def keep_index(self) -> None:
        """Index what another process stored, and build anew what was found broken; nothing else waits for it."""
        if await self._app.index.catch_up(self._app.store.papers):
            await asyncio.to_thread(give_back)

    async def keep_senses(self) -> None:
        """Make the vectors of new papers, where a model is set."""
        if self._app.senses:
            await self._app.senses.catch_up(self._app.store.papers)

    async def grow(self) -> None:
        """Edit what has grown since it was posted."""
        await self._courier.grow(self._app.now())

    async def prepare(self) -> None:
        """Have the model summarise what the next editions will show: after collecting, and every few minutes. They wait for none
        of it, and no other round does.
        """
        summariser, now = self._app.summariser, self._app.now()
        if not summariser.has_model:
            return
        wanted = await papers_ahead(self._app.store, self._courier.policy, now, summariser.ready)
        if wanted:
            await summariser.prepare(wanted, now + _PREPARE_EVERY)

    async def forget(self) -> None:
        """Delete what is kept no longer, once a night, a little at a time; nothing else waits for it."""
        await self._app.store.retention.nightly(self._app.config.keeping.kept, self._app.now())
        await self._purge()

    async def _lists_or_a_moment(self) -> None:
        """Wait for the lists asked for, but not for a source that takes its time: others' editions do not depend on it."""
        if not self._fetching:
            return
        done, _ = await asyncio.wait(self._fetching, timeout=_WAITS_FOR_LISTS_S)
        self._fetching -= done
        errors = [error for task in done if (error := task.exception())]
        if errors:
            raise errors[0]

    async def _deliver(self) -> None:
        async with self._sending:
            await self._courier.deliver_due(self._app.now())

    async def _finish_sending(self) -> None:
        self._courier.stop()
        with suppress(TimeoutError):
            async with asyncio.timeout(_FINISHES_WITHIN_S), self._sending:
                log.debug("nothing is on its way any more")


def _bell(scheduler: AsyncIOScheduler, trigger: object, bell: asyncio.Event | None = None) -> asyncio.Event:
    """An event that is set now, and by the scheduler from time to time."""
    bell = bell or asyncio.Event()
    bell.set()

    async def ring() -> None:  # a coroutine, so that the scheduler runs it in our loop
        bell.set()

    scheduler.add_job(ring, trigger)
    return bell


async def _on_ring(
    work: Callable[[], Awaitable[None]], bell: asyncio.Event, broken: asyncio.Future[None], ended_at: dict[str, float]
) -> None:
    while not broken.done():
        await bell.wait()
        bell.clear()
        try:
            await work()
        except Stopped as error:
            if not broken.done():
                broken.set_exception(error)
        except StorageError as error:
            log.error("the round failed, the next one tries again: %s", error)
        except Exception:
            log.exception("the round failed, the next one tries again")
        else:
            ended_at[getattr(work, "__name__", "round")] = monotonic()
