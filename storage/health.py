"""How the sources fare: when each last answered or failed, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from storage.engine import Database, insert
from storage.schema import health


@dataclass(frozen=True, slots=True)
class Health:
    """A source's state. ``failures`` are those in a row since it last answered well; ``why`` tells the last of them, or what is
    odd about its answer.
    """

    source: str
    answered_at: datetime | None
    failed_at: datetime | None = None
    failures: int = 0
    why: str = ""


class HealthStore:
    """Every method raises StorageError where the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> dict[str, Health]:
        """Every source that was ever asked, by name."""
        async with self._database.reading() as connection:
            rows = (await connection.execute(select(health))).all()
        return {row.source: Health(row.source, row.answered_at, row.failed_at, row.failures, row.why) for row in rows}

    async def answered(self, source: str, now: datetime) -> None:
        await self._write(source, {"answered_at": now, "failures": 0, "why": ""}, failures=0)

    async def failed(self, source: str, now: datetime, why: str) -> None:
        await self._write(source, {"failed_at": now, "failures": health.c.failures + 1, "why": why}, failures=1)

    async def short(self, source: str, now: datetime, why: str) -> None:
        """It answered, but with less than it had told before: that is no good answer."""
        await self._write(source, {"failed_at": now, "failures": 0, "why": why}, failures=0)

    async def _write(self, source: str, change: dict[str, object], failures: int) -> None:
        first = {"why": "", **change, "source": source, "failures": failures}
        async with self._database.transaction() as connection:
            await connection.execute(insert(health).values(first).on_conflict_do_update(index_elements=["source"], set_=change))
