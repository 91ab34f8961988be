"""The demo's morning: it passes faster than it would, and each edition is told as it appears."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
import webbrowser
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import click
import discord
import simcord

from bot.schedule import Schedule
from papers.text import plural
from sandbox.press import Press, days_in
from sandbox.world import World, opened

_STEP = timedelta(minutes=5)  # of the demo's morning, in each …
_STEP_TAKES_S = 0.6  # … of ours
_REAL_STEP_S = 5.0  # afterwards
_LASTS = timedelta(hours=1)
_EARLIER_DAYS = 4


async def show(replies: Path, day: date, *, port: int | None, browser: bool, stay: bool) -> None:
    """Play the morning of a UTC day and, if told to ``stay``, keep the page open until the process is stopped."""
    earlier = [each for each in days_in(replies) if each < day][-_EARLIER_DAYS:]
    with tempfile.TemporaryDirectory(prefix="paperboy-demo-") as folder:
        database = Path(folder) / "demo.db"
        async with Press(replies).running() as source, opened(database, source, day, earlier) as world:
            first = next(iter(world.channels.values()))
            page = world.env.preview(first, viewers=[world.moderator, world.reader], layout="channel", port=port)
            schedule = Schedule(world.app, world.bot.courier)
            async with page, schedule.running():
                click.echo(f"The Reading Room, {day:%A} {day.day} {day:%B %Y}. Look and type here: {page.url}")
                click.echo("ada moderates, ben reads. Try /today, /search, /paper and, as ada, /subscribe list.")
                click.echo(f"The page shows #{first.name}; what the other channels get is told here.\n")
                if browser:
                    webbrowser.open(page.url)
                told: set[int] = set()
                ends = world.app.now() + _LASTS
                while world.app.now() < ends:
                    await _go_on(world, schedule, page, told, _STEP, _STEP_TAKES_S)
                click.echo("\nThat was the morning.")
                if stay:
                    click.echo("The clock goes on at its own pace now, and the commands go on working. Ctrl-C ends the demo.")
                    while True:
                        await _go_on(world, schedule, page, told, timedelta(seconds=_REAL_STEP_S), _REAL_STEP_S)


async def _go_on(
    world: World, schedule: Schedule, page: simcord.Preview, told: set[int], step: timedelta, takes_s: float
) -> None:
    """Let the world's clock go on by a step, deliver what is due then, and tell it."""
    await asyncio.sleep(takes_s)
    try:
        await world.env.advance_time(step.total_seconds())
        await schedule.deliver()
    except simcord.SetupError:
        return  # somebody is clicking just now: the clock waits for them
    news = list(_news(world, told))
    for line in news:
        click.echo(line)
    if news:
        with contextlib.suppress(simcord.SetupError):
            await page.refresh()


def _news(world: World, told: set[int]) -> Iterator[str]:
    for name, channel in world.channels.items():
        for message in channel.history():
            if message.author == world.bot.user and not message.flags.ephemeral and message.id not in told:
                told.add(message.id)
                yield f"{world.app.now():%H:%M} UTC  #{name}: {_gist(message)}"


def _gist(message: discord.Message) -> str:
    """What a message shows, in one line: its titles, or its only text."""
    view = discord.ui.LayoutView.from_message(message)
    texts = [item.content for item in view.walk_children() if isinstance(item, discord.ui.TextDisplay)]
    titles = [text.split("](")[0].lstrip("*[") for text in texts if text.startswith("**[")]
    if titles:
        return f"{plural(len(titles), 'paper')}, first “{titles[0]}”"
    return " ".join(texts).removeprefix("-# ").replace("**", "")
