"""Tells a server's moderators, once, that a subscription of theirs takes no editions any more."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import AsyncIterator

import discord

from bot.requests import Requests
from digests.languages import Languages
from digests.poster import Outcome, PostError
from papers.language import speaking
from storage.store import Store
from storage.subscriptions import Order
from views.subscriptions import trouble

log = logging.getLogger(__name__)

_PASSING = {Outcome.LATER, Outcome.UNCERTAIN, Outcome.BLOCKED, Outcome.STOPPED}


class Teller:
    """Over a logged-in client. ``/subscribe list`` shows the same, for whoever could not be told."""

    def __init__(self, client: discord.Client, requests: Requests, store: Store, languages: Languages | None = None) -> None:
        self._client = client
        self._requests = requests
        self._store = store
        self._languages = languages or Languages(store)

    async def tell(self) -> None:
        """Pass on the troubles nobody was told of yet. Raises StorageError."""
        for order in await self._store.subscriptions.troubled():
            if await self._is_settled(order):
                await self._store.subscriptions.told(order.subscription.id)

    async def _is_settled(self, order: Order) -> bool:
        """Whether somebody was told, or nobody can be; False to try again later."""
        if order.subscription.user_id:
            return True  # theirs alone, and no server's business
        guild = self._client.get_guild(order.subscription.guild_id)
        if not self._client.is_ready() or (guild and guild.unavailable):
            return False  # which channels the server has is not known yet, or for the time of an outage
        try:
            async for channel in self._places(order):
                if await self._reached(channel, order):
                    return True
        except PostError as error:
            log.warning("nobody could be told yet of subscription %d: %s", order.subscription.id, error)
            return False
        log.warning("nobody can be told of the trouble of subscription %d: %s", order.subscription.id, order.trouble)
        return True

    async def _places(self, order: Order) -> AsyncIterator[discord.PartialMessageable]:
        """Where moderators look: their own channel for updates, then the one who subscribed, then the system channel."""
        guild = self._client.get_guild(order.subscription.guild_id)
        updates = guild.public_updates_channel if guild else None
        if updates and updates.id != order.subscription.channel_id:
            yield self._client.get_partial_messageable(updates.id)
        if order.made_by and (private := await self._private_channel(order.made_by)):
            yield self._client.get_partial_messageable(private)
        if guild and guild.system_channel and guild.system_channel.id != order.subscription.channel_id:
            yield self._client.get_partial_messageable(guild.system_channel.id)

    async def _private_channel(self, user_id: int) -> int | None:
        try:
            async with self._requests.one():
                return int((await self._client.http.start_private_message(user_id))["id"])
        except PostError as error:
            if error.outcome in _PASSING:
                raise
        return None

    async def _reached(self, channel: discord.PartialMessageable, order: Order) -> bool:
        """Whether the message is there. Raises PostError where that may change."""
        nonce = hashlib.sha256(f"{order.subscription.id} {order.trouble}".encode()).hexdigest()[:16]
        with speaking(await self._languages.of(order.subscription)):
            view = trouble(order.subscription, order.trouble)
        try:
            async with self._requests.one():
                await channel.send(
                    view=view,
                    nonce=nonce,
                    allowed_mentions=discord.AllowedMentions.none(),
                )
        except PostError as error:
            if error.outcome in _PASSING:
                raise
            return False
        return True
