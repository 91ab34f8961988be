"""Collecting on schedule, over a loopback source and the real database."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.app import App
from bot.config import Config
from bot.schedule import Schedule
from digests.deliver import Courier
from sandbox.model import NAME, ModelServer
from sandbox.press import REPLIES, Press
from tests.bot.conftest import sources_at
from tests.digests.channel import Channel
from tests.factories import subscription
from tests.sources.arxiv_service import HURRIED


def config(tmp_path: Path, url: str) -> Config:
    return Config.model_validate({"database": {"url": f"sqlite:///{tmp_path}/x.db"}, "sources": sources_at(url)})


async def test_a_round_reads_today_and_yesterday_and_delivers(tmp_path: Path) -> None:
    now = datetime(2026, 6, 10, 9, 5, tzinfo=UTC)
    async with Press(REPLIES).running() as url, App.open(config(tmp_path, url), lambda: now, politeness=HURRIED) as app:
        channel = Channel()
        await app.store.subscriptions.add(subscription(), now.replace(hour=1))
        schedule = Schedule(app, Courier(app.store, channel, app.policy))
        await schedule.collect()
        assert len(channel.messages) == 1
        assert len(await app.store.papers.featured(date(2026, 6, 9))) == 13
        assert len(await app.store.papers.featured(date(2026, 6, 10))) == 12
        assert len(app.index) == 25
        await schedule.collect()
        assert len(channel.messages) == 1


async def test_a_list_that_an_edition_waits_for_is_asked_for_but_not_every_minute(tmp_path: Path) -> None:
    now = datetime(2026, 6, 10, 9, 0, tzinfo=UTC)
    press = Press(REPLIES)
    async with press.running() as url:
        async with App.open(config(tmp_path, f"{url}/nowhere"), lambda: now, politeness=HURRIED) as app:
            channel = Channel()
            await app.store.subscriptions.add(subscription(), now.replace(hour=1))
            schedule = Schedule(app, Courier(app.store, channel, app.policy))
            for _ in range(4):
                await schedule.deliver()
                now += timedelta(minutes=1)
            assert channel.messages == []  # better late than wrongly empty
        async with App.open(config(tmp_path, url), lambda: now, politeness=HURRIED) as app:
            schedule = Schedule(app, Courier(app.store, channel, app.policy))
            for _ in range(4):
                await schedule.deliver()
            assert len(channel.messages) == 1
    assert press.statuses == [200]


async def test_nothing_runs_on_after_its_block(tmp_path: Path) -> None:
    now = datetime(2026, 6, 10, 9, 0, tzinfo=UTC)
    press = Press(REPLIES)
    before = asyncio.all_tasks()
    async with press.running() as url, App.open(config(tmp_path, url), lambda: now, politeness=HURRIED) as app:
        async with Schedule(app, Courier(app.store, Channel(), app.policy)).running():
            await asyncio.sleep(0)  # both rounds have begun
        assert not [task for task in asyncio.all_tasks() - before if "_on_ring" in repr(task)]


async def test_a_source_that_fails_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    now = datetime(2026, 6, 10, 9, 5, tzinfo=UTC)
    async with (
        Press(REPLIES).running() as url,
        App.open(config(tmp_path, f"{url}/nowhere"), lambda: now, politeness=HURRIED) as app,
    ):
        await Schedule(app, Courier(app.store, Channel(), app.policy)).collect()
    assert "no papers of 2026-06-10" in caplog.text


async def test_running_collects_at_once_and_stops_with_its_block(tmp_path: Path) -> None:
    now = datetime(2026, 6, 10, 20, 0, tzinfo=UTC)
    press = Press(REPLIES)
    async with press.running() as url, App.open(config(tmp_path, url), lambda: now, politeness=HURRIED) as app:
        async with Schedule(app, Courier(app.store, Channel(), app.policy)).running():
            await asyncio.wait_for(press.answered.wait(), 10)
        assert press.statuses == [200]


async def test_no_round_waits_for_a_model_that_never_answers(tmp_path: Path) -> None:
    now = datetime(2026, 6, 10, 9, 5, tzinfo=UTC)
    posted, channel, model = asyncio.Event(), Channel(), ModelServer()
    channel.before_post = posted.set
    model.go.clear()
    async with Press(REPLIES).running() as url, model.running() as model_url:
        settings = config(tmp_path, url).model_dump() | {"model": {"url": model_url, "name": NAME}}
        async with App.open(Config.model_validate(settings), lambda: now, politeness=HURRIED) as app:
            await app.store.subscriptions.add(subscription(), now.replace(hour=1))
            await app.store.subscriptions.add(
                subscription(channel_id=11, size=8, at=now.time().replace(hour=10)), now.replace(hour=1)
            )
            courier = Courier(app.store, channel, app.policy, app.summariser.ready)
            async with Schedule(app, courier).running():
                await asyncio.wait_for(model.arrived.wait(), 10)  # what 10:00 will show is asked for
                await asyncio.wait_for(posted.wait(), 10)
            assert len(channel.messages) == 1
            assert await app.summariser.ready(await app.store.papers.featured(now.date())) == {}
