"""What is kept of a server itself: the language of its digests, and whether Paperboy was removed from it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, union, update

from papers.subscription import State
from storage.engine import Database, insert
from storage.erasing import erase
from storage.schema import guilds as table
from storage.schema import spend, subscriptions, topics

_EDITIONS_AT_ONCE = 500  # deleted in one transaction; others write between two


class GuildStore:
    """Every method raises StorageError where the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def language(self, guild_id: int) -> str:
        """The language set for a server's digests; "" where none is."""
        rows = await self._database.rows(select(table.c.language).where(table.c.guild_id == guild_id))
        return rows[0].language if rows else ""

    async def languages(self) -> dict[int, str]:
        """The language of each server that has set one."""
        rows = await self._database.rows(select(table.c.guild_id, table.c.language).where(table.c.language != ""))
        return {row.guild_id: row.language for row in rows}

    async def set_language(self, guild_id: int, language: str) -> None:
        """From now on a server's digests are in that language; "" for the one that Discord names."""
        await self._write([guild_id], {"language": language})

    async def left(self, guild_id: int, now: datetime) -> None:
        """Paperboy was removed from a server; the first time this is told counts, until it is back.

        Nothing is posted there meanwhile: what was active waits for access, as after any loss of it, and goes on by itself.
        """
        is_its = (subscriptions.c.guild_id == guild_id) & subscriptions.c.user_id.is_(None)
        async with self._database.transaction() as connection:
            waits = update(subscriptions).where(is_its, subscriptions.c.state == State.ACTIVE)
            await connection.execute(waits.values(state=State.SHUT_OUT))
        await self.all_left([guild_id], now)

    async def all_left(self, guild_ids: Iterable[int], now: datetime) -> None:
        """Paperboy is found to be in none of these servers."""
        gone = await self.gone_since(None)
        await self._write([key for key in guild_ids if key not in gone], {"left_at": now})

    async def back(self, guild_id: int) -> None:
        """Paperboy is in the server again: its data stays."""
        is_it = (table.c.guild_id == guild_id) & table.c.left_at.is_not(None)
        if await self._database.rows(select(table.c.guild_id).where(is_it)):
            async with self._database.transaction() as connection:
                await connection.execute(update(table).where(is_it).values(left_at=None))

    async def gone_since(self, instant: datetime | None) -> list[int]:
        """The servers that Paperboy was removed from at ``instant`` or before, by id; with None, whenever it was."""
        is_gone = table.c.left_at.is_not(None) if instant is None else table.c.left_at <= instant
        rows = await self._database.rows(select(table.c.guild_id).where(is_gone).order_by(table.c.guild_id))
        return [row.guild_id for row in rows]

    async def known(self) -> set[int]:
        """Every server that something is kept of."""
        servers = select(subscriptions.c.guild_id).where(subscriptions.c.guild_id != 0, subscriptions.c.user_id.is_(None))
        # A topic's owner may be a person, who then is the one who made it.
        owners = select(topics.c.owner_id).where(topics.c.owner_id != topics.c.made_by)
        found = union(servers, owners, select(table.c.guild_id)).subquery()
        return {row.guild_id for row in await self._database.rows(select(found))}

    async def purge(self, guild_id: int) -> None:
        """Delete all that is kept of a server, a part at a time; one that is broken off goes on the next time."""
        is_its = (subscriptions.c.guild_id == guild_id) & subscriptions.c.user_id.is_(None)
        is_done = False
        while not is_done:
            async with self._database.transaction() as connection:
                is_done = await erase(connection, is_its, _EDITIONS_AT_ONCE)
        async with self._database.transaction() as connection:
            await connection.execute(delete(topics).where(topics.c.owner_id == guild_id))
            await connection.execute(delete(spend).where(spend.c.guild_id == guild_id))
            await connection.execute(delete(table).where(table.c.guild_id == guild_id))

    async def _write(self, guild_ids: list[int], values: dict[str, Any]) -> None:
        if not guild_ids:
            return
        async with self._database.transaction() as connection:
            for guild_id in guild_ids:
                row = {"guild_id": guild_id, **values}
                await connection.execute(
                    insert(table).values(row).on_conflict_do_update(index_elements=["guild_id"], set_=values)
                )
