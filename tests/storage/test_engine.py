"""The database itself: its mode, its migrations, its one writer, and what a cancellation leaves behind."""

from __future__ import annotations

import asyncio
import gc
import sqlite3
import stat
import threading
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, bindparam, insert, select, text

from storage.engine import Database, StorageError
from storage.schema import metadata, notes


def url(path: Path) -> str:
    return f"sqlite:///{path}/test.db"


async def test_its_files_are_the_owners_alone(tmp_path: Path) -> None:
    async with Database.open(url(tmp_path)) as database, database.transaction() as connection:
        await connection.execute(insert(notes).values(key="a", text="b"))
        modes = {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    assert modes == {0o600}


async def test_it_is_durable_and_checks_its_keys(tmp_path: Path) -> None:
    async with Database.open(url(tmp_path)) as database:
        async with database.transaction() as connection:
            pragmas = ("journal_mode", "synchronous", "foreign_keys", "query_only")
            found = [await connection.scalar(text(f"PRAGMA {pragma}")) for pragma in pragmas]
            assert found == ["wal", 2, 1, 0]
        async with database.reading() as connection:
            assert await connection.scalar(text("PRAGMA query_only")) == 1


async def test_the_migrations_make_the_tables_of_the_schema(tmp_path: Path) -> None:
    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    async with Database.open(url(tmp_path)) as database, database.transaction() as connection:
        assert await connection.run_sync(differences) == []
        checks = await connection.scalar(text("SELECT sql FROM sqlite_master WHERE name = 'subscriptions'"))
        assert "size BETWEEN 1 AND 8" in str(checks)


async def test_a_newer_database_is_refused_with_advice(tmp_path: Path) -> None:
    async with Database.open(url(tmp_path)) as database, database.transaction() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageError, match="newer Paperboy"):
        async with Database.open(url(tmp_path)):
            pass


async def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "test.db"
    file.write_text("Dear diary, " * 100)
    with pytest.raises(StorageError, match="cannot be used"):
        async with Database.open(url(tmp_path)):
            pass
    assert file.read_text().startswith("Dear diary")


async def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="check its folder"):
        async with Database.open(f"sqlite:///{tmp_path}/file/test.db"):
            pass


@pytest.mark.parametrize("bad", ["postgresql://x/y", "sqlite://", "nonsense", "sqlite:///:memory:"])
async def test_a_url_that_names_no_file_is_refused(bad: str) -> None:
    with pytest.raises(StorageError, match="sqlite:///"):
        async with Database.open(bad):
            pass


async def test_an_error_in_a_transaction_leaves_nothing_of_it(tmp_path: Path) -> None:
    async with Database.open(url(tmp_path)) as database:
        with pytest.raises(RuntimeError):
            async with database.transaction() as connection:
                await connection.execute(insert(notes).values(key="a", text="b"))
                raise RuntimeError
        async with database.reading() as connection:
            assert await connection.scalar(text("SELECT count(*) FROM notes")) == 0


async def test_a_reader_cannot_write(tmp_path: Path) -> None:
    async with Database.open(url(tmp_path)) as database:
        with pytest.raises(StorageError, match="readonly"):
            async with database.reading() as connection:
                await connection.execute(insert(notes).values(key="a", text="b"))


async def test_a_writer_cancelled_at_any_moment_leaves_the_store_whole_and_unlocked(tmp_path: Path) -> None:
    """Two rows belong together; whatever moment a writer is cancelled at, both are there or neither."""
    finished: set[int] = set()

    async def write(database: Database, number: int) -> None:
        async with database.transaction() as connection:
            await connection.execute(insert(notes).values(key=f"{number} a", text="x"))
            await connection.execute(insert(notes).values(key=f"{number} b", text="x"))
        finished.add(number)

    async with Database.open(url(tmp_path)) as database:
        for number in range(200):
            task = asyncio.ensure_future(write(database, number))
            await asyncio.wait([task], timeout=number * 0.00003)  # from before its first step to after its last
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await asyncio.wait_for(write(database, 1_000), timeout=4)  # less than the busy timeout: no lock is left
        async with database.reading() as connection:
            keys = set(await connection.scalars(text("SELECT key FROM notes")))
    stored = {int(key.split()[0]) for key in keys}
    assert keys == {f"{number} {half}" for number in stored for half in "ab"}
    assert finished <= stored  # a commit that was cancelled on its way back may be there all the same
    assert 1 < len(finished) < 201  # some were cancelled and some were not, or this has tested nothing


async def test_a_writer_cancelled_between_its_statement_and_the_answer_frees_the_lock(tmp_path: Path) -> None:
    """SQLite keeps the lock of a connection that is closed over a running statement, until that is garbage collected."""
    gc.disable()
    try:
        async with Database.open(url(tmp_path)) as database:
            with pytest.raises(StorageError):  # its connection is gone
                async with database.transaction() as connection:
                    driver = (await connection.get_raw_connection()).driver_connection
                    assert driver
                    running = await driver.execute("INSERT INTO notes (key, text) VALUES ('a', 'b'), ('c', 'd') RETURNING key")
                    await connection.invalidate()  # as SQLAlchemy does where a task is cancelled at this point
            assert running  # half-way, and still referred to
            with closing(sqlite3.connect(tmp_path / "test.db", timeout=0.1, isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
    finally:
        gc.enable()


async def test_a_lock_held_by_another_process_is_waited_for(tmp_path: Path) -> None:
    async with Database.open(url(tmp_path)) as database:
        other = sqlite3.connect(tmp_path / "test.db", check_same_thread=False, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        release = threading.Timer(0.3, lambda: other.execute("ROLLBACK"))
        release.start()
        async with database.transaction() as connection:
            await connection.execute(insert(notes).values(key="a", text="b"))
        release.join()
        other.close()


async def test_closing_leaves_no_thread_behind(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    async with Database.open(url(tmp_path)) as database, database.reading() as connection:
        await connection.scalar(text("SELECT 1"))
    left = {thread for thread in threading.enumerate() if thread not in before and thread.is_alive() and not thread.daemon}
    for thread in left:
        thread.join(timeout=2)
    assert not [thread for thread in left if thread.is_alive()]


async def test_a_few_rows_are_read_as_they_were_last_committed_and_without_waiting_for_a_writer(tmp_path: Path) -> None:
    async with Database.open(url(tmp_path)) as database:
        query = select(notes.c.text).where(notes.c.key == bindparam("key"))
        async with database.transaction() as connection:
            await connection.execute(notes.insert().values(key="k", text="before"))
        async with database.transaction() as connection:
            await connection.execute(notes.update().values(text="after"))
            assert [row.text for row in database.few(query, {"key": "k"})] == ["before"]
        assert [row.text for row in database.few(query, {"key": "k"})] == ["after"]
        with pytest.raises(StorageError):
            database.few(text("DELETE FROM notes"), {})  # type: ignore[arg-type]
