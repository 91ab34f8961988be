"""What the operator's channel is told, over a wire: once, not more than once an hour, and when it is over."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, time, timedelta

import pytest
from aiohttp import web

from sandbox.wire.faults import Fault, Kind
from sandbox.wire.state import Channel
from storage.store import Store
from tests.bot.conftest import SOON_S, Wire, ring_often, until
from tests.bot.watching.started import configured, locked
from tests.factories import DAY, paper

NOON = datetime(2026, 6, 10, 12, 30, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def desk(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> Channel:
    """The operator's channel, which is told as soon as there is something to tell."""
    monkeypatch.setattr("bot.watching.alarm.EVERY_S", 0.05)
    monkeypatch.setattr("bot.watching.checkup._FIGURES_FOR_S", 0.0)
    monkeypatch.setattr("bot.watching.checkup._WRITE_EVERY_S", 0.0)
    wire.at = NOON
    channel = wire.rest.world.add_channel("operator")
    configured(wire, operator={"channel_id": channel.id})
    return channel


@pytest.fixture
def channel(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> Channel:
    """One that gets digests at one o'clock, half an hour from now."""
    ring_often(monkeypatch)
    return wire.rest.world.add_channel("papers")


def texts(desk: Channel) -> list[str]:
    return [message["content"] for message in desk.messages]


async def told(desk: Channel, times: int) -> str:
    """The last of so many messages, once it is there."""
    await until(lambda: len(desk.messages) >= times)
    assert len(desk.messages) == times
    return texts(desk)[-1]


async def looked(wire: Wire) -> None:
    """Until the alarm has looked a few times more."""
    before = wire.looks
    await until(lambda: wire.looks > before + 8)


async def subscribed(wire: Wire, channel: Channel) -> None:
    async with Store.open(wire.config.database.url) as store:
        await store.papers.save_day([paper(n) for n in range(1, 4)], "huggingface", DAY, NOON)
    await wire.subscribe(channel, at=time(13))


async def silent(wire: Wire, hours: float) -> None:
    """Hugging Face has not answered well for so long, and does not now."""
    async with Store.open(wire.config.database.url) as store:
        await store.health.answered("huggingface", NOON - hours * HOUR)
    why = "<@&1> @everyone https://evil.example/x **no**"
    wire.press._reply = lambda request: web.Response(status=403, text=why)  # type: ignore[method-assign]


async def test_a_source_that_stays_silent_is_told_once_and_when_it_is_back(wire: Wire, desk: Channel) -> None:
    reply = wire.press._reply
    await silent(wire, hours=7)
    async with wire.running():
        text = await told(desk, 1)
        assert text.startswith("⚠️ **Paperboy:** The source huggingface has not answered well for 7 hours (")
        (message,) = [request for request in wire.rest.log if request.path == f"/channels/{desk.id}/messages"]
        assert message.body["allowed_mentions"] == {"parse": []}
        assert message.body["enforce_nonce"] is True
        await looked(wire)
        assert len(desk.messages) == 1
    async with wire.running():  # a restart repeats nothing
        await wire.identified(2)
        await looked(wire)
        assert len(desk.messages) == 1
        wire.press._reply = reply  # type: ignore[method-assign]
    async with wire.running():
        await looked(wire)
        assert len(desk.messages) == 1  # less than an hour ago
        wire.at = NOON + 61 * MINUTE
        assert await told(desk, 2) == "✅ **Paperboy:** source huggingface: that is well again."
        await looked(wire)
    assert len(desk.messages) == 2


async def test_a_source_that_fails_for_a_while_is_nobodys_business(wire: Wire, desk: Channel) -> None:
    await silent(wire, hours=5)
    async with wire.running():
        await wire.identified()
        await looked(wire)
    assert desk.messages == []


async def test_a_database_that_cannot_be_written_is_told_though_that_cannot_be_noted(
    wire: Wire, desk: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.watching.checkup._WRITE_WITHIN_S", 0.3)
    monkeypatch.setattr("storage.engine.BUSY_TIMEOUT_MS", 200)
    async with wire.running():
        await wire.identified()
        await looked(wire)
        path = wire.config.database.url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as other:
            await locked(other)
            assert "The database cannot be written (" in await told(desk, 1)
            wire.at = NOON + 61 * MINUTE
            await looked(wire)
            other.execute("ROLLBACK")
        assert await told(desk, 2) == "✅ **Paperboy:** The database is well again."


async def test_a_full_disk_is_told_and_trouble_that_comes_and_goes_once_an_hour(
    wire: Wire, desk: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.watching.checkup._NEARLY_FULL", 2**70)
    async with wire.running():
        assert "disk is nearly full: " in await told(desk, 1)
        for minutes, limit in ((10, 0), (20, 2**70), (30, 0), (40, 2**70)):
            monkeypatch.setattr("bot.watching.checkup._NEARLY_FULL", limit)
            wire.at = NOON + minutes * MINUTE
            await looked(wire)
        wire.at = NOON + 61 * MINUTE
        await looked(wire)
        assert len(desk.messages) == 1  # it is bad still, and that was told
        monkeypatch.setattr("bot.watching.checkup._NEARLY_FULL", 0)
        assert "is well again" in await told(desk, 2)


async def test_a_malformed_digest_is_told_and_is_over_after_a_day(wire: Wire, desk: Channel, channel: Channel) -> None:
    await subscribed(wire, channel)
    wire.rest.cues.add(Fault(rf"POST /channels/{channel.id}/messages", Kind.REFUSE, status=400, code=50035))
    async with wire.running():
        await wire.identified()
        wire.at = NOON + 31 * MINUTE
        assert "malformed, which is a fault of Paperboy’s" in await told(desk, 1)
        await until(lambda: channel.messages)
        wire.at += 2 * HOUR
        await looked(wire)
    async with wire.running():
        await wire.identified(2)
        await looked(wire)
        assert len(desk.messages) == 1
        wire.at += 23 * HOUR
        assert "none was refused for a day" in await told(desk, 2)


async def test_a_block_is_told_when_discord_takes_requests_again(wire: Wire, desk: Channel, channel: Channel) -> None:
    await subscribed(wire, channel)
    wire.rest.cues.add(Fault(rf"POST /channels/{channel.id}/messages", Kind.BAN))
    async with wire.running():
        await wire.identified()
        wire.at = NOON + 31 * MINUTE
        await until(lambda: any(request.status == 429 for request in wire.rest.log))
        await looked(wire)
        assert wire.requests(rf"POST /channels/{desk.id}/messages") == []  # it would only be refused
        wire.at += 11 * MINUTE
        assert "Discord took no requests from this address" in await told(desk, 1)
        await until(lambda: channel.messages)
        wire.at += HOUR
        assert await told(desk, 2) == "✅ **Paperboy:** Sending to Discord is well again."


async def test_an_edition_that_was_missed_is_told(wire: Wire, desk: Channel, channel: Channel) -> None:
    await subscribed(wire, channel)
    wire.at = NOON + 14 * HOUR
    async with wire.running():
        assert "An edition was not posted" in await told(desk, 1)
    assert channel.messages == []


async def test_a_message_whose_answer_was_lost_is_not_there_twice(wire: Wire, desk: Channel) -> None:
    await silent(wire, hours=7)
    wire.rest.cues.add(Fault(rf"POST /channels/{desk.id}/messages", Kind.STORE_THEN_GARBLE))
    async with wire.running():
        await until(lambda: len(wire.requests(rf"POST /channels/{desk.id}/messages")) == 2)
        await looked(wire)
    assert len(desk.messages) == 1


async def test_a_channel_that_takes_no_message_is_not_asked_every_minute(
    wire: Wire, desk: Channel, caplog: pytest.LogCaptureFixture
) -> None:
    await silent(wire, hours=7)
    wire.rest.cues.add(Fault(rf"POST /channels/{desk.id}/messages", Kind.REFUSE, status=403, code=50013))
    async with wire.running(), asyncio.timeout(SOON_S):
        await until(lambda: "cannot be told" in caplog.text)
        await looked(wire)
        assert len(wire.requests(rf"POST /channels/{desk.id}/messages")) == 1
        wire.at = NOON + 11 * MINUTE
        await told(desk, 1)


async def test_without_a_channel_nobody_is_told(wire: Wire, desk: Channel) -> None:
    await silent(wire, hours=7)
    configured(wire, operator={"channel_id": 0})
    async with wire.running():
        await wire.identified()
        await until(lambda: wire.press.statuses)
    assert desk.messages == []
