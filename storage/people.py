"""What the store has of a person: how much it is, and its deletion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Table, delete, func, select, update

from papers.subscription import State
from storage.editions import OPEN
from storage.engine import Database
from storage.erasing import erase
from storage.schema import deliveries, editions, subscriptions, topics


@dataclass(frozen=True, slots=True)
class Held:
    """How much the store has of a person.

    ``follows`` and ``ended`` are what they follow alone and no longer do; ``editions`` were made of these, ``unsent`` of their
    messages are still to go out. ``topics`` have a name that is theirs; ``made`` subscriptions and ``named`` topics of servers
    carry their id as that of who made them.
    """

    follows: int = 0
    ended: int = 0
    editions: int = 0
    unsent: int = 0
    topics: int = 0
    made: int = 0
    named: int = 0

    @property
    def is_nothing(self) -> bool:
        return self == Held()


class PeopleStore:
    """Every method raises StorageError where the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def held(self, user_id: int) -> Held:
        """What the store has of a person now."""
        order = subscriptions.c
        is_theirs = order.user_id == user_id
        edition_ids = select(editions.c.id).join(subscriptions).where(is_theirs)
        counts = {
            "follows": _count(subscriptions, is_theirs, order.state != State.REMOVED),
            "ended": _count(subscriptions, is_theirs, order.state == State.REMOVED),
            "editions": _count(editions, editions.c.id.in_(edition_ids)),
            "unsent": _count(deliveries, deliveries.c.edition_id.in_(edition_ids), deliveries.c.state.in_(OPEN)),
            "topics": _count(topics, topics.c.owner_id == user_id),
            "made": _count(subscriptions, order.made_by == user_id, order.user_id.is_(None)),
            "named": _count(topics, topics.c.made_by == user_id, topics.c.owner_id != user_id),
        }
        columns: list[Any] = [count.label(name) for name, count in counts.items()]
        (row,) = await self._database.rows(select(*columns))
        return Held(**row._mapping)

    async def forget(self, user_id: int) -> None:
        """Delete all of it, or nothing. What a server subscribed to and named stays, without who made it."""
        async with self._database.transaction() as connection:
            await erase(connection, subscriptions.c.user_id == user_id)
            await connection.execute(delete(topics).where(topics.c.owner_id == user_id))
            await connection.execute(update(subscriptions).where(subscriptions.c.made_by == user_id).values(made_by=None))
            await connection.execute(update(topics).where(topics.c.made_by == user_id).values(made_by=0))


def _count(table: Table, *conditions: ColumnElement[bool]) -> ScalarSelect[int]:
    return select(func.count()).select_from(table).where(*conditions).scalar_subquery()
