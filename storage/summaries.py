"""What models made of papers, and what a day may spend on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.engine import Database, insert
from storage.schema import spend as spending
from storage.schema import summaries as table

ABSTRACT = "abstract"
ENGLISH = "en"
NOBODY = 0
_KEY = ("paper_id", "version", "kind", "language", "model")
_BATCH = 500  # ids in one statement; SQLite takes 32,766 parameters


@dataclass(frozen=True, slots=True)
class StoredSummary:
    """A model's summary. ``version`` is the paper's, 0 where it is unknown; ``kind`` is "abstract" or "full"; ``language`` is
    a code such as "en"; ``sections`` are (heading, text) each; ``made_at`` is aware, in UTC.
    """

    paper_id: str
    version: int
    kind: str
    language: str
    model: str
    text: str
    sections: tuple[tuple[str, str], ...]
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Spent:
    """``micros`` are millionths of the currency in which prices are set; ``calls`` counts what was let through."""

    tokens: int = 0
    micros: int = 0
    calls: int = 0


class SummaryStore:
    """Every method raises StorageError where the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, paper_id: str, version: int, kind: str, language: str, model: str) -> StoredSummary | None:
        """Exactly that one: a summary of another version of the paper is not it."""
        key = dict(zip(_KEY, (paper_id, version, kind, language, model), strict=True))
        query = select(table).where(*(table.c[name] == value for name, value in key.items()))
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).one_or_none()
        return _stored(row) if row else None

    async def short(self, ids: Sequence[str], model: str) -> dict[str, StoredSummary]:
        """The model's English summaries of these papers' abstracts, by id: of the newest version there is one of."""
        found: dict[str, StoredSummary] = {}
        is_short = and_(table.c.kind == ABSTRACT, table.c.language == ENGLISH, table.c.model == model)
        async with self._database.reading() as connection:
            for start in range(0, len(ids), _BATCH):
                is_asked = table.c.paper_id.in_(ids[start : start + _BATCH])
                rows = await connection.execute(select(table).where(is_asked, is_short).order_by(table.c.version))
                found |= {row.paper_id: _stored(row) for row in rows}  # the last stays
        return found

    async def save(self, summary: StoredSummary) -> None:
        """Store it, in the place of one with the same key."""
        row = {name: getattr(summary, name) for name in StoredSummary.__slots__}
        row["sections"] = [list(section) for section in summary.sections]
        values = {name: value for name, value in row.items() if name not in _KEY}
        async with self._database.transaction() as connection:
            await connection.execute(insert(table).values(row).on_conflict_do_update(index_elements=_KEY, set_=values))

    async def spend(
        self,
        day: date,
        guild_id: int,
        tokens: int,
        micros: int,
        *,
        most_tokens: int,
        most_micros: int,
        most_tokens_server: int,
    ) -> bool:
        """Reserve what a call may cost at most, before it is made; False, and nothing is reserved, where it would pass a cap.

        The caps are a day's: ``most_tokens`` and ``most_micros`` for all together, ``most_tokens_server`` for the server,
        which does not bind what is nobody's (``guild_id`` 0). One transaction: two askers cannot both take the last of it.
        """
        if tokens < 0 or micros < 0:
            raise ValueError("a call costs nothing or more")
        async with self._database.transaction() as connection:
            everyone = await _spent(connection, spending.c.day == day)
            server = await _spent(connection, spending.c.day == day, spending.c.guild_id == guild_id)
            is_too_much = everyone.tokens + tokens > most_tokens or everyone.micros + micros > most_micros
            if is_too_much or (guild_id != NOBODY and server.tokens + tokens > most_tokens_server):
                return False
            await _write(connection, day, guild_id, Spent(server.tokens + tokens, server.micros + micros, server.calls + 1))
        return True

    async def settle(self, day: date, guild_id: int, tokens: int, micros: int) -> None:
        """Add the difference between what a call cost and what was reserved for it, which may be negative.

        ``day`` is the day of the reservation. What a day spent never falls below nothing.
        """
        async with self._database.transaction() as connection:
            server = await _spent(connection, spending.c.day == day, spending.c.guild_id == guild_id)
            left = Spent(max(0, server.tokens + tokens), max(0, server.micros + micros), server.calls)
            await _write(connection, day, guild_id, left)

    async def spent(self, day: date, guild_id: int | None = None) -> Spent:
        """What the day spent so far, reservations and all: of a server (0: nobody's), or of all together."""
        conditions = [spending.c.day == day]
        if guild_id is not None:
            conditions.append(spending.c.guild_id == guild_id)
        async with self._database.reading() as connection:
            return await _spent(connection, *conditions)


async def _spent(connection: AsyncConnection, *conditions: ColumnElement[bool]) -> Spent:
    sums = [func.coalesce(func.sum(spending.c[name]), 0) for name in Spent.__slots__]
    row = (await connection.execute(select(*sums).where(*conditions))).one()
    return Spent(*(int(value) for value in row))


async def _write(connection: AsyncConnection, day: date, guild_id: int, spent: Spent) -> None:
    values = {name: getattr(spent, name) for name in Spent.__slots__}
    row = {"day": day, "guild_id": guild_id, **values}
    await connection.execute(insert(spending).values(row).on_conflict_do_update(index_elements=["day", "guild_id"], set_=values))


def _stored(row: Any) -> StoredSummary:
    values = {name: getattr(row, name) for name in StoredSummary.__slots__}
    values["sections"] = tuple((str(heading), str(text)) for heading, text in values["sections"])
    return StoredSummary(**values)
