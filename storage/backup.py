"""Copies of the database file: taken while it is in use, checked, and put back.

Besides engine.py the only file that knows the database is SQLite. Everything here waits for the disk: call it in a thread.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from storage.engine import StorageError
from storage.instance import hand_over
from storage.migrations import known_revisions

_PAGES = 256  # copied in one step, of 4 KiB each; between two steps it can be stopped
_LOOK_EVERY = 100_000  # of SQLite's own steps, while it checks a copy
_WAITS_S = 2.0  # for another program that has the database locked
_UNFINISHED = ".unfinished"
_DAY_S = 24 * 60 * 60
_STAMP = "%Y-%m-%dT%H%M%SZ"

Stop = Callable[[], bool]  # whether to stop; asked from time to time


class Interrupted(StorageError):
    """It was told to stop; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Copied:
    """A finished copy: where, how large, and of which schema ("0005")."""

    path: Path
    bytes: int
    schema: str


@dataclass(frozen=True, slots=True)
class Restored:
    """``aside`` is where the database of before lies now; None where there was none."""

    copy: Copied
    aside: Path | None


def never() -> bool:
    return False


def back_up(database: Path, target: Path, stop: Stop = never) -> Copied:
    """Copy the database, which may be in use and of an older schema, into a new file ``target``, whole or not at all.

    The copy is of the moment at which it begins, readable by its owner alone, and one file. Raises StorageError, Interrupted.
    """
    if target.exists():
        raise StorageError(f"{target} exists already: name another file, or a folder")
    with unfinished(target) as part:
        _copy(database, part, stop)
        schema = _require_sound(part, database, stop)
        size = part.stat().st_size
        settle(part, target)
    return Copied(target, size, schema)


def name_of(database: Path, now: datetime) -> str:
    """What a copy taken at ``now`` (UTC) is called, such as "paperboy-2026-06-10T090000Z.db"."""
    return f"{database.stem}-{now.strftime(_STAMP)}{database.suffix}"


def thin_out(folder: Path, database: Path, keep: int) -> list[Path]:
    """Delete all but the newest ``keep`` copies in ``folder`` that are called as ``name_of`` does, and what was left unfinished a
    day ago; the copies deleted. Raises StorageError.
    """
    try:
        copies = sorted((path for path in folder.iterdir() if _is_copy(path.name, database)), reverse=True)
        long_ago = time.time() - _DAY_S
        left = [path for path in folder.glob(f".{database.stem}-*{_UNFINISHED}") if path.stat().st_mtime < long_ago]
        for path in (*copies[keep:], *left):
            path.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(f"an older copy cannot be deleted: {error}") from error
    return copies[keep:]


def restore_from(file: Path, database: Path, now: datetime, forget: Collection[str] = (), stop: Stop = never) -> Restored:
    """Put a copy in the database's place, without the notes ``forget`` (of what others were told meanwhile).

    Nobody may have the database open; it is kept beside. An older schema is fine, as the next start migrates it. Until the very
    last step nothing has changed. Raises StorageError, Interrupted.
    """
    database = database.resolve()
    if file.resolve() == database:
        raise StorageError(f"{file} is the database itself: name a backup")
    with unfinished(database) as part:
        _copy(file, part, stop)
        schema = _require_sound(part, file, stop)
        with closing(sqlite3.connect(part)) as copy, copy:
            copy.executemany("DELETE FROM notes WHERE key = ?", [(key,) for key in forget])
        size = part.stat().st_size
        hand_over(part, database)
        aside = _set_aside(database, now) if database.exists() else None
        settle(part, database)
    return Restored(Copied(database, size, schema), aside)


def _copy(source: Path, target: Path, stop: Stop) -> None:
    def look(status: int, remaining: int, total: int) -> None:
        if stop():
            raise Interrupted("stopped: nothing was changed")

    with _reading(source) as origin, closing(sqlite3.connect(target)) as copy:
        copy.execute("PRAGMA synchronous=OFF")  # it counts for nothing until it is whole, and synced then
        # A transaction that reads keeps to one state of the store, which writers (in WAL mode) go on from; without it, a copy
        # would begin again with each of their commits.
        origin.execute("BEGIN")
        origin.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        origin.backup(copy, pages=_PAGES, progress=look)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, readable also where nothing can be written beside it


