"""Notices when the event loop does not turn, and tells the log what it hangs on: everything else of Paperboy waits meanwhile.

How late the loop's turns come is measured on the way; /readyz and /metrics show it.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from queue import Empty, SimpleQueue
from time import monotonic

log = logging.getLogger(__name__)

BLOCKED_AFTER_S = 5.0
_ASKS_PER_THRESHOLD = 5
_REMEMBERS = 60  # turns: a minute of them


class Pulse:
    """How the loop turns; written by the watchdog's thread. Times are of the monotonic clock, in seconds."""

    def __init__(self) -> None:
        self.hangs = 0  # how often it did not turn for long
        self.hung_at: float | None = None  # the last time that such a thing was noticed, or ended
        self._lags: deque[float] = deque([0.0], maxlen=_REMEMBERS)

    @property
    def lag_s(self) -> float:
        """How late the latest turn came at worst, of those of the last minute."""
        return max(self._lags.copy())

    def turned(self, lag_s: float) -> None:
        self._lags.append(lag_s)

    def hung(self) -> None:
        self.hung_at = monotonic()


@contextmanager
def watching(blocked_after_s: float = BLOCKED_AFTER_S) -> Iterator[Pulse]:
    """Watch the running loop from a thread of its own until the end of the block; then no thread is left."""
    told: SimpleQueue[float | None] = SimpleQueue()  # when the loop has turned; None: the block has ended
    pulse = Pulse()
    ask = partial(asyncio.get_running_loop().call_soon_threadsafe, lambda: told.put(monotonic()))
    arguments = (ask, threading.get_ident(), told, blocked_after_s, pulse)
    thread = threading.Thread(target=_watch, args=arguments, name="watchdog", daemon=True)
    thread.start()
    try:
        yield pulse
    finally:
        told.put(None)
        thread.join()  # it wakes at once: it waits for nothing but this queue


def _watch(
    ask: Callable[[], object], thread_id: int, told: SimpleQueue[float | None], blocked_after_s: float, pulse: Pulse
) -> None:
    """Ask the loop for a turn, again and again."""
    while True:
        asked_at = monotonic()
        ask()
        try:
            turned_at = told.get(timeout=blocked_after_s)
        except Empty:
            pulse.hangs += 1
            pulse.hung()
            log.error("the event loop has not turned for %.1f s, and hangs here:\n%s", blocked_after_s, _stack(thread_id))
            turned_at = told.get()
            pulse.hung()
            log.error("the event loop turns again, after %.1f s", monotonic() - asked_at)
        if turned_at is None:
            return
        pulse.turned(turned_at - asked_at)
        if _has_ended(told, within_s=blocked_after_s / _ASKS_PER_THRESHOLD):
            return


def _has_ended(told: SimpleQueue[float | None], within_s: float) -> bool:
    try:
        return told.get(timeout=within_s) is None
    except Empty:
        return False


def _stack(thread_id: int) -> str:
    frame = sys._current_frames().get(thread_id)
    return "".join(traceback.format_stack(frame)) if frame else "(its thread is gone)"
