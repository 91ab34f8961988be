from __future__ import annotations

import asyncio
import time

import pytest

from bot.pacer import BudgetSpent, Pacer


async def turns(pacer: Pacer, count: int) -> list[float]:
    """When each of so many simultaneous requests got its turn, in seconds from now."""
    began = time.monotonic()

    async def one() -> float:
        await pacer.turn()
        return time.monotonic() - began

    return sorted(await asyncio.gather(*(one() for _ in range(count))))


async def test_turns_come_at_the_rate_after_a_burst() -> None:
    at = await turns(Pacer(rate_per_s=100, burst=5), 30)
    assert at[4] < 0.01  # a burst at once
    assert at[29] >= 0.25  # then a hundred a second
    for first, last in zip(at, at[10:], strict=False):
        assert last - first >= 0.05  # any ten after one another are spread


async def test_what_was_held_up_on_its_way_leaves_no_room_for_more() -> None:
    """A full second is kept between the answer to the first request of a window and the first of the next."""
    pacer = Pacer(rate_per_s=10, burst=1)
    first, answered_at = await pacer.turn(), 0.0
    for number in range(9):
        await pacer.turn()
        if number == 1:
            first.end()  # 0.2 s late
            answered_at = time.monotonic()
    await pacer.turn()
    assert time.monotonic() - answered_at >= 1.0


async def test_an_answer_that_never_comes_holds_nobody_up() -> None:
    pacer = Pacer(rate_per_s=10, burst=1)
    began = time.monotonic()
    for _ in range(11):
        await pacer.turn()
    assert 1.0 <= time.monotonic() - began < 3


async def test_a_global_limit_holds_those_who_wait_already() -> None:
    pacer = Pacer(rate_per_s=1_000, burst=1)
    waiting = asyncio.ensure_future(turns(pacer, 20))
    await asyncio.sleep(0)
    pacer.heed(429, {"X-RateLimit-Global": "true", "Retry-After": "0.2"})
    at = await waiting
    assert at[-1] >= 0.2


async def test_refused_requests_cost_budget_and_shared_limits_do_not() -> None:
    pacer = Pacer(invalid_budget=2)
    for status, headers in ((403, {}), (429, {"X-RateLimit-Scope": "shared"}), (404, {}), (500, {})):
        pacer.heed(status, headers)
    await pacer.turn()
    pacer.heed(403, {})
    with pytest.raises(BudgetSpent, match="goes on in 600 s"):
        await pacer.turn()
