"""Notices when the event loop does not turn, and tells the log what it hangs on: everything else of Paperboy waits meanwhile."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from time import monotonic

log = logging.getLogger(__name__)

BLOCKED_AFTER_S = 5.0
_ASKS_PER_THRESHOLD = 5


@contextmanager
def watching(blocked_after_s: float = BLOCKED_AFTER_S) -> Iterator[None]:
    """Watch the running loop from a thread of its own until the end of the block; then no thread is left."""
    told: SimpleQueue[bool] = SimpleQueue()  # True: the loop has turned; False: the block has ended
    arguments = (asyncio.get_running_loop(), threading.get_ident(), told, blocked_after_s)
    thread = threading.Thread(target=_watch, args=arguments, name="watchdog", daemon=True)
    thread.start()
    try:
        yield
    finally:
        told.put(False)
        thread.join()  # it wakes at once: it waits for nothing but this queue


def _watch(loop: asyncio.AbstractEventLoop, thread_id: int, told: SimpleQueue[bool], blocked_after_s: float) -> None:
    """Ask the loop for a turn, again and again."""
    while True:
        asked_at = monotonic()
        loop.call_soon_threadsafe(told.put, True)
        try:
            goes_on = told.get(timeout=blocked_after_s)
        except Empty:
            log.error("the event loop has not turned for %.1f s, and hangs here:\n%s", blocked_after_s, _stack(thread_id))
            goes_on = told.get()
            log.error("the event loop turns again, after %.1f s", monotonic() - asked_at)
        if not goes_on or _has_ended(told, within_s=blocked_after_s / _ASKS_PER_THRESHOLD):
            return


def _has_ended(told: SimpleQueue[bool], within_s: float) -> bool:
    try:
        return not told.get(timeout=within_s)
    except Empty:
        return False


def _stack(thread_id: int) -> str:
    frame = sys._current_frames().get(thread_id)
    return "".join(traceback.format_stack(frame)) if frame else "(its thread is gone)"
