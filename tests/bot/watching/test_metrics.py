"""/metrics, as Prometheus reads it; and that documents, dashboard and alerts speak of metrics that exist."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import subprocess
import sys
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
import yaml

from bot.config import MODEL_KEY_VARIABLE
from bot.watching.logs import to_descriptor
from bot.watching.tally import Tally
from sandbox.wire.faults import Fault, Kind
from storage.store import Store
from tests.bot.conftest import SOON_S, Wire, ring_often, until
from tests.bot.watching.started import configured, free_port, sample, scraped, until_reasons
from tests.factories import DAY, paper

ROOT = Path(__file__).parents[3]
NOON = datetime(2026, 6, 10, 12, 30, tzinfo=UTC)
_POST = r"POST /channels/\d+/messages"
_NAME = re.compile(r"\b(?:paperboy|process)_[a-z_]+")
_OF_HISTOGRAMS = re.compile(r"_(bucket|sum|count)$")
_ROW = re.compile(r"^\| `(paperboy_\w+)` \|([^|]*)\|", re.MULTILINE)
_SUM = re.compile(r"\bsum(?: by \(([\w, ]*)\))? ?\((?:[^()]|\([^()]*\))*\)")


@pytest.fixture(autouse=True)
def served(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    ring_often(monkeypatch)
    monkeypatch.setattr("bot.watching.checkup._FIGURES_FOR_S", 0.0)
    monkeypatch.setenv(MODEL_KEY_VARIABLE, "x")
    # Nobody is there: it is left alone after three failures.
    configured(wire, health={"port": free_port()}, model={"url": "http://127.0.0.1:9/v1", "name": "x", "price_in": 1.0})


@pytest.fixture
async def names(wire: Wire) -> set[str]:
    """The names of all metrics there are; a histogram's without its endings."""
    wire.at = NOON
    channel = wire.rest.world.add_channel("papers")
    async with wire.running(), asyncio.timeout(2 * SOON_S):
        await until_reasons(wire)
        await wire.asks("status", channel)
        found: set[str] = set()
        while not {"paperboy_source_age_seconds", "paperboy_round_age_seconds"} <= found:
            found = {_OF_HISTOGRAMS.sub("", name) for name, _ in await scraped(wire) if not name.endswith("_created")}
    return found


async def test_what_happened_is_counted(wire: Wire) -> None:
    wire.at = NOON
    channels = [wire.rest.world.add_channel(f"papers-{n}") for n in range(2)]
    async with Store.open(wire.config.database.url) as store:
        await store.papers.save_day([paper(n) for n in range(1, 4)], "huggingface", DAY, NOON)
    await wire.subscribe(*channels, at=time(13))
    wire.rest.cues.add(Fault(_POST, Kind.REFUSE, status=429, retry_after_s=0.01))
    wire.rest.cues.add(Fault(_POST, Kind.REFUSE, status=403, code=50013))
    async with wire.running(), asyncio.timeout(2 * SOON_S):
        await until_reasons(wire)
        before = await scraped(wire)
        assert sample(before, "paperboy_ready") == sample(before, "paperboy_gateway_connected") == 1
        assert sample(before, "paperboy_guilds") == 1
        assert sample(before, "paperboy_editions_total", outcome="posted") == 0
        assert sample(before, "paperboy_outbox_deliveries", state="planned") == 0
        while sample(await scraped(wire), "paperboy_index_lag_papers"):
            pass  # the day's papers were stored a moment ago
        await wire.asks("status", channels[0])
        wire.at += timedelta(minutes=40)
        await until(lambda: any(channel.messages for channel in channels))
        await wire.rounds()
        after = await scraped(wire)
    assert sample(after, "paperboy_command_seconds_count", command="status", outcome="ok") == 1
    assert sample(after, "paperboy_editions_total", outcome="posted") == 1
    assert (
        sample(after, "paperboy_editions_total", outcome="refused") + sample(after, "paperboy_outbox_deliveries", state="retry")
        == 1
    )
    assert sample(after, "paperboy_edition_lateness_seconds_count") == 1
    assert 600 <= sample(after, "paperboy_edition_lateness_seconds_sum") < 660
    assert sample(after, "paperboy_discord_rate_limited_total", scope="user") == 1
    assert sample(after, "paperboy_discord_invalid_answers") == 2
    assert sample(after, "paperboy_discord_invalid_answers_budget") == 5_000
    assert sample(after, "paperboy_discord_requests_total", status="4xx") == 2
    assert 0 <= sample(after, "paperboy_source_age_seconds", source="huggingface") <= 2_400
    assert sample(after, "paperboy_model_money_cap") == 1
    assert sample(after, "paperboy_disk_free_bytes") > 0


