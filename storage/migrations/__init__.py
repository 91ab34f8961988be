"""Alembic: how one released schema becomes the next. A released migration is never edited; each runs whole or not at all."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

if TYPE_CHECKING:
    from alembic.config import Config

_FOLDER = Path(__file__).parent
_NOTED_IN = "alembic_version"  # Alembic's own table, of one row

# Alembic is loaded where there is something to migrate: most starts find nothing, and it takes a tenth of the bot's memory.


class ForeignDatabase(Exception):
    """The database has tables and none of them is ours."""


class NewerDatabase(Exception):
    """A newer version of Paperboy has migrated the database."""


def is_newest(connection: Connection) -> bool:
    """Whether the database is at the newest schema. Raises ForeignDatabase."""
    tables = inspect(connection).get_table_names()
    revision = connection.scalar(text(f"SELECT version_num FROM {_NOTED_IN}")) if _NOTED_IN in tables else None  # noqa: S608
    if revision is None and tables:
        raise ForeignDatabase
    return revision == max(known_revisions())


def upgrade(connection: Connection) -> None:
    """Bring the database to the newest schema. Raises NewerDatabase where it is already past that."""
    from alembic import command
    from alembic.util import CommandError

    config = _config()
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise NewerDatabase from error


@cache
def known_revisions() -> frozenset[str]:
    """Every schema that this version can bring up to date, and its own: they are counted, and each file is named for its own."""
    return frozenset(file.name[1:5] for file in (_FOLDER / "versions").glob("v????_*.py"))


def _config() -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
