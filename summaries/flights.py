"""Work that several ask for at the same moment is done once, and all of them hear how it goes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Hashable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

T = TypeVar("T")

Said = Callable[[str], Awaitable[None]]  # is told the text so far
Heard = Callable[[Callable[[], str]], None]  # is given what makes the text so far: it is made when somebody is to see it

PAUSE_S = 1.0  # between two tellings


@dataclass(slots=True, eq=False)
class _Flight(Generic[T]):
    task: asyncio.Task[T]
    askers: int = 0
    text: str = ""
    draft: Callable[[], str] | None = None  # of a newer text
    news: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    def hear(self, draft: Callable[[], str]) -> None:
        self.draft = draft
        if not self.news.done():
            self.news.set_result(None)

    def so_far(self) -> str:
        if self.draft:
            self.text, self.draft = self.draft(), None
        return self.text


class Flights(Generic[T]):
    """The work that is going on, by key. Its tasks end with it: ``close`` waits for them.

    (No TaskGroup: it would wrap whatever is raised in the block that holds it.)
    """

    def __init__(self, pause_s: float = PAUSE_S) -> None:
        self._pause_s = pause_s
        self._flying: dict[Hashable, _Flight[T]] = {}
        self._tasks: set[asyncio.Task[T]] = set()

    def has(self, key: Hashable) -> bool:
        return key in self._flying

    async def join(self, key: Hashable, work: Callable[[Heard], Coroutine[Any, Any, T]], said: Said | None = None) -> T:
        """What ``work`` returns, or raises: that of whoever asked first, if it is still going on.

        ``work`` is given a function to tell the text so far. An asker who is cancelled leaves the others theirs; with the last
        one the work is cancelled. What ``said`` raises is its own asker's.
        """
        flight = self._flying.get(key) or self._start(key, work)
        flight.askers += 1
        try:
            if said:
                await self._tell(flight, said)
            return await asyncio.shield(flight.task)
        finally:
            flight.askers -= 1
            if not flight.askers:
                if self._flying.get(key) is flight:
                    del self._flying[key]  # who comes now starts anew
                flight.task.cancel()

    async def close(self) -> None:
        """Cancel what is going on, and wait until it has ended."""
        while self._tasks:
            for task in self._tasks:
                if not task.cancelling():  # a second time would cut off what it still has to settle
                    task.cancel()
            await asyncio.wait(set(self._tasks))

    def _start(self, key: Hashable, work: Callable[[Heard], Coroutine[Any, Any, T]]) -> _Flight[T]:
        def hear(draft: Callable[[], str]) -> None:
            flight.hear(draft)

        flight = self._flying[key] = _Flight(asyncio.create_task(work(hear)))
        self._tasks.add(flight.task)
        flight.task.add_done_callback(lambda task: self._landed(key, flight))
        return flight

    def _landed(self, key: Hashable, flight: _Flight[T]) -> None:
        self._tasks.discard(flight.task)
        if self._flying.get(key) is flight:
            del self._flying[key]
        with suppress(asyncio.CancelledError):
            flight.task.exception()  # it may be that nobody waits for it any more

    async def _tell(self, flight: _Flight[T], said: Said) -> None:
        shown = ""
        while not flight.task.done():
            text = flight.so_far()
            if text == shown:
                flight.news = asyncio.get_running_loop().create_future() if flight.news.done() else flight.news
                either: set[asyncio.Future[Any]] = {flight.task, flight.news}
                await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
                continue
            shown = text
            await said(shown)
            await asyncio.wait({flight.task}, timeout=self._pause_s)
