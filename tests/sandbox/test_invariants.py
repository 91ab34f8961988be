"""The seven promises can be broken, and then it is noticed."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sandbox.wire.invariants import left_running, unshown, violations
from sandbox.wire.rest import Request
from sandbox.wire.state import World
from storage.editions import EditionOutcome, Plan
from storage.store import Store
from tests.factories import DAY, NOW, paper, subscription

MARKED = {"components": [{"type": 1, "components": [{"type": 2, "custom_id": "open:0123456789abcdef:2606.00001"}]}]}
LATER = NOW + timedelta(days=1)


@pytest.fixture
async def database(tmp_path: Path) -> Path:
    """Two editions, sent to one channel."""
    path = tmp_path / "x.db"
    async with Store.open(f"sqlite:///{path}") as store:
        await store.papers.save([paper(1), paper(2)], "huggingface")
        for number in (1, 2):
            order = await store.subscriptions.add(subscription(), NOW)
            plan = Plan(order.id, 10, DAY, NOW, NOW, DAY, EditionOutcome.POSTED, paper_ids=[paper(number).id], parts=[None])
            await store.ledger.plan(plan)
        for delivery in await store.ledger.unsent(NOW):
            claimed = await store.outbox.claim(delivery, NOW)
            assert claimed
            await store.outbox.sent(claimed, delivery.id, NOW, shown="", is_final=False)
    return path


def broken(database: Path, statement: str) -> list[str]:
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(statement)
    return violations(database, World())


def test_nothing_is_found_where_all_is_well(database: Path) -> None:
    assert violations(database, World(), log="fine", secrets=["token"]) == []


def test_1_a_message_that_is_there_twice(database: Path) -> None:
    world = World()
    channel = world.add_channel("papers")
    channel.messages += [MARKED, MARKED]
    assert violations(database, world) == ["delivery 0123456789abcdef is there 2 times"]
    assert violations(database, world, flagged=["0123456789abcdef"]) == []


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE deliveries SET state = 'sending'", "is sending"),
        ("UPDATE deliveries SET state = 'expired'", "is expired"),  # without a reason
        ("DELETE FROM deliveries", "has no delivery"),  # 2, and 3
        ("UPDATE deliveries SET channel_id = 11", "is seen in 10 for nothing"),  # 3
        ("DELETE FROM edition_papers", "is seen in 10 for nothing"),
        ("UPDATE deliveries SET message_id = 100 - id", "stands before an earlier one"),  # 6
    ],
)
def test_2_3_6_a_ledger_that_contradicts_itself(database: Path, statement: str, found: str) -> None:
    assert found in "; ".join(broken(database, statement))


def test_4_too_many_refused_requests(database: Path) -> None:
    refused = Request("POST", "/channels/1/messages", {}, None, 403, None, 0.0)
    assert violations(database, World(), [refused] * 4_999) == []
    assert violations(database, World(), [refused] * 5_000) != []
    assert violations(database, World(), [replace(refused, at=float(n)) for n in range(5_000)]) == []  # over more than an hour
    assert violations(database, World(), [replace(refused, at=n * 0.119) for n in range(10_000, 0, -1)]) != []


def test_5_a_secret_in_the_log(database: Path) -> None:
    assert violations(database, World(), log="the token is abc", secrets=["abc"]) == ["a secret of 3 characters is in the log"]


def test_a_message_that_does_not_show_what_its_channel_has_seen(database: Path) -> None:
    world = World()
    channel = world.add_channel("papers")
    channel.messages += [{"id": str(number), "content": paper(number).title} for number in (1, 2)]
    assert unshown(database, world, LATER) == []
    channel.messages[1]["content"] = "An edition"
    assert [sentence.partition(" does ")[2] for sentence in unshown(database, world, LATER)] == [f"not show “{paper(2).title}”"]
    channel.messages.pop()  # a moderator deleted it
    assert unshown(database, world, LATER) == []


def test_7_a_thread_that_keeps_the_process_alive() -> None:
    before, is_over = set(threading.enumerate()), threading.Event()
    waiting: Any = threading.Thread(target=is_over.wait, name="stuck")
    waiting.start()
    assert left_running(before) == ["thread stuck is still running"]
    is_over.set()
    waiting.join()
    assert left_running(before) == []
