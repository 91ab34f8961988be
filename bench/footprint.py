"""What Paperboy weighs beside a bare discord.py bot with the same intents: from start to ready, idle, and during a wave.

    python -m bench.footprint 1 1000 10000
    python -m bench.footprint 10000 --rounds 1 --wave --json

Each bot is a process of its own (bench/bots.py), and Discord (sandbox/wire) a third. They take turns, round by round, since the
machine may be busier at one time than at another; each figure is the median of the rounds. "Ready" is from the start of the
process to discord.py's ready, which comes two seconds after the last server. Memory is what the system counts (/proc, so Linux
only): RSS, and PSS, in which pages that processes share count by parts. Idle is ``--pause`` seconds after ready. In the wave each
server has a message due at once, and they go out at ``--rate`` a second: Paperboy's digests, and some lines of text by the other.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from datetime import time as local_time
from datetime import timedelta
from math import isnan, nan
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

import click

from bench.bots import BEFORE_WAVE
from bench.crowded import Crowded, crowded
from bench.servers import guild_id, posted_in
from papers.subscription import Subscription
from papers.topic import Topic
from sandbox.wire.rest import TOKEN
from storage.store import Store
from storage.subscriptions import Batch

BOTS = ("bare", "Paperboy")
_IDLE_S = 10.0
_WAVE_BEGINS_WITHIN_S = 90.0  # a schedule looks once a minute
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_HEADS = (
    "ready s", "CPU s until ready", "RSS MiB", "PSS MiB", "idle CPU s a minute", "wave's peak MiB", "wave's CPU s", "wave s",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Weight:
    """One bot at one size: seconds and MiB. The wave's are NaN where there was none; its CPU is what it took more than before."""

    ready_s: float
    ready_cpu_s: float
    rss_mib: float
    pss_mib: float
    idle_cpu_s: float
    wave_peak_mib: float = nan
    wave_cpu_s: float = nan
    wave_s: float = nan

    @classmethod
    def middle(cls, rounds: list[Weight]) -> Weight:
        """The median of each figure, over the rounds that have it."""
        columns = ([getattr(each, part.name) for each in rounds] for part in fields(cls))
        return cls(*(median([value for value in column if not isnan(value)] or [nan]) for column in columns))


@click.command()
@click.argument("sizes", type=click.IntRange(1, 100_000), nargs=-1)
@click.option("--rounds", type=click.IntRange(1, 20), default=3)
@click.option("--pause", "pause_s", type=float, default=15.0, help="Seconds from ready to the look at what is idle.")
@click.option("--wave", "has_wave", is_flag=True, help="Have every server's digest due at once, in the last round.")
@click.option("--rate", "per_s", type=float, default=50.0, help="Messages a second in the wave.")
@click.option("--json", "is_json", is_flag=True, help="One JSON object.")
def main(sizes: tuple[int, ...], rounds: int, pause_s: float, has_wave: bool, per_s: float, is_json: bool) -> None:
    """Weigh both bots with SIZES servers (1, 1000 and 10000 by default)."""
    found: dict[int, dict[str, Weight]] = {}
    for size in sizes or (1, 1_000, 10_000):
        weighed: dict[str, list[Weight]] = {name: [] for name in BOTS}
        with tempfile.TemporaryDirectory() as folder, crowded(size) as place:
            asyncio.run(_subscribe(Path(folder), size))
            for number in range(rounds):
                wave = size if has_wave and number == rounds - 1 else 0
                for name in BOTS if number % 2 == 0 else BOTS[::-1]:
                    weighed[name].append(_weigh(_command(name, place, Path(folder), per_s), place, pause_s, wave))
                    click.echo(f"{size:,} {name}: {weighed[name][-1]}", err=True)
        found[size] = {name: Weight.middle(each) for name, each in weighed.items()}
    starts = {
        "paperboy --help": _starting_s("from bot.cli import main; main()", "--help"),
        "paperboy --version": _starting_s("from bot.cli import main; main()", "--version"),
        "what `paperboy run` loads": _starting_s("import bot.running"),
        "what the bare bot loads": _starting_s("from discord.ext import commands"),
    }
    if is_json:
        told = {size: {name: asdict(weight) for name, weight in bots.items()} for size, bots in found.items()}
        click.echo(json.dumps({"servers": told, "starts_s": starts}))
        return
    click.echo("\n".join(_table(found)))
    click.echo("\n" + "\n".join(f"{what}: {spent_s:.2f} s" for what, spent_s in starts.items()))


