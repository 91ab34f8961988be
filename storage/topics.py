"""Topics that a server, or a person, has given a name."""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from papers.text import clean
from papers.topic import Topic, TopicError
from storage.engine import Database, insert
from storage.schema import subscriptions
from storage.schema import topics as table
from storage.settling import settle

log = logging.getLogger(__name__)


class TopicStore:
    """An owner is a server or a user, by id. Every method raises StorageError where the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, owner_id: int) -> list[Topic]:
        """The owner's topics by name; one that this version cannot read is left out and logged."""
        async with self._database.reading() as connection:
            rows = (await connection.execute(select(table).where(table.c.owner_id == owner_id).order_by(table.c.key))).all()
        found = []
        for row in rows:
            try:
                found.append(Topic.parse(row.text, row.name))
            except TopicError as error:
                log.error("topic %s of %d cannot be read: %s", row.name, owner_id, error)
        return found

    async def get(self, owner_id: int, name: str) -> Topic | None:
        """The owner's topic of that name, however it is capitalised."""
        return next((topic for topic in await self.of(owner_id) if _key(topic.name) == _key(name)), None)

    async def save(self, owner_id: int, topic: Topic, made_by: int, now: datetime, was: str | None = None) -> int:
        """Store a named topic, in the place of the one that ``was`` called so; subscriptions to that follow the change.

        How many they are.
        """
        async with self._database.transaction() as connection:
            return await save_topic(connection, owner_id, topic, made_by, now, was)

    async def remove(self, owner_id: int, name: str) -> None:
        """Forget the name; subscriptions keep the topic as it is, without it."""
        async with self._database.transaction() as connection:
            named = _named(owner_id, await _written(connection, owner_id, name))
            await connection.execute(delete(table).where(table.c.owner_id == owner_id, table.c.key == _key(name)))
            await connection.execute(update(subscriptions).where(named).values(topic_name=""))


async def save_topic(
    connection: AsyncConnection, owner_id: int, topic: Topic, made_by: int, now: datetime, was: str | None = None
) -> int:
    """``TopicStore.save`` within a transaction of the caller's."""
    values = {"name": topic.name, "text": topic.text, "made_by": made_by, "changed_at": now}
    row = {"owner_id": owner_id, "key": _key(topic.name), **values}
    before = await _written(connection, owner_id, topic.name if was is None else was)
    named = _named(owner_id, before)
    if _key(before) != _key(topic.name):
        await connection.execute(delete(table).where(table.c.owner_id == owner_id, table.c.key == _key(before)))
    await connection.execute(insert(table).values(row).on_conflict_do_update(index_elements=["owner_id", "key"], set_=values))
    await settle(connection, named, subscriptions.c.topic != topic.text)
    changed = await connection.execute(update(subscriptions).where(named).values(topic=topic.text, topic_name=topic.name))
    return changed.rowcount


async def _written(connection: AsyncConnection, owner_id: int, name: str) -> str:
    """The name as the owner wrote it, which is how subscriptions carry it."""
    query = select(table.c.name).where(table.c.owner_id == owner_id, table.c.key == _key(name))
    return await connection.scalar(query) or name


def _named(owner_id: int, name: str) -> ColumnElement[bool]:
    """The owner's subscriptions that carry a name."""
    owned = or_(subscriptions.c.guild_id == owner_id, subscriptions.c.user_id == owner_id)
    return and_(owned, subscriptions.c.topic_name == name)


def _key(name: str) -> str:
    return clean(name).casefold()[:80]
