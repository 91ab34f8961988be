"""The ledger: which edition was planned, what it brings, which deliveries it has, and what each channel has seen.

The ledger, not the scheduler, knows what was sent. ``(subscription, day)`` lets an edition out once, ``(channel, paper)`` a
paper; both are written together with the plan, so that nothing is ever marked as seen without a delivery that shows it.
How a delivery goes on from there is the outbox's part.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from papers.subscription import Subscription
from storage.editions import OPEN, Delivery, DeliveryState, EditionOutcome, Growth, Plan, StoredEdition
from storage.engine import Conflict, Database
from storage.schema import deliveries, edition_papers, editions, seen, subscriptions
from storage.subscriptions import readable_subscription


class Ledger:
    """Every method raises StorageError where the database fails. ``identity`` names this very database."""

    def __init__(self, database: Database, identity: str) -> None:
        self._database = database
        self._identity = identity

    async def plan(self, plan: Plan) -> int | None:
        """Write an edition, its papers as seen, and its deliveries, all or none; its id, or None if that day had one."""
        columns = ("subscription_id", "day", "due_at", "planned_at", "papers_day", "outcome", "reason")
        counts = ("listed", "on_topic", "shown_before")
        values = {name: getattr(plan, name) for name in (*columns, *counts)}
        values |= {"listed_first": plan.listed, "missing": list(plan.missing)}
        try:
            async with self._database.transaction() as connection:
                edition_id: int = (
                    await connection.execute(insert(editions).values(values).returning(editions.c.id))
                ).scalar_one()
                await _bring(connection, edition_id, plan.channel_id, plan.paper_ids)
                marks = [self._mark(plan.subscription_id, plan.day, part) for part in range(len(plan.parts))]
                await _deliver(connection, edition_id, plan.channel_id, plan.parts, marks)
        except Conflict:
            # Another plan for that day, or with one of these papers in this channel, came first: nothing of ours was kept.
            return None
        return edition_id

    async def grow(self, growth: Growth) -> bool:
        """Write what late papers change, all or nothing; False if one of them came into the channel otherwise meanwhile."""
        values = {name: getattr(growth, name) for name in ("listed", "on_topic", "shown_before", "grown_at")}
        values["missing"] = list(growth.missing)
        if growth.paper_ids:
            values["outcome"] = EditionOutcome.POSTED
        try:
            async with self._database.transaction() as connection:
                statement = update(editions).where(editions.c.id == growth.edition_id).values(values)
                edition = (
                    await connection.execute(statement.returning(editions.c.subscription_id, editions.c.day))
                ).one_or_none()
                if edition is None:
                    return False  # deleted meanwhile, with all that is kept of its reader
                paper_count = await _count(connection, edition_papers.c.edition_id == growth.edition_id)
                part_count = await _count(connection, deliveries.c.edition_id == growth.edition_id)
                await _bring(
                    connection,
                    growth.edition_id,
                    growth.channel_id,
                    growth.paper_ids,
                    first=paper_count,
                    added_at=growth.grown_at,
                )
                numbers = range(part_count, part_count + len(growth.parts))
                marks = [self._mark(edition.subscription_id, edition.day, part) for part in numbers]
                await _deliver(connection, growth.edition_id, growth.channel_id, growth.parts, marks, first=part_count)
        except Conflict:
            return False
        return True

    async def days_planned(self, since: datetime, of: int | None = None) -> set[tuple[int, date]]:
        """(subscription id, local date) of the editions due since an instant, of one subscription or of all."""
        query = select(editions.c.subscription_id, editions.c.day).where(editions.c.due_at >= since)
        if of is not None:
            query = query.where(editions.c.subscription_id == of)
        async with self._database.reading() as connection:
            rows = await connection.execute(query)
            return {(row.subscription_id, row.day) for row in rows}

    async def seen(self, *channel_ids: int) -> set[str]:
        """The ids of the papers that were in one of the channels, or are in a delivery to it."""
        async with self._database.reading() as connection:
            return set((await connection.scalars(select(seen.c.paper_id).where(seen.c.channel_id.in_(channel_ids)))).all())

    async def unsent(self, now: datetime, after: int = 0) -> list[Delivery]:
        """Deliveries (with ids beyond ``after``) to be taken up at ``now``, in the order they were planned.

        What somebody has a lease on, or is put off, is left out, and with it what comes after it in its channel: there the
        order is kept.
        """
        held: set[int] = set()
        ready = []
        for delivery in await self._where(deliveries.c.state.in_(OPEN), deliveries.c.id > after):
            is_leased = delivery.leased_until is not None and delivery.leased_until > now
            if is_leased or (delivery.retry_at is not None and delivery.retry_at > now) or delivery.channel_id in held:
                held.add(delivery.channel_id)
            else:
                ready.append(delivery)
        return ready

    async def of_edition(self, subscription_id: int, day: date) -> list[Delivery]:
        """The deliveries of a subscription's edition of a local date, whatever their state."""
        return await self._where(editions.c.subscription_id == subscription_id, editions.c.day == day)

    async def marked(self, mark: str) -> Delivery | None:
        """The delivery whose message carries that mark."""
        found = await self._where(deliveries.c.mark == mark)
        return found[0] if found else None

    async def under(self, channel_id: int, thread_id: int) -> Delivery | None:
        """The delivery that a thread in a channel belongs to: it is a forum's post, or was opened under the message."""
        is_its = (deliveries.c.thread_id == thread_id) | (deliveries.c.message_id == thread_id)
        found = await self._where(deliveries.c.channel_id == channel_id, is_its)
        return found[0] if found else None

    async def about(self, subscription_id: int, papers_day: date) -> list[tuple[StoredEdition, list[Delivery]]]:
        """A subscription's editions that bring a UTC day's list, the earliest first, each with its deliveries."""
        return await self._with_deliveries(editions.c.subscription_id == subscription_id, editions.c.papers_day == papers_day)

    async def bringing(self, channel_ids: Sequence[int], paper_ids: Collection[str]) -> dict[str, Delivery]:
        """By paper id, the delivery that brought the paper into one of the channels, the first named one before the others."""
        query = select(seen).where(seen.c.channel_id.in_(channel_ids), seen.c.paper_id.in_(paper_ids))
        async with self._database.reading() as connection:
            rows = (await connection.execute(query)).all()
        brought = {row.edition_id for row in rows}
        sent = await self._where(deliveries.c.edition_id.in_(brought)) if brought else []
        by_paper = {(delivery.edition.id, paper_id): delivery for delivery in sent for paper_id in delivery.paper_ids}
        found: dict[str, Delivery] = {}
        for row in sorted(rows, key=lambda row: channel_ids.index(row.channel_id)):
            if (row.edition_id, row.paper_id) in by_paper:
                found.setdefault(row.paper_id, by_paper[row.edition_id, row.paper_id])
        return found

    async def due_since(self, instant: datetime) -> list[tuple[StoredEdition, list[Delivery]]]:
        """The editions due since an instant that can still grow or be edited, with their deliveries, the earliest first."""
        is_growing = editions.c.outcome.in_([EditionOutcome.POSTED, EditionOutcome.EMPTY])
        return await self._with_deliveries(editions.c.due_at >= instant, is_growing)

    async def counts(self, since: datetime) -> dict[DeliveryState, int]:
        """How many deliveries of editions due since an instant are in each state."""
        query = select(deliveries.c.state, func.count()).join(editions).where(editions.c.due_at >= since)
        async with self._database.reading() as connection:
            rows = (await connection.execute(query.group_by(deliveries.c.state))).all()
        return {DeliveryState(state): count for state, count in rows}

    def _mark(self, subscription_id: int, day: date, part: int) -> str:
        """The same for the same part of the same edition: after a backup was restored, what it does not know is recognised."""
        return hashlib.sha256(f"{self._identity} {subscription_id} {day} {part}".encode()).hexdigest()[:16]

    async def _with_deliveries(self, *conditions: ColumnElement[bool]) -> list[tuple[StoredEdition, list[Delivery]]]:
        query = select(deliveries).join(editions).where(*conditions).order_by(deliveries.c.id)
        async with self._database.reading() as connection:
            found = await stored_editions(connection, *conditions)
            rows = (await connection.execute(query)).all() if found else []
        sent: dict[int, list[Delivery]] = {key: [] for key in found}
        for row in rows:
            if row.edition_id in found:
                sent[row.edition_id].append(_delivery(row, found[row.edition_id]))
        return [(edition, sent[key]) for key, edition in found.items()]

    async def _where(self, *conditions: ColumnElement[bool]) -> list[Delivery]:
        query = select(deliveries).join(editions).where(*conditions).order_by(deliveries.c.id)
        async with self._database.reading() as connection:
            rows = (await connection.execute(query)).all()
            brought = select(deliveries.c.edition_id).join(editions).where(*conditions)
            found = await stored_editions(connection, editions.c.id.in_(brought)) if rows else {}
        return [_delivery(row, found[row.edition_id]) for row in rows if row.edition_id in found]


