"""What was posted stays as it was planned, whatever its subscription becomes: its message grows no more."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.editions import DeliveryState
from storage.schema import deliveries, editions, subscriptions


async def settle(connection: AsyncConnection, *conditions: ColumnElement[bool]) -> None:
    """The messages of the subscriptions for which the conditions hold are final from now on."""
    theirs = select(editions.c.id).join(subscriptions).where(*conditions)
    statement = update(deliveries).where(deliveries.c.edition_id.in_(theirs), deliveries.c.state == DeliveryState.SENT)
    await connection.execute(statement.values(is_final=True))