async def test_labels_hold_nothing_that_somebody_typed(wire: Wire) -> None:
    channel = wire.rest.world.add_channel("papers")
    async with wire.running(), asyncio.timeout(2 * SOON_S):
        await until_reasons(wire)
        await wire.gateway.interact("zebra", {"query": "zebra"}, channel=channel)  # no command of ours
        asked = await wire.gateway.interact("search", {"query": "zebra"}, channel=channel)
        await until(lambda: wire.rest.world.answers[asked.token])
        samples: dict[tuple[str, frozenset[tuple[str, str]]], float] = {}
        while not any(name == "paperboy_command_seconds_count" for name, _ in samples):
            samples = await scraped(wire)
    assert "zebra" not in str(samples)


async def test_the_table_in_the_docs_is_complete(names: set[str]) -> None:
    text = (ROOT / "docs/watching.md").read_text(encoding="utf-8")
    assert {name for name, _ in _ROW.findall(text)} == {name for name in names if name.startswith("paperboy_")}


async def test_dashboard_and_alerts_show_metrics_that_exist(names: set[str]) -> None:
    board = json.loads((ROOT / "deploy/grafana.json").read_text(encoding="utf-8"))
    shown = {_OF_HISTOGRAMS.sub("", name) for target in _targets(board) for name in _NAME.findall(target["expr"])}
    assert shown <= names
    assert {name for name in names if name.startswith("paperboy_")} == {name for name in shown if name.startswith("paperboy_")}
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    alerts = (ROOT / "deploy/alerts.yml").read_text(encoding="utf-8")
    assert {_OF_HISTOGRAMS.sub("", name) for name in _NAME.findall(alerts)} <= names
    assert alerts.count("- alert: ") == alerts.count("expr: ") == alerts.count("summary: ") == alerts.count("description: ")


def _rules() -> dict[str, str]:
    """Every alert's expression."""
    (group,) = yaml.safe_load((ROOT / "deploy/alerts.yml").read_text(encoding="utf-8"))["groups"]
    return {rule["alert"]: rule["expr"] for rule in group["rules"]}


def _labels(expression: str) -> set[frozenset[str]]:
    """Those that each vector of the expression has: what a sum is by, else Prometheus' own and the metric's."""
    text = (ROOT / "docs/watching.md").read_text(encoding="utf-8")
    table = {name: re.findall(r"`(\w+)`", labels) for name, labels in _ROW.findall(text)}
    sums = {frozenset((match[1] or "").replace(",", " ").split()) for match in _SUM.finditer(expression)}
    plain = {_OF_HISTOGRAMS.sub("", name) for name in _NAME.findall(_SUM.sub("", expression))}
    return sums | {frozenset({"job", "instance", *table.get(name, ())}) for name in plain}


@pytest.mark.parametrize("name", _rules())
def test_both_sides_of_an_alert_have_the_same_labels(name: str) -> None:
    """Prometheus matches two vectors by all their labels: with other labels on one side the alert never fires."""
    assert len(_labels(_rules()[name])) <= 1


def test_sides_with_other_labels_are_seen() -> None:
    one, posted = "min_over_time(sum(paperboy_outbox_deliveries)[30m:1m]) > 0", "increase(paperboy_editions_total[30m]) == 0"
    assert len(_labels(f"{one} and {posted}")) == 2
    assert len(_labels(f"{one} and sum by (job, instance) ({posted})")) == 2
    assert len(_labels(f"{one} and sum({posted})")) == 1


def _targets(board: dict[str, list[dict[str, list[dict[str, str]]]]]) -> list[dict[str, str]]:
    return [target for panel in board["panels"] for target in panel.get("targets", [])]


def test_editions_are_counted_whatever_is_written_to_the_log(tmp_path: Path) -> None:
    tally, log = Tally(), logging.getLogger("digests.example")
    with open(tmp_path / "log", "wb") as file, to_descriptor(file.fileno(), "error", "text"), tally.listening():  # noqa: PTH123
        for outcome in ("posted", "posted", "expired", "put off"):
            log.info("an edition", extra={"event": "edition", "outcome": outcome, "lateness_s": 1.0})
    log.info("an edition", extra={"event": "edition", "outcome": "posted"})
    assert (tally.editions["posted"], tally.editions["expired"], sum(tally.lateness.counts)) == (2, 1, 3)
    assert tally.happened == {"expired": 1}
    assert (tmp_path / "log").read_bytes() == b""


def test_the_opening_of_the_gateways_connection_is_no_request() -> None:
    tally = Tally()
    for status in (101, 200, 429):
        tally.answered(status, {})
    assert tally.answers == {"2xx": 1, "4xx": 1}


def test_nothing_of_it_is_loaded_before_somebody_asks() -> None:
    seen = "import sys, bot.running; print({'prometheus_client', 'aiohttp.web'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", seen], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "set()\n"
