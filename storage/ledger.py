"""The ledger: which edition was planned, which delivery of it was tried or sent, and what each channel has seen.

The ledger, not the scheduler, knows what was sent. ``(subscription, day)`` lets an edition out once, ``(channel, paper)`` a
paper; both are written together with the plan, so that nothing is ever marked as seen without a delivery that shows it.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import insert, select, update

from papers.subscription import Subscription
from storage.engine import Conflict, Database
from storage.schema import deliveries, edition_papers, editions, seen, subscriptions
from storage.subscriptions import readable_subscription


class DeliveryState(StrEnum):
    """planned → sending (committed before the request leaves) → sent; or refused by Discord, or expired, with a reason."""

    PLANNED = "planned"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is written when an edition is planned. Instants are aware, in UTC; ``day`` is the subscription's local date."""

    subscription_id: int
    channel_id: int
    day: date
    due_at: datetime
    planned_at: datetime
    paper_ids: Sequence[str]
    listed: int
    on_topic: int
    shown_before: int
    is_posted: bool  # False for a quiet day on which the channel wants no message


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to be posted. ``mark`` is its nonce and is written into the message, to recognise it by."""

    id: int
    edition_id: int
    channel_id: int
    mark: str
    state: DeliveryState
    first_tried_at: datetime | None
    message_id: int | None
    subscription: Subscription
    day: date
    due_at: datetime
    paper_ids: tuple[str, ...]
    listed: int
    on_topic: int
    shown_before: int


class Ledger:
    """Every method raises StorageError where the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def plan(self, plan: Plan) -> int | None:
        """Write an edition, its papers as seen, and its delivery, all or none; its id, or None if that day had one."""
        try:
            async with self._database.transaction() as connection:
                values = {
                    name: getattr(plan, name)
                    for name in ("subscription_id", "day", "due_at", "planned_at", "listed", "on_topic", "shown_before")
                }
                edition_id: int | None = await connection.scalar(insert(editions).values(values).returning(editions.c.id))
                if plan.paper_ids:
                    await connection.execute(
                        insert(edition_papers),
                        [
                            {"edition_id": edition_id, "position": position, "paper_id": paper_id}
                            for position, paper_id in enumerate(plan.paper_ids)
                        ],
                    )
                    await connection.execute(
                        insert(seen),
                        [
                            {"channel_id": plan.channel_id, "paper_id": paper_id, "edition_id": edition_id}
                            for paper_id in plan.paper_ids
                        ],
                    )
                if plan.is_posted:
                    await connection.execute(
                        insert(deliveries).values(
                            edition_id=edition_id,
                            part=0,
                            channel_id=plan.channel_id,
                            mark=secrets.token_hex(8),
                            state=DeliveryState.PLANNED,
                            reason="",
                        )
                    )
        except Conflict:
            # Another plan for that day, or with one of these papers in this channel, came first: nothing of ours was kept.
            return None
        return edition_id

    async def days_planned(self, since: datetime) -> set[tuple[int, date]]:
        """(subscription id, local date) of the editions due since an instant."""
        async with self._database.reading() as connection:
            rows = await connection.execute(select(editions.c.subscription_id, editions.c.day).where(editions.c.due_at >= since))
            return {(row.subscription_id, row.day) for row in rows}

    async def seen(self, channel_id: int) -> set[str]:
        """The ids of the papers that were in the channel, or are in a delivery to it."""
        async with self._database.reading() as connection:
            return set((await connection.scalars(select(seen.c.paper_id).where(seen.c.channel_id == channel_id))).all())

    async def unsent(self) -> list[Delivery]:
        """Deliveries planned or begun, the earliest due first."""
        return await self._where(deliveries.c.state.in_([DeliveryState.PLANNED, DeliveryState.SENDING]))

    async def of_edition(self, subscription_id: int, day: date) -> Delivery | None:
        """The delivery of a subscription's edition of a local date, whatever its state."""
        found = await self._where(editions.c.subscription_id == subscription_id, editions.c.day == day)
        return found[0] if found else None

    async def begin(self, delivery: Delivery, now: datetime) -> None:
        """Note, before the request leaves, that a message may now exist."""
        await self._set(delivery, state=DeliveryState.SENDING, first_tried_at=delivery.first_tried_at or now)

    async def sent(self, delivery: Delivery, message_id: int, now: datetime) -> None:
        await self._set(delivery, state=DeliveryState.SENT, message_id=message_id, sent_at=now)

    async def back_to_plan(self, delivery: Delivery, reason: str) -> None:
        """The request certainly left no message: try again later."""
        await self._set(delivery, state=DeliveryState.PLANNED, first_tried_at=None, reason=reason)

    async def refused(self, delivery: Delivery, reason: str) -> None:
        await self._set(delivery, state=DeliveryState.REFUSED, reason=reason)

    async def expired(self, delivery: Delivery, reason: str) -> None:
        """It will not be posted any more, though nobody refused it."""
        await self._set(delivery, state=DeliveryState.EXPIRED, reason=reason)

    async def _set(self, delivery: Delivery, **values: Any) -> None:
        async with self._database.transaction() as connection:
            await connection.execute(update(deliveries).where(deliveries.c.id == delivery.id).values(values))

    async def _where(self, *conditions: Any) -> list[Delivery]:
        query = (
            select(
                deliveries.c.id.label("delivery_id"),
                deliveries.c.edition_id,
                deliveries.c.channel_id.label("delivered_to"),
                deliveries.c.mark,
                deliveries.c.state.label("delivery_state"),
                deliveries.c.first_tried_at,
                deliveries.c.message_id,
                editions.c.day,
                editions.c.due_at,
                editions.c.listed,
                editions.c.on_topic,
                editions.c.shown_before,
                subscriptions,
            )
            .join_from(deliveries, editions)
            .join(subscriptions)
            .where(*conditions)
            .order_by(editions.c.due_at, deliveries.c.id)
        )
        async with self._database.reading() as connection:
            rows = (await connection.execute(query)).all()
            papers: dict[int, list[str]] = {}
            listed = await connection.execute(
                select(edition_papers)
                .where(edition_papers.c.edition_id.in_([row.edition_id for row in rows]))
                .order_by(edition_papers.c.position)
            )
            for row in listed:
                papers.setdefault(row.edition_id, []).append(row.paper_id)
        readable = [(row, order) for row in rows if (order := readable_subscription(row))]
        return [_delivery(row, order, papers.get(row.edition_id, [])) for row, order in readable]


def _delivery(row: Any, order: Subscription, paper_ids: Sequence[str]) -> Delivery:
    return Delivery(
        id=row.delivery_id,
        edition_id=row.edition_id,
        channel_id=row.delivered_to,
        mark=row.mark,
        state=DeliveryState(row.delivery_state),
        first_tried_at=row.first_tried_at,
        message_id=row.message_id,
        subscription=order,
        day=row.day,
        due_at=row.due_at,
        paper_ids=tuple(paper_ids),
        listed=row.listed,
        on_topic=row.on_topic,
        shown_before=row.shown_before,
    )
