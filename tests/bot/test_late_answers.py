"""Rows I3 and I4, over a wire: an answer that comes after Discord has stopped waiting for it, and choices that would."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, time, timedelta

import pytest

from sandbox.model import ModelServer
from sandbox.wire.state import Channel
from storage.store import Store
from tests.bot.conftest import SOON_S, Wire, ring_often, until
from tests.bot.watching.started import configured
from tests.factories import DAY, paper

NOON = datetime(2026, 6, 10, 12, 30, tzinfo=UTC)


@pytest.fixture
def channel(wire: Wire) -> Channel:
    wire.at = NOON
    return wire.rest.world.add_channel("papers")


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]


async def test_i3_an_answer_after_a_quarter_of_an_hour_is_dropped_and_nothing_else_suffers(
    wire: Wire, channel: Channel, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ring_often(monkeypatch)
    abstract = "We study agents that plan. They are better than others by far. All of it was measured on nine tasks."
    async with Store.open(wire.config.database.url) as store:
        await store.papers.save_day([paper(1, abstract=abstract)], "huggingface", DAY, NOON)
    await wire.subscribe(channel, at=time(13))
    model = ModelServer()
    model.go.clear()
    async with model.running() as address:
        configured(wire, model={"url": address, "name": "x"})
        async with wire.running(), asyncio.timeout(2 * SOON_S):
            await wire.identified()
            asked = await wire.gateway.interact("summary", {"paper": "2606.00001"}, channel=channel)
            answers = wire.rest.world.answers[asked.token]
            await until(lambda: answers)  # it is thinking
            wire.at = NOON + timedelta(minutes=16)
            model.go.set()
            await until(lambda: "an interaction could not be answered" in caplog.text)
            assert "50027" in caplog.text
            assert [answer.kind for answer in answers] == ["callback"]
            # That refusal is about its token, not the bot's: commands are answered, and editions go out.
            await wire.asks("status", channel)
            wire.at = NOON + timedelta(minutes=31)
            await until(lambda: channel.messages)
    assert errors(caplog) == []


async def test_i4_choices_that_take_too_long_are_none_and_the_next_come_again(
    wire: Wire, channel: Channel, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def slow(*_: object) -> list[object]:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        return []

    monkeypatch.setattr("bot.client._OFFERS_WITHIN_S", 0.3)
    async with wire.running(), asyncio.timeout(SOON_S):
        await wire.identified()
        with monkeypatch.context() as patched:
            patched.setattr("search.engine.SearchEngine.complete", slow)
            asked = await wire.gateway.interact("search", {"query": "zeb"}, channel=channel, focused="query")
            await until(lambda: wire.rest.world.answers[asked.token])
            assert begun.is_set()
            assert ended.is_set()  # nothing goes on working for it
        (answer,) = wire.rest.world.answers[asked.token]
        assert answer.body["data"]["choices"] == []
        asked = await wire.gateway.interact("search", {"query": "zeb"}, channel=channel, focused="query")
        await until(lambda: wire.rest.world.answers[asked.token])
        (answer,) = wire.rest.world.answers[asked.token]
        assert answer.body["data"]["choices"][0]["value"] == "zeb"
    assert errors(caplog) == []


def test_i4_there_is_time_left_to_say_so() -> None:
    from bot.client import _OFFERS_WITHIN_S

    assert _OFFERS_WITHIN_S <= 2.0
