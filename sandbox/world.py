"""A small server in SimCord's simulated Discord, with the real bot in it and subscriptions to watch."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from contextvars import copy_context
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import discord
import simcord

from bot.app import App
from bot.client import Paperboy
from bot.config import Config
from papers.paper import Paper
from papers.subscription import Subscription
from papers.topic import Topic
from sandbox import model
from sources.arxiv import POLITE
from sources.fulltext import FullText, Sections

_TO_OURSELVES = replace(POLITE, spacing_s=0.0)  # arXiv's three seconds between requests are for arXiv
OPENS_AT = time(7, 40)  # UTC; twenty minutes before the first edition
# Channel, topic, hour (UTC) and size of what is subscribed before anybody looks.
ORDERS = (
    ("daily-papers", "everything", time(8, 0), 5),
    ("agents", "agent, tool use", time(8, 10), 5),
    ("images-and-video", "diffusion, image generation, video", time(8, 20), 6),
    ("robots", "robot, robotics, vision-language-action, embodied", time(8, 30), 4),
)


class WorldClock:
    """The demo's present instant, in UTC: SimCord's clock, set to the demo's day.

    SimCord's clock starts in 2026 and only goes forward. For an earlier day it stays where it is and the difference is
    made up here; only the hours that the page itself prints beside messages are off then.
    """

    def __init__(self, opens: datetime) -> None:
        self._opens = opens
        self._env: simcord.Env | None = None
        self._behind = timedelta()

    def __call__(self) -> datetime:
        return self._env.now() - self._behind if self._env else self._opens

    async def start(self, env: simcord.Env) -> None:
        ahead = (self._opens - env.now()).total_seconds()
        if ahead > 0:
            await env.advance_time(ahead)
        self._behind = env.now() - self._opens
        self._env = env


@dataclass(frozen=True, slots=True)
class World:
    """The running demo: ``channels`` by name, ``moderator`` and ``reader`` to look and type as."""

    env: simcord.Env
    app: App
    bot: Paperboy
    guild: simcord.GuildHandle
    channels: dict[str, simcord.ChannelHandle]
    moderator: simcord.MemberActor
    reader: simcord.MemberActor


@asynccontextmanager
async def opened(
    database: Path, source_url: str, day: date, earlier: Sequence[date] = (), model_url: str = ""
) -> AsyncIterator[World]:
    """The world on the morning of a UTC day, before the first edition; the papers come from ``source_url``.

    Those of the ``earlier`` days have been read already, so that there is something to search. At ``model_url`` sandbox/model.py
    may stand in for a language model.
    """
    opens = datetime.combine(day, OPENS_AT, UTC)
    clock = WorldClock(opens)
    config = Config.model_validate(
        {
            "database": {"url": f"sqlite:///{database}"},
            "sources": {
                "huggingface": {"url": source_url},
                "arxiv": {
                    "feed_url": f"{source_url}/rss",
                    "api_url": f"{source_url}/api/query",
                    "html_url": f"{source_url}/html",
                },
            },
            "model": {"url": model_url, "name": model.NAME, "cool_down_s": 0} if model_url else {},
        }
    )
    async with App.open(config, clock, politeness=_TO_OURSELVES) as app:
        for each in earlier:
            await app.collect(each)
        _read_outside(app.reader)
        bot = Paperboy(app)
        async with simcord.run(bot, settle_timeout=15.0) as env:
            await clock.start(env)
            if bot.user:
                await bot.user.edit(username="Paperboy")
            guild = env.create_guild("The Reading Room")
            moderators = guild.create_role("Moderators", permissions=discord.Permissions(manage_channels=True))
            moderator = guild.add_member(env.create_user("ada"), roles=[moderators])
            reader = guild.add_member(env.create_user("ben"))
            channels = {name: guild.create_text_channel(name) for name, *_ in ORDERS}
            for name, topic, at, size in ORDERS:
                order = Subscription(
                    guild.id,
                    channels[name].id,
                    Topic.parse(topic),
                    at,
                    ZoneInfo("UTC"),
                    weekdays=frozenset(range(7)),
                    size=size,
                )
                await app.store.subscriptions.add(order, opens)
            await env.settle()
            yield World(env, app, bot, guild, channels, moderator, reader)


def _read_outside(reader: FullText) -> None:
    """Let whole papers be read outside SimCord's time, which would wait for the last timer of an idle connection."""
    read, context = reader.read, copy_context()

    async def read_outside(paper: Paper) -> Sections:
        return await context.copy().run(asyncio.get_running_loop().create_task, read(paper))

    reader.read = read_outside  # type: ignore[method-assign]
