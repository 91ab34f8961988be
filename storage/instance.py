"""One bot for one database: whoever runs it holds a lock beside it, and a second one is told who was first.

The lock is the operating system's (https://py-filelock.readthedocs.io): however its holder ends, also by SIGKILL, it is free
then. Who holds it stands in a file of its own, which means nothing once the lock is free. Two machines that share a folder over
a network exclude each other only as far as that file system's locks do.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from filelock import FileLock, Timeout

from papers.text import plural
from storage.engine import StorageError

_PATIENCE_S = 1.0  # whoever only asks whether the lock is held has it for an instant


class AlreadyRunning(StorageError):
    """Another process runs on the database; the message names it."""


@dataclass(frozen=True, slots=True)
class Instance:
    """A process that runs on a database: its ``command`` ("run" or "restore"), and since when (aware, in UTC)."""

    command: str
    pid: int
    host: str
    since: datetime

    def described(self, now: datetime) -> str:
        """Like "process 4711 on host garden, for 3 hours"."""
        return f"process {self.pid} on host {self.host}, for {_age(now - self.since)}"


@contextmanager
def only_instance(database: Path, command: str, now: datetime) -> Iterator[None]:
    """Hold the database for ``command`` until the end of the block. Raises AlreadyRunning, or StorageError without a lock."""
    lock = _lock(database)
    try:
        lock.acquire(timeout=_PATIENCE_S, poll_interval=0.05)
    except Timeout as error:
        raise AlreadyRunning(_refusal(_holder(database), now)) from error
    except OSError as error:
        raise StorageError(f"{database} cannot be locked ({error.strerror or error}): check its folder") from error
    facts = _facts(database)
    hand_over(Path(lock.lock_file), database)
    try:
        _write(facts, Instance(command, os.getpid(), socket.gethostname(), now))
        yield
    finally:
        facts.unlink(missing_ok=True)
        lock.release()


def running_instance(database: Path, now: datetime) -> Instance | None:
    """Who runs on the database at this moment, if anybody; ``now`` stands for a start that is not known. Raises StorageError."""
    if not database.exists():
        return None
    try:
        with _lock(database).acquire(timeout=0):
            return None
    except Timeout:
        return _holder(database) or Instance("run", 0, "", now)
    except OSError as error:
        raise StorageError(f"{database} cannot be locked ({error.strerror or error}): check its folder") from error


def hand_over(path: Path, database: Path) -> None:
    """Let a file beside the database belong to whoever that (or else its folder) belongs to: root may restore for the bot."""
    like = (database if database.exists() else database.parent).stat()
    here = path.stat()
    if (here.st_uid, here.st_gid) != (like.st_uid, like.st_gid):
        with suppress(OSError):  # only root may
            os.chown(path, like.st_uid, like.st_gid)


def _refusal(holder: Instance | None, now: datetime) -> str:
    command = "paperboy restore" if holder and holder.command == "restore" else "paperboy"
    who = f": {holder.described(now)}" if holder else ""
    return f"{command} is already running here{who}; stop that one first, or give this one a database of its own"


def _holder(database: Path) -> Instance | None:
    """What the holder wrote of itself; None where it has not got to that yet."""
    try:
        values = json.loads(_facts(database).read_text(encoding="utf-8"))
        since = datetime.fromisoformat(values["since"])
        return Instance(str(values["command"]), int(values["pid"]), str(values["host"]), since)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write(facts: Path, instance: Instance) -> None:
    values = {name: getattr(instance, name) for name in ("command", "pid", "host")}
    part = facts.with_name(facts.name + ".part")
    try:
        part.write_text(json.dumps({**values, "since": instance.since.isoformat()}), encoding="utf-8")
        part.replace(facts)
    except OSError as error:
        raise StorageError(f"{facts} cannot be written ({error.strerror}): check its folder") from error


def _lock(database: Path) -> FileLock:
    path = database.resolve()  # the same file under another name is the same database
    return FileLock(path.with_name(f".{path.name}.lock"), thread_local=False)


def _facts(database: Path) -> Path:
    path = database.resolve()
    return path.with_name(f".{path.name}.instance")


def _age(age: timedelta) -> str:
    minutes = max(0, int(age.total_seconds() // 60))
    if minutes < 2:
        return "less than 2 minutes"
    if minutes < 120:
        return plural(minutes, "minute")
    return plural(minutes // 60, "hour") if minutes < 48 * 60 else plural(minutes // (24 * 60), "day")
