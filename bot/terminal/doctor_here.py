"""The doctor's look at this machine: the token's shape, versions, time zones, and what lies in the database's folder."""

from __future__ import annotations

import asyncio
import platform
import pyexpat
import re
import shutil
import sqlite3
import stat
import sys
import zoneinfo
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from bot.config import Config, ConfigError, DiscordConfig, token
from bot.terminal import invite
from bot.terminal.findings import Finding, State
from search.harm import IndexUnavailable
from search.index import SearchIndex
from search.meaning import embedder
from search.vectors import MeaningUnavailable, Vectors
from storage.checking import damage
from storage.engine import StorageError, database_path
from storage.store import Store

CHECK_S = 20.0
_LEAST_FREE = 200 * 2**20
_SAFE_EXPAT = (2, 6, 0)


def token_of(config: DiscordConfig) -> tuple[str | None, Finding]:
    """The token, None where there is none that could be used, and what is to be said of it: never the token itself."""
    try:
        secret = token(config)
        application = invite.application_id(secret)
    except (ConfigError, invite.NoToken) as error:
        return None, Finding("token", State.WRONG, str(error))
    if config.token_file and Path(config.token_file).is_file() and _mode(Path(config.token_file)) & 0o077:
        return secret, Finding("token", State.NOTE, f"others on this machine can read {config.token_file}: chmod 600 it")
    return secret, Finding("token", State.WELL, f"looks like one, of application {application}")


def versions() -> list[Finding]:
    """What Paperboy runs on."""
    expat = tuple(int(part) for part in re.findall(r"\d+", pyexpat.EXPAT_VERSION))
    number = ".".join(map(str, expat))
    if expat >= _SAFE_EXPAT:
        xml = Finding("expat", State.WELL, number)
    else:
        guarded = "feeds are read without entities and up to 15 MiB, which is safe; a newer Python brings a newer one"
        xml = Finding("expat", State.NOTE, f"{number} is older than 2.6.0, which can be made to grow without end: {guarded}")
    return [
        Finding("python", State.WELL, f"{platform.python_version()} on {sys.platform}"),
        Finding("sqlite", State.WELL, sqlite3.sqlite_version),
        xml,
    ]


def zones() -> Finding:
    """The time zone database in use: the system's where it has one, else the installed package's."""
    package = _zone_version(files("tzdata") / "zoneinfo")
    system = next((found for folder in zoneinfo.TZPATH if (found := _zone_version(Path(folder)))), "")
    if not system:
        return Finding("time zones", State.WELL, f"version {package}, of the package tzdata")
    if system >= package:
        return Finding("time zones", State.WELL, f"version {system}, of this machine")
    said = (
        f"this machine’s are of {system}, the package tzdata’s of {package}: renew the machine’s, or set PYTHONTZPATH to nothing"
    )
    return Finding("time zones", State.NOTE, said)


def _zone_version(folder: Traversable) -> str:
    """Such as "2026a"; empty where the folder does not tell."""
    try:
        with (folder / "tzdata.zi").open(encoding="ascii") as file:
            match = re.fullmatch(r"# version (\w{5,8})\n", file.readline())
    except (OSError, UnicodeDecodeError):
        return ""
    return match[1] if match else ""


async def database(config: Config) -> list[Finding]:
    """The file's mode as it was left, its soundness, and the room that is left for it."""
    path = database_path(config.database.url)
    if not path.is_file():
        return [_room(path)]
    findings = [_room(path)]
    if _mode(path) & 0o077:
        findings.append(Finding("database", State.NOTE, f"others on this machine could read {path}: it is made private now"))
    try:
        harm = await asyncio.to_thread(damage, path, CHECK_S)
    except TimeoutError:
        said = f"{path} is so large that its check did not end within {CHECK_S:g} s; what it saw is sound"
        return [*findings, Finding("database", State.NOTE, said)]
    except StorageError as error:
        return [*findings, Finding("database", State.WRONG, f"{error}")]
    if harm:
        restore = "stop Paperboy, keep a copy of the file, and restore the last backup (docs/keeping.md)"
        return [*findings, Finding("database", State.WRONG, f"{path} is damaged ({harm}): {restore}")]
    return [*findings, Finding("database", State.WELL, f"{path} is sound, {path.stat().st_size / 2**20:,.0f} MiB")]


def _room(path: Path) -> Finding:
    folder = path.resolve().parent
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Finding("disk", State.WRONG, f"the folder {folder} cannot be used ({error.strerror}): make it, or name another")
    if free < _LEAST_FREE:
        return Finding("disk", State.WRONG, f"{free / 2**20:,.0f} MiB are free in {folder}: make room, or nothing can be noted")
    return Finding("disk", State.WELL, f"{free / 2**30:,.1f} GiB free")


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def index(config: Config, store: Store, count: int) -> Finding:
    """Whether the index has what the store has."""
    try:
        found = SearchIndex(config.database.beside(".index"), store.identity)
        try:
            indexed = len(found)
        finally:
            found.close()
    except IndexUnavailable as error:
        return Finding("index", State.WRONG, f"{error}: see that its folder can be written to; it is built anew by itself")
    if indexed == count:
        return Finding("index", State.WELL, f"{papers(indexed)}, as many as in the store")
    return Finding(
        "index", State.WRONG, f"{indexed:,} of {papers(count)}: the rest comes by itself with the next search or fetch"
    )


async def meaning(config: Config, count: int) -> Finding:
    """Whether papers can be found by their meaning."""
    if not config.search.model:
        return Finding(
            "meaning", State.OFF, "search goes by words alone; search.model in the settings names a model (docs/search.md)"
        )
    try:
        model = await asyncio.to_thread(embedder, config.search.model)
        vectors = await asyncio.to_thread(Vectors, config.database.beside(".vectors"), model.name, model.size)
        stored = len(vectors)
        vectors.close()
    except MeaningUnavailable as error:
        return Finding("meaning", State.WRONG, f"{error}. Until then search goes by words alone")
    said = f"{config.search.model} ({model.name}), {model.size} numbers a vector, {stored:,} of {papers(count)}"
    return Finding("meaning", State.WELL, said + ("" if stored >= count else ": the rest comes while the bot runs, ten a second"))


def papers(count: int) -> str:
    return f"{count:,} paper{'' if count == 1 else 's'}"
