"""Random kills of the sender over a wire: how many editions are lost, how many doubled.

    python -m bench.kills 2000

Each round a child process delivers the day's edition to a few channels and is killed at a random moment (SIGALRM's default
action, as abrupt as SIGKILL); then rounds follow, some killed too, until one ends by itself, at once or an hour later. Beside it,
in the same run, the two orders that a sender without a ledger has to choose from: note it as sent and then send, or send and
then note it.
"""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import click

from papers.paper import Paper
from papers.subscription import Subscription
from papers.topic import Topic
from sandbox.wire.rest import Rest
from sandbox.wire.state import GUILD_ID, World
from storage.store import Store

CHANNELS = 3
FIRST_DAY = date(2026, 1, 1)
ORDERS = ("ledger", "note-then-send", "send-then-note")


@dataclass(slots=True)
class Tally:
    """How one order fared."""

    kills: int = 0
    editions: int = 0
    lost: int = 0
    doubled: int = 0
    failed: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)


@click.command()
@click.argument("kills", type=click.IntRange(1, 100_000), default=200)
@click.option("--seed", type=int, default=1, show_default=True)
def main(kills: int, seed: int) -> None:
    """Kill the sender KILLS times, and each of the controls a tenth as often."""
    started = time.monotonic()
    rows = [(order, asyncio.run(_run(order, kills if order == ORDERS[0] else max(1, kills // 10), seed))) for order in ORDERS]
    click.echo("| order | kills | editions | lost | doubled |\n|---|---|---|---|---|")
    for order, tally in rows:
        click.echo(f"| {order} | {tally.kills} | {tally.editions} | {tally.lost} | {tally.doubled} |")
    click.echo(f"\n{time.monotonic() - started:.0f} s, {CHANNELS} channels, seed {seed}")
    if rows[0][1].lost or rows[0][1].doubled or rows[0][1].failed:
        raise SystemExit(1)


async def _run(order: str, kills: int, seed: int) -> Tally:
    rng = random.Random(seed)  # noqa: S311 (moments, not secrets)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    world = World(clock=lambda: now)
    channels = [world.add_channel(f"c{n}") for n in range(CHANNELS)]
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        database = f"sqlite:///{folder}/x.db"
        victim = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "sandbox.wire.victim", stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        async with Store.open(database) as store, Rest(world).running() as api:
            for channel in channels:
                await store.subscriptions.add(_subscription(channel.id), now)
            round_s = 0.05
            while tally.kills < kills:
                day = FIRST_DAY + timedelta(days=tally.editions // CHANNELS)
                now = datetime.combine(day, _subscription(0).at, UTC)
                await store.papers.save_day(_papers(day), "huggingface", day, now)
                addresses = [channel.id for channel in channels]
                common = {"database": database, "api": api, "order": order, "folder": folder, "channels": addresses}
                while True:
                    kill = {"after_s": rng.uniform(0, round_s)} if tally.kills < kills else None
                    began = time.monotonic()
                    outcome = await _ask(victim, {**common, "now": now.isoformat(), "kill": kill})
                    tally.outcomes[outcome] += 1
                    tally.failed += outcome == "failed"
                    if outcome == "done":
                        round_s = max(0.02, min(0.5, 0.9 * round_s + 0.1 * (time.monotonic() - began)))
                        break
                    tally.kills += outcome == "killed"
                    now += rng.choice([timedelta(seconds=10), timedelta(hours=1)])
                tally.editions += CHANNELS
                if tally.editions % (CHANNELS * 50) == 0 and sys.stderr.isatty():
                    click.echo(f"\r{order}: {tally.kills} kills", nl=False, err=True)
            # A round only seconds after a kill leaves what the killed one had claimed to its lease; the next minute's sends it.
            now += timedelta(minutes=1)
            await _ask(victim, {**common, "now": now.isoformat(), "kill": None})
            assert victim.stdin  # noqa: S101
            victim.stdin.close()
            await victim.wait()
    shown = [Counter(_papers_in(message) for message in channel.messages) for channel in channels]
    days = tally.editions // CHANNELS
    for counts in shown:
        for n in range(days):
            times = counts[_papers(FIRST_DAY + timedelta(days=n))[0].title]
            tally.lost += times == 0
            tally.doubled += times > 1
    return tally


async def _ask(victim: asyncio.subprocess.Process, order: dict[str, Any]) -> str:
    assert victim.stdin  # noqa: S101
    assert victim.stdout  # noqa: S101
    victim.stdin.write(json.dumps(order).encode() + b"\n")
    return (await victim.stdout.readline()).decode().strip()


def _subscription(channel_id: int) -> Subscription:
    nine = datetime(2026, 1, 1, 9, tzinfo=UTC).time()
    days = frozenset(range(7))
    return Subscription(GUILD_ID, channel_id, Topic.parse("everything"), nine, ZoneInfo("UTC"), days, size=1)


def _papers(day: date) -> list[Paper]:
    number = (day - FIRST_DAY).days
    return [Paper(id=f"{2601 + number // 90_000}.{number % 90_000:05}", title=f"Paper of {day}", featured_on=(day,))]


def _papers_in(message: dict[str, Any]) -> str:
    """The title of the one paper in a message, whatever its form."""
    text: str = json.dumps(message["components"]) + message["content"]
    at = text.find("Paper of ")
    return text[at : at + len("Paper of 2026-01-01")]


if __name__ == "__main__":
    main(prog_name="python -m bench.kills")
