"""Deletes subscriptions with all that the ledger has of them, so that its keys stay whole and no number is given twice.

SQLite gives a deleted row's number to the next one, if it was the highest. But the number of a subscription is in the buttons of
old messages and in the nonces of new ones, and a sender that is at work knows its delivery by one. So an empty subscription, with
an empty edition and delivery, keeps the place above all that were there.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from sqlalchemy import ColumnElement, Table, and_, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from papers.subscription import Kind, Mode, OnQuietDay, State
from storage.editions import DeliveryState, EditionOutcome
from storage.schema import deliveries, editions, seen, subscriptions

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
_KEEPS_THE_PLACE = "keeps the place of numbers that were given"
_is_placeholder = and_(
    subscriptions.c.guild_id == 0, subscriptions.c.user_id.is_(None), subscriptions.c.trouble == _KEEPS_THE_PLACE
)


async def erase(connection: AsyncConnection, which: ColumnElement[bool], most: int | None = None) -> bool:
    """Delete the subscriptions for which ``which`` holds; of their editions no more than ``most``, the earliest first.

    True once none is left; False if there is more to do. For a transaction of the caller's.
    """
    if await connection.scalar(select(subscriptions.c.id).where(which).limit(1)) is None:
        return True
    await _keep_the_place(connection)
    ids = select(editions.c.id).join(subscriptions).where(which).order_by(editions.c.id)
    batch = list((await connection.scalars(ids.limit(most + 1) if most else ids)).all())
    await _erase_editions(connection, batch[:most])
    if most and len(batch) > most:
        return False
    await connection.execute(delete(subscriptions).where(which))
    return True


async def _erase_editions(connection: AsyncConnection, ids: list[int]) -> None:
    step = 500  # far fewer than the variables that a statement may have
    for some in (ids[start : start + step] for start in range(0, len(ids), step)):
        await connection.execute(delete(seen).where(seen.c.edition_id.in_(some)))
        await connection.execute(delete(editions).where(editions.c.id.in_(some)))  # their papers and deliveries go with them


async def _keep_the_place(connection: AsyncConnection) -> None:
    """Let the placeholder have numbers above all that were ever given."""
    tables = subscriptions, editions, deliveries
    order_id, edition_id, delivery_id = [await _highest(connection, table) + 1 for table in tables]
    earlier = list((await connection.scalars(select(subscriptions.c.id).where(_is_placeholder))).all())
    await connection.execute(delete(editions).where(editions.c.subscription_id.in_(earlier)))
    await connection.execute(delete(subscriptions).where(subscriptions.c.id.in_(earlier)))
    await connection.execute(insert(subscriptions).values(_ORDER | {"id": order_id}))
    await connection.execute(insert(editions).values(_EDITION | {"id": edition_id, "subscription_id": order_id}))
    await connection.execute(insert(deliveries).values(_DELIVERY | {"id": delivery_id, "edition_id": edition_id}))


async def _highest(connection: AsyncConnection, table: Table) -> int:
    return await connection.scalar(select(func.max(table.c.id))) or 0


_ORDER = {
    "guild_id": 0,
    "channel_id": 0,
    "topic": "everything",
    "at": time(0),
    "zone": "UTC",
    "weekdays": [0],
    "size": 1,
    "on_quiet_day": OnQuietDay.STAY_SILENT,
    "mode": Mode.ONE_SHOT,
    "kind": Kind.INBOX,
    "is_silent": True,
    "has_discussion": False,
    "is_per_paper": False,
    "state": State.REMOVED,
    "trouble": _KEEPS_THE_PLACE,
    "owed_since": LONG_AGO,
}
_EDITION = {
    "day": date(1970, 1, 1),
    "due_at": LONG_AGO,
    "planned_at": LONG_AGO,
    "papers_day": date(1970, 1, 1),
    "outcome": EditionOutcome.EMPTY,
    "reason": _KEEPS_THE_PLACE,
    "listed": 0,
    "listed_first": 0,
    "on_topic": 0,
    "shown_before": 0,
    "missing": [],
}
_DELIVERY = {
    "part": 0,
    "channel_id": 0,
    "mark": "placeholder",
    "state": DeliveryState.EXPIRED,
    "tries": 0,
    "fence": 0,
    "shown": "",
    "is_final": True,
    "reason": _KEEPS_THE_PLACE,
}
