"""Rows G3–G9 of the catalogue over a loopback wire: zombies, READY in droves, session starts, outages, what comes twice."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from bot.app import App
from bot.client import Paperboy
from bot.running import serve
from digests.poster import Stopped
from sandbox.wire.faults import Fault, Kind
from sandbox.wire.rest import TOKEN
from sandbox.wire.state import BOT_ID, Channel
from tests.bot.conftest import SOON_S, Wire, ring_often, until

NOON = datetime(2026, 6, 10, 12, 30, tzinfo=UTC)
AN_HOUR = 3_600_000  # in milliseconds
_SESSION_STARTS = "GET /gateway/bot"


@pytest.fixture
def channel(wire: Wire) -> Channel:
    return wire.rest.world.add_channel("daily-papers")


class Impatient(Paperboy):
    """Takes a gateway for dead after 0.5 s of silence rather than 60, and is ready 0.05 s after READY rather than 2."""

    def __init__(self, app: App) -> None:
        super().__init__(app)
        self.events: list[str] = []
        self._connection.heartbeat_timeout = 0.5
        self._connection.guild_ready_timeout = 0.05

    def dispatch(self, event_name: str, /, *args: Any, **kwargs: Any) -> None:
        self.events.append(event_name)
        super().dispatch(event_name, *args, **kwargs)


@pytest.fixture
def bots(monkeypatch: pytest.MonkeyPatch) -> list[Impatient]:
    """The bot, once it runs."""
    made: list[Impatient] = []

    def make(app: App) -> Impatient:
        made.append(Impatient(app))
        return made[-1]

    monkeypatch.setattr("bot.running.Paperboy", make)
    return made


async def test_g3_a_gateway_that_answers_no_heartbeat_is_left_and_the_session_resumed(
    wire: Wire, channel: Channel, bots: list[Impatient]
) -> None:
    wire.gateway.heartbeat_ms = 50
    async with wire.running():
        await wire.identified()
        await wire.asks("status", channel)
        left = wire.gateway._socket
        wire.gateway.answers_heartbeats = False
        await asyncio.wait_for(wire.gateway.wait_for(resumes=1), SOON_S)
        wire.gateway.answers_heartbeats = True
        assert left is not None
        await until(lambda: left.close_code)
        assert left.close_code not in {1000, 1001}  # those would end the session
        await wire.asks("status", channel)
    assert len(wire.gateway.identifies) == 1
    assert wire.gateway.resumes[0]["session_id"] == "loopback"


async def test_g4_however_often_it_is_ready_the_work_is_done_once(
    wire: Wire, channel: Channel, bots: list[Impatient], monkeypatch: pytest.MonkeyPatch
) -> None:
    ring_often(monkeypatch)
    wire.gateway.heartbeat_ms = 50
    wire.at = NOON
    await wire.subscribe(channel, at=time(13))
    async with wire.running():
        await wire.identified()
        for times in (1, 2, 3):
            await until(lambda: bots[0].events.count("ready") == times)  # noqa: B023 (awaited before it changes)
            await wire.gateway.be_ready()
        await wire.asks("status", channel)
        wire.at += timedelta(minutes=30)
        await until(lambda: channel.messages)
        await wire.rounds()
    assert wire.press.statuses == [200]
    assert len(wire.requests(r"POST /channels/\d+/messages")) == len(channel.messages) == 1
    assert len(wire.requests(f"PUT /applications/{BOT_ID}/commands")) == 1


async def test_g6_with_a_fifth_of_the_session_starts_left_none_is_used_before_there_are_new_ones(
    wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    starts = wire.rest.world.session_starts
    starts.remaining, starts.reset_after_ms = 200, 1
    async with wire.running() as task:
        await until(lambda: caplog.text.count("only 200 of 1000 session starts are left") > 1)  # it asked again, too
        assert wire.gateway.identifies == []
        assert not task.done()
        starts.remaining = 1_000
        await wire.identified()
    assert starts.remaining == 999
    assert {record.levelno for record in caplog.records if "are left: no new one" in record.message} == {logging.ERROR}


async def test_g6_a_session_that_is_lost_is_not_begun_anew_from_the_reserve_but_one_that_lives_is_resumed(
    wire: Wire, channel: Channel, caplog: pytest.LogCaptureFixture
) -> None:
    starts = wire.rest.world.session_starts
    starts.remaining, starts.reset_after_ms = 201, AN_HOUR
    async with wire.running() as task:
        await wire.identified()
        await wire.gateway.ask_to_reconnect()
        await asyncio.wait_for(wire.gateway.wait_for(resumes=1), SOON_S)
        await wire.asks("status", channel)
        assert len(wire.requests(_SESSION_STARTS)) == 1
        await wire.gateway.invalidate_session()
        await until(lambda: "no new one is begun for 3600 s" in caplog.text)
        assert not task.done()
    # Leaving ends the wait: the fixture sees to it that this takes no hour.
    assert len(wire.gateway.identifies) == 1
    assert starts.remaining == 200


@pytest.mark.parametrize("kind", [Kind.STORE_THEN_HANG, Kind.STORE_THEN_GARBLE, Kind.REFUSE])
async def test_g6_where_discord_does_not_tell_how_many_are_left_it_goes_on(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, kind: Kind
) -> None:
    monkeypatch.setattr("bot.identifying._ANSWER_WITHIN_S", 0.2)
    wire.rest.cues.add(Fault(_SESSION_STARTS, kind, times=9))
    async with wire.running():
        await wire.identified()
    assert len(wire.requests(_SESSION_STARTS)) == 1


async def test_g6_a_token_refused_when_asking_is_not_used_to_identify(wire: Wire) -> None:
    wire.rest.cues.add(Fault(_SESSION_STARTS, Kind.REFUSE, status=401))
    with pytest.raises(Stopped):
        await asyncio.wait_for(serve(wire.config, TOKEN), SOON_S)
    assert wire.gateway.identifies == []


async def test_g8_an_outage_of_a_server_ends_nothing_there(wire: Wire, channel: Channel, monkeypatch: pytest.MonkeyPatch) -> None:
    ring_often(monkeypatch)
    wire.at = NOON
    await wire.subscribe(channel, at=time(13))
    kept = wire.rows("SELECT * FROM subscriptions")
    async with wire.running():
        await wire.identified()
        await wire.asks("status", channel)
        await wire.gateway.lose_guild()
        await wire.asks("status", channel)
        assert wire.rows("SELECT * FROM subscriptions") == kept
        await wire.gateway.bring_guild_back()
        assert "1 subscription" in await wire.asks("subscribe list", channel)
        wire.at += timedelta(minutes=30)
        await until(lambda: channel.messages)
        await wire.rounds()
    assert len(channel.messages) == 1
    assert wire.rows("SELECT * FROM subscriptions") == kept
    assert wire.rows("SELECT state FROM deliveries") == [("sent",)]


async def test_g9_a_command_that_comes_twice_is_answered_once(
    wire: Wire, channel: Channel, caplog: pytest.LogCaptureFixture
) -> None:
    async with wire.running():
        await wire.identified()
        asked = await wire.gateway.interact("status", channel=channel)
        await wire.gateway.replay()
        await until(lambda: "40060" in caplog.text)
        await wire.asks("status", channel)  # and nothing comes after
    assert [answer.kind for answer in wire.rest.world.answers[asked.token]] == ["callback"]
    assert warned_once(caplog)


async def test_g9_a_press_that_comes_twice_is_answered_once(
    wire: Wire, channel: Channel, caplog: pytest.LogCaptureFixture
) -> None:
    wire.at = NOON
    await wire.subscribe(channel, at=time(12, 25))
    async with wire.running():
        await wire.identified()
        await until(lambda: channel.messages)
        (message,) = channel.messages
        custom_id = button(message, "more:")
        asked = await wire.gateway.click(custom_id, message)
        await wire.gateway.replay()
        await until(lambda: "40060" in caplog.text)
        await wire.asks("status", channel)
    assert [answer.kind for answer in wire.rest.world.answers[asked.token]] == ["callback"]
    assert warned_once(caplog)


def button(message: object, prefix: str) -> str:
    """The custom_id of a message's first button that begins so."""
    match message:
        case {"custom_id": str(custom_id)} if custom_id.startswith(prefix):
            return custom_id
        case {"components": list(inner)}:
            return next((found for one in inner if (found := button(one, prefix))), "")
    return ""


def warned_once(caplog: pytest.LogCaptureFixture) -> bool:
    """Whether the repeated interaction is one line in the log, and nothing worse is there."""
    lines = [(record.levelno, record.message) for record in caplog.records if record.levelno >= logging.WARNING]
    return [level for level, message in lines if "40060" in message] == [logging.WARNING] and len(lines) == 1
