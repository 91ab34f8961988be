"""Subscriptions in the store: add, list, pause, resume, remove."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from papers.subscription import Kind, Mode, OnQuietDay, State, Subscription, Summaries
from papers.topic import Topic
from storage.engine import Database
from storage.schema import subscriptions as table
from storage.settling import settle
from storage.topics import save_topic

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Order:
    """A stored subscription, and what is kept about it.

    Editions are owed from ``owed_since`` on: when it was made or last resumed. ``made_by`` is a user's id, where known.
    ``trouble`` is what a moderator is still to be told.
    """

    subscription: Subscription
    owed_since: datetime
    made_by: int | None = None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """Changes to a server's subscriptions and named topics that belong together; each changed one with its ``owed_from``."""

    guild_id: int
    topics: Sequence[Topic] = ()
    added: Sequence[Subscription] = ()
    changed: Sequence[tuple[Subscription, datetime | None]] = ()
    removed: Sequence[Subscription] = ()


class SubscriptionStore:
    """The standing orders of all channels. Every method raises StorageError where the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, subscription: Subscription, now: datetime, made_by: int | None = None) -> Subscription:
        """Store a new one; the answer carries its id."""
        values = {**_row(subscription), "made_by": made_by, "trouble": "", "owed_since": now}
        async with self._database.transaction() as connection:
            key = await connection.scalar(insert(table).values(values).returning(table.c.id))
        return replace(subscription, id=key or 0)

    async def get(self, subscription_id: int) -> Subscription | None:
        """Whatever its state."""
        found = await self._where(table.c.id == subscription_id)
        return found[0].subscription if found else None

    async def owed_since(self, subscription_id: int) -> datetime | None:
        """From when on its editions are owed; None if there is no such subscription."""
        async with self._database.reading() as connection:
            since: datetime | None = await connection.scalar(select(table.c.owed_since).where(table.c.id == subscription_id))
        return since

    async def of_guild(self, guild_id: int) -> list[Subscription]:
        """A server's subscriptions in the order they were made, without removed ones."""
        found = await self._where(table.c.guild_id == guild_id, table.c.user_id.is_(None), table.c.state != State.REMOVED)
        return [order.subscription for order in found]

    async def of_user(self, user_id: int) -> list[Subscription]:
        """What a person follows alone, in the order it was made, without removed ones."""
        found = await self._where(table.c.user_id == user_id, table.c.state != State.REMOVED)
        return [order.subscription for order in found]

    async def sources(self) -> set[str]:
        """The sources that active subscriptions bring papers of."""
        query = select(table.c.sources).where(table.c.state == State.ACTIVE).distinct()
        async with self._database.reading() as connection:
            return {source for sources in await connection.scalars(query) for source in sources}

    async def active(self) -> list[Order]:
        return await self._where(table.c.state == State.ACTIVE)

    async def of_servers(self) -> list[Subscription]:
        """Every server's that post, or wait for access to their channel."""
        states = {State.ACTIVE, State.SHUT_OUT}
        found = await self._where(table.c.user_id.is_(None), table.c.state.in_(states))
        return [order.subscription for order in found]

    async def shut_out(self, guild_id: int | None = None) -> list[Subscription]:
        """Those of a server, or of all servers, that wait for access to their channel."""
        here = [table.c.guild_id == guild_id] if guild_id is not None else []
        found = await self._where(*here, table.c.user_id.is_(None), table.c.state == State.SHUT_OUT)
        return [order.subscription for order in found]

    async def readmit(self, subscription_id: int) -> None:
        """One that was shut out posts again; what it owes stays owed."""
        async with self._database.transaction() as connection:
            await connection.execute(
                update(table)
                .where(table.c.id == subscription_id, table.c.state == State.SHUT_OUT)
                .values(state=State.ACTIVE, trouble="")
            )

    async def troubled(self) -> list[Order]:
        """Those whose trouble no moderator was told of yet."""
        return await self._where(table.c.trouble != "", table.c.state != State.REMOVED)

    async def told(self, subscription_id: int) -> None:
        """A moderator knows of its trouble."""
        async with self._database.transaction() as connection:
            await connection.execute(update(table).where(table.c.id == subscription_id).values(trouble=""))

    async def change(self, subscription: Subscription, owed_from: datetime | None = None) -> None:
        """Store a changed one under its id. What was planned of it stays as it was planned.

        Whether it posts is not changed here, since a round may find out meanwhile that its channel is gone. Editions due
        before ``owed_from`` are owed no longer: new days and hours are not those of the past.
        """
        async with self._database.transaction() as connection:
            await _change(connection, subscription, owed_from)

    async def apply(self, batch: Batch, now: datetime, made_by: int) -> None:
        """Everything in the batch is done, or nothing is."""
        async with self._database.transaction() as connection:
            for topic in batch.topics:
                await save_topic(connection, batch.guild_id, topic, made_by, now)
            for order in batch.removed:
                values = {"state": State.REMOVED, "trouble": "", "paused_until": None}
                await connection.execute(update(table).where(table.c.id == order.id).values(values))
            for order, owed_from in batch.changed:
                await _change(connection, order, owed_from)
            for order in batch.added:
                row = {**_row(order), "made_by": made_by, "trouble": "", "owed_since": now}
                await connection.execute(insert(table).values(row))

    async def resume_due(self, now: datetime) -> None:
        """Let those go on whose pause has ended; they owe nothing for the time it lasted."""
        is_over = (table.c.state == State.PAUSED) & (table.c.paused_until <= now)
        async with self._database.reading() as connection:
            if await connection.scalar(select(table.c.id).where(is_over).limit(1)) is None:
                return  # as in nearly every round: nothing to write, and nobody's write to wait for
        async with self._database.transaction() as connection:
            resumed = {"state": State.ACTIVE, "owed_since": table.c.paused_until, "paused_until": None}
            await connection.execute(update(table).where(is_over).values(resumed))

    async def set_state(self, subscription_id: int, state: State, now: datetime, paused_until: datetime | None = None) -> None:
        """Pause (until an instant, or a person's word), resume or remove; one that is resumed owes nothing for the time it
        was paused.
        """
        values: dict[str, Any] = {"state": state, "trouble": "", "paused_until": paused_until}
        if state is State.ACTIVE:
            values["owed_since"] = now
        async with self._database.transaction() as connection:
            await connection.execute(update(table).where(table.c.id == subscription_id).values(values))

    async def stop(self, subscription_id: int, state: State, trouble: str) -> None:
        """Its channel takes no editions: an active one stops; what a person has paused or removed meanwhile stays so."""
        is_it = (table.c.id == subscription_id) & (table.c.state == State.ACTIVE)
        async with self._database.transaction() as connection:
            await connection.execute(update(table).where(is_it).values(state=state, trouble=trouble))

    async def _where(self, *conditions: ColumnElement[bool]) -> list[Order]:
        async with self._database.reading() as connection:
            rows = (await connection.execute(select(table).where(*conditions).order_by(table.c.id))).all()
        return [Order(order, row.owed_since, row.made_by, row.trouble) for row in rows if (order := readable_subscription(row))]


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


