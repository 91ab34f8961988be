"""Subscriptions in the store: add, list, pause, resume, remove."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, insert, select, update

from papers.subscription import OnQuietDay, State, Subscription
from papers.topic import Topic
from storage.engine import Database
from storage.schema import subscriptions as table

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Order:
    """A stored subscription, and the instant from which editions are owed: when it was made or last resumed."""

    subscription: Subscription
    owed_since: datetime


class SubscriptionStore:
    """The standing orders of all channels. Every method raises StorageError where the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, subscription: Subscription, now: datetime) -> Subscription:
        """Store a new one; the answer carries its id."""
        values = {
            "guild_id": subscription.guild_id,
            "channel_id": subscription.channel_id,
            "topic": subscription.topic.text,
            "at": subscription.at,
            "zone": subscription.zone.key,
            "weekdays": sorted(subscription.weekdays),
            "size": subscription.size,
            "on_quiet_day": subscription.on_quiet_day,
            "state": subscription.state,
            "owed_since": now,
        }
        async with self._database.transaction() as connection:
            key = await connection.scalar(insert(table).values(values).returning(table.c.id))
        return replace(subscription, id=key or 0)

    async def get(self, subscription_id: int) -> Subscription | None:
        """Whatever its state."""
        found = await self._where(table.c.id == subscription_id)
        return found[0].subscription if found else None

    async def of_guild(self, guild_id: int) -> list[Subscription]:
        """A server's subscriptions in the order they were made, without removed ones."""
        found = await self._where(table.c.guild_id == guild_id, table.c.state != State.REMOVED)
        return [order.subscription for order in found]

    async def active(self) -> list[Order]:
        return await self._where(table.c.state == State.ACTIVE)

    async def set_state(self, subscription_id: int, state: State, now: datetime) -> None:
        """Pause, resume or remove; one that is resumed owes nothing for the time it was paused."""
        values: dict[str, Any] = {"state": state}
        if state is State.ACTIVE:
            values["owed_since"] = now
        async with self._database.transaction() as connection:
            await connection.execute(update(table).where(table.c.id == subscription_id).values(values))

    async def _where(self, *conditions: ColumnElement[bool]) -> list[Order]:
        async with self._database.reading() as connection:
            rows = (await connection.execute(select(table).where(*conditions).order_by(table.c.id))).all()
        return [Order(order, row.owed_since) for row in rows if (order := readable_subscription(row))]


def readable_subscription(row: Any) -> Subscription | None:
    """The subscription in a row that has the table's columns.

    None, and a line in the log, for one that this version cannot read (a zone that time zone data no longer has, say):
    it must not keep the others from being served.
    """
    try:
        return _subscription(row)
    except (ValueError, KeyError) as error:
        log.error("subscription %d cannot be read: %s", row.id, error)
        return None


def _subscription(row: Any) -> Subscription:
    return Subscription(
        id=row.id,
        guild_id=row.guild_id,
        channel_id=row.channel_id,
        topic=Topic.parse(row.topic),
        at=row.at,
        zone=ZoneInfo(row.zone),
        weekdays=frozenset(row.weekdays),
        size=row.size,
        on_quiet_day=OnQuietDay(row.on_quiet_day),
        state=State(row.state),
    )
