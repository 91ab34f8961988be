"""Alembic: how one released schema becomes the next. A released migration is never edited; each runs whole or not at all."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect


class ForeignDatabase(Exception):
    """The database has tables and none of them is ours."""


def is_newest(connection: Connection) -> bool:
    """Whether the database is at the newest schema. Raises ForeignDatabase."""
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision is None and inspect(connection).get_table_names():
        raise ForeignDatabase
    return revision == _newest()


def upgrade(connection: Connection) -> None:
    """Bring the database to the newest schema. Raises alembic's CommandError where it is already past that."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


@cache
def _newest() -> str | None:
    """The newest revision there is a migration for; finding it runs them all, and they do not change meanwhile."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
