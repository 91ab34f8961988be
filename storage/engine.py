"""Opens the database: its pragmas, the one writer, the readers, and what a transaction is.

With backup.py the only file that knows the database is SQLite.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, Select, StaticPool, create_engine, event
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, IntegrityError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from storage.driver import BEGIN, connected
from storage.migrations import ForeignDatabase, NewerDatabase, is_newest, upgrade

BUSY_TIMEOUT_MS = 5_000
READERS = 4
_AT_HAND_TIMEOUT_S = 0.05  # that a read on the event loop's thread may wait for a lock; in WAL mode there is hardly ever one
_BY_ITSELF = "paperboy_by_itself"  # an option of a connection: its statement is no part of a transaction

# "Insert, or update what is there" is no standard SQL; PostgreSQL's has the same methods as SQLite's.
insert = sqlite.insert


class StorageError(Exception):
    """The database could not do what was asked; the message is for the operator."""


class Conflict(StorageError):
    """What was to be written contradicts what is there: a key is taken, or refers to nothing."""


class Database:
    """An open database, at the newest schema."""

    def __init__(self, path: Path, writer: AsyncEngine, readers: AsyncEngine, at_hand: Connection) -> None:
        self.path = path
        self._writer = writer
        self._readers = readers
        self._at_hand = at_hand
        self._turn = asyncio.Lock()

    @classmethod
    @asynccontextmanager
    async def open(cls, url: str) -> AsyncIterator[Database]:
        """Open the database at ``url`` ("sqlite:///paperboy.db"), creating and migrating it as needed. Raises StorageError.

        Its connections are closed at the end of the block; an aiosqlite connection left open keeps the process alive.
        """
        path = database_path(url)
        _create_privately(path)
        writer = _engine(path, begin="BEGIN IMMEDIATE", pool_size=1)
        readers = _engine(path, begin=BEGIN, pool_size=READERS, query_only=True)
        try:
            with _migrating(path):
                # Most starts find nothing to do, and then need not wait for whoever is writing.
                async with readers.connect() as connection:
                    is_current = await connection.run_sync(is_newest)
                if not is_current:
                    async with writer.connect() as connection:
                        await connection.run_sync(upgrade)
                await _connect_all(writer, readers)
            with _at_hand(path) as connection:
                yield cls(path, writer, readers, connection)
        finally:
            await _close(readers)
            await _close(writer)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Everything in the block is saved, or nothing is: on an error, and on cancellation. Raises StorageError.

        One at a time: a second writer waits here, not for the database's lock.
        """
        with _as_storage_error():
            async with self._turn, self._writer.connect() as connection, connection.begin():
                yield connection

    async def rows(self, query: Select[Any], values: Mapping[str, Any] | None = None) -> Sequence[Row[Any]]:
        """What one query finds, with these values for its parameters. Raises StorageError.

        Quicker than ``reading``: a statement by itself needs no transaction.
        """
        with _as_storage_error():
            async with self._readers.connect() as connection:
                await connection.execution_options(**{_BY_ITSELF: True})
                found: Sequence[Row[Any]] = (await connection.execute(query, values)).all()
                return found

    def few(self, query: Select[Any], values: Mapping[str, Any]) -> Sequence[Row[Any]]:
        """What a query finds that looks for a few rows by their keys: read in the event loop's own thread. Raises StorageError.

        Such a query takes SQLite 0.1 ms, and going to another thread and back ten times that. Readers wait for no writer.
        """
        with _as_storage_error():
            return self._at_hand.execute(query, values).all()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection that sees one state of the store throughout the block and cannot write. Raises StorageError."""
        with _as_storage_error():
            async with self._readers.connect() as connection:  # its first statement begins, handing it back ends
                yield connection


async def _connect_all(writer: AsyncEngine, readers: AsyncEngine) -> None:
    """Open every connection now: one whose opening is cancelled half-way, later, would be left open behind our back."""
    async with AsyncExitStack() as open_at_once:
        for engine in [writer, *[readers] * READERS]:
            await open_at_once.enter_async_context(engine.connect())


async def _close(engine: AsyncEngine) -> None:
    """Close the engine's connections, also those that a cancelled task is just handing back.

    SQLAlchemy lets such a task go at once and hands the connection back behind it; one that comes after ``dispose`` stays open.
    """
    pool = engine.pool
    for _ in range(500):
        if not isinstance(pool, AsyncAdaptedQueuePool) or not pool.checkedout():
            break
        await asyncio.sleep(0.01)
    await engine.dispose()


def database_path(url: str) -> Path:
    """The file behind a database URL. Raises StorageError where there is none."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StorageError(f"“{url}” is no database URL: write one like sqlite:///paperboy.db") from error
    if parsed.get_backend_name() != "sqlite" or not parsed.database or parsed.database == ":memory:":
        raise StorageError("the database must be an SQLite file: a URL like sqlite:///paperboy.db")
    return Path(parsed.database)


