"""/healthz and /readyz over HTTP, of the bot over a wire; row G10's second half."""

from __future__ import annotations

import asyncio
import logging
import socket
import sqlite3
import time
from contextlib import closing
from functools import partial

import pytest

from bot.config import Config
from bot.watching.watchdog import watching
from sandbox.wire.rest import TOKEN
from tests.bot.conftest import SOON_S, Wire
from tests.bot.watching.started import configured, free_port, get, locked, reasons, until_reasons


@pytest.fixture(autouse=True)
def served(wire: Wire) -> None:
    configured(wire, health={"port": free_port()})


async def test_it_is_ready_while_there_is_a_session_with_discord(wire: Wire) -> None:
    wire.gateway.is_down = True
    async with wire.running(), asyncio.timeout(SOON_S):
        await until_reasons(wire, "gateway")
        assert await get(wire, "/healthz") == (200, '{"status": "ok"}')
        wire.gateway.is_down = False
        await until_reasons(wire)
        wire.gateway.is_down = True
        await wire.gateway.close(4000)
        await until_reasons(wire, "gateway")
        assert "commands get no answer" in await reasons(wire)
        wire.gateway.is_down = False
        await until_reasons(wire)
    assert (await get(wire, "/healthz"))[0] == 0


async def test_it_is_not_ready_while_the_database_cannot_be_written(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.watching.checkup._WRITE_EVERY_S", 0.0)
    monkeypatch.setattr("bot.watching.checkup._WRITE_WITHIN_S", 0.5)
    monkeypatch.setattr("storage.engine.BUSY_TIMEOUT_MS", 200)
    async with wire.running(), asyncio.timeout(SOON_S):
        await until_reasons(wire)
        path = wire.config.database.url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as other:
            await locked(other)
            await until_reasons(wire, "database")
            other.execute("ROLLBACK")
        await until_reasons(wire)


async def test_g10_it_is_not_ready_for_a_while_after_the_loop_hung(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.running.watching", partial(watching, 0.5))
    monkeypatch.setattr("bot.watching.checkup._HUNG_LATELY_S", 0.0)  # a busy machine may hang while it starts
    async with wire.running(), asyncio.timeout(SOON_S):
        await until_reasons(wire)
        monkeypatch.setattr("bot.watching.checkup._HUNG_LATELY_S", 60.0)
        time.sleep(1.5)
        await until_reasons(wire, "loop")
        assert (await get(wire, "/healthz"))[0] == 200
        monkeypatch.setattr("bot.watching.checkup._HUNG_LATELY_S", 0.0)
        await until_reasons(wire)


async def test_it_is_not_ready_when_the_schedule_does_not_turn(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    never = asyncio.Event()
    monkeypatch.setattr("bot.schedule.Schedule.deliver", lambda _: never.wait())
    monkeypatch.setattr("bot.watching.checkup._ROUND_WITHIN_S", 0.5)
    async with wire.running(), asyncio.timeout(SOON_S):
        await until_reasons(wire, "schedule")
        never.set()


async def test_a_port_that_is_taken_is_a_warning_and_ends_no_start(wire: Wire, caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        configured(wire, health={"port": taken.getsockname()[1]})
        async with wire.running():
            await wire.identified()
    (warning,) = [record for record in caplog.records if record.name == "bot.watching.health"]
    assert warning.levelno == logging.WARNING
    assert "set another health.port, or 0" in warning.getMessage()


async def test_nothing_is_served_with_port_0(wire: Wire, caplog: pytest.LogCaptureFixture) -> None:
    configured(wire, health={"port": 0})
    async with wire.running():
        await wire.identified()
    assert [record for record in caplog.records if record.name == "bot.watching.health"] == []


async def test_what_is_served_holds_no_secret_and_nothing_can_be_written(wire: Wire) -> None:
    async with wire.running(), asyncio.timeout(SOON_S):
        await until_reasons(wire)
        for path in ("/healthz", "/readyz", "/metrics"):
            assert TOKEN not in (await get(wire, path))[1]
        assert (await get(wire, "/"))[0] == (await get(wire, "/metrics/../x"))[0] == 404


def test_only_this_machine_is_served_by_default() -> None:
    assert Config().health.host == "127.0.0.1"
