"""The outbox: how a planned delivery is claimed, sent, put off, refused, edited, and what follows it.

A claim raises the delivery's fence and leases it for a while. Whoever wakes up after its lease has ended finds that its
writes change nothing: another sender holds the delivery under a higher fence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, bindparam, delete, func, insert, or_, select, update

from papers.language import ENGLISH
from papers.subscription import Kind, State
from papers.topic import Topic
from storage.editions import OPEN, Delivery, DeliveryState
from storage.engine import Database
from storage.schema import Instant, deliveries, follow_ups, seen, subscriptions
from storage.schema import editions as editions_table

# Longer than a request takes, and much shorter than Discord knows a nonce: who takes over uses the same one.
LEASE = timedelta(seconds=20)


class Errand(StrEnum):
    """What is to be done with a message after it was sent."""

    PUBLISH = "publish"  # to the channels that follow an announcement channel
    DISCUSS = "discuss"  # open a thread under it


@dataclass(frozen=True, slots=True)
class FollowUp:
    """An errand that is not done yet; ``language`` is for who does it to be told."""

    delivery_id: int
    errand: Errand
    channel_id: int
    message_id: int
    papers_day: date
    topic: Topic
    wanted_at: datetime
    guild_id: int = 0
    language: str = ENGLISH


def _claim() -> Any:
    table, earlier = deliveries, deliveries.alias()
    waits = select(earlier.c.id).where(
        earlier.c.channel_id == bindparam("its_channel"), earlier.c.id < bindparam("its_id"), earlier.c.state.in_(OPEN)
    )
    now = bindparam("at", type_=Instant())
    is_free = or_(table.c.leased_until.is_(None), table.c.leased_until <= now)
    is_time = or_(table.c.retry_at.is_(None), table.c.retry_at <= now)
    return (
        update(table)
        .where(table.c.id == bindparam("its_id"), table.c.state.in_(OPEN), is_free, is_time, ~waits.exists())
        .values(
            state=DeliveryState.SENDING,
            fence=table.c.fence + 1,
            leased_until=bindparam("until", type_=Instant()),
            tries=table.c.tries + 1,
            first_tried_at=func.coalesce(table.c.first_tried_at, now),
        )
        .returning(table.c.fence, table.c.first_tried_at, table.c.tries)
    )


def _sent() -> Any:
    table = deliveries
    return (
        update(table)
        .where(table.c.id == bindparam("its_id"), table.c.fence == bindparam("its_fence"), table.c.state.in_(OPEN))
        .values(
            state=DeliveryState.SENT,
            leased_until=None,
            retry_at=None,
            message_id=bindparam("message"),
            thread_id=bindparam("thread"),
            sent_at=bindparam("at"),
            shown=bindparam("fingerprint"),
            is_final=bindparam("final"),
        )
    )


# Built once: these are written for every message, and building one costs more than running it.
_CLAIM, _SENT = _claim(), _sent()
_STATE = select(subscriptions.c.state).where(subscriptions.c.id == bindparam("its_subscription"))


class Outbox:
    """Every method raises StorageError where the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def claim(self, delivery: Delivery, now: datetime) -> Delivery | None:
        """Note, before any request leaves, that a message may now exist; the delivery as claimed, with its subscription's
        state of now. Its ``first_tried_at`` is ``now`` if nobody has tried it before.

        None if it is no longer open, somebody else holds it, or one planned earlier for its channel is still open.
        """
        values = {"its_id": delivery.id, "its_channel": delivery.channel_id, "at": now, "until": now + LEASE}
        async with self._database.transaction() as connection:
            row = (await connection.execute(_CLAIM, values)).one_or_none()
            if row is None:
                return None
            state: str = (await connection.execute(_STATE, {"its_subscription": delivery.subscription.id})).scalar_one()
        order = replace(delivery.subscription, state=State(state))
        claimed: dict[str, Any] = {"fence": row.fence, "first_tried_at": row.first_tried_at, "tries": row.tries}
        return replace(delivery, state=DeliveryState.SENDING, edition=replace(delivery.edition, subscription=order), **claimed)

    async def sent(
        self, delivery: Delivery, message_id: int, now: datetime, *, thread_id: int | None = None, shown: str, is_final: bool
    ) -> bool:
        """It is in its channel, and what is to follow is due. False if the claim was lost, and then nothing is written."""
        values = {"message": message_id, "thread": thread_id, "at": now, "fingerprint": shown, "final": is_final}
        async with self._database.transaction() as connection:
            if not (await connection.execute(_SENT, {**values, "its_id": delivery.id, "its_fence": delivery.fence})).rowcount:
                return False
            for errand in errands(delivery):
                row = {"delivery_id": delivery.id, "errand": errand, "state": "wanted", "due_at": now, "reason": ""}
                await connection.execute(insert(follow_ups).values(row))
        return True

    async def put_off(self, delivery: Delivery, until: datetime | None, reason: str, *, may_exist: bool) -> bool:
        """To be tried again, in the next round or not before ``until``; ``may_exist`` if a try may have left a message."""
        state = DeliveryState.UNCERTAIN if may_exist else DeliveryState.RETRY
        values: dict[str, Any] = {"state": state, "retry_at": until, "reason": reason}
        if not may_exist:
            values["first_tried_at"] = None
        return await self._set(delivery, **values)

    async def refused(self, delivery: Delivery, reason: str, *, was_shown: bool = False) -> bool:
        """Discord does not take it. Unless its papers were shown after all, the channel has not seen them."""
        return await self._end(delivery, DeliveryState.REFUSED, reason, was_shown=was_shown)

    async def expired(self, delivery: Delivery, reason: str, *, was_shown: bool = False) -> bool:
        """It will not be posted any more, though nobody refused it."""
        return await self._end(delivery, DeliveryState.EXPIRED, reason, was_shown=was_shown)

    async def edited(self, delivery: Delivery, shown: str, now: datetime) -> None:
        """The message shows something else now. An edit done twice does no harm: it needs no claim."""
        await self._write(delivery.id, shown=shown, edited_at=now)

    async def finish(self, delivery: Delivery) -> None:
        """The message is not edited any more."""
        await self._write(delivery.id, is_final=True)

    async def follow_ups(self, now: datetime) -> list[FollowUp]:
        """The errands due at ``now``, the oldest first."""
        table = follow_ups
        query = (
            select(
                table.c.delivery_id,
                table.c.errand,
                deliveries.c.channel_id,
                deliveries.c.message_id,
                deliveries.c.sent_at,
                editions_table.c.papers_day,
                subscriptions.c.topic,
                subscriptions.c.guild_id,
            )
            .select_from(table.join(deliveries).join(editions_table).join(subscriptions))
            .where(table.c.state == "wanted", table.c.due_at <= now)
            .order_by(table.c.due_at, table.c.delivery_id)
        )
        async with self._database.reading() as connection:
            rows = (await connection.execute(query)).all()
        return [
            FollowUp(
                delivery_id=row.delivery_id,
                errand=Errand(row.errand),
                channel_id=row.channel_id,
                message_id=row.message_id,
                papers_day=row.papers_day,
                topic=Topic.kept(row.topic),
                wanted_at=row.sent_at,
                guild_id=row.guild_id,
            )
            for row in rows
        ]

    async def waiting(self) -> dict[DeliveryState, int]:
        """How many deliveries are open, by state."""
        state = deliveries.c.state
        query: Select[Any] = select(state, func.count().label("number")).where(state.in_(OPEN)).group_by(state)
        rows = await self._database.rows(query)
        return dict.fromkeys(OPEN, 0) | {DeliveryState(row.state): int(row.number) for row in rows}

    async def done_since(self, channel_id: int, errand: Errand, instant: datetime) -> list[datetime]:
        """When an errand was done in a channel since an instant, the earliest first."""
        query = (
            select(follow_ups.c.done_at)
            .join(deliveries)
            .where(deliveries.c.channel_id == channel_id, follow_ups.c.errand == errand, follow_ups.c.done_at > instant)
            .order_by(follow_ups.c.done_at)
        )
        async with self._database.reading() as connection:
            found: Sequence[datetime] = (await connection.scalars(query)).all()
        return list(found)

    async def followed_up(self, follow_up: FollowUp, now: datetime, *, reason: str = "") -> None:
        """It is done, or refused for a reason."""
        await self._note_errand(follow_up, state="refused" if reason else "done", done_at=None if reason else now, reason=reason)

    async def postpone(self, follow_up: FollowUp, until: datetime, reason: str) -> None:
        await self._note_errand(follow_up, due_at=until, reason=reason)

    async def _note_errand(self, follow_up: FollowUp, **values: Any) -> None:
        table = follow_ups
        is_it = (table.c.delivery_id == follow_up.delivery_id) & (table.c.errand == follow_up.errand)
        async with self._database.transaction() as connection:
            await connection.execute(update(table).where(is_it).values(values))

    async def _end(self, delivery: Delivery, state: DeliveryState, reason: str, *, was_shown: bool) -> bool:
        async with self._database.transaction() as connection:
            values = {"state": state, "reason": reason, "leased_until": None}
            is_ours = bool((await connection.execute(_under_fence(delivery).values(values))).rowcount)
            if is_ours and not was_shown:
                is_its = (seen.c.edition_id == delivery.edition.id) & seen.c.paper_id.in_(delivery.paper_ids)
                await connection.execute(delete(seen).where(is_its))
        return is_ours

    async def _set(self, delivery: Delivery, **values: Any) -> bool:
        async with self._database.transaction() as connection:
            result = await connection.execute(_under_fence(delivery).values(leased_until=None, **values))
        return bool(result.rowcount)

    async def _write(self, delivery_id: int, **values: Any) -> None:
        async with self._database.transaction() as connection:
            await connection.execute(update(deliveries).where(deliveries.c.id == delivery_id).values(values))


def errands(delivery: Delivery) -> list[Errand]:
    """What follows the message of a delivery."""
    order = delivery.subscription
    wanted = []
    if order.kind is Kind.ANNOUNCEMENT:
        wanted.append(Errand.PUBLISH)
    if order.has_discussion and delivery.edition.papers:
        wanted.append(Errand.DISCUSS)
    return wanted


def _under_fence(delivery: Delivery) -> Any:
    """An update of the delivery that changes nothing once somebody else has claimed it, or it was closed."""
    table = deliveries
    return update(table).where(table.c.id == delivery.id, table.c.fence == delivery.fence, table.c.state.in_(OPEN))
