"""Row B1: the sender is killed at every turn of its event loop, from the plan to the last mark; no loss and no double."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sandbox.wire.rest import Rest
from sandbox.wire.state import GUILD_ID, World
from storage.store import Store
from tests.factories import DAY, NOW, paper, subscription


@pytest.fixture
async def victim() -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "sandbox.wire.victim", stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    yield process
    assert process.stdin
    process.stdin.close()
    await asyncio.wait_for(process.wait(), 10)


async def ask(victim: asyncio.subprocess.Process, order: dict[str, Any]) -> str:
    assert victim.stdin
    assert victim.stdout
    victim.stdin.write(json.dumps(order).encode() + b"\n")
    return (await asyncio.wait_for(victim.stdout.readline(), 30)).decode().strip()


@pytest.mark.parametrize("restart_after", [timedelta(seconds=30), timedelta(hours=1)], ids=["at-once", "after-an-hour"])
async def test_b1_a_kill_at_any_turn_loses_nothing_and_repeats_nothing(
    tmp_path: Path, victim: asyncio.subprocess.Process, restart_after: timedelta
) -> None:
    """At once Discord knows the nonce, though here no history may be read; after an hour only the mark tells.

    One takes the even turns and the other the odd ones: what lies before a kill is the same for both.
    """
    is_late = restart_after > timedelta(minutes=2)
    now = NOW
    world = World(clock=lambda: now)
    channel = world.add_channel("papers")
    channel.can_read_history = is_late
    database = f"sqlite:///{tmp_path}/x.db"
    async with Store.open(database) as store, Rest(world).running() as api:
        order = subscription(guild_id=GUILD_ID, channel_id=channel.id, size=1)
        await store.subscriptions.add(order, NOW - timedelta(hours=1))
        outcome, day = "killed", 0
        while outcome == "killed":
            now = NOW + timedelta(days=day)
            listed = DAY + timedelta(days=day)
            await store.papers.save_day([paper(day, featured_on=(listed,))], "huggingface", listed, now)
            order_ = {"database": database, "api": api}
            outcome = await ask(victim, {**order_, "now": now.isoformat(), "kill": {"at_step": 2 * day + is_late}})
            assert outcome in {"killed", "done"}
            now += restart_after
            assert await ask(victim, {**order_, "now": now.isoformat(), "kill": None}) == "done"
            day += 1
            assert len(channel.messages) == day
    assert day > 30  # the sweep went through a whole round
