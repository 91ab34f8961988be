"""What must be true after everything, whatever went wrong: the seven promises of delivery, each checked on the evidence.

The evidence is Discord's side (messages, requests), the database's file, the log and the process itself; nothing of the code
that made them is asked.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from sandbox.wire.rest import Request
from sandbox.wire.state import World, walk

INVALID_PER_TEN_MINUTES = 10_000  # Discord's own limit; we stop at half of it
_WINDOW_S = 600.0
_CLOSED = ("sent", "refused", "expired")
# What a person follows alone may be in their inbox, without a delivery.
_OF_A_PERSON = "editions.subscription_id IN (SELECT id FROM subscriptions WHERE user_id IS NOT NULL)"


def violations(
    database: Path,
    world: World,
    requests: Iterable[Request] = (),
    log: str = "",
    secrets: Collection[str] = (),
    flagged: Collection[str] = (),
) -> list[str]:
    """A sentence for each promise that is broken, at a moment when all that is due has come to its end.

    ``flagged`` are marks of messages that the log called possible duplicates. Promise 7 is ``left_running``'s, when all is
    closed.
    """
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        found = [
            *_doubled(world, flagged),
            *_unfinished(connection),
            *_seen_for_nothing(connection),
            *_disordered(connection),
        ]
    return [*found, *_wasteful(requests), *_leaked(log, secrets)]


def unshown(database: Path, world: World, due_before: datetime) -> list[str]:
    """A sentence for each paper that its channel has seen, by the ledger, and the message there does not show.

    Of the editions due before an instant (UTC), whose messages are edited no more; titles must be shown as they are.
    """
    messages = {int(message["id"]): message for channel in world.channels.values() for message in channel.messages}
    query = """
        SELECT message_id, mark, title FROM deliveries JOIN edition_papers USING (edition_id)
        JOIN papers ON papers.id = edition_papers.paper_id JOIN editions ON editions.id = edition_id
        WHERE state = 'sent' AND editions.due_at < ? AND (deliveries.paper_id IS NULL OR deliveries.paper_id = papers.id)"""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        owed = connection.execute(query, (f"{due_before:%Y-%m-%d %H:%M:%S}",)).fetchall()
    return [
        f"delivery {mark} does not show “{title}”"
        for message_id, mark, title in owed
        if message_id in messages and title not in json.dumps(messages[message_id], ensure_ascii=False)
    ]


def marks(message: dict[str, Any]) -> set[str]:
    """The marks in a message's buttons."""
    custom_ids = [component.get("custom_id", "") for component in walk(message["components"])]
    return {custom_id.split(":")[1] for custom_id in custom_ids if custom_id.startswith(("open:", "day:"))} - {""}


def _doubled(world: World, flagged: Collection[str]) -> Iterator[str]:
    """1: no two visible messages of one delivery."""
    shown = Counter(mark for channel in world.channels.values() for message in channel.messages for mark in marks(message))
    yield from (f"delivery {mark} is there {n} times" for mark, n in shown.items() if n > 1 and mark not in flagged)


def _unfinished(connection: sqlite3.Connection) -> Iterator[str]:
    """2: every edition has come to its end, with a reason where it is not in its channel."""
    for row in connection.execute("SELECT * FROM deliveries"):
        if row["state"] not in _CLOSED or (row["state"] != "sent" and not row["reason"]):
            yield f"delivery {row['mark']} is {row['state']}, because “{row['reason']}”"
    orphans = f"""
        SELECT *, {_OF_A_PERSON} AS is_in_an_inbox FROM editions
        WHERE id NOT IN (SELECT edition_id FROM deliveries)"""  # noqa: S608
    for row in connection.execute(orphans):
        if row["outcome"] == "posted" and row["is_in_an_inbox"]:
            continue
        if row["outcome"] not in {"empty", "expired"} or not row["reason"]:
            yield f"edition {row['id']} of {row['day']} has no delivery and is {row['outcome']}"


def _seen_for_nothing(connection: sqlite3.Connection) -> Iterator[str]:
    """3: nothing is marked as seen without a delivery to that channel that brings it, or an inbox that has it."""
    query = f"""
        SELECT channel_id, paper_id FROM seen WHERE NOT EXISTS (
            SELECT 1 FROM deliveries JOIN edition_papers USING (edition_id)
            WHERE edition_id = seen.edition_id AND channel_id = seen.channel_id AND edition_papers.paper_id = seen.paper_id
        ) AND NOT EXISTS (
            SELECT 1 FROM editions JOIN edition_papers ON edition_papers.edition_id = editions.id
            WHERE editions.id = seen.edition_id AND edition_papers.paper_id = seen.paper_id AND {_OF_A_PERSON}
        )"""  # noqa: S608
    yield from (f"paper {row['paper_id']} is seen in {row['channel_id']} for nothing" for row in connection.execute(query))


def _wasteful(requests: Iterable[Request]) -> Iterator[str]:
    """4: refused requests stay under half of what Discord allows in ten minutes."""
    at = sorted(r.at for r in requests if r.status in {401, 403} or (r.status == 429 and "shared" not in str(r.response)))
    too_many = INVALID_PER_TEN_MINUTES // 2
    if any(last - first < _WINDOW_S for first, last in zip(at, at[too_many - 1 :], strict=False)):
        yield "more than half of the refused requests that Discord allows"


def _leaked(log: str, secrets: Collection[str]) -> Iterator[str]:
    """5: no secret is in the log."""
    yield from (f"a secret of {len(secret)} characters is in the log" for secret in secrets if secret in log)


def _disordered(connection: sqlite3.Connection) -> Iterator[str]:
    """6: in a channel, editions stand in the order they were planned in."""
    query = "SELECT channel_id, id, message_id FROM deliveries WHERE state = 'sent' ORDER BY channel_id, id"
    last: dict[int, int] = {}
    for row in connection.execute(query):
        if row["message_id"] < last.get(row["channel_id"], 0):
            yield f"in channel {row['channel_id']} delivery {row['id']} stands before an earlier one"
        last[row["channel_id"]] = row["message_id"]


def left_running(before: Collection[threading.Thread]) -> list[str]:
    """7: nothing is left that would keep the process from ending."""
    left = [thread.name for thread in threading.enumerate() if thread not in before and not thread.daemon]
    return [f"thread {name} is still running" for name in left]
