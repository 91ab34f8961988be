"""What is kept for how long: a nightly round deletes what has had its time, a little in each transaction.

Papers stay, and with them everything that search and `/paper` tell. What an edition's deletion must wait for is in
``_forgettable``; everything that is looked up of old editions lies within SHORTEST: what is owed goes back a fortnight, an inbox
two weeks, `/why` to the last five lists of a paper, and messages grow for a week at most.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, delete, func, select, tuple_

from papers.subscription import State
from storage.editions import OPEN
from storage.engine import Database, insert
from storage.schema import deliveries, edition_papers, editions, featured, notes, questions, seen, spend, subscriptions, summaries

log = logging.getLogger(__name__)

SHORTEST = timedelta(days=60)  # of editions: a shorter time would cut into what is still looked up
_LISTED_LATELY = timedelta(days=30)  # a paper that was on a list so lately may come to a channel yet
_NIGHT_FROM_HOUR = 3  # UTC
_UNUSUAL = timedelta(days=7)  # between two nights
_LAST_NIGHT = "forgotten"  # the note of the day on which this was last done
_BATCH = 50  # rows; each brings some rows of other tables with it. The writer is held for some 10 ms.
_PAUSE_S = 0.02  # in which others may write


@dataclass(frozen=True, slots=True)
class Keep:
    """How long things are kept; None is for ever. ``personal`` is for the editions of people who follow alone."""

    editions: timedelta | None = None
    personal: timedelta | None = None
    questions: timedelta | None = None
    summaries: timedelta | None = None


class Retention:
    """Every method raises StorageError where the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def nightly(self, keep: Keep, now: datetime) -> dict[str, int]:
        """``forget``, once a day: at night, or when Paperboy next runs. Nothing where it was done today.

        After a week or more without it, a night is let go by first: a clock that is set wrong for once deletes nothing.
        """
        today = now.date().isoformat()
        last = await self._last_night()
        if now.hour < _NIGHT_FROM_HOUR or last == today:
            return {}
        is_long_ago = last is not None and abs(now.date() - date.fromisoformat(last)) > _UNUSUAL
        forgotten = {} if is_long_ago else await self.forget(keep, now)
        note = insert(notes).values(key=_LAST_NIGHT, text=today)
        async with self._database.transaction() as connection:
            await connection.execute(note.on_conflict_do_update(index_elements=["key"], set_={"text": today}))
        if any(forgotten.values()):
            log.info("kept no longer: %s", ", ".join(f"{count} {what}" for what, count in forgotten.items() if count))
        return forgotten

    async def forget(self, keep: Keep, now: datetime) -> dict[str, int]:
        """Delete what is kept no longer; how much of what."""
        forgotten = dict.fromkeys(("editions", "subscriptions", "questions", "summaries"), 0)
        theirs = select(subscriptions.c.id).where(subscriptions.c.user_id.is_not(None))
        if keep.personal:
            is_personal = editions.c.subscription_id.in_(theirs)
            forgotten["editions"] += await self._editions(_forgettable(now - keep.personal, now) & is_personal)
        if keep.editions:
            is_servers = editions.c.subscription_id.not_in(theirs)
            forgotten["editions"] += await self._editions(_forgettable(now - keep.editions, now) & is_servers)
            await self._rows(spend, spend.c.day < (now - keep.editions).date())
            forgotten["subscriptions"] = await self._rows(subscriptions, _is_ended(now - keep.editions))
        if keep.questions:
            forgotten["questions"] = await self._rows(questions, questions.c.asked_at < now - keep.questions)
        if keep.summaries:
            forgotten["summaries"] = await self._rows(summaries, summaries.c.made_at < now - keep.summaries)
        return forgotten

    async def _last_night(self) -> str | None:
        rows = await self._database.rows(select(notes.c.text).where(notes.c.key == _LAST_NIGHT))
        return rows[0].text if rows else None

    async def _editions(self, is_old: ColumnElement[bool]) -> int:
        """Editions with their papers, what was seen by them, their deliveries and what follows those."""
        count = 0
        query = select(editions.c.id).where(is_old).order_by(editions.c.due_at).limit(_BATCH)
        while ids := [row.id for row in await self._database.rows(query)]:
            async with self._database.transaction() as connection:
                for table in (seen, edition_papers, deliveries):
                    await connection.execute(delete(table).where(table.c.edition_id.in_(ids)))
                await connection.execute(delete(editions).where(editions.c.id.in_(ids)))
            count += len(ids)
            await asyncio.sleep(_PAUSE_S)
        return count

    async def _rows(self, table: Table, is_old: ColumnElement[bool]) -> int:
        count = 0
        key = tuple_(*table.primary_key)
        query: Select[Any] = select(*table.primary_key).where(is_old).limit(_BATCH)
        while rows := await self._database.rows(query):
            async with self._database.transaction() as connection:
                # Once more: it may have been used meanwhile.
                await connection.execute(delete(table).where(key.in_([tuple(row) for row in rows]), is_old))
            count += len(rows)
            await asyncio.sleep(_PAUSE_S)
        return count


def _forgettable(before: datetime, now: datetime) -> ColumnElement[bool]:
    """Of an edition: it was due before that, nothing of it is on its way, and none of its papers may be listed again.

    The one with the newest number is never given up, nor that of the newest delivery: SQLite would give them out again
    (storage/erasing.py).
    """
    newest = select(func.max(editions.c.id)).scalar_subquery()
    holds_newest = select(deliveries.c.edition_id).order_by(deliveries.c.id.desc()).limit(1).scalar_subquery()
    is_newest = (editions.c.id == newest) | (editions.c.id == func.coalesce(holds_newest, 0))
    is_open = select(deliveries.c.id).where(deliveries.c.edition_id == editions.c.id, deliveries.c.state.in_(OPEN))
    may_come_again = (
        select(seen.c.paper_id)
        .join(featured, featured.c.paper_id == seen.c.paper_id)
        .where(seen.c.edition_id == editions.c.id, featured.c.day >= (now - _LISTED_LATELY).date())
    )
    # The day says the same to the index that is led by the subscription.
    is_old = (editions.c.due_at < before) & (editions.c.day <= before.date() + timedelta(days=1))
    return is_old & ~is_newest & ~is_open.correlate(editions).exists() & ~may_come_again.correlate(editions).exists()


def _is_ended(before: datetime) -> ColumnElement[bool]:
    """Of a subscription: somebody removed it, and its last edition is forgotten.

    The newest number is never given up, as old buttons carry it.
    """
    has_editions = select(editions.c.id).where(editions.c.subscription_id == subscriptions.c.id)
    newest = select(func.max(subscriptions.c.id)).scalar_subquery()
    return (
        (subscriptions.c.state == State.REMOVED)
        & (subscriptions.c.owed_since < before)
        & (subscriptions.c.id < newest)
        & ~has_editions.correlate(subscriptions).exists()
    )
