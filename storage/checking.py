"""Looks at the database's file as SQLite sees it, without changing anything."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from storage.engine import StorageError

_STEPS = 1_000  # of SQLite's machine between two looks at the clock: some microseconds


def damage(path: Path, within_s: float) -> str:
    """The first thing that SQLite's quick check finds wrong, "" for nothing. Takes seconds for a million papers.

    Raises StorageError where the file cannot be read, and TimeoutError where the check did not come to an end.
    """
    ends_at = time.monotonic() + within_s
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=within_s)) as connection:
            connection.set_progress_handler(lambda: time.monotonic() > ends_at, _STEPS)
            (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError as error:
        if time.monotonic() > ends_at:
            raise TimeoutError from error
        raise StorageError(f"the database {path} cannot be read ({error})") from error
    except sqlite3.DatabaseError as error:
        return str(error)
    return "" if found == "ok" else str(found)
