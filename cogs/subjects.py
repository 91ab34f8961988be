"""Which paper a conversation is about, for a question that names none."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import discord

from papers.paper import Paper
from storage.store import Store

_KEPT_FOR = timedelta(hours=2)
_MOST = 5_000


class Subjects:
    """A thread's paper is that of its post or message, else the last that was shared in it: that the store keeps.

    Elsewhere it is the last one that the person asked about in that channel. That is kept in memory alone, for a while: who asks
    about what is nobody's business tomorrow, and no question waits for a write.
    """

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self._asked: OrderedDict[tuple[int, int], tuple[str, datetime]] = OrderedDict()

    async def of(self, interaction: discord.Interaction[Any]) -> Paper | None:
        """The paper that is talked about where the person is."""
        paper_id = await self._of_thread(interaction) or self._of_person(interaction)
        return await self._store.papers.get(paper_id) if paper_id else None

    def asked(self, interaction: discord.Interaction[Any], paper: Paper) -> None:
        """The person asks about that paper here."""
        place = interaction.user.id, interaction.channel_id or 0
        self._asked[place] = paper.id, self._now()
        self._asked.move_to_end(place)
        if len(self._asked) > _MOST:
            self._asked.popitem(last=False)

    def forget(self, user_id: int) -> None:
        """What the person asked about is nobody's business from now on."""
        for place in [place for place in self._asked if place[0] == user_id]:
            del self._asked[place]

    async def shared(self, interaction: discord.Interaction[Any], message: discord.Message, paper: Paper) -> None:
        """The paper was shown to all here in that message: this thread is about it, or one that is opened under the message."""
        thread = interaction.channel_id if _is_thread(interaction.channel) else message.id
        await self._store.notes.keep(_key(thread), paper.id, self._now())

    async def _of_thread(self, interaction: discord.Interaction[Any]) -> str | None:
        channel = interaction.channel
        if channel is None or not _is_thread(channel):
            return None
        delivery = await self._store.ledger.under(getattr(channel, "parent_id", 0), channel.id)
        if delivery and len(delivery.paper_ids) == 1:
            return delivery.paper_ids[0]
        return await self._store.notes.kept(_key(channel.id))

    def _of_person(self, interaction: discord.Interaction[Any]) -> str | None:
        paper_id, at = self._asked.get((interaction.user.id, interaction.channel_id or 0), (None, self._now()))
        return paper_id if self._now() - at < _KEPT_FOR else None


def _is_thread(channel: Any) -> bool:
    """A thread, known to us or not, has the channel it is in."""
    return isinstance(channel, discord.Thread) or getattr(channel, "type", None) in {
        discord.ChannelType.public_thread,
        discord.ChannelType.private_thread,
        discord.ChannelType.news_thread,
    }


def _key(thread_id: int | None) -> str:
    return f"about {thread_id}"
