"""An interaction's lines in the log carry the reference that its person is shown if it fails."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import pytest

from bot.running import _until_cancelled
from bot.watching.logs import REQUEST, JsonLines, Sink
from bot.watching.redaction import Redactor
from sandbox.wire.state import Channel
from storage.engine import StorageError
from tests.bot.conftest import SOON_S, Wire, until

log = logging.getLogger("cogs.example")


@pytest.fixture
def written(tmp_path: Path) -> Iterator[list[dict[str, Any]]]:
    """The lines of the log, once the sink was closed by ``read``."""
    lines: list[dict[str, Any]] = []
    descriptor = os.open(tmp_path / "log", os.O_CREAT | os.O_RDWR)
    sink = Sink(descriptor, 100_000)
    sink.setFormatter(JsonLines(Redactor()))
    root = logging.getLogger()
    root.addHandler(sink)
    level = root.level
    root.setLevel(logging.DEBUG)
    logging.getLogger("aiosqlite").setLevel(logging.INFO)
    yield lines
    root.setLevel(level)
    root.removeHandler(sink)
    os.close(descriptor)


def read(tmp_path: Path, lines: list[dict[str, Any]]) -> None:
    root = logging.getLogger()
    for sink in [handler for handler in root.handlers if isinstance(handler, Sink)]:
        sink.close()
    lines.extend(json.loads(line) for line in (tmp_path / "log").read_text(encoding="utf-8").splitlines())


@pytest.fixture
def channel(wire: Wire) -> Channel:
    return wire.rest.world.add_channel("papers")


def _failing(*_: object) -> None:
    log.warning("on the way")
    raise RuntimeError("broken")


async def test_what_a_person_is_shown_finds_every_line_about_it(
    wire: Wire, channel: Channel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: list[dict[str, Any]]
) -> None:
    async with wire.running():
        await wire.identified()
        await wire.asks("status", channel)
        monkeypatch.setattr("cogs.status.status_page", _failing)
        shown = [await wire.asks("status", channel) for _ in range(2)]
    read(tmp_path, written)
    references = [found[1] for text in shown if (found := re.search(r"Tell the operator: `(\w{8})`", text))]
    assert len(set(references)) == 2
    for reference in references:
        about = [line for line in written if line.get("request") == reference]
        said = [line["message"] for line in about if line["logger"].startswith(("bot", "cogs"))]
        assert said[0] == "on the way"
        assert said[1].startswith(f"error {reference} in interaction ")
        assert said[2].startswith("status: failed after ")
        assert "RuntimeError: broken" in next(line["exception"] for line in about if line["message"] == said[1])
        assert {line["outcome"] for line in about if line.get("event") == "interaction"} == {"failed"}
    others = [line for line in written if line["logger"].startswith(("digests", "bot.identifying"))]
    assert others
    assert not any("request" in line for line in others)  # what the schedule does is about no interaction
    assert REQUEST.get() == ""


async def test_a_button_s_lines_carry_one_too(
    wire: Wire, channel: Channel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: list[dict[str, Any]]
) -> None:
    wire.at = datetime(2026, 6, 10, 12, 30, tzinfo=UTC)
    button = None
    async with wire.running(), asyncio.timeout(SOON_S):
        await wire.identified()
        while button is None:  # the day's papers may not be there yet
            asked = await wire.gateway.interact("today", channel=channel)
            await until(lambda: wire.rest.world.answers[asked.token] and asked.hidden)  # noqa: B023 (awaited at once)
            button = re.search(r'"custom_id": "([a-z]+:[^"]*)"', json.dumps(asked.hidden[0]))
        pressed = await wire.gateway.click(button[1], asked.hidden[0])
        await until(lambda: wire.rest.world.answers[pressed.token])
        await wire.asks("status", channel)
    read(tmp_path, written)
    (end,) = [line for line in written if line.get("command", "").endswith(("_pressed", "_chosen"))]
    assert end["outcome"] == "ok"
    assert len(end["request"]) == 8
    assert end["interaction"] == pressed.id


async def test_a_fault_of_ours_that_ends_it_is_logged_whole_and_told_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    async def broken() -> None:
        raise RuntimeError("boom")

    async def refused() -> None:
        raise StorageError("the disk is full")

    with pytest.raises(click.ClickException, match="the log has it whole"):
        await _until_cancelled(broken())
    (record,) = caplog.records
    assert record.levelno == logging.CRITICAL
    assert record.exc_info
    with pytest.raises(StorageError):  # which is told as it is
        await _until_cancelled(refused())
    assert len(caplog.records) == 1
