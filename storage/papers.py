"""Papers in the store: save, get, what a day featured, and what has changed since."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from operator import attrgetter
from typing import Any, TypeVar

from sqlalchemy import Row, Select, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from papers.merge import merged, unique
from papers.paper import Paper, best_first
from storage.engine import Database, insert
from storage.schema import featured, fetches
from storage.schema import papers as table

T = TypeVar("T")
_BATCH = 500  # ids in one statement; SQLite takes 32,766 parameters
_FEW = 25  # papers that are read in no more time than another thread takes to be asked
_LISTINGS = {"featured_on", "listed_by"}  # kept in a table of their own
_LISTS = ("authors", "keywords", "categories")
_UNTOLD = (None, "", (), 0)
_COLUMNS = tuple(f.name for f in fields(Paper) if f.name not in _LISTINGS)
_values = attrgetter(*_COLUMNS)
_PAPERS = [table.c[name] for name in _COLUMNS]
# With a row for each listing, so that one statement tells all: a second one takes as long as the papers' own.
_BY_ID: Select[Any] = (
    select(*_PAPERS, featured.c.day, featured.c.source)
    .outerjoin_from(table, featured)
    .where(table.c.id.in_(bindparam("ids", expanding=True)))
)


@dataclass(frozen=True, slots=True)
class Saved:
    """What a save did: how many papers were new, how many changed, how many were known as told."""

    new: int = 0
    updated: int = 0
    unchanged: int = 0

    def __add__(self, other: Saved) -> Saved:
        return Saved(self.new + other.new, self.updated + other.updated, self.unchanged + other.unchanged)


class PaperStore:
    """The papers Paperboy has read. Every method raises StorageError where the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, papers: Iterable[Paper], source: str) -> Saved:
        """Store what ``source`` told: new papers are added, known ones brought up to date; all or none."""
        told = unique(papers)
        if not told:
            return Saved()
        async with self._database.transaction() as connection:
            return await _save(connection, told, source)

    async def save_day(self, papers: Iterable[Paper], source: str, day: date, fetched_at: datetime) -> Saved:
        """Store a source's answer for a UTC day, and that it was had, in one transaction."""
        told = unique(papers)
        async with self._database.transaction() as connection:
            saved = await _save(connection, told, source)
            row = {"source": source, "day": day, "fetched_at": fetched_at, "listed": len(told)}
            await connection.execute(
                insert(fetches).values(row).on_conflict_do_update(index_elements=["source", "day"], set_=row)
            )
        return saved

    async def fetched(self, day: date) -> dict[str, datetime]:
        """When each source last answered for the UTC day; those that never did are not in it."""
        async with self._database.reading() as connection:
            rows = (await connection.execute(select(fetches.c.source, fetches.c.fetched_at).where(fetches.c.day == day))).all()
        return {row.source: row.fetched_at for row in rows}

    async def listed(self, source: str, day: date) -> int:
        """How many papers the source has listed for the UTC day so far, in all its answers."""
        query = select(func.count()).where(featured.c.source == source, featured.c.day == day)
        async with self._database.reading() as connection:
            return await connection.scalar(query) or 0

    async def get(self, identifier: str) -> Paper | None:
        """The paper with that arXiv id (no version)."""
        found = await self.get_many([identifier])
        return found[0] if found else None

    async def get_many(self, identifiers: Sequence[str]) -> list[Paper]:
        """The known ones of these papers, in the order asked for."""
        found: dict[str, Paper] = {}
        for batch in _batches(identifiers):
            values = {"ids": batch}
            few = len(batch) <= _FEW
            found |= _papers(self._database.few(_BY_ID, values) if few else await self._database.rows(_BY_ID, values))
        return [found[identifier] for identifier in identifiers if identifier in found]

    async def featured(self, day: date, sources: Collection[str] | None = None) -> list[Paper]:
        """What these sources (or all) featured on the UTC day, best first: votes, then newer, then the higher id."""
        query = select(featured.c.paper_id).where(featured.c.day == day).distinct()
        if sources is not None:
            query = query.where(featured.c.source.in_(sources))
        async with self._database.reading() as connection:
            ids = (await connection.scalars(query)).all()
        return sorted(await self.get_many(ids), key=best_first, reverse=True)

    async def latest_day(self, until: date) -> date | None:
        """The newest UTC day, up to ``until``, on which anything was featured."""
        async with self._database.reading() as connection:
            day: date | None = await connection.scalar(select(func.max(featured.c.day)).where(featured.c.day <= until))
        return day

    async def days(self, until: date, limit: int, sources: Collection[str] | None = None) -> list[date]:
        """The newest UTC days, up to ``until``, on which these sources (or all) featured anything, the newest first."""
        query = select(featured.c.day).where(featured.c.day <= until).distinct().order_by(featured.c.day.desc()).limit(limit)
        if sources is not None:
            query = query.where(featured.c.source.in_(sources))
        async with self._database.reading() as connection:
            return list((await connection.scalars(query)).all())

    async def count(self) -> int:
        """How many papers there are."""
        async with self._database.reading() as connection:
            return (await connection.scalars(select(func.count()).select_from(table))).one()

    async def count_since(self, change: int) -> int:
        """How many papers changed after ``change``."""
        ((count,),) = await self._database.rows(select(func.count()).where(table.c.change > change))
        return int(count)

    async def change(self) -> int:
        """The number of the last save that changed anything; 0 for an empty store."""
        async with self._database.reading() as connection:
            return await _last_change(connection)

    async def since(self, change: int, limit: int) -> list[tuple[int, Paper]]:
        """At most about ``limit`` papers that changed after ``change``, oldest change first, each with its change's number.

        A save is never split: the list ends with the last paper of one.
        """
        async with self._database.reading() as connection:
            first = select(table.c.change).where(table.c.change > change).order_by(table.c.change).limit(limit).subquery()
            last = await connection.scalar(select(func.max(first.c.change)))
            if last is None:
                return []
            rows = (
                await connection.execute(
                    select(*_PAPERS, table.c.change)
                    .where(table.c.change > change, table.c.change <= last)
                    .order_by(table.c.change)
                )
            ).all()
            listings: dict[str, set[tuple[date, str]]] = {}
            for batch in _batches([row.id for row in rows]):
                listings |= await _listings(connection, batch)
        return [(row.change, _paper(row, listings.get(row.id, set()))) for row in rows]


