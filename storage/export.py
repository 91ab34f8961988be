"""Everything that is stored, as plain values: one object for each row, for other programs to read (docs/keeping.md)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import Row, Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import schema
from storage.engine import Database

FORMAT = 1
_BATCH = 500

# Each table by what one row of it is. Who is referred to comes before who refers.
KINDS = {
    "paper": schema.papers,
    "listing": schema.featured,
    "fetch": schema.fetches,
    "source": schema.health,
    "server": schema.guilds,
    "subscription": schema.subscriptions,
    "topic": schema.topics,
    "summary": schema.summaries,
    "spend": schema.spend,
    "edition": schema.editions,
    "edition paper": schema.edition_papers,
    "delivery": schema.deliveries,
    "follow-up": schema.follow_ups,
    "seen": schema.seen,
    "question": schema.questions,
    "note": schema.notes,
}
# Discord's ids have more digits than many JSON readers keep of a number: they are texts, as Discord itself gives them.
SNOWFLAKES = frozenset(
    {"guild_id", "channel_id", "role_id", "tag_id", "user_id", "made_by", "owner_id", "message_id", "thread_id", "besides"}
)


async def exported(database: Database, kinds: Sequence[str] = tuple(KINDS)) -> AsyncIterator[dict[str, Any]]:
    """A row after the other, of one state of the store, in bounded memory. Raises StorageError.

    Values are JSON's. An instant is like "2026-06-10T09:00:00Z". A column that is itself called kind has its row's before it, as
    in "summary_kind". A paper has its ``featured_on`` besides its columns, as `paperboy import` reads it. The reader keeps its
    state of the store for as long as this takes.
    """
    async with database.reading() as connection:
        for kind in kinds:
            rows = _papers(connection) if kind == "paper" else _rows(connection, KINDS[kind])
            async for row in rows:
                if "kind" in row:
                    row[f"{kind}_kind"] = row.pop("kind")
                yield {"kind": kind, **row}


async def _rows(connection: AsyncConnection, table: Table) -> AsyncIterator[dict[str, Any]]:
    async with connection.stream(select(table).order_by(*table.primary_key)) as result:
        async for row in result:
            yield _values(row)


async def _papers(connection: AsyncConnection) -> AsyncIterator[dict[str, Any]]:
    table, listing = schema.papers, schema.featured
    last = ""
    while rows := (await connection.execute(select(table).where(table.c.id > last).order_by(table.c.id).limit(_BATCH))).all():
        last = rows[-1].id
        days: dict[str, set[str]] = {}
        query = select(listing.c.paper_id, listing.c.day).where(listing.c.paper_id.in_([row.id for row in rows]))
        for paper_id, day in await connection.execute(query):
            days.setdefault(paper_id, set()).add(day.isoformat())
        for row in rows:
            yield {**_values(row), "featured_on": sorted(days.get(row.id, ()))}


def _values(row: Row[Any]) -> dict[str, Any]:
    return {name: _value(name, value) for name, value in row._mapping.items()}


def _value(name: str, value: Any) -> Any:
    if name in SNOWFLAKES and value is not None:
        return [str(each) for each in value] if isinstance(value, list) else str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, (date, time)):
        return value.isoformat()
    return value
