"""The demo posts its morning's editions with no error logged, on every day there is."""

from __future__ import annotations

import asyncio
import logging
from datetime import date, timedelta
from pathlib import Path

import aiohttp
import pytest

from bot.cli import main
from sandbox import morning
from sandbox.press import REPLIES, Press, days_in
from sandbox.world import ORDERS, opened
from tests.conftest import SHARED

REAL = SHARED / "data/daily_papers"


async def posted(folder: Path, day: date, tmp_path: Path) -> dict[str, int]:
    """How many messages each channel has after the morning of a day."""
    async with Press(folder).running() as url, opened(tmp_path / f"{day}.db", url, day) as world:
        await world.app.collect(day)
        await world.env.advance_time(timedelta(hours=1).total_seconds())
        await world.bot.courier.deliver_due(world.app.now())
        return {name: len(channel.history()) for name, channel in world.channels.items()}


@pytest.mark.parametrize("day", days_in(REPLIES), ids=str)
async def test_every_sample_day_posts_an_edition_in_every_channel(
    day: date, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert await posted(REPLIES, day, tmp_path) == {name: 1 for name, *_ in ORDERS}
    assert [record.message for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.skipif(not REAL.is_dir(), reason="the real replies are not beside this checkout")
@pytest.mark.parametrize("day", days_in(REAL), ids=str)
async def test_every_real_day_posts_an_edition_in_every_channel(
    day: date, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert await posted(REAL, day, tmp_path) == {name: 1 for name, *_ in ORDERS}
    assert [record.message for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_the_demo_prints_its_page_and_what_was_posted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(morning, "_STEP_TAKES_S", 0.01)
    with pytest.raises(SystemExit) as left:
        main(["demo", "--headless", "--until-posted", "--date", "2026-06-10"])
    out, err = capsys.readouterr()
    assert left.value.code == 0
    assert "http://127.0.0.1:" in out
    assert "08:00 UTC  #daily-papers: 5 papers, first “Kwai Keye-VL-2.0 Technical Report”" in out
    assert out.count(" UTC  #") == len(ORDERS)
    assert err == ""  # the log goes there, from warnings on


async def test_the_page_can_be_looked_at(tmp_path: Path) -> None:
    day = date(2026, 6, 10)
    async with Press(REPLIES).running() as url, opened(tmp_path / "x.db", url, day) as world:
        page = world.env.preview(next(iter(world.channels.values())), viewers=[world.moderator], layout="channel")
        async with page, asyncio.timeout(10), aiohttp.ClientSession() as session, session.get(page.url) as reply:
            assert reply.status == 200
            assert "<html" in await reply.text()
