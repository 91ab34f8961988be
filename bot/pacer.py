"""No more requests a second than Discord allows, shared by all sends; and an eye on the answers that are counted against us.

https://discord.com/developers/docs/topics/rate-limits: 50 requests a second for a bot, and 10,000 invalid answers (401, 403, 429)
in ten minutes lead to a ban of the address. We stop at half of that.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from time import monotonic
from types import SimpleNamespace

import aiohttp

DEFAULT_RATE_PER_S = 45.0
INVALID_BUDGET = 5_000
INVALID_WINDOW_S = 600.0
_INVALID = {401, 403, 429}
_CATCH_UP_S = 0.05  # what was lost to a stall longer than this is lost: made up for, it would be a burst
_WINDOW_S = 1.002  # a second, and a little
_ON_ITS_WAY_S = 0.25  # within that a request has reached Discord, whether or not an answer has come


class BudgetSpent(Exception):
    """Too many of our requests were refused lately; ``again_in_s`` is when there is room for another."""

    def __init__(self, again_in_s: float) -> None:
        super().__init__(f"too many refused requests in ten minutes: sending goes on in {again_in_s:.0f} s")
        self.again_in_s = again_in_s


class TokenRefused(Exception):
    """Discord refused our token: every further request would be refused too, and counted."""


@dataclass(slots=True)
class Turn:
    """One request's: when it left, and when it was answered or given up."""

    taken_at: float
    ended_at: float | None = None

    def end(self) -> None:
        self.ended_at = monotonic()

    @property
    def arrived_at(self) -> float:
        """When it had reached Discord at the latest."""
        latest = self.taken_at + _ON_ITS_WAY_S
        return latest if self.ended_at is None else min(latest, self.ended_at)


class Pacer:
    """Hands out turns, first come first served: a ``burst`` at once, the rest evenly spaced (GCRA).

    A turn that comes late is caught up with, but no more than ``rate_per_s + burst - 1`` requests reach Discord in a second,
    even if some are held up on their way. Times are of the monotonic clock, in seconds.
    """

    def __init__(self, rate_per_s: float = DEFAULT_RATE_PER_S, burst: int = 5, invalid_budget: int = INVALID_BUDGET) -> None:
        self._interval_s = 1.0 / rate_per_s
        self._burst_s = (burst - 1) * self._interval_s
        self._due_at = 0.0  # when the next turn would be due if all were evenly spaced
        self._turns: deque[Turn] = deque(maxlen=ceil(rate_per_s) + burst - 1)
        self._queue = asyncio.Lock()
        self._paused_until = 0.0
        self._budget = invalid_budget
        self._invalid: deque[float] = deque()
        self._is_refused = False

    async def turn(self) -> Turn:
        """Wait until a request may leave; its end is to be told. Raises BudgetSpent, and TokenRefused after a 401."""
        if (again_in_s := self._budget_spent_for(monotonic())) > 0:
            raise BudgetSpent(again_in_s)
        async with self._queue:
            now = monotonic()
            # While sending goes on, a moment in which nobody asked is made up for; after a rest it is not.
            is_rested = not self._turns or now - self._turns[-1].taken_at > _CATCH_UP_S
            self._due_at = max(self._due_at, now if is_rested else now - _CATCH_UP_S)
            # A pause may begin, or be prolonged, while we wait.
            while (wait_s := self._free_at() - monotonic()) > 0:  # noqa: ASYNC110 (nothing tells when time has passed)
                await asyncio.sleep(wait_s)
            if self._is_refused:
                raise TokenRefused("Discord refuses our token")
            turn = Turn(monotonic())
            self._turns.append(turn)
            self._due_at += self._interval_s
        return turn

    def _free_at(self) -> float:
        is_full = len(self._turns) == self._turns.maxlen
        return max(self._due_at - self._burst_s, self._paused_until, self._turns[0].arrived_at + _WINDOW_S if is_full else 0.0)

    def heed(self, status: int, headers: Mapping[str, str], *, by_token: bool = True) -> None:
        """Learn from an answer: a global 429 pauses every send, an invalid answer costs budget.

        ``by_token`` is False for addresses that carry a token of their own, which says nothing about ours.
        """
        now = monotonic()
        if status in _INVALID and headers.get("X-RateLimit-Scope") != "shared":
            self._invalid.append(now)
        self._is_refused |= status == 401 and by_token
        if status == 429 and headers.get("X-RateLimit-Global"):
            self._paused_until = max(self._paused_until, now + float(headers.get("Retry-After", "1")))

    @property
    def invalid_answers(self) -> tuple[int, int]:
        """How many were counted against us in the last ten minutes, and at how many sending stops."""
        self._budget_spent_for(monotonic())
        return len(self._invalid), self._budget

    def trace(self) -> aiohttp.TraceConfig:
        """For a discord.py client's ``http_trace``: every answer is heeded, whichever part of the bot asked."""

        async def ended(session: aiohttp.ClientSession, context: SimpleNamespace, params: aiohttp.TraceRequestEndParams) -> None:
            by_token = not {"webhooks", "interactions"} & set(params.url.parts)
            self.heed(params.response.status, params.response.headers, by_token=by_token)
            if params.method == "POST" and params.url.name == "threads" and params.response.status >= 500:
                # discord.py would ask again within seconds, and a forum knows no nonce: the post could be there twice.
                raise aiohttp.ClientError(f"{params.response.status}, not tried again at once")

        config = aiohttp.TraceConfig()
        config.on_request_end.append(ended)
        return config

    def _budget_spent_for(self, now: float) -> float:
        while self._invalid and self._invalid[0] <= now - INVALID_WINDOW_S:
            self._invalid.popleft()
        return self._invalid[0] + INVALID_WINDOW_S - now if len(self._invalid) >= self._budget else 0.0
