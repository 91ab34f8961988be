"""`paperboy backup`, `restore` and `export`: what an operator does with the database as a whole (docs/keeping.md)."""

from __future__ import annotations

import asyncio
import json
import shutil
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO, Any, TypeVar

import click

from bot.config import Config
from bot.terminal.command import WrongUse, configured, stop_on_sigterm
from storage.backup import Stop, back_up, name_of, restore_from, settle, thin_out, unfinished
from storage.engine import Database, StorageError, database_path
from storage.export import FORMAT, KINDS, exported
from storage.instance import only_instance

T = TypeVar("T")

# Discord has moved on since the backup: what it was told last is not what the backup says it was (bot/client.py).
_TOLD_MEANWHILE = ("commands synced",)
_STOPPED = "stopped: nothing was changed"


@click.command()
@click.argument("copy", metavar="[FILE]", required=False, type=click.Path(path_type=Path))
@click.option("--keep", type=click.IntRange(1, 10_000), help="Delete all but the newest N copies in that folder.")
@configured
async def backup(config: Config, copy: Path | None, keep: int | None) -> None:
    """Copy the database into FILE, also while the bot runs.

    FILE may be a folder; without it the copy lies beside the database. It is called by the time then (UTC), is readable by its
    owner alone, and is checked before it gets its name.
    """
    database = database_path(config.database.url)
    folder = _folder(copy, database)
    if keep and folder is None:
        raise WrongUse("--keep needs a folder, or no FILE: only copies that got their names here are deleted")
    target = folder / name_of(database, datetime.now(UTC)) if folder else copy
    assert target  # noqa: S101
    copied = await _stoppable(partial(back_up, database, target))
    click.echo(f"{copied.path}: {copied.bytes / 1e6:,.1f} MB, schema {copied.schema}, whole and checked.")
    if keep and folder:
        for old in await asyncio.to_thread(thin_out, folder, database, keep):
            click.echo(f"{old}: deleted.")


@click.command()
@click.argument("copy", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@configured
async def restore(config: Config, copy: Path) -> None:
    """Put the backup FILE in the database's place, while the bot does not run.

    The database of before is kept beside it. Nothing is posted twice: what the backup does not know of, Paperboy recognises in
    the channels, or is too late to post.
    """
    database = database_path(config.database.url)
    with only_instance(database, "restore", datetime.now(UTC)):
        done = await _stoppable(partial(restore_from, copy, database, datetime.now(UTC), _TOLD_MEANWHILE))
        # It is derived from the database, and may be ahead of the one there is now.
        await asyncio.to_thread(shutil.rmtree, config.database.beside(".index"), ignore_errors=True)
    click.echo(f"{database} is {copy} now (schema {done.copy.schema}); search builds its index anew at the next start.")
    if done.aside:
        click.echo(f"What was there before: {done.aside}")


@click.command()
@click.argument("target", metavar="[FILE]", required=False, default="-", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--only", multiple=True, type=click.Choice(list(KINDS)), metavar="KIND", help=f"Of: {', '.join(KINDS)}.")
@configured
async def export(config: Config, target: Path, only: tuple[str, ...]) -> None:
    """Write everything that is stored into FILE (or print it) as JSON lines, also while the bot runs.

    Each line is an object with its "kind". `paperboy import` reads the papers of an export made with --only paper.
    """
    path = database_path(config.database.url)
    if not path.is_file():
        raise StorageError(f"there is no database {path}: check the path")
    stop_on_sigterm()
    kinds = tuple(kind for kind in KINDS if not only or kind in only)
    try:
        async with Database.open(config.database.url) as database, aclosing(_lines(database, kinds)) as lines:
            with _written(target) as out:
                count = 0
                async for line in lines:
                    out.write(line + "\n")
                    count += 1
    except asyncio.CancelledError as error:
        raise click.ClickException(_STOPPED) from error
    if str(target) != "-":
        click.echo(f"{target}: {count:,} lines")


def _folder(copy: Path | None, database: Path) -> Path | None:
    """Where a copy goes that gets its name here; None where FILE names it."""
    if copy is None:
        return database.parent
    return copy if copy.is_dir() else None


async def _lines(database: Database, kinds: tuple[str, ...]) -> AsyncGenerator[str]:
    """Of everything, the first line says what this is."""
    if kinds == tuple(KINDS):
        yield _json({"kind": "export", "format": FORMAT, "at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"})
    async for row in exported(database, kinds):
        yield _json(row)


def _json(values: dict[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False)


@contextmanager
def _written(file: Path) -> Iterator[IO[str]]:
    """Standard output, or a new file that gets its name when it is whole; its owner alone may read it."""
    if str(file) == "-":
        with click.open_file("-", "w", encoding="utf-8") as out:
            yield out
        return
    if file.exists():
        raise StorageError(f"{file} exists already: name another file")
    with unfinished(file) as part:
        with part.open("w", encoding="utf-8") as out:
            yield out
        settle(part, file)


async def _stoppable(work: Callable[[Stop], T]) -> T:
    """``work`` in a thread; when SIGINT or SIGTERM comes, it is told to stop and waited for."""
    stop_on_sigterm()
    told = threading.Event()
    task = asyncio.ensure_future(asyncio.to_thread(work, told.is_set))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError as error:
        told.set()
        await asyncio.wait({task})
        if task.exception() is None:
            return task.result()  # it was done before it heard of it
        raise click.ClickException(_STOPPED) from error