async def _bring(
    connection: AsyncConnection,
    edition_id: int,
    channel_id: int,
    paper_ids: Sequence[str],
    *,
    first: int = 0,
    added_at: datetime | None = None,
) -> None:
    """Write papers into an edition from the ``first`` position on, and as seen in its channel."""
    if not paper_ids:
        return
    common = {"edition_id": edition_id, "added_at": added_at}
    rows = [{**common, "position": position, "paper_id": paper_id} for position, paper_id in enumerate(paper_ids, start=first)]
    await connection.execute(insert(edition_papers), rows)
    shown = [{"channel_id": channel_id, "paper_id": paper_id, "edition_id": edition_id} for paper_id in paper_ids]
    await connection.execute(insert(seen), shown)


async def _deliver(
    connection: AsyncConnection,
    edition_id: int,
    channel_id: int,
    parts: Sequence[str | None],
    marks: Sequence[str],
    *,
    first: int = 0,
) -> None:
    """Write an edition's deliveries, each about one paper or (None) all, from the ``first`` part on."""
    if not parts:
        return
    common = {"edition_id": edition_id, "channel_id": channel_id, "state": DeliveryState.PLANNED}
    fresh = {"tries": 0, "fence": 0, "shown": "", "is_final": False, "reason": ""}
    rows = [
        {**common, **fresh, "part": part, "paper_id": paper_id, "mark": mark}
        for part, (paper_id, mark) in enumerate(zip(parts, marks, strict=True), start=first)
    ]
    await connection.execute(insert(deliveries), rows)


