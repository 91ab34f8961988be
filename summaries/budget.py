"""What a model may cost: reserved before each call at its upper bound, settled after it at what it was."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol

from storage.summaries import NOBODY
from storage.summaries import Spent as Sum
from summaries.trouble import Spent

_MICROS = 1_000_000


class Ledger(Protocol):
    """What a day has spent, as storage/summaries.py keeps it."""

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
    ) -> bool: ...

    async def settle(self, day: date, guild_id: int, tokens: int, micros: int) -> None: ...

    async def spent(self, day: date, guild_id: int | None = None) -> Sum: ...


@dataclass(frozen=True, slots=True)
class Caps:
    """A day's, by UTC date. Prices are for a million tokens, in the currency of ``money``; 0.0 where nothing is to pay."""

    tokens: int = 1_000_000
    tokens_per_server: int = 200_000
    money: float = 1.0
    price_in: float = 0.0
    price_out: float = 0.0

    @property
    def micros(self) -> int:
        """The cap on money in millionths."""
        return round(self.money * _MICROS)

    def cost(self, tokens_in: int, tokens_out: int) -> int:
        """In millionths, rounded up."""
        return math.ceil(tokens_in * self.price_in + tokens_out * self.price_out)


@dataclass(slots=True)
class Bill:
    """What calls used so far, in tokens."""

    tokens_in: int = 0
    tokens_out: int = 0

    def add(self, tokens_in: int, tokens_out: int) -> None:
        self.tokens_in += tokens_in
        self.tokens_out += tokens_out


class Budget:
    """``now`` is the present instant in UTC."""

    def __init__(self, ledger: Ledger, caps: Caps, now: Callable[[], datetime]) -> None:
        self.caps = caps
        self._ledger = ledger
        self._now = now

    @asynccontextmanager
    async def reserved(self, tokens_in: int, tokens_out: int, guild_id: int, share: float = 1.0) -> AsyncIterator[Bill]:
        """A block that may use so many tokens, and adds what it used to the bill.

        With ``share`` only that part of the day's caps is open to it. Raises Spent, with nothing reserved, and StorageError.
        """
        day = self._now().astimezone(UTC).date()
        most, cost = tokens_in + tokens_out, self.caps.cost(tokens_in, tokens_out)
        if not await self._ledger.spend(
            day,
            guild_id,
            most,
            cost,
            most_tokens=int(self.caps.tokens * share),
            most_micros=int(self.caps.micros * share),
            most_tokens_server=self.caps.tokens_per_server,
        ):
            raise _spent(day, is_servers=not await self._is_over(day, most, cost, share))
        bill = Bill()
        try:
            yield bill
        finally:
            used = bill.tokens_in + bill.tokens_out
            await self._ledger.settle(day, guild_id, used - most, self.caps.cost(bill.tokens_in, bill.tokens_out) - cost)

    async def spent(self, guild_id: int | None = None) -> Sum:
        """Of today, by a server or by all together."""
        return await self._ledger.spent(self._now().astimezone(UTC).date(), guild_id)

    async def refusal(self, guild_id: int) -> Spent | None:
        """Why nothing at all could be asked today, if that is so."""
        day = self._now().astimezone(UTC).date()
        if await self._is_over(day, 1, 1, 1.0):
            return _spent(day, is_servers=False)
        server = await self._ledger.spent(day, guild_id)
        is_servers = guild_id != NOBODY and server.tokens >= self.caps.tokens_per_server
        return _spent(day, is_servers=True) if is_servers else None

    async def _is_over(self, day: date, tokens: int, micros: int, share: float) -> bool:
        everyone = await self._ledger.spent(day)
        is_costly = bool(micros) and everyone.micros + micros > self.caps.micros * share
        return everyone.tokens + tokens > self.caps.tokens * share or is_costly


def _spent(day: date, *, is_servers: bool) -> Spent:
    tomorrow = datetime.combine(day + timedelta(days=1), time(0), UTC)
    return Spent(tomorrow, is_servers=is_servers)
