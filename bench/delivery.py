"""How fast and how late a morning's editions arrive, over a wire that enforces Discord's 50 requests a second.

    python -m bench.delivery 1000 10000

Side by side in one run: Paperboy's sender, a plain ``gather`` of ``channel.send``, and ``gather`` behind a semaphore. The two
controls only post (no store, no ledger). "Rate" is messages a second ÷ permitted. Lateness p99 is when 99 % of all messages
had arrived, in seconds after the start, ÷ the ideal, which has n messages out after n ÷ permitted seconds.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as local_time
from multiprocessing import Process, Queue
from typing import Any
from zoneinfo import ZoneInfo

import click
import discord

from bot.pacer import Pacer
from bot.posting import ChannelPoster
from bot.requests import Requests
from bot.running import spare_the_collector
from digests.deliver import Courier
from digests.editions import edition_on
from digests.plan import plan
from digests.planning import Policy
from papers.paper import Paper
from papers.subscription import Subscription
from papers.topic import Topic
from sandbox.wire.rest import PREFIX, TOKEN, Rest
from sandbox.wire.state import World
from storage.store import Store
from views.digest import digest_message

PERMITTED_PER_S = 50
OUR_RATE_PER_S = 50  # the setting's default leaves room for commands; here there are none
DAY = date(2026, 6, 10)
NOW = datetime(2026, 6, 10, 9, tzinfo=UTC)
PAPERS = [Paper(id=f"2606.{n:05}", title=f"Paper {n}", abstract="We study it. " * 20, featured_on=(DAY,)) for n in range(8)]
SEMAPHORE = 10
GIVE_UP_AFTER_S = 60.0  # beyond the ideal time
PREPARING_S = 60.0  # for subscriptions, before the first message


@dataclass(frozen=True, slots=True)
class Row:
    """One sender at one size."""

    sender: str
    channels: int
    rate: float
    limited: int
    failed: int
    late_p50: float
    late_p99: float


@click.command()
@click.argument("sizes", type=click.IntRange(1, 100_000), nargs=-1)
def main(sizes: tuple[int, ...]) -> None:
    """Deliver to SIZES channels (1000 by default) with each sender."""
    click.echo("| sender | channels | rate | 429s | failed | lateness p50 | p99 |\n|---|---|---|---|---|---|---|")
    for size in sizes or (1_000,):
        for name, send in (("Paperboy", _paperboy), ("gather", _gather), (f"semaphore {SEMAPHORE}", _semaphore)):
            row = asyncio.run(_measured(name, size, send))
            click.echo(
                f"| {row.sender} | {row.channels:,} | {row.rate:.3f} | {row.limited:,} | {row.failed:,} "
                f"| {row.late_p50:.3f} | {row.late_p99:.3f} |"
            )


async def _measured(name: str, size: int, send: Callable[[list[int]], Awaitable[float]]) -> Row:
    commands: Queue[Any] = Queue()
    answers: Queue[Any] = Queue()
    server = Process(target=_serve, args=(size, commands, answers), daemon=True)
    server.start()
    address, channels = await asyncio.to_thread(answers.get)
    discord.http.Route.BASE = f"http://{address}{PREFIX}"
    began: float | None = None
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(PREPARING_S + size / PERMITTED_PER_S + GIVE_UP_AFTER_S):
            began = await send(channels)
    commands.put("report")
    posts = await asyncio.to_thread(answers.get)
    server.join()
    return _row(name, size, posts, began)


def _row(name: str, size: int, posts: list[tuple[float, int]], began: float | None) -> Row:
    start = began if began is not None else min(at for at, _ in posts)
    arrived = sorted(at - start for at, status in posts if status == 200)
    return Row(
        sender=name,
        channels=size,
        rate=len(arrived) / arrived[-1] / PERMITTED_PER_S if arrived else 0.0,
        limited=sum(status == 429 for _, status in posts),
        failed=size - len(arrived),
        late_p50=_lateness(arrived, size, 0.50),
        late_p99=_lateness(arrived, size, 0.99),
    )


def _lateness(arrived: list[float], size: int, share: float) -> float:
    """How late the last of a share of all messages was ÷ the ideal; infinite where that many never arrived."""
    nth = int(size * share)
    return arrived[nth - 1] / (nth / PERMITTED_PER_S) if len(arrived) >= nth else float("inf")


def _serve(size: int, commands: Queue[Any], answers: Queue[Any]) -> None:
    """The Discord, in a process of its own so that its work is not the sender's."""

    gc.freeze()  # pauses of the stand-in would look like bursts of the sender
    gc.disable()

    async def serve() -> None:
        rest = Rest(World(), per_second=PERMITTED_PER_S)
        channels = [rest.world.add_channel(f"c{n}").id for n in range(size)]
        async with rest.running() as address:
            answers.put((address, channels))
            await asyncio.to_thread(commands.get)
            answers.put([(r.at, r.status) for r in rest.log if r.method == "POST"])

    asyncio.run(serve())


@asynccontextmanager
async def _client(pacer: Pacer | None = None) -> AsyncIterator[discord.Client]:
    heeding = (pacer or Pacer()).trace()  # the controls' is never asked for a turn
    async with discord.Client(intents=discord.Intents.none(), http_trace=heeding) as client:
        await client.login(TOKEN)
        yield client


async def _paperboy(channels: list[int]) -> float:
    with tempfile.TemporaryDirectory() as folder:
        pacer = Pacer(OUR_RATE_PER_S, burst=1)
        async with Store.open(f"sqlite:///{folder}/x.db") as store, _client(pacer) as client:
            await store.papers.save_day(PAPERS, "huggingface", DAY, NOW)
            for number, channel_id in enumerate(channels):
                await store.subscriptions.add(_subscription(channel_id, guild_id=number // 20), NOW - timedelta(hours=1))
            courier = Courier(store, ChannelPoster(client, Requests(pacer)), Policy(("huggingface",)))
            spare_the_collector()
            began = time.monotonic()
            await courier.deliver_due(NOW)
    return began


async def _gather(channels: list[int]) -> float:
    async with _client() as client:
        began = time.monotonic()
        await asyncio.gather(*(_post(client, channel_id) for channel_id in channels), return_exceptions=True)
    return began


async def _semaphore(channels: list[int]) -> float:
    async with _client() as client:
        turns = asyncio.Semaphore(SEMAPHORE)

        async def one(channel_id: int) -> None:
            async with turns:
                await _post(client, channel_id)

        began = time.monotonic()
        await asyncio.gather(*(one(channel_id) for channel_id in channels), return_exceptions=True)
    return began


async def _post(client: discord.Client, channel_id: int) -> None:
    digest = plan(edition_on(_subscription(channel_id, 1), DAY), PAPERS, seen=())
    await client.get_partial_messageable(channel_id).send(view=digest_message(digest, "0" * 16))


def _subscription(channel_id: int, guild_id: int) -> Subscription:
    days = frozenset(range(7))
    return Subscription(guild_id, channel_id, Topic.parse("everything"), local_time(9), ZoneInfo("UTC"), days)


if __name__ == "__main__":
    main(prog_name="python -m bench.delivery")
