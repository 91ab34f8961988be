"""The bot over a wire, with its health served on a port of this machine."""

from __future__ import annotations

import asyncio
import json
import socket
import sqlite3
from contextlib import suppress
from typing import Any

import aiohttp
from prometheus_client.parser import text_string_to_metric_families

from bot.config import Config
from tests.bot.conftest import Wire, until

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port


def configured(wire: Wire, **sections: dict[str, Any]) -> None:
    """Change sections of the wire's settings."""
    values = wire.config.model_dump(mode="python")
    for name, section in sections.items():
        values[name] |= section
    wire.config = Config.model_validate(values)


async def get(wire: Wire, path: str) -> tuple[int, str]:
    """The status and the body of an answer of the bot's; (0, "") before it serves anything."""
    url = f"http://127.0.0.1:{wire.config.health.port}{path}"
    try:
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            return answer.status, await answer.text()
    except aiohttp.ClientConnectionError:
        return 0, ""


async def reasons(wire: Wire) -> str:
    """What /readyz says is wrong; empty where all is well."""
    status, body = await get(wire, "/readyz")
    told = json.loads(body or '{"ready": false, "reasons": ["nothing is served yet"]}')
    assert (status == 200) == told["ready"] == (not told["reasons"])
    return "\n".join(told["reasons"])


async def until_reasons(wire: Wire, *begin: str) -> None:
    """Until /readyz gives these reasons and no others, by how each begins; none of them: until it is ready."""
    said: list[str] = ["?"]
    while said != list(begin):
        said = [reason.partition(":")[0] for reason in (await reasons(wire)).splitlines()]


async def scraped(wire: Wire) -> Samples:
    """Every sample of /metrics, by its name and labels."""
    status, body = await get(wire, "/metrics")
    assert status == 200
    families = text_string_to_metric_families(body)
    return {(s.name, frozenset(s.labels.items())): s.value for family in families for s in family.samples}


def sample(samples: Samples, name: str, **labels: str) -> float:
    return samples[name, frozenset(labels.items())]


__all__ = ["Samples", "configured", "free_port", "get", "reasons", "sample", "scraped", "until", "until_reasons"]


async def locked(other: sqlite3.Connection) -> None:
    """Have the write lock. Not waited for in SQLite, where whoever has it could not go on to give it back."""
    async with asyncio.timeout(10):
        while not other.in_transaction:
            with suppress(sqlite3.OperationalError):
                other.execute("BEGIN IMMEDIATE")
            await asyncio.sleep(0.01)
