"""Rows D11, D15 and B2 over a loopback wire: a channel closes and opens, the token is refused, the process is told to end."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic

import pytest
from aiohttp import web
from aiohttp.typedefs import Handler

from bot.app import utc_now
from bot.config import TOKEN_VARIABLE
from digests.editions import LIST_FILLS_FOR
from digests.poster import Stopped
from sandbox.wire.rest import TOKEN
from sandbox.wire.state import SOMEONE, Channel
from storage.store import Store
from tests.bot.conftest import SOON_S, Wire, ring_often, until
from tests.factories import paper

NINE = datetime(2026, 6, 10, 9, tzinfo=UTC)
MANY = 80  # more than are under way at one time
IN_A_BURST = 5  # requests leave at once, and the next when 22 ms have passed
_MESSAGE = r"POST /channels/\d+/messages"
_ENDS_WITHIN_S = 10  # service managers kill then


class Door:
    """Stands in front of Discord: answers to new messages are late, and at one of them the token becomes another."""

    def __init__(self) -> None:
        self.wire: Wire | None = None
        self.answers_after_s = 0.0
        self.refuses_from = 0  # the number of the first message that is refused; 0 for none

    @web.middleware
    async def pass_through(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        assert self.wire
        is_message = request.method == "POST" and request.path.endswith("/messages")
        if is_message and len(self.wire.requests(_MESSAGE)) + 1 == self.refuses_from:
            self.wire.rest.token = "another"
        answer = await handler(request)
        if is_message:
            await asyncio.sleep(self.answers_after_s)
        return answer


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
async def wire(tmp_path: Path, door: Door, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Wire]:
    async with Wire.open(tmp_path, monkeypatch, [door.pass_through]) as wire:
        door.wire = wire
        yield wire


@pytest.fixture
def channels(wire: Wire) -> list[Channel]:
    return [wire.rest.world.add_channel(f"papers-{n}") for n in range(MANY)]


@asynccontextmanager
async def command(wire: Wire, folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """`paperboy run` as a process of its own; it must have ended by the end of the block."""
    discord, source = wire.config.discord, wire.config.sources.huggingface.url
    (folder / "config.toml").write_text(
        f'[discord]\napi_url = "{discord.api_url}"\ngateway_url = "{discord.gateway_url}"\n'
        f'[database]\nurl = "{wire.config.database.url}"\n[sources.huggingface]\nurl = "{source}"\n'
        f'[sources.arxiv]\nfeed_url = "{source}/rss"\napi_url = "{source}/api/query"\n'
    )
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "from bot.cli import main; main()", "run", "--config", str(folder / "config.toml")),
        env={**os.environ, TOKEN_VARIABLE: TOKEN},
        stderr=subprocess.PIPE,
    )
    try:
        yield process
        await asyncio.wait_for(process.wait(), SOON_S)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def complaints(process: asyncio.subprocess.Process) -> list[str]:
    assert process.stderr
    return (await process.stderr.read()).decode().splitlines()


async def make_due(wire: Wire, channels: list[Channel]) -> None:
    """An edition for each channel, due two minutes ago by the real clock, and its papers."""
    due_at = (utc_now() - timedelta(minutes=2)).replace(second=0, microsecond=0)
    day = (due_at - LIST_FILLS_FOR).date()
    async with Store.open(wire.config.database.url) as store:
        papers = [paper(n, featured_on=(day,), published_at=due_at - timedelta(days=1)) for n in range(3)]
        await store.papers.save_day(papers, "huggingface", day, utc_now())
    await wire.subscribe(*channels, at=due_at.time())


async def test_d11_a_closed_channel_is_told_of_once_left_alone_and_served_when_it_opens(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring_often(monkeypatch)
    wire.at = NINE - timedelta(minutes=10)
    world = wire.rest.world
    closed, other = world.add_channel("closed"), world.add_channel("other")
    await wire.subscribe(closed, other, at=NINE.time())
    async with wire.running():
        await wire.identified()
        closed.can_send = False
        await wire.gateway.announce_channel(closed)
        assert "2 subscriptions" in await wire.asks("subscribe list", other)
        wire.at = NINE
        await until(lambda: other.messages)
        await until(lambda: world.open_dm(SOMEONE).messages)
        await wire.rounds()
        (told,) = world.open_dm(SOMEONE).messages
        assert f"<#{closed.id}>" in str(told["components"])
        assert wire.rows("SELECT state, trouble FROM subscriptions ORDER BY id") == [("shut out", ""), ("active", "")]
        assert [request.status for request in wire.requests(f"POST /channels/{closed.id}/messages")] == [403]
        closed.can_send = True
        await wire.gateway.announce_channel(closed)
        await until(lambda: closed.messages)
        await wire.rounds()
    assert [request.status for request in wire.requests(f"POST /channels/{closed.id}/messages")] == [403, 200]
    assert [len(channel.messages) for channel in (closed, other, world.open_dm(SOMEONE))] == [1, 1, 1]
    assert wire.rows("SELECT DISTINCT state FROM deliveries") == [("sent",)]


async def test_d15_a_token_refused_in_the_midst_of_delivering_stops_every_request(
    wire: Wire, door: Door, channels: list[Channel]
) -> None:
    wire.at = NINE
    await wire.subscribe(*channels, at=NINE.time())
    door.refuses_from = 20
    with pytest.raises(Stopped):
        async with wire.running() as task:
            await asyncio.wait({task}, timeout=SOON_S)
            assert task.done()
    statuses = [request.status for request in wire.rest.log]
    after = statuses[statuses.index(401) :]
    assert len(after) <= IN_A_BURST
    assert set(after) == {401}
    assert wire.rows("PRAGMA integrity_check") == [("ok",)]
    assert wire.rows("SELECT count(*) FROM deliveries WHERE state = 'sending'") == [(0,)]
    door.refuses_from, wire.rest.token = 0, TOKEN
    async with wire.running():
        await until(lambda: all(channel.messages for channel in channels))
    assert {len(channel.messages) for channel in channels} == {1}


async def test_d15_the_command_ends_with_one_line_and_a_failure(
    wire: Wire, door: Door, channels: list[Channel], tmp_path: Path
) -> None:
    await make_due(wire, channels)
    door.refuses_from = 3
    async with command(wire, tmp_path) as process:
        lines = await asyncio.wait_for(complaints(process), 3 * SOON_S)
    assert process.returncode == 2
    assert lines[-1] == "paperboy: Discord refused the token: copy it anew from the developer portal"
    assert not [line for line in lines if "Traceback" in line or TOKEN in line]


async def test_b2_told_to_end_in_the_midst_it_finishes_what_is_on_its_way_and_the_next_start_does_the_rest(
    wire: Wire, door: Door, channels: list[Channel], tmp_path: Path
) -> None:
    await make_due(wire, channels)
    door.answers_after_s = 0.3
    async with command(wire, tmp_path) as process:
        await until(lambda: len(wire.requests(_MESSAGE)) > IN_A_BURST, 3 * SOON_S)
        process.send_signal(signal.SIGTERM)
        told_at = monotonic()
        lines = await asyncio.wait_for(complaints(process), 3 * SOON_S)
    assert process.returncode == 0
    assert monotonic() - told_at < _ENDS_WITHIN_S
    assert not [line for line in lines if "Traceback" in line]
    assert wire.rows("SELECT count(*) FROM deliveries WHERE state = 'sending' OR leased_until IS NOT NULL") == [(0,)]
    sent = len([channel for channel in channels if channel.messages])
    assert wire.rows("SELECT count(*) FROM deliveries WHERE state = 'sent'") == [(sent,)]
    assert IN_A_BURST < sent < MANY
    door.answers_after_s = 0.0
    async with command(wire, tmp_path) as process:
        await until(lambda: all(channel.messages for channel in channels), 3 * SOON_S)
        process.terminate()
        await process.communicate()
    assert process.returncode == 0
    assert {len(channel.messages) for channel in channels} == {1}
    assert len(wire.requests(_MESSAGE)) == MANY
