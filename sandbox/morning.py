"""The demo's morning: it passes faster than it would, and each edition is told as it appears and as it grows."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
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
_LATE_PAPERS_AFTER = timedelta(minutes=55)
_EARLIER_DAYS = 4


async def show(replies: Path, day: date, *, port: int | None, browser: bool, stay: bool) -> None:
    """Play the morning of a UTC day and, if told to ``stay``, keep the page open until the process is stopped."""
    earlier = [each for each in days_in(replies) if each < day][-_EARLIER_DAYS:]
    with tempfile.TemporaryDirectory(prefix="paperboy-demo-") as folder:
        database = Path(folder) / "demo.db"
        for each in [*earlier, day]:
            shutil.copy(replies / f"{each}.json", folder)
        if (replies / "arxiv").is_dir():
            shutil.copytree(replies / "arxiv", Path(folder) / "arxiv")
        _hold_back(Path(folder) / f"{day}.json")
        async with Press(Path(folder), lambda: day).running() as source, opened(database, source, day, earlier) as world:
            first = next(iter(world.channels.values()))
            page = world.env.preview(first, viewers=[world.moderator, world.reader], layout="channel", port=port)
            schedule = Schedule(world.app, world.bot.courier)
            async with page, schedule.running():
                click.echo(f"The Reading Room, {day:%A} {day.day} {day:%B %Y}. Look and type here: {page.url}")
                click.echo("ada moderates, ben reads. Try /today, /search, /paper, /status and, as ada, /subscribe list.")
                click.echo(f"The page shows #{first.name}; what the other channels get is told here.\n")
                if browser:
                    webbrowser.open(page.url)
                told: dict[int, str] = {}
                opens = world.app.now()
                is_whole = False
                while world.app.now() < opens + _LASTS:
                    if not is_whole and world.app.now() >= opens + _LATE_PAPERS_AFTER:
                        shutil.copy(replies / f"{day}.json", folder)
                        await schedule.collect()
                        is_whole = True
                    await _go_on(world, schedule, page, told, _STEP, _STEP_TAKES_S)
                click.echo("\nThat was the morning.")
                if stay:
                    click.echo("The clock goes on at its own pace now, and the commands go on working. Ctrl-C ends the demo.")
                    while True:
                        await _go_on(world, schedule, page, told, timedelta(seconds=_REAL_STEP_S), _REAL_STEP_S)


async def _go_on(
    world: World, schedule: Schedule, page: simcord.Preview, told: dict[int, str], step: timedelta, takes_s: float
) -> None:
    """Let the world's clock go on by a step, deliver what is due then, and tell it."""
    await asyncio.sleep(takes_s)
    try:
        await world.env.advance_time(step.total_seconds())
        await schedule.deliver()
        await schedule.grow()
    except simcord.SetupError:
        return  # somebody is clicking just now: the clock waits for them
    news = list(_news(world, told))
    for line in news:
        click.echo(line)
    if news:
        with contextlib.suppress(simcord.SetupError):
            await page.refresh()


def _hold_back(reply: Path) -> None:
    """Every fourth paper of the day comes late: a list grows all day."""
    entries = json.loads(reply.read_text(encoding="utf-8"))
    reply.write_text(json.dumps([entry for number, entry in enumerate(entries, 1) if number % 4]), encoding="utf-8")


def _news(world: World, told: dict[int, str]) -> Iterator[str]:
    """A line for each message that appeared or has grown; ``told`` has the growth that was told of each."""
    for name, channel in world.channels.items():
        for message in channel.history():
            if message.author != world.bot.user or message.flags.ephemeral:
                continue
            texts = _texts(message)
            growth = next((line for line in "\n".join(texts).splitlines() if " → " in line), "")
            if message.id not in told:
                yield f"{world.app.now():%H:%M} UTC  #{name}: {_gist(texts)}"
            elif growth != told[message.id]:
                yield f"{world.app.now():%H:%M} UTC  late papers, edited into #{name}: {growth.removeprefix('-# ').split(',')[0]}"
            told[message.id] = growth


def _texts(message: discord.Message) -> list[str]:
    view = discord.ui.LayoutView.from_message(message)
    return [item.content for item in view.walk_children() if isinstance(item, discord.ui.TextDisplay)]


def _gist(texts: list[str]) -> str:
    """What a message shows, in one line: its titles, or its only text."""
    titles = [text.split("](")[0].lstrip("*[") for text in texts if text.startswith("**[")]
    if titles:
        return f"{plural(len(titles), 'paper')}, first “{titles[0]}”"
    return " ".join(texts).removeprefix("-# ").replace("**", "")