async def _save(connection: AsyncConnection, told: Sequence[Paper], source: str) -> Saved:
    new = updated = 0
    change = await _last_change(connection) + 1
    for batch in _batches(told):
        known = await _known(connection, [paper.id for paper in batch])
        changed: list[Paper] = []
        for paper in batch:
            before = known.get(paper.id)
            if before is None:
                new += 1
                changed.append(paper)
            elif not _is_known(before, paper) and _values(after := merged(before, paper)) != _values(before):
                updated += 1
                changed.append(after)
            elif not set(paper.featured_on) <= set(before.featured_on) or (paper.featured_on and source not in before.listed_by):
                changed.append(before)  # nothing new of the paper itself, but of where it is found
        if changed:
            upsert = insert(table)
            await connection.execute(
                upsert.on_conflict_do_update(index_elements=["id"], set_={c.name: c for c in upsert.excluded if c.name != "id"}),
                [_row(paper, change) for paper in changed],
            )
        days = [{"day": d, "source": source, "paper_id": paper.id} for paper in batch for d in paper.featured_on]
        if days:
            await connection.execute(insert(featured).on_conflict_do_nothing(), days)
    return Saved(new, updated, len(told) - new - updated)


def _is_known(known: Paper, told: Paper) -> bool:
    """Whether every value told is there already: then merging, which takes longer, would change none."""
    return all(value == before or value in _UNTOLD for before, value in zip(_values(known), _values(told), strict=True))


async def _known(connection: AsyncConnection, identifiers: Sequence[str]) -> dict[str, Paper]:
    return _papers(await connection.execute(_BY_ID, {"ids": identifiers}))


def _papers(rows: Iterable[Row[Any]]) -> dict[str, Paper]:
    """By id; a paper has a row for each of its listings, and one where it has none."""
    found: dict[str, tuple[Sequence[Any], set[tuple[date, str]]]] = {}
    for row in rows:
        _, listings = found.setdefault(row.id, (row, set()))
        if row.day is not None:
            listings.add((row.day, row.source))
    return {identifier: _paper(*paper) for identifier, paper in found.items()}


async def _listings(connection: AsyncConnection, identifiers: Sequence[str]) -> dict[str, set[tuple[date, str]]]:
    """The days on which papers were featured, and by which sources."""
    found: dict[str, set[tuple[date, str]]] = {}
    query = select(featured.c.paper_id, featured.c.day, featured.c.source).where(featured.c.paper_id.in_(identifiers))
    for paper_id, day, source in await connection.execute(query):
        found.setdefault(paper_id, set()).add((day, source))
    return found


async def _last_change(connection: AsyncConnection) -> int:
    return await connection.scalar(select(func.max(table.c.change))) or 0


def _row(paper: Paper, change: int) -> dict[str, Any]:
    return {**dict(zip(_COLUMNS, _values(paper), strict=True)), "change": change}


def _paper(row: Sequence[Any], listings: set[tuple[date, str]]) -> Paper:
    values: dict[str, Any] = dict(zip(_COLUMNS, row, strict=False))  # its other columns are no part of a paper
    values |= {name: tuple(values[name]) for name in _LISTS}
    values["featured_on"] = tuple(sorted({day for day, _ in listings}))
    values["listed_by"] = tuple(sorted({source for _, source in listings}))
    return Paper(**values)


def _batches(items: Sequence[T]) -> Iterable[Sequence[T]]:
    return (items[start : start + _BATCH] for start in range(0, len(items), _BATCH))
