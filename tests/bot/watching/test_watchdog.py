"""Row G10: the event loop hangs."""

from __future__ import annotations

import asyncio
import logging
import threading
import time

import pytest

from bot.watching.watchdog import watching

BLOCKED_AFTER_S = 0.1


def watchdogs() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "watchdog"]


def hang() -> None:
    time.sleep(5 * BLOCKED_AFTER_S)


async def turn() -> None:
    """Let the watchdog ask a few times."""
    await asyncio.sleep(2 * BLOCKED_AFTER_S)


async def test_g10_a_loop_that_hangs_is_told_of_once_with_its_stack_and_its_end(caplog: pytest.LogCaptureFixture) -> None:
    with watching(BLOCKED_AFTER_S):
        await turn()
        assert caplog.messages == []
        hang()
        await turn()
        begun, over = caplog.messages
        assert "has not turned for 0.1 s" in begun
        assert "in hang\n" in begun
        assert 4 * BLOCKED_AFTER_S < float(over.split()[-2]) < 50 * BLOCKED_AFTER_S
        assert {record.levelno for record in caplog.records} == {logging.ERROR}
        hang()
        await turn()
        assert len(caplog.messages) == 4
    assert watchdogs() == []


async def test_g10_leaving_at_once_or_from_a_hang_leaves_no_thread(caplog: pytest.LogCaptureFixture) -> None:
    before = time.monotonic()
    with watching(blocked_after_s=30):
        assert len(watchdogs()) == 1
    with watching(BLOCKED_AFTER_S):
        hang()
    assert watchdogs() == []
    assert time.monotonic() - before < 20
    assert len(caplog.messages) == 2
