"""Opens the parts in order and closes them in reverse: leaving the block is shutting down."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from bot.config import Config
from digests.collect import Collected, collect
from digests.planning import Policy
from search.engine import SearchEngine
from search.index import SearchIndex
from sources.base import Source
from sources.http import Http, Patience
from sources.huggingface import HuggingFace
from storage.engine import database_path
from storage.store import Store


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class App:
    """The open parts that a command of the terminal and the bot both work with. ``now`` is the present instant in UTC."""

    config: Config
    store: Store
    index: SearchIndex
    engine: SearchEngine
    sources: tuple[Source, ...]
    now: Callable[[], datetime]

    @classmethod
    @asynccontextmanager
    async def open(cls, config: Config, now: Callable[[], datetime] = utc_now) -> AsyncIterator[App]:
        """Open the store, the index (caught up with the store) and the sources. Raises StorageError."""
        path = database_path(config.database.url)
        huggingface = config.sources.huggingface
        async with (
            Store.open(config.database.url) as store,
            Http.session(Patience(timeout_s=huggingface.timeout_s)) as http,
        ):
            index = SearchIndex(path.with_name(path.stem + ".index"), store.identity)
            try:
                await index.catch_up(store.papers)
                yield cls(
                    config=config,
                    store=store,
                    index=index,
                    engine=SearchEngine(index, store.papers),
                    sources=(HuggingFace(http, huggingface.url),),
                    now=now,
                )
            finally:
                index.close()

    @property
    def policy(self) -> Policy:
        """What the settings say of delivering."""
        delivery = self.config.delivery
        return Policy(
            sources=tuple(source.name for source in self.sources),
            too_late=timedelta(hours=delivery.late_hours),
            grows_for=timedelta(hours=delivery.grows_hours),
        )

    async def collect(self, day: date) -> Collected:
        """Ask the sources for a UTC day and keep what they answer."""
        return await collect(self.sources, self.store, self.index, day, self.now())
