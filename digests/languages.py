"""In which language a subscription's digests are written: a person's own, a server's as set there, or as Discord names it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from papers.language import ENGLISH, language_of
from papers.subscription import Subscription
from storage.store import Store

Speaks = Callable[[Subscription], Awaitable[str]]


def none_but_english(_: int) -> str:
    """Without a connection to Discord."""
    return ENGLISH


async def english(_: Subscription) -> str:
    return ENGLISH


class Languages:
    """``discords`` gives the locale that Discord names as a server's own (by its id), "" while it is not known.

    Methods raise StorageError, and answer with one of papers.language.LANGUAGES.
    """

    def __init__(self, store: Store, discords: Callable[[int], str] = none_but_english) -> None:
        self._store = store
        self._discords = discords

    async def of(self, order: Subscription) -> str:
        if order.user_id is not None:
            return language_of(order.language)
        return await self.of_server(order.guild_id)

    async def of_server(self, guild_id: int) -> str:
        return self._chosen(guild_id, await self._store.guilds.language(guild_id)) or ENGLISH

    def at_once(self) -> Speaks:
        """``of`` for many at one moment: what servers have set is read once, when the first of them is asked for. "" where it
        is not known yet.
        """
        found: dict[int, str] | None = None

        async def of(order: Subscription) -> str:
            nonlocal found
            if order.user_id is not None:
                return language_of(order.language)
            if found is None:
                found = await self._store.guilds.languages()
            return self._chosen(order.guild_id, found.get(order.guild_id, ""))

        return of

    def _chosen(self, guild_id: int, set_there: str) -> str:
        found = set_there or self._discords(guild_id)
        return language_of(found) if found else ""