def _create_privately(path: Path) -> None:
    """The file with mode 0600 before SQLite opens it; the files SQLite puts beside it take over its mode."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        path.chmod(0o600)
    except OSError as error:
        raise StorageError(f"the database {path} cannot be opened ({error.strerror}): check its folder") from error


def _engine(path: Path, *, begin: str, pool_size: int, query_only: bool = False) -> AsyncEngine:
    # FULL: a commit that was lost with the power would be a digest posted twice.
    pragmas = (
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"query_only={'ON' if query_only else 'OFF'}",
    )

    async def connect(*_: Any, **__: Any) -> Any:
        return await connected(path, pragmas)

    # https://docs.sqlalchemy.org/en/20/dialects/sqlite.html: the driver's own transactions begin too late, at the first
    # write, and never for DDL; so the driver's are switched off and we begin our own.
    url = URL.create("sqlite+aiosqlite", database=str(path))
    # An error that is logged whole must not show what people typed.
    engine = create_async_engine(url, async_creator=connect, pool_size=pool_size, max_overflow=0, hide_parameters=True)

    @event.listens_for(engine.sync_engine, "invalidate")
    def _given_up(connection: Any, _record: object, _error: object) -> None:
        # A statement was cancelled half-way. SQLite keeps a connection that is closed over a running statement, with its lock,
        # until the statement is collected as garbage; a rollback ends both.
        with suppress(Exception):
            connection.rollback()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        if not connection.get_execution_options().get(_BY_ITSELF):
            connection.exec_driver_sql(begin)

    return engine


@contextmanager
def _at_hand(path: Path) -> Iterator[Connection]:
    """A connection that only reads, for the thread that opens it; each statement is by itself."""

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(path, timeout=_AT_HAND_TIMEOUT_S, isolation_level=None)
        connection.execute("PRAGMA query_only=ON")
        return connection

    with _as_storage_error():
        engine = create_engine("sqlite://", creator=connect, poolclass=StaticPool, hide_parameters=True)
        connection = engine.connect()
    try:
        yield connection
    finally:
        connection.close()
        engine.dispose()


@contextmanager
def _as_storage_error() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        raise Conflict(_plainly(error)) from error
    except SQLAlchemyError as error:
        raise StorageError(_plainly(error)) from error


@contextmanager
def _migrating(path: Path) -> Iterator[None]:
    try:
        yield
    except NewerDatabase as error:
        raise StorageError(f"{path} was written by a newer Paperboy: run that one, or restore an older copy") from error
    except ForeignDatabase as error:
        raise StorageError(f"{path} is another program's database: name another file") from error
    except SQLAlchemyError as error:
        if "locked" in str(error):
            raise StorageError(f"{path} is in use by another program: try again when that has finished") from error
        raise StorageError(f"{path} cannot be used ({_plainly(error)}): restore a copy, or name another file") from error


def _plainly(error: SQLAlchemyError) -> str:
    """The driver's own sentence, without the statement and its parameters (which hold what people typed)."""
    return str(getattr(error, "orig", None) or error).splitlines()[0]
