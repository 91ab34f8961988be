"""Fixtures: the real database in a folder of its own, its index, and a search over both."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from search.engine import SearchEngine
from search.index import SearchIndex
from storage.store import Store

# Real replies and Discord's description, where a checkout has them beside it; every test passes without.
SHARED = Path(__file__).parents[2] / "shared"


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """Commands set logging up for their process; here they share one."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in logging.Logger.manager.loggerDict}
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name in logging.Logger.manager.loggerDict:
        logging.getLogger(name).setLevel(levels.get(name, logging.NOTSET))


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with Store.open(f"sqlite:///{tmp_path}/test.db") as store:
        yield store


@pytest.fixture
def index(tmp_path: Path, store: Store) -> SearchIndex:
    return SearchIndex(tmp_path / "test.index", store.identity)


@pytest.fixture
def engine(index: SearchIndex, store: Store) -> SearchEngine:
    return SearchEngine(index, store.papers)
