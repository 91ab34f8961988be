"""Opens the parts in order and closes them in reverse: leaving the block is shutting down."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib.util import find_spec

from bot.config import Config, model_key
from digests.collect import Collected, collect
from digests.complete import Completer
from digests.planning import Policy
from digests.wanted import categories_wanted
from papers.paper import Paper
from search.engine import SearchEngine
from search.index import SearchIndex
from search.senses import Senses
from sources import arxiv
from sources.arxiv import ArXiv
from sources.base import Source
from sources.fulltext import FullText
from sources.http import Http, Patience
from sources.huggingface import HuggingFace
from storage.engine import database_path
from storage.store import Store
from summaries.budget import Caps
from summaries.model import Model
from summaries.server import Server
from summaries.summariser import Summariser

log = logging.getLogger(__name__)


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class App:
    """The open parts that a command of the terminal and the bot both work with. ``now`` is the present instant in UTC."""

    config: Config
    store: Store
    index: SearchIndex
    engine: SearchEngine
    senses: Senses | None  # None where papers are searched by words alone
    sources: tuple[Source, ...]
    now: Callable[[], datetime]
    completer: Completer | None  # None where arXiv is not read
    summariser: Summariser
    reader: FullText

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        config: Config,
        now: Callable[[], datetime] = utc_now,
        *,
        is_thorough: bool = False,
        waits_for_index: bool = True,
        politeness: Patience = arxiv.POLITE,
    ) -> AsyncIterator[App]:
        """Open the store, the index (caught up with the store, unless that is left to the Schedule) and the sources.

        With ``is_thorough`` past days are asked for again that are known already; ``politeness`` is towards arXiv. Raises
        StorageError, and ConfigError for a key of the model's server that is none.
        """
        path = database_path(config.database.url)
        huggingface = config.sources.huggingface
        async with (
            Store.open(config.database.url) as store,
            Http.session(Patience(timeout_s=huggingface.timeout_s)) as http,
            arxiv.session(config.sources.arxiv.contact, politeness) as polite_http,
            _reading(config, polite_http) as reader,
            _summariser(config, store, now, reader) as summariser,
        ):
            index = SearchIndex(path.with_name(path.stem + ".index"), store.identity)
            senses = await Senses.open(config.search.model, config.database.beside(".vectors"))
            sources: list[Source] = [HuggingFace(http, huggingface.url)]
            completer = None
            if config.sources.arxiv.enabled:
                source = _arxiv(polite_http, config, store, now, is_thorough=is_thorough)
                sources.append(source)
                completer = Completer(source.metadata, store, index)
            try:
                if waits_for_index:
                    await index.catch_up(store.papers)
                yield cls(
                    config=config,
                    store=store,
                    index=index,
                    engine=SearchEngine(index, store.papers, senses),
                    senses=senses,
                    sources=tuple(sources),
                    now=now,
                    completer=completer,
                    summariser=summariser,
                    reader=reader,
                )
            finally:
                index.close()
                if senses:
                    senses.close()

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

    async def complete(self, day: date) -> None:
        """Ask arXiv what it knows of the day's papers; no edition waits for it."""
        if self.completer:
            await self.completer.complete(day)


@asynccontextmanager
async def _reading(config: Config, polite_http: Http) -> AsyncIterator[FullText]:
    """What reads papers whole: with a session of its own, for Hugging Face's pages have a smaller allowance than its API."""
    huggingface, arxiv_settings = config.sources.huggingface, config.sources.arxiv
    async with Http.session(Patience(timeout_s=huggingface.timeout_s)) as http:
        yield FullText(
            http,
            polite_http if arxiv_settings.enabled else None,
            huggingface_url=huggingface.url,
            arxiv_url=arxiv_settings.html_url,
        )


def _summariser(
    config: Config, store: Store, now: Callable[[], datetime], reader: FullText
) -> AbstractAsyncContextManager[Summariser]:
    """Summaries by the model of the settings, if there is one; it is first asked when somebody wants something of it."""
    settings = config.model
    if not settings.url:
        return Summariser.open(store.summaries, now)
    if find_spec("openai") is None:
        log.warning("model.url is set, but its client is not installed: pip install 'paperboy[model]'")
    server = Server(
        url=settings.url,
        name=settings.name,
        key=model_key(),
        timeout_s=settings.timeout_s,
        connect_timeout_s=settings.connect_timeout_s,
        first_word_s=settings.first_word_s,
        window_tokens=settings.window_tokens,
        thinking_tokens=settings.thinking_tokens,
        at_once=settings.calls_at_once,
    )
    caps = Caps(
        tokens=settings.tokens_per_day,
        tokens_per_server=settings.tokens_per_day_per_server,
        money=settings.money_per_day,
        price_in=settings.price_in,
        price_out=settings.price_out,
    )
    return Summariser.open(store.summaries, now, Model(server), caps, reader, cool_down_s=settings.cool_down_s)


def _arxiv(http: Http, config: Config, store: Store, now: Callable[[], datetime], *, is_thorough: bool) -> ArXiv:
    """arXiv, asked for what the active subscriptions want at that moment."""
    settings = config.sources.arxiv

    async def wanted() -> frozenset[str]:
        orders = await store.subscriptions.active()
        return categories_wanted((order.subscription for order in orders), settings.categories)

    async def known(day: date) -> list[Paper] | None:
        if arxiv.NAME not in await store.papers.fetched(day):
            return None
        return await store.papers.featured(day, (arxiv.NAME,))

    return ArXiv(
        http,
        wanted,
        now,
        known,
        feed_url=settings.feed_url,
        api_url=settings.api_url,
        refresh=timedelta(minutes=settings.refresh_minutes),
        is_thorough=is_thorough,
    )