@contextmanager
def _reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to a database that is there already. Whatever goes wrong with it in the block becomes a StorageError."""
    if not path.is_file():
        raise StorageError(f"there is no database {path}: check the path")
    try:
        # A plain path cannot say that nothing is to be created.
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=_WAITS_S)) as connection:
            connection.isolation_level = None
            yield connection
    except sqlite3.OperationalError as error:
        raise StorageError(f"{path} cannot be copied: {error}") from error
    except sqlite3.DatabaseError as error:
        raise StorageError(f"{path} is no database, or a damaged one ({error}): name another file") from error


def _require_sound(path: Path, of: Path, stop: Stop) -> str:
    """The schema of a copy of ``of`` that is whole, ours and not newer than we are. Raises StorageError, Interrupted."""
    try:
        with closing(sqlite3.connect(path)) as connection:
            connection.set_progress_handler(stop, _LOOK_EVERY)
            tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
            if not {"alembic_version", "notes", "papers"} <= tables:
                raise StorageError(f"{of} is no database of Paperboy's: name another file")
            (schema,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            if schema not in known_revisions():
                raise StorageError(f"{of} was written by a newer Paperboy: run that one, or use an older backup")
            problems = [text for (text,) in connection.execute("PRAGMA integrity_check(1)") if text != "ok"]
            problems += [f"{row[0]} refers to what is not there" for row in connection.execute("PRAGMA foreign_key_check")][:1]
    except sqlite3.DatabaseError as error:
        if stop():
            raise Interrupted("stopped: nothing was changed") from error
        problems = [str(error)]
    if problems:
        raise StorageError(f"{of} is damaged ({problems[0].splitlines()[-1]}): use another backup")
    return str(schema)


def _set_aside(database: Path, now: datetime) -> Path:
    """Give the database, which nobody may have open, a second name; its first is free to be replaced. Raises StorageError."""
    aside = database.with_name(f"{database.stem}.before-{now.strftime(_STAMP)}{database.suffix}")
    try:
        with closing(sqlite3.connect(database, timeout=_WAITS_S)) as connection:
            # Takes in what lies in the log beside it, and works only for the one who alone has it open.
            connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as error:
        raise StorageError(f"{database} is in use by another program ({error}): end that first") from error
    except sqlite3.DatabaseError:
        pass  # it is damaged, which may be why it is replaced: it goes aside as it lies there
    try:
        for ending in ("-wal", "-shm"):  # of another database, they would be read into the new one
            left = database.with_name(database.name + ending)
            if left.exists():
                left.replace(aside.with_name(aside.name + ending))
        try:
            aside.hardlink_to(database)  # so that at no moment there is none
        except OSError:  # a file system without second names
            database.replace(aside)
    except OSError as error:
        raise StorageError(f"{database} cannot be put aside ({error.strerror}): check its folder") from error
    return aside


@contextmanager
def unfinished(target: Path) -> Iterator[Path]:
    """An empty file beside ``target``, with mode 0600, that is gone after the block unless it was moved."""
    try:
        number, name = tempfile.mkstemp(prefix=f".{target.stem}-", suffix=_UNFINISHED, dir=target.parent)
    except OSError as error:
        raise StorageError(f"nothing can be written to {target.parent} ({error.strerror}): check the folder") from error
    os.close(number)
    part = Path(name)
    try:
        yield part
    except OSError as error:
        raise StorageError(f"{target} cannot be written ({error.strerror or error}): check the folder and its space") from error
    finally:
        for ending in ("", "-journal", "-wal", "-shm"):
            part.with_name(part.name + ending).unlink(missing_ok=True)


def settle(part: Path, target: Path) -> None:
    """Make a finished file durable, and give it its name."""
    _sync(part)
    part.replace(target)
    with suppress(OSError):  # not every system can do it with a folder
        _sync(target.parent)


def _sync(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _is_copy(name: str, database: Path) -> bool:
    prefix, suffix = f"{database.stem}-", database.suffix
    if not (name.startswith(prefix) and name.endswith(suffix)):
        return False
    try:
        datetime.strptime(name[len(prefix) : len(name) - len(suffix)], _STAMP)  # noqa: DTZ007 (only its form)
    except ValueError:
        return False
    return True