async def _change(connection: AsyncConnection, subscription: Subscription, owed_from: datetime | None) -> None:
    is_it = table.c.id == subscription.id
    values = {key: value for key, value in _row(subscription).items() if key not in {"state", "paused_until"}}
    before = (await connection.execute(select(table).where(is_it))).mappings().one_or_none()
    if before and any(before[key] != values[key] for key in ("topic", "sources", "is_per_paper")):
        await settle(connection, is_it)
    await connection.execute(update(table).where(is_it).values(values))
    if owed_from is not None:
        await connection.execute(update(table).where(is_it, table.c.owed_since < owed_from).values(owed_since=owed_from))


def _subscription(row: Any) -> Subscription:
    return Subscription(
        id=row.id,
        guild_id=row.guild_id,
        channel_id=row.channel_id,
        topic=Topic.kept(row.topic, row.topic_name),
        at=row.at,
        zone=ZoneInfo(row.zone),
        weekdays=frozenset(row.weekdays),
        size=row.size,
        on_quiet_day=OnQuietDay(row.on_quiet_day),
        mode=Mode(row.mode),
        summaries=Summaries(row.summaries),
        kind=Kind(row.kind),
        role_id=row.role_id,
        is_silent=row.is_silent,
        has_discussion=row.has_discussion,
        is_per_paper=row.is_per_paper,
        tag_id=row.tag_id,
        sources=tuple(row.sources),
        paused_until=row.paused_until,
        user_id=row.user_id,
        besides=tuple(row.besides),
        language=row.language,
        state=State(row.state),
    )


def _row(subscription: Subscription) -> dict[str, Any]:
    names = [f.name for f in fields(Subscription) if f.name not in {"id", "topic", "zone", "weekdays", "sources", "besides"}]
    return {
        **{name: getattr(subscription, name) for name in names},
        "topic": subscription.topic.text,
        "topic_name": subscription.topic.name,
        "sources": list(subscription.sources),
        "besides": list(subscription.besides),
        "zone": subscription.zone.key,
        "weekdays": sorted(subscription.weekdays),
    }
