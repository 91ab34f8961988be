"""Copies of the database: taken beside a writer, refused where they are no good, and put back."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from storage.backup import Interrupted, back_up, name_of, restore_from, thin_out
from storage.engine import StorageError
from storage.instance import only_instance
from storage.store import Store
from tests.factories import DAY, NOW, paper, subscription


@pytest.fixture
def database(tmp_path: Path, empty_database: Path) -> Path:
    (tmp_path / "store").mkdir()
    return Path(shutil.copy(empty_database, tmp_path / "store/paperboy.db"))


def write(database: Path, *statements: str) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        for statement in statements:
            connection.execute(statement)


def fill(database: Path, count: int) -> None:
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.executemany("INSERT INTO notes VALUES (?, ?)", [(f"old{n}", "x" * 4_000) for n in range(count)])


def notes(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as connection:
        return [key for (key,) in connection.execute("SELECT key FROM notes ORDER BY key")]


@contextmanager
def writing(database: Path) -> Iterator[list[int]]:
    """Another connection that writes pairs of rows, each pair in one transaction, as fast as it can; how many it has written."""
    written: list[int] = []
    is_over = threading.Event()

    def write_on() -> None:
        with closing(sqlite3.connect(database, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            while not is_over.is_set():
                number = len(written)
                connection.execute("BEGIN IMMEDIATE")
                connection.execute("INSERT INTO notes VALUES (?, ?)", (f"a{number}", "x" * 2_000))
                connection.execute("INSERT INTO notes VALUES (?, ?)", (f"b{number}", "x" * 2_000))
                connection.execute("COMMIT")
                written.append(number)

    thread = threading.Thread(target=write_on)
    thread.start()
    try:
        yield written
    finally:
        is_over.set()
        thread.join()


def test_a_copy_beside_a_writer_is_of_one_moment_and_does_not_hold_it_up(database: Path, tmp_path: Path) -> None:
    write(database, "PRAGMA journal_mode=WAL")
    fill(database, 1_500)  # several steps' worth
    with writing(database) as written:
        while len(written) < 5:
            pass
        before, during = len(written), []

        def look() -> bool:
            during.append(len(written))
            return False

        copied = back_up(database, tmp_path / "copy.db", look)
        after = len(written)
    found = notes(copied.path)
    numbers = {key[1:] for key in found if key[0] == "a"}
    assert numbers == {key[1:] for key in found if key[0] == "b"}  # no half of a transaction
    assert before <= len(numbers) <= after
    assert len(numbers) <= during[0] + 1  # of when it began,
    assert during[-1] > during[0]  # though it was written meanwhile
    assert copied.schema == "0005"
    assert copied.bytes == copied.path.stat().st_size
    assert stat.S_IMODE(copied.path.stat().st_mode) == 0o600
    assert {path.name for path in tmp_path.iterdir()} == {"copy.db", "store"}


def test_a_copy_is_one_file_that_can_be_read_where_nothing_can_be_written(database: Path, tmp_path: Path) -> None:
    write(database, "PRAGMA journal_mode=WAL", "INSERT INTO notes VALUES ('k', 'v')")
    copied = back_up(database, tmp_path / "copy.db")
    with closing(sqlite3.connect(f"{copied.path.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert connection.execute("SELECT text FROM notes WHERE key = 'k'").fetchone() == ("v",)


def test_told_to_stop_it_leaves_nothing_behind(database: Path, tmp_path: Path) -> None:
    with pytest.raises(Interrupted):
        back_up(database, tmp_path / "copy.db", lambda: True)
    with pytest.raises(Interrupted):
        restore_from(database, tmp_path / "other.db", NOW, (), lambda: True)
    assert [path.name for path in tmp_path.iterdir()] == ["store"]


def test_what_exists_is_never_written_over(database: Path, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("x")
    with pytest.raises(StorageError, match="exists already"):
        back_up(database, tmp_path / "config.toml")
    assert (tmp_path / "config.toml").read_text() == "x"
    with pytest.raises(StorageError, match="there is no database"):
        back_up(tmp_path / "typo.db", tmp_path / "copy.db")
    assert not (tmp_path / "typo.db").exists()
    with pytest.raises(StorageError, match="nothing can be written to"):
        back_up(database, tmp_path / "nowhere/copy.db")


def test_the_newest_copies_are_kept_and_nothing_else_is_touched(database: Path, tmp_path: Path) -> None:
    names = [name_of(database, NOW + timedelta(days=day)) for day in range(5)]
    assert names[0] == "paperboy-2026-06-10T090000Z.db"
    others = ["paperboy.db", "paperboy-mine.db", "paperboy-2026-06-10T090000Z.db.gz", "other-2026-06-10T090000Z.db"]
    for name in (*names, *others):
        (tmp_path / name).touch()
    assert [path.name for path in thin_out(tmp_path, database, 2)] == names[2::-1]
    assert {path.name for path in tmp_path.iterdir()} == {*names[3:], *others, "store"}


async def test_a_restored_store_is_as_it_was_and_the_one_of_before_lies_beside_it(database: Path, tmp_path: Path) -> None:
    url = f"sqlite:///{database}"
    async with Store.open(url) as store:
        await store.subscriptions.add(subscription(), NOW)
        await store.papers.save_day([paper(1)], "huggingface", DAY, NOW)
        await store.notes.write("told", "then")
        copied = back_up(database, tmp_path / "copy.db")
        await store.papers.save_day([paper(2)], "huggingface", DAY, NOW)
        with pytest.raises(StorageError, match="in use by another program"):
            restore_from(copied.path, database, NOW)
        assert await store.papers.count() == 2
    done = restore_from(copied.path, database, NOW, ["told"])
    async with Store.open(url) as store:
        assert await store.papers.count() == 1
        assert len(await store.subscriptions.active()) == 1
        assert await store.notes.note("told") is None
    assert done.aside == database.with_name("paperboy.before-2026-06-10T090000Z.db")
    async with Store.open(f"sqlite:///{done.aside}") as store:
        assert await store.papers.count() == 2
    assert stat.S_IMODE(database.stat().st_mode) == 0o600
    assert copied.path.exists()
    assert not list(database.parent.glob("*.unfinished"))


def test_a_damaged_database_is_replaced_with_all_that_belongs_to_it(database: Path, tmp_path: Path) -> None:
    copied = back_up(database, tmp_path / "copy.db")
    database.write_bytes(b"no database at all" * 1_000)
    log = database.with_name("paperboy.db-wal")
    log.write_bytes(b"nor a log")
    aside = restore_from(copied.path, database, NOW).aside
    assert aside
    assert aside.read_bytes().startswith(b"no database")
    assert not log.exists()
    assert notes(database) == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root may give files away")
def test_what_root_restores_and_locks_belongs_to_whoever_the_database_belonged_to(database: Path, tmp_path: Path) -> None:
    copied = back_up(database, tmp_path / "copy.db")
    os.chown(database, 12_345, 23_456)
    os.chown(database.parent, 34_567, 34_567)
    with only_instance(database, "restore", NOW):
        restore_from(copied.path, database, NOW)
    for path in (database, database.with_name(".paperboy.db.lock")):
        assert (path.stat().st_uid, path.stat().st_gid) == (12_345, 23_456)
    restore_from(copied.path, database.with_name("new.db"), NOW)
    assert database.with_name("new.db").stat().st_uid == 34_567


def test_where_there_is_no_database_it_is_put_there(database: Path, tmp_path: Path) -> None:
    done = restore_from(database, tmp_path / "moved.db", NOW)
    assert done.aside is None
    assert notes(tmp_path / "moved.db") == []


def _newer(file: Path) -> None:
    write(file, "UPDATE alembic_version SET version_num = '9999'")


def _foreign(file: Path) -> None:
    file.unlink()
    write(file, "CREATE TABLE theirs (x)")


def _empty(file: Path) -> None:
    file.write_bytes(b"")


def _text(file: Path) -> None:
    file.write_text("[discord]\n" * 500)


def _cut_short(file: Path) -> None:
    fill(file, 50)
    with file.open("r+b") as opened:
        opened.truncate(file.stat().st_size // 2)


def _scratched(file: Path) -> None:
    fill(file, 50)
    body = bytearray(file.read_bytes())
    body[-40_000:-30_000] = b"\xff" * 10_000
    file.write_bytes(body)


def _dangling(file: Path) -> None:
    write(file, "INSERT INTO featured VALUES ('2026-06-10', 'huggingface', 'nothing')")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (_newer, "was written by a newer Paperboy"),
        (_foreign, "is no database of Paperboy's"),
        (_empty, "is no database of Paperboy's"),
        (_text, "is no database"),
        (_cut_short, "damaged"),
        (_scratched, "damaged"),
        (_dangling, "is damaged"),
    ],
)
def test_what_is_no_good_is_refused_in_a_sentence_and_nothing_is_changed(
    database: Path, tmp_path: Path, spoil: Callable[[Path], None], said: str
) -> None:
    write(database, "INSERT INTO notes VALUES ('present', '')")
    file = Path(shutil.copy(database, tmp_path / "copy.db"))
    spoil(file)
    with pytest.raises(StorageError, match=said) as refused:
        restore_from(file, database, NOW)
    assert "\n" not in str(refused.value)
    assert notes(database) == ["present"]
    assert [path.name for path in database.parent.iterdir()] == ["paperboy.db"]
    with pytest.raises(StorageError, match="the database itself"):
        restore_from(database, database, NOW)


@pytest.mark.parametrize("spoil", [_scratched, _dangling])
def test_a_damaged_database_gives_no_copy_that_looks_whole(database: Path, tmp_path: Path, spoil: Callable[[Path], None]) -> None:
    spoil(database)
    with pytest.raises(StorageError, match="damaged"):
        back_up(database, tmp_path / "copy.db")
    assert [path.name for path in tmp_path.iterdir()] == ["store"]
