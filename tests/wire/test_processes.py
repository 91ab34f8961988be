"""`paperboy` as processes of its own over the wire: upgrade, second instance, backup and restore, and being told to end.

Rows B2, B7 and B11 of the catalogue as an operator meets them. What a signal does to one process that sends to few channels is
in tests/bot/test_delivering.py; every turn at which it may be killed, in test_kills.py.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from time import monotonic

import pytest
from aiohttp import web
from aiohttp.typedefs import Handler

from bot.app import utc_now
from bot.config import TOKEN_VARIABLE
from digests.editions import LIST_FILLS_FOR
from sandbox.wire.invariants import marks, violations
from sandbox.wire.rest import TOKEN
from sandbox.wire.state import GUILD_ID, Channel
from storage.store import Store
from tests.bot.conftest import SOON_S, Wire, until
from tests.factories import paper
from tests.storage.test_migrations import at_schema

PATIENCE_S = 4 * SOON_S
ENDS_WITHIN_S = 10  # service managers kill then
DAY = timedelta(days=1)
_MESSAGE = r"POST /channels/\d+/messages"


@pytest.fixture(autouse=True)
def promises() -> None:
    """In the place of the one in conftest.py: these tests have a world of their own, and ask for the promises themselves."""


@dataclass
class Door:
    """Stands in front of Discord: from some message on, its answers wait until they are let through, or for a while."""

    holds_from: int = 10**9
    is_open: asyncio.Event = field(default_factory=asyncio.Event)
    answers_after_s: float = 0.0
    messages: int = 0

    @web.middleware
    async def pass_through(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        answer = await handler(request)
        if request.method == "POST" and request.path.endswith("/messages"):
            self.messages += 1
            if self.messages > self.holds_from:
                await self.is_open.wait()
            await asyncio.sleep(self.answers_after_s)
        return answer


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
async def wire(tmp_path: Path, door: Door, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Wire]:
    async with Wire.open(tmp_path, monkeypatch, [door.pass_through]) as wire:
        wire.rest.per_channel = None
        yield wire


@dataclass
class Process:
    """A `paperboy` that was started."""

    pid: int
    files: Path

    @property
    def code(self) -> int | None:
        """The exit code; None while it runs."""
        note = self.files.with_suffix(".exit")
        return int(note.read_text()) if note.exists() else None

    @property
    def out(self) -> str:
        return self.files.with_suffix(".out").read_text()

    @property
    def err(self) -> list[str]:
        return self.files.with_suffix(".err").read_text().splitlines()

    async def ended(self) -> int | None:
        await until(lambda: self.code is not None, PATIENCE_S)
        return self.code


class Terminal:
    """Where `paperboy` is started over one wire's settings."""

    def __init__(self, starter: subprocess.Popen[str], wire: Wire, folder: Path) -> None:
        self._starter = starter
        self.started: list[Process] = []
        self._folder = folder
        self._config = folder / "config.toml"
        discord, source = wire.config.discord, wire.config.sources.huggingface.url
        self._config.write_text(
            f'[discord]\napi_url = "{discord.api_url}"\ngateway_url = "{discord.gateway_url}"\nrequests_per_second = 500\n'
            f'[database]\nurl = "{wire.config.database.url}"\n[sources.huggingface]\nurl = "{source}"\n'
            f'[sources.arxiv]\nfeed_url = "{source}/rss"\napi_url = "{source}/api/query"\n'
        )

    def start(self, command: str, *arguments: str) -> Process:
        """Start a command, and do not wait for it."""
        files = self._folder / f"process-{len(self.started)}"
        order = {
            "arguments": [command, "--config", str(self._config), *arguments],
            "environment": {TOKEN_VARIABLE: TOKEN},
            "files": str(files),
        }
        assert self._starter.stdin
        assert self._starter.stdout
        self._starter.stdin.write(json.dumps(order) + "\n")
        self._starter.stdin.flush()
        self.started.append(Process(int(self._starter.stdout.readline()), files))
        return self.started[-1]

    async def does(self, command: str, *arguments: str) -> Process:
        """Start a command, and wait until it has ended."""
        process = self.start(command, *arguments)
        await process.ended()
        return process

    async def stop(self, process: Process, number: int = signal.SIGTERM) -> int | None:
        os.kill(process.pid, number)
        return await process.ended()


@pytest.fixture(scope="module")
def starter() -> Iterator[subprocess.Popen[str]]:
    command = (sys.executable, "-m", "tests.wire.starter")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process


@pytest.fixture
def terminal(starter: subprocess.Popen[str], wire: Wire, tmp_path: Path) -> Iterator[Terminal]:
    terminal = Terminal(starter, wire, tmp_path)
    yield terminal
    for process in terminal.started:
        if process.code is None:
            os.kill(process.pid, signal.SIGKILL)


