"""SQLite's driver with fewer hops: a statement, its rows and its end take one turn on the connection's thread, not four.

aiosqlite sends every call of a cursor to the connection's thread, and each hop there and back costs more than most of our
statements: making the cursor, executing, fetching and closing are four. Only its public classes are extended.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

import aiosqlite

T = TypeVar("T")

BEGIN = "BEGIN"  # takes no lock and cannot fail
_FETCHED_AT_ONCE = 1_000  # rows; more of them come when they are asked for, so that a stream stays one


class Cursor(aiosqlite.Cursor):
    """One whose first rows come with the statement.

    SQLite's own cursor is closed on the thread as soon as it has no more rows: letting go of an open one waits for whatever
    the connection is doing, and must not happen on the event loop.
    """

    _conn: Connection

    def __init__(self, connection: Connection, cursor: sqlite3.Cursor) -> None:
        super().__init__(connection, cursor)
        self._rows: list[Any] = []
        self._is_over = True  # SQLite's cursor is closed, or was never used

    async def execute(self, sql: str, parameters: Iterable[Any] | None = None) -> Cursor:
        if sql == BEGIN:
            self._conn.is_to_begin = True
            return self
        self._cursor, self._rows, self._is_over = await self._on_thread(_run, self._cursor, sql, parameters or [])
        return self

    async def executemany(self, sql: str, parameters: Iterable[Iterable[Any]]) -> Cursor:
        self._cursor, self._rows, self._is_over = await self._on_thread(_run_many, self._cursor, sql, parameters)
        return self

    async def fetchone(self) -> Any | None:
        rows = await self.fetchmany(1)
        return rows[0] if rows else None

    async def fetchmany(self, size: int | None = None) -> list[Any]:
        count = self.arraysize if size is None else size
        if len(self._rows) < count and not self._is_over:
            rows, self._is_over = await self._on_thread(_fetch, self._cursor, max(count - len(self._rows), _FETCHED_AT_ONCE))
            self._rows += rows
        taken, self._rows = self._rows[:count], self._rows[count:]
        return taken

    async def fetchall(self) -> list[Any]:
        taken, self._rows = self._rows, []
        while not self._is_over:
            rows, self._is_over = await self._on_thread(_fetch, self._cursor, 100 * _FETCHED_AT_ONCE)
            taken += rows
        return taken

    async def close(self) -> None:
        self._rows = []
        if not self._is_over:
            self._is_over = True
            await super().close()

    async def _on_thread(self, function: Callable[..., Any], *args: Any) -> Any:
        return await self._execute(self._conn.begun, function, *args)  # type: ignore[no-untyped-call]


class Connection(aiosqlite.Connection):
    """One that makes such cursors. A transaction that only reads begins with its first statement, in the same turn."""

    is_to_begin = False

    def begun(self, function: Callable[..., T], *args: Any) -> T:
        """On the thread: what a cursor does, in a transaction if one was begun."""
        if self.is_to_begin:
            self.is_to_begin = False
            self._conn.execute(BEGIN)
        return function(*args)

    async def rollback(self) -> None:
        self.is_to_begin = False
        if self._conn.in_transaction:
            await super().rollback()

    async def commit(self) -> None:
        self.is_to_begin = False
        await super().commit()

    def cursor(self) -> Cursor:  # type: ignore[override]  # SQLAlchemy enters it as a context, which a cursor is, too
        return Cursor(self, self._conn.cursor())


async def connected(path: Path, pragmas: Sequence[str]) -> Connection:
    """A connection to the database file that begins no transaction by itself; its thread alone keeps no process alive."""
    # The thread that makes its cursors is another than that which uses them; SQLite itself takes turns.
    connection = Connection(
        lambda: sqlite3.connect(path, isolation_level=None, check_same_thread=False), iter_chunk_size=_FETCHED_AT_ONCE
    )
    connection._thread.daemon = True  # as SQLAlchemy does with those that it makes
    await connection
    try:
        await connection.executescript(";".join(f"PRAGMA {pragma}" for pragma in pragmas))
    except BaseException:
        await connection.close()
        raise
    return connection


def _run(last: sqlite3.Cursor, sql: str, parameters: Any) -> tuple[sqlite3.Cursor, list[Any], bool]:
    """A statement's cursor and its first rows, on the connection's thread; and whether they are all."""
    last.close()
    cursor = last.connection.cursor()
    try:
        cursor.execute(sql, parameters)
        return cursor, *_fetch(cursor, _FETCHED_AT_ONCE)
    except BaseException:
        cursor.close()
        raise


def _run_many(last: sqlite3.Cursor, sql: str, parameters: Any) -> tuple[sqlite3.Cursor, list[Any], bool]:
    last.close()
    with closing(last.connection.cursor()) as cursor:
        cursor.executemany(sql, parameters)
        return cursor, [], True


def _fetch(cursor: sqlite3.Cursor, size: int) -> tuple[list[Any], bool]:
    """The next rows, and whether they are the last."""
    rows = cursor.fetchmany(size) if cursor.description else []
    is_over = len(rows) < size
    if is_over:
        cursor.close()
    return rows, is_over
