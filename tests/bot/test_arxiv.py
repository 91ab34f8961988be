"""arXiv in the running program: asked for what subscriptions want, and never in the way of the others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web

from bot.app import App
from bot.config import Config, ConfigError, load
from bot.schedule import Schedule
from digests.deliver import Courier
from papers.topic import Topic
from sandbox.press import REPLIES, Press
from sources.arxiv import POLITE
from tests.digests.channel import Channel
from tests.factories import DAY, subscription
from tests.sources.web import serving

NOW = datetime(2026, 6, 10, 9, 5, tzinfo=UTC)
HURRIED = replace(POLITE, first_pause_s=0.001, spacing_s=0.0)


@dataclass
class Running:
    press: Press
    app: App
    channel: Channel = field(default_factory=Channel)

    @property
    def schedule(self) -> Schedule:
        return Schedule(self.app, Courier(self.app.store, self.channel, self.app.policy))

    @classmethod
    @asynccontextmanager
    async def open(cls, folder: Path, feed_url: str = "", **options: bool) -> AsyncIterator[Running]:
        press = Press(REPLIES, lambda: DAY)
        async with press.running() as url:
            config = Config.model_validate(
                {
                    "database": {"url": f"sqlite:///{folder}/x.db"},
                    "sources": {
                        "huggingface": {"url": url},
                        "arxiv": {"feed_url": feed_url or f"{url}/rss", "api_url": f"{url}/api/query", **options},
                    },
                }
            )
            async with App.open(config, lambda: NOW, politeness=HURRIED) as app:
                yield cls(press, app)

    async def subscribe(self, topic: str, *sources: str, channel_id: int = 10) -> None:
        order = subscription(topic=Topic.parse(topic), sources=sources, channel_id=channel_id)
        await self.app.store.subscriptions.add(order, NOW - timedelta(hours=8))


async def test_a_subscription_to_a_category_brings_its_announcements(tmp_path: Path) -> None:
    async with Running.open(tmp_path) as running:
        await running.subscribe("cat:cs.RO", "arxiv")
        await running.schedule.collect()
        ((_, digest),) = running.channel.messages
        assert {paper.title for paper in digest.papers} == {
            "A Small Robot Learns to Fold Towels from Its Mistakes",
            "World Models for Kitchens",
        }
        assert digest.missing == ()
        assert running.press.feeds == ["cs.RO"]
        await running.schedule.collect()
        assert running.press.feeds == ["cs.RO"]  # the announcement of a day does not change


async def test_both_sources_of_one_subscription_are_one_list(tmp_path: Path) -> None:
    async with Running.open(tmp_path) as running:
        await running.subscribe("everything", "huggingface", "arxiv")
        await running.schedule.collect()
        ((_, digest),) = running.channel.messages
        assert digest.listed == 12 + 6
        assert running.press.feeds == ["cs.AI+cs.CL+cs.CV", "cs.LG"]


@pytest.mark.parametrize("is_enabled", [True, False])
async def test_without_a_reader_arxiv_is_not_asked(tmp_path: Path, is_enabled: bool) -> None:
    async with Running.open(tmp_path, enabled=is_enabled) as running:
        await running.subscribe("everything", "huggingface")
        collected = await running.app.collect(DAY)
        assert [str(why) for why in collected.unasked.values()] == [
            "arxiv is not asked: no active subscription wants its papers"
        ] * is_enabled
        assert running.press.feeds == []
        assert list(await running.app.store.health.all()) == ["huggingface"]


async def test_editions_of_others_do_not_wait_for_arxiv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.schedule._WAITS_FOR_LISTS_S", 0.5)
    asked, may_answer = asyncio.Event(), asyncio.Event()

    async def handler(request: web.Request) -> web.Response:
        asked.set()
        await may_answer.wait()
        return web.Response(status=500)

    async with serving(handler) as slow, Running.open(tmp_path, slow) as running:
        await running.subscribe("everything", "huggingface")
        await running.subscribe("cat:cs.RO", "arxiv", channel_id=11)
        schedule = running.schedule
        async with schedule.running():
            await asyncio.wait_for(asked.wait(), 10)
            async with asyncio.timeout(10):
                while not running.channel.messages:  # noqa: ASYNC110 (nothing tells of it)
                    await asyncio.sleep(0.01)
        assert [digest.edition.subscription.channel_id for _, digest in running.channel.messages] == [10]
        assert not may_answer.is_set()
        may_answer.set()
    assert not [task for task in asyncio.all_tasks() if "collect" in repr(task)]


async def test_yesterdays_announcement_that_was_read_is_not_asked_for_again(tmp_path: Path) -> None:
    async with Running.open(tmp_path) as running:
        await running.subscribe("cat:cs.RO", "arxiv")
        await running.app.collect(DAY)
        now = NOW + timedelta(days=1)
        async with App.open(running.app.config, lambda: now, politeness=HURRIED) as tomorrow:
            collected = await tomorrow.collect(DAY)
            assert collected.listed["arxiv"] == 2
            assert collected.saved.updated == 0
            assert (await tomorrow.store.papers.fetched(DAY))["arxiv"] == now
            assert {p.featured_on for p in await tomorrow.store.papers.featured(DAY, ("arxiv",))} == {(DAY,)}
        assert running.press.feeds == ["cs.RO"]


def test_a_contact_and_categories_are_checked(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('[sources.arxiv]\ncontact = "a (b)\\r\\nX: y"\ncategories = ["cs.CL", "../etc"]\n')
    with pytest.raises(ConfigError) as caught:
        load(file)
    assert "sources.arxiv.contact: must be plain text" in str(caught.value)
    assert "sources.arxiv.categories.1: must be an arXiv category" in str(caught.value)
    file.write_text('[sources.arxiv]\ncontact = "ops@example.org"\ncategories = ["cs.RO", "hep-th"]\n')
    assert load(file).sources.arxiv.categories == ("cs.RO", "hep-th")
