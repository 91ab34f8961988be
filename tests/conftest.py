"""Fixtures: the real database in a folder of its own, its index, and a search over both."""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import settings

from search.engine import SearchEngine
from search.index import SearchIndex
from storage.engine import Database
from storage.store import Store

# How long an example takes tells of the machine, not of the program; how many there are, of how long the whole suite may take.
settings.register_profile("untimed", deadline=None, max_examples=60)
settings.load_profile("untimed")

# Real replies and Discord's description, where a checkout has them beside it; every test passes without.
SHARED = Path(__file__).parents[2] / "shared"


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: many tests wait for a process, or for a moment to pass."""
    return (os.cpu_count() or 1) + 1


_LEVELS = {name: logging.getLogger(name).level for name in [None, *logging.Logger.manager.loggerDict]}


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """Commands set logging up for their process; here they share one, also with the fixtures of whole modules."""
    root = logging.getLogger()
    handlers = root.handlers[:]
    _restore_levels()
    yield
    root.handlers[:] = handlers
    _restore_levels()


def _restore_levels() -> None:
    for name in [None, *logging.Logger.manager.loggerDict]:
        logging.getLogger(name).setLevel(_LEVELS.get(name, logging.NOTSET))


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that has been migrated and is empty, to be copied: the migrations take a tenth of a second each time."""
    path = tmp_path_factory.mktemp("empty") / "empty.db"

    async def make() -> None:
        async with Database.open(f"sqlite:///{path}"):
            pass

    with ThreadPoolExecutor(1) as elsewhere:  # the tests' own loops are left alone
        elsewhere.submit(asyncio.run, make()).result()
    return path


@pytest.fixture
async def store(tmp_path: Path, empty_database: Path) -> AsyncIterator[Store]:
    shutil.copy(empty_database, tmp_path / "test.db")
    async with Store.open(f"sqlite:///{tmp_path}/test.db") as store:
        yield store


@pytest.fixture
def index(tmp_path: Path, store: Store) -> SearchIndex:
    return SearchIndex(tmp_path / "test.index", store.identity)


@pytest.fixture
def engine(index: SearchIndex, store: Store) -> SearchEngine:
    return SearchEngine(index, store.papers)
