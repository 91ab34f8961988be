"""What is kept of a server outlives an outage for ever, and Paperboy's removal for some days; over a loopback wire."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, time, timedelta

import pytest

from sandbox.wire.state import GUILD_ID, Channel
from storage.store import Store
from tests.bot.conftest import Wire, ring_often, until
from tests.factories import subscription

NOON = datetime(2026, 6, 10, 12, 30, tzinfo=UTC)
DAYS = timedelta(days=1)
ELSEWHERE = 777
_EMPTY = [(0,)]


@pytest.fixture(autouse=True)
async def channel(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> Channel:
    ring_often(monkeypatch)
    wire.at = NOON
    channel = wire.rest.world.add_channel("daily-papers")
    await wire.subscribe(channel, at=time(12))
    return channel


def left(wire: Wire) -> list[int]:
    return [guild_id for (guild_id,) in wire.rows("SELECT guild_id FROM guilds WHERE left_at IS NOT NULL")]


def of_server(wire: Wire, guild_id: int = GUILD_ID) -> int:
    """How many subscriptions are kept of it."""
    return len(wire.rows(f"SELECT id FROM subscriptions WHERE guild_id = {guild_id}"))  # noqa: S608


async def test_a_servers_data_goes_some_days_after_the_removal_and_not_before(wire: Wire, channel: Channel) -> None:
    async with wire.running():
        await wire.identified()
        await until(lambda: wire.rows("SELECT id FROM deliveries WHERE state = 'sent'"))
        await wire.gateway.lose_guild(is_outage=False)
        await until(lambda: left(wire) == [GUILD_ID])
        wire.at = NOON + 29 * DAYS
        await wire.rounds()
        assert of_server(wire) == 1
        wire.at = NOON + 31 * DAYS
        await until(lambda: not of_server(wire))
        await until(lambda: wire.rows("SELECT count(*) FROM guilds") == _EMPTY)
    assert str(GUILD_ID) not in str(wire.rows("SELECT * FROM subscriptions"))
    assert wire.rows("SELECT count(*) FROM seen") == _EMPTY
    assert wire.rows("SELECT count(*) FROM deliveries WHERE message_id IS NOT NULL") == _EMPTY
    assert wire.rows("PRAGMA foreign_key_check") == []


async def test_g8_an_outage_however_long_purges_nothing(wire: Wire, channel: Channel) -> None:
    async with wire.running():
        await wire.identified()
        await wire.asks("status", channel)
        await wire.gateway.lose_guild()
        wire.at = NOON + 400 * DAYS
        await wire.rounds()
        assert left(wire) == []
        await wire.gateway.bring_guild_back()
        assert "1 subscription" in await wire.asks("subscribe list", channel)


async def test_who_adds_paperboy_again_in_time_finds_all_as_it_was(wire: Wire, channel: Channel) -> None:
    async with wire.running():
        await wire.identified()
        await wire.gateway.lose_guild(is_outage=False)
        await until(lambda: left(wire) == [GUILD_ID])
        sent = len(wire.requests(r"POST /channels/\d+/messages"))
        wire.at = NOON + 20 * DAYS
        await wire.rounds()
        assert len(wire.requests(r"POST /channels/\d+/messages")) == sent  # nothing is even tried
        await wire.gateway.bring_guild_back()
        await until(lambda: left(wire) == [])
        await until(lambda: wire.rows("SELECT state FROM subscriptions") == [("active",)])
        wire.at = NOON + 60 * DAYS
        await wire.rounds()
        assert "1 subscription" in await wire.asks("subscribe list", channel)


async def test_a_removal_that_nobody_told_of_is_noticed_at_the_next_start(wire: Wire, channel: Channel) -> None:
    async with Store.open(wire.config.database.url) as store:
        await store.subscriptions.add(subscription(guild_id=ELSEWHERE, channel_id=77), NOON)
        await store.guilds.set_language(ELSEWHERE, "de")
    async with wire.running():
        await until(lambda: left(wire) == [ELSEWHERE])
        wire.at = NOON + 31 * DAYS
        await until(lambda: not of_server(wire, ELSEWHERE))
        await asyncio.sleep(0)
    assert of_server(wire) == 1


async def test_a_server_that_came_back_meanwhile_is_not_purged_at_the_next_start(wire: Wire, channel: Channel) -> None:
    async with Store.open(wire.config.database.url) as store:
        await store.guilds.left(GUILD_ID, NOON - 50 * DAYS)
    async with wire.running():
        await until(lambda: left(wire) == [])
        await wire.rounds()
        assert "1 subscription" in await wire.asks("subscribe list", channel)