def _table(found: dict[int, dict[str, Weight]]) -> Iterator[str]:
    yield f"| servers | bot | {' | '.join(_HEADS)} |"
    yield "|---" * (len(_HEADS) + 2) + "|"
    for size, bots in found.items():
        bare, ours = (asdict(bots[name]) for name in BOTS)
        ratios = {part: value / bare[part] if bare[part] else nan for part, value in ours.items()}
        for name, values in (*zip(BOTS, (bare, ours), strict=True), ("ratio", ratios)):
            yield f"| {size:,} | {name} | {' | '.join('–' if isnan(v) else f'{v:.2f}' for v in values.values())} |"


async def _subscribe(folder: Path, size: int) -> None:
    """A store in which each server has a subscription, for the hour of the wave."""
    topic, at, zone = Topic.parse("everything"), local_time(9), ZoneInfo("UTC")
    orders = [Subscription(guild_id(n), posted_in(n), topic, at, zone, frozenset(range(7))) for n in range(size)]
    async with Store.open(f"sqlite:///{folder / 'paperboy.db'}") as store:
        await store.subscriptions.apply(Batch(0, added=orders), BEFORE_WAVE - timedelta(hours=1), made_by=7)


def _command(name: str, place: Crowded, folder: Path, per_s: float) -> list[str]:
    python = [sys.executable, "-m", "bench.bots"]
    if name == "bare":
        return [*python, "bare", place.api, place.gateway, str(per_s)]
    settings = folder / "config.toml"
    settings.write_text(
        f'[database]\nurl = "sqlite:///{folder / "paperboy.db"}"\n'
        f'[discord]\napi_url = "{place.api}"\ngateway_url = "{place.gateway}"\nrequests_per_second = {per_s}\n'
        f'[sources.huggingface]\nurl = "{place.source}"\n[sources.arxiv]\nenabled = false\n'
    )
    return [*python, "paperboy", str(settings)]


def _weigh(command: list[str], place: Crowded, pause_s: float, wave: int) -> Weight:
    """Start the bot, wait until it has settled, have the wave (of so many messages), end it."""
    environment = {**os.environ, "PAPERBOY_DISCORD_TOKEN": TOKEN}
    began = time.monotonic()
    with subprocess.Popen(  # noqa: S603
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    ) as bot:
        assert bot.stdout  # noqa: S101
        try:
            told = bot.stdout.readline()
            if not told:
                raise click.ClickException(f"it ended before it was ready: {' '.join(command)}")
            ready_s, ready_cpu_s = float(told) - began, _cpu_s(bot.pid)
            time.sleep(pause_s)
            cpu_s = _cpu_s(bot.pid)
            time.sleep(_IDLE_S)
            idle_cpu_s = (_cpu_s(bot.pid) - cpu_s) / _IDLE_S * 60
            memory = (_memory_mib(bot.pid, "Rss"), _memory_mib(bot.pid, "Pss"))
            return Weight(ready_s, ready_cpu_s, *memory, idle_cpu_s, *(_wave(bot, place, wave) if wave else ()))
        finally:
            bot.kill()


def _wave(bot: subprocess.Popen[str], place: Crowded, size: int) -> tuple[float, float, float]:
    """Tell the bot to begin and wait until every message is there: the peak in MiB, CPU seconds, seconds from the first on."""
    assert bot.stdin  # noqa: S101
    before, cpu_s, now = place.posted.value, _cpu_s(bot.pid), time.monotonic()
    Path(f"/proc/{bot.pid}/clear_refs").write_text("5")  # the peak counts from here
    bot.stdin.write(json.dumps([posted_in(number) for number in range(size)]) + "\n")
    bot.stdin.flush()
    began, ends = now, now + _WAVE_BEGINS_WITHIN_S + size
    while place.posted.value < before + size and now < ends:
        if place.posted.value == before:
            began = now
        time.sleep(0.5)
        now = time.monotonic()
    if place.posted.value < before + size:
        click.echo(f"only {place.posted.value - before:,} of {size:,} messages came", err=True)
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{bot.pid}/status").read_text())
    return int(peak[1]) / 1024 if peak else nan, _cpu_s(bot.pid) - cpu_s, now - began


def _cpu_s(pid: int) -> float:
    """What the process has taken of the processor, of its own and for it."""
    parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) / _TICKS_PER_S


def _memory_mib(pid: int, name: str) -> float:
    found = re.search(rf"^{name}:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    return int(found[1]) / 1024 if found else nan


def _starting_s(code: str, *arguments: str) -> float:
    """Seconds from the start of a process to its end, the median of five."""
    spent = []
    for _ in range(5):
        began = time.monotonic()
        subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, check=True)  # noqa: S603
        spent.append(time.monotonic() - began)
    return median(spent)


if __name__ == "__main__":
    main(prog_name="python -m bench.footprint")
