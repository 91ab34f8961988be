"""The driver with fewer hops: what comes with a statement, what comes later, and what a failure leaves."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from storage.driver import Connection, Cursor, connected
from storage.engine import Database

MANY = 2_500  # more than come at once
COUNTING = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {MANY}) SELECT i FROM n"  # noqa: S608


@pytest.fixture
async def connection(tmp_path: Path) -> AsyncIterator[Connection]:
    connection = await connected(tmp_path / "test.db", ["journal_mode=WAL"])
    yield connection
    await connection.close()


async def counting(connection: Connection) -> Cursor:
    return await connection.cursor().execute(COUNTING)


async def test_however_they_are_fetched_all_rows_come_once_and_in_order(connection: Connection) -> None:
    wanted = list(range(1, MANY + 1))
    at_once = await (await counting(connection)).fetchall()
    assert [number for (number,) in at_once] == wanted
    by_pages: list[int] = []
    cursor = await counting(connection)
    while page := await cursor.fetchmany(700):
        by_pages += [number for (number,) in page]
    assert by_pages == wanted
    cursor = await counting(connection)
    mixed = [await cursor.fetchone(), *await cursor.fetchmany(1_500), await cursor.fetchone(), *await cursor.fetchall()]
    assert [row[0] for row in mixed if row] == wanted
    assert await cursor.fetchone() is None


async def test_a_cursor_closed_half_way_lets_go_of_what_it_read(connection: Connection, tmp_path: Path) -> None:
    await connection.execute("CREATE TABLE t (i)")
    await connection.execute(f"INSERT INTO t {COUNTING}")
    cursor = await connection.cursor().execute("SELECT i FROM t")
    await cursor.fetchmany(10)
    await cursor.close()
    with closing(sqlite3.connect(tmp_path / "test.db", isolation_level=None)) as other:
        (busy, _, _) = other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    assert not busy  # a reader in the midst would be in its way


@pytest.mark.parametrize("statement", ["SELECT 1 WHERE 0", "SELECT 1", COUNTING, "INSERT INTO t VALUES (1)"])
async def test_what_is_over_is_closed_where_it_ran_lest_the_loop_waits_to_let_go_of_it(
    connection: Connection, statement: str
) -> None:
    await connection.execute("CREATE TABLE t (i)")
    cursor = await connection.cursor().execute(statement)
    await cursor.fetchall()
    many = await connection.cursor().executemany("INSERT INTO t VALUES (?)", [(1,), (2,)])
    for over in (cursor, many):
        with pytest.raises(sqlite3.ProgrammingError, match="closed cursor"):
            over._cursor.fetchone()


async def test_a_stream_through_the_engine_has_them_all(tmp_path: Path) -> None:
    async with Database.open(f"sqlite:///{tmp_path}/test.db") as database, database.reading() as reader:
        numbers = [number async for (number,) in await reader.stream(text(COUNTING))]
    assert numbers == list(range(1, MANY + 1))


async def test_what_cannot_be_opened_leaves_no_thread(tmp_path: Path) -> None:
    (tmp_path / "test.db").write_text("Dear diary, " * 100)
    before = set(threading.enumerate())
    with pytest.raises(sqlite3.DatabaseError):
        await connected(tmp_path / "test.db", ["journal_mode=WAL"])
    left = set(threading.enumerate()) - before
    for thread in left:
        thread.join(timeout=5)  # it may still be on its way out
    assert not any(thread.is_alive() for thread in left)
