"""Everything that is logged while everything goes wrong, at DEBUG and by every logger: no secret is in it."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from aiohttp import web

from bot.config import MODEL_KEY_VARIABLE, Config
from bot.watching.logs import JsonLines, Lines, Sink
from bot.watching.redaction import Redactor
from sandbox.model import KEY, ModelServer
from sandbox.model import Fault as ModelFault
from sandbox.wire.faults import Fault, Kind
from sandbox.wire.rest import TOKEN
from sandbox.wire.state import walk
from storage.store import Store
from tests.bot.conftest import Wire, ring_often, until
from tests.factories import DAY, paper

NOON = datetime(2026, 6, 10, 12, 30, tzinfo=UTC)
HOOK = "b7Cq4se7kKWsZnCjm1XVW7vRze4b7Cq4se7kKWsMTk4NjIyNDgzNDcxOTI1MjQ4"
ADDRESS = f"https://discord.com/api/webhooks/198622483471925248/{HOOK}"
_POST = r"POST /channels/\d+/messages"
_CALLBACK = r"POST /interactions/\d+/\w+/callback"


@pytest.fixture(autouse=True)
def promises() -> None:
    """Those of tests/wire are about a sender by itself; here the whole bot runs."""


@dataclass(slots=True)
class Written:
    """What was logged: as the bot writes it, in both forms, and as it would be written without redaction."""

    raw: str = ""
    text: str = ""
    json: str = ""


@contextmanager
def everything_logged(folder: Path) -> Iterator[Written]:
    """Every logger at DEBUG; what was written is there when the block has ended."""
    files = {name: folder / f"{name}.log" for name in ("raw", "text", "json")}
    descriptors = [os.open(files[name], os.O_CREAT | os.O_WRONLY) for name in ("text", "json")]
    redact = Redactor([TOKEN, KEY])
    sinks = [Sink(descriptor, waiting=10**6) for descriptor in descriptors]
    for sink, formatter in zip(sinks, (Lines(redact), JsonLines(redact)), strict=True):
        sink.setFormatter(formatter)
    raw = logging.FileHandler(files["raw"], encoding="utf-8")
    root = logging.getLogger()
    before = root.handlers[:]
    root.handlers[:] = [raw, *sinks]
    root.setLevel(logging.DEBUG)
    for name in logging.Logger.manager.loggerDict:
        logging.getLogger(name).setLevel(logging.NOTSET)
    logging.getLogger("aiosqlite").setLevel(logging.INFO)  # what sqlalchemy tells already, twice for every statement
    written = Written()
    try:
        yield written
    finally:
        root.handlers[:] = before
        raw.close()
        for sink, descriptor in zip(sinks, descriptors, strict=True):
            sink._queue.put(None)
            sink._thread.join()
            assert sink.dropped == 0
            os.close(descriptor)
    for name, file in files.items():
        setattr(written, name, file.read_text(encoding="utf-8"))


async def test_no_secret_is_logged_whatever_goes_wrong(
    tmp_path: Path, empty_database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(empty_database, tmp_path / "x.db")
    ring_often(monkeypatch)
    monkeypatch.setenv(MODEL_KEY_VARIABLE, KEY)
    model = ModelServer([ModelFault.FORBIDDEN, ModelFault.ERROR])
    async with model.running() as address, Wire.open(tmp_path, monkeypatch) as wire:
        settings = wire.config.model_dump() | {"model": {"url": address, "name": "x"}}
        wire.config = Config.model_validate(settings)
        with everything_logged(tmp_path) as written:
            tokens = await _a_bad_day(wire, model, monkeypatch)
    secrets = {TOKEN, KEY, HOOK, *tokens}
    assert len(secrets) > 5
    assert {secret for secret in secrets if secret not in written.raw} == set()  # so there was something to take out
    for form in (written.text, written.json):
        assert {secret for secret in secrets if secret in form} == set()
        assert form.count("[redacted]") > 20
        for happened in (
            "edition posted",
            "edition not posted",
            "no papers of 2026-06-10",
            "in interaction",
            "sqlalchemy",
            "discord.gateway",
        ):
            assert happened in form, happened
    assert all(isinstance(json.loads(line), dict) for line in written.json.splitlines())


async def _a_bad_day(wire: Wire, model: ModelServer, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """What the interactions of a day were answered with, at which nothing goes right at once."""
    channels = [wire.rest.world.add_channel(f"papers-{n}") for n in range(4)]
    wire.at = NOON
    told = [paper(1, title=f"See {ADDRESS} now", votes=9), *(paper(n, votes=n) for n in range(2, 5))]
    async with Store.open(wire.config.database.url) as store:
        await store.papers.save_day(told, "huggingface", DAY, NOON)
    reply, wire.press._reply = wire.press._reply, lambda request: web.Response(status=403, text=f"no: {TOKEN}")  # type: ignore[method-assign]
    await wire.subscribe(*channels, at=time(13))
    wire.rest.cues.add(Fault(_POST, Kind.REFUSE, status=429, retry_after_s=0.01))
    wire.rest.cues.add(Fault(_POST, Kind.STORE_THEN_FAIL))
    wire.rest.cues.add(Fault(_POST, Kind.STORE_THEN_GARBLE))
    wire.rest.cues.add(Fault(_POST, Kind.DROP))
    wire.rest.cues.add(Fault(_POST, Kind.REFUSE, status=400, code=50035))
    asked = []
    async with wire.running():
        await wire.identified()
        await wire.asks("status", channels[0])
        for fault in (Kind.STORE_THEN_GARBLE, Kind.REFUSE, Kind.STORE_THEN_DROP):
            wire.rest.cues.add(Fault(_CALLBACK, fault, status=404, code=10062))
            asked.append(await wire.gateway.interact("today", channel=channels[0]))
            await until(lambda: any(asked[-1].token in request.path for request in wire.rest.log))
        asked.append(await wire.gateway.interact("summary", {"paper": told[1].id}, channel=channels[0]))
        await until(lambda: model.keys)
        monkeypatch.setattr("cogs.status.status_page", _failing)
        asked.append(await wire.gateway.interact("status", channel=channels[0]))
        asked.append(await wire.gateway.interact("search", {"query": "wor"}, channel=channels[0], focused="query"))
        await until(lambda: all(wire.rest.world.answers[one.token] for one in asked[3:]))
        wire.press._reply = reply  # type: ignore[method-assign]
        wire.at += timedelta(minutes=40)
        await until(lambda: all(channel.messages for channel in channels), within_s=20)
        (message, *_) = channels[0].messages
        button = next(one["custom_id"] for one in walk(message["components"]) if "custom_id" in one)
        asked.append(await wire.gateway.click(button, message))
        await until(lambda: wire.rest.world.answers[asked[-1].token])
        await wire.gateway.close(4000)
        await asyncio.wait_for(wire.gateway.wait_for(resumes=1), 10)
        await wire.rounds()
    return {one.token for one in asked}


def _failing(*_: object) -> None:
    raise RuntimeError(f"cannot connect: URL('{ADDRESS}/messages'), headers={{'Authorization': 'Bot {TOKEN}'}}, key={KEY}")