async def _count(connection: AsyncConnection, condition: ColumnElement[bool]) -> int:
    return await connection.scalar(select(func.count()).where(condition)) or 0


async def stored_editions(connection: AsyncConnection, *conditions: ColumnElement[bool]) -> dict[int, StoredEdition]:
    """Editions by id, the earliest due first; those whose subscription cannot be read are left out."""
    columns = [column for column in editions.c if column.name not in {"id", "subscription_id", "reason"}]
    query = select(editions.c.id.label("edition_id"), *columns, subscriptions).join(subscriptions).where(*conditions)
    rows = (await connection.execute(query.order_by(editions.c.due_at, editions.c.id))).all()
    papers: dict[int, list[tuple[str, datetime | None]]] = {}
    brought = select(edition_papers).join(editions).where(*conditions).order_by(edition_papers.c.position)
    for row in await connection.execute(brought):
        papers.setdefault(row.edition_id, []).append((row.paper_id, row.added_at))
    found = {}
    for row in rows:
        order = readable_subscription(row)
        if order:
            found[row.edition_id] = _edition(row, order, papers.get(row.edition_id, []))
    return found


def _edition(row: Any, order: Subscription, papers: Sequence[tuple[str, datetime | None]]) -> StoredEdition:
    names = ("day", "due_at", "planned_at", "papers_day", "listed", "listed_first", "on_topic", "shown_before", "grown_at")
    return StoredEdition(
        id=row.edition_id,
        subscription=order,
        outcome=EditionOutcome(row.outcome),
        missing=tuple(row.missing),
        papers=tuple(papers),
        **{name: getattr(row, name) for name in names},
    )


def _delivery(row: Any, edition: StoredEdition) -> Delivery:
    names = set(Delivery.__slots__) - {"edition", "state"}
    return Delivery(edition=edition, state=DeliveryState(row.state), **{name: getattr(row, name) for name in names})