def just_now() -> datetime:
    """A minute that has begun: what is due then is due."""
    return (utc_now() - timedelta(minutes=2)).replace(second=0, microsecond=0)


async def list_of(wire: Wire, due_at: datetime, numbers: range) -> date:
    """The list that an edition due then brings is read, at that time; its day."""
    day = (due_at - LIST_FILLS_FOR).date()
    papers = [paper(n, featured_on=(day,), published_at=due_at - DAY) for n in numbers]
    async with Store.open(wire.config.database.url) as store:
        await store.papers.save_day(papers, "huggingface", day, due_at)
    return day


def add_channels(wire: Wire, count: int) -> list[Channel]:
    return [wire.rest.world.add_channel(f"papers-{n}") for n in range(count)]


def counts(channels: list[Channel]) -> set[int]:
    return {len(channel.messages) for channel in channels}


def broken_promises(wire: Wire, terminal: Terminal, tmp_path: Path) -> list[str]:
    log = "\n".join(line for process in terminal.started for line in (*process.err, process.out))
    assert "Traceback" not in log
    return violations(tmp_path / "x.db", wire.rest.world, wire.rest.log, log, [TOKEN])


async def test_a_database_of_the_first_schema_is_upgraded_by_the_first_start_and_its_subscriptions_are_served(
    wire: Wire, terminal: Terminal, tmp_path: Path
) -> None:
    channels = add_channels(wire, 2)
    due_at = just_now()
    at_schema(tmp_path / "x.db", "0001")
    with closing(sqlite3.connect(tmp_path / "x.db")) as connection, connection:
        connection.execute("DELETE FROM editions WHERE id = 2")  # one without a reason, as there were then
        connection.execute("UPDATE subscriptions SET state = 'paused'")
        values = ("everything", f"{due_at:%H:%M:%S}.000000", "UTC", "[0, 1, 2, 3, 4, 5, 6]", 5, "say so", "active")
        for number, channel in enumerate(channels, 50):
            since = f"{due_at - DAY / 2:%Y-%m-%d %H:%M:%S}.000000"
            row = (number, GUILD_ID, channel.id, *values, since)
            connection.execute("INSERT INTO subscriptions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
        day = (due_at - LIST_FILLS_FOR).date()
        connection.execute("INSERT INTO featured VALUES (?, 'huggingface', '2606.00001')", (str(day),))
        fetched_at = f"{due_at:%Y-%m-%d %H:%M:%S}.000000"
        connection.execute("INSERT INTO fetches VALUES ('huggingface', ?, ?, 1)", (str(day), fetched_at))
        before = connection.execute("SELECT id, mark, message_id FROM deliveries").fetchall()
    running = terminal.start("run")
    await until(lambda: counts(channels) == {1}, PATIENCE_S)
    assert await terminal.stop(running) == 0
    assert "A paper" in json.dumps(channels[0].messages)
    assert wire.rows("SELECT version_num FROM alembic_version") == [("0005",)]
    assert wire.rows("SELECT id, mark, message_id FROM deliveries ORDER BY id LIMIT 1") == before
    assert broken_promises(wire, terminal, tmp_path) == []


async def test_a_second_one_on_the_database_is_refused_until_the_first_has_ended_however_it_ends(
    wire: Wire, terminal: Terminal, tmp_path: Path
) -> None:
    first = terminal.start("run")
    await wire.identified()
    second = await terminal.does("run")
    assert second.code == 1
    (line,) = second.err
    assert line.startswith(f"paperboy: paperboy is already running here: process {first.pid} on host ")
    assert line.endswith(", for less than 2 minutes; stop that one first, or give this one a database of its own")
    (tmp_path / "p.jsonl").write_text('{"id": "2606.00001", "title": "Zebra"}\n')
    assert (await terminal.does("import", str(tmp_path / "p.jsonl"))).code == 0
    copied = await terminal.does("backup", str(tmp_path / "copy.db"))
    assert copied.code == 0
    refused = await terminal.does("restore", str(tmp_path / "copy.db"))
    assert (refused.code, refused.err) == (1, second.err)
    assert await terminal.stop(first, signal.SIGKILL) == -signal.SIGKILL
    third = terminal.start("run")
    await wire.identified(times=2)
    assert await terminal.stop(third) == 0
    assert wire.rows("SELECT title FROM papers WHERE id = '2606.00001'") == [("Zebra",)]


async def test_b11_a_backup_taken_in_the_midst_and_restored_the_next_day_posts_nothing_twice(
    wire: Wire, door: Door, terminal: Terminal, tmp_path: Path
) -> None:
    channels = add_channels(wire, 20)
    today = just_now()
    yesterday = today - DAY
    await list_of(wire, yesterday, range(3))
    wire.at = yesterday + timedelta(minutes=1)
    await wire.subscribe(*channels, at=today.time())
    door.holds_from = 5
    async with wire.running():
        await until(lambda: door.messages > 8 and ("sent",) in wire.rows("SELECT state FROM deliveries"))
        copied = await terminal.does("backup", "--keep", "1", str(tmp_path))
        assert copied.code == 0
        door.is_open.set()
        await until(lambda: counts(channels) == {1})
        await until(lambda: wire.rows("SELECT DISTINCT state FROM deliveries") == [("sent",)])
    (copy,) = tmp_path.glob("x-*.db")
    with closing(sqlite3.connect(copy)) as connection:
        states = {state for (state,) in connection.execute("SELECT DISTINCT state FROM deliveries")}
    assert {"sent", "sending", "planned"} >= states > {"sent"}
    wire.at = None
    restored = await terminal.does("restore", str(copy))
    assert restored.code == 0
    assert not (tmp_path / "x.index").exists()
    await list_of(wire, today, range(3, 6))
    syncs = len(wire.requests(r"PUT /applications/\d+/commands"))
    running = terminal.start("run")
    await until(lambda: counts(channels) == {2}, PATIENCE_S)
    unsent = "SELECT count(*) FROM deliveries WHERE state NOT IN ('sent', 'expired')"
    await until(lambda: wire.rows(unsent) == [(0,)], PATIENCE_S)
    assert await terminal.stop(running) == 0
    assert counts(channels) == {2}
    assert len({mark for channel in channels for message in channel.messages for mark in marks(message)}) == 40
    assert len(wire.requests(r"PUT /applications/\d+/commands")) == syncs + 1  # what Discord was told since is not in the copy
    assert broken_promises(wire, terminal, tmp_path) == []


async def test_b2_told_to_end_under_load_it_leaves_in_time_with_nothing_half_done_and_the_next_start_does_the_rest(
    wire: Wire, door: Door, terminal: Terminal, tmp_path: Path
) -> None:
    channels = add_channels(wire, 100)
    due_at = just_now()
    await list_of(wire, due_at, range(5))
    await wire.subscribe(*channels, at=due_at.time())
    door.answers_after_s = 1.0
    running = terminal.start("run")
    await until(lambda: door.messages > 20, PATIENCE_S)
    told_at = monotonic()
    assert await terminal.stop(running) == 0
    assert monotonic() - told_at < ENDS_WITHIN_S
    sent = len([channel for channel in channels if channel.messages])
    assert 20 < sent < len(channels)
    assert wire.rows("SELECT state, count(*) FROM deliveries WHERE state != 'planned' GROUP BY state") == [("sent", sent)]
    assert wire.rows("SELECT count(*) FROM deliveries WHERE leased_until IS NOT NULL") == [(0,)]
    assert not list(tmp_path.glob(".x.db.instance*"))
    door.answers_after_s = 0.0
    running = terminal.start("run")
    await until(lambda: counts(channels) == {1}, PATIENCE_S)
    await until(lambda: wire.rows("SELECT count(*) FROM deliveries WHERE state = 'sent'") == [(100,)])
    assert await terminal.stop(running) == 0
    assert len(wire.requests(_MESSAGE)) == len(channels)  # not even the nonce was needed
    assert broken_promises(wire, terminal, tmp_path) == []


async def test_b2_an_import_and_a_backup_that_are_told_to_end_leave_whole_papers_and_no_file(
    wire: Wire, terminal: Terminal, tmp_path: Path
) -> None:
    text = "word " * 300
    lines = [json.dumps({"id": f"2606.{n:05}", "title": f"Paper {n}", "abstract": text}) for n in range(20_000)]
    (tmp_path / "p.jsonl").write_text("\n".join(lines))
    importing = terminal.start("import", str(tmp_path / "p.jsonl"))
    await until(lambda: (tmp_path / "x.db").exists() and (tmp_path / "x.index").exists(), PATIENCE_S)
    await until(lambda: wire.rows("SELECT count(*) FROM papers") > [(1_000,)], PATIENCE_S)
    assert await terminal.stop(importing) == 128 + signal.SIGTERM
    ((count,),) = wire.rows("SELECT count(*) FROM papers")
    assert 1_000 < count < 20_000
    assert count % 500 == 0  # batches, whole
    with closing(sqlite3.connect(tmp_path / "x.db", isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode=DELETE")
        other.execute("BEGIN EXCLUSIVE")  # so that it cannot be done at once
        copying = terminal.start("backup", str(tmp_path / "copy.db"))
        await until(lambda: list(tmp_path.glob(".copy-*")), PATIENCE_S)
        assert await terminal.stop(copying) == 1
    assert copying.err == ["paperboy: stopped: nothing was changed"]
    assert not list(tmp_path.glob("*copy*"))
    assert wire.rows("PRAGMA integrity_check") == [("ok",)]
