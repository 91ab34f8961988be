from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

from sources.base import Missing, SourceError
from sources.breaker import FAILURES, Breaker
from sources.http import Http, Patience
from tests.sources.web import Clock, serving

ONCE = Patience(timeout_s=5, attempts=1)


def fail(breaker: Breaker, host: str = "a", error: BaseException | None = None) -> None:
    with pytest.raises(BaseException), breaker.watch(host):  # noqa: B017
        raise error or SourceError("down")


async def test_a_host_that_fails_five_times_in_a_row_is_not_asked_for_a_minute() -> None:
    clock, statuses = Clock(), [500] * (FAILURES + 1) + [200, 500]
    asked = 0

    async def handler(request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        return web.Response(status=statuses[asked - 1])

    async with serving(handler) as url, Http.session(ONCE, clock=clock) as http:
        http.allow(url)
        for _ in range(FAILURES):
            with pytest.raises(SourceError, match="HTTP 500"):
                await http.get(url, {}, bytes)
        with pytest.raises(SourceError, match="left alone for another 60 s after 5 failures in a row"):
            await http.get(url, {}, bytes)
        assert asked == FAILURES
        clock.now_s += 60
        with pytest.raises(SourceError, match="HTTP 500"):
            await http.get(url, {}, bytes)
        with pytest.raises(SourceError, match="left alone for another 120 s"):
            await http.get(url, {}, bytes)
        clock.now_s += 120
        assert await http.get(url, {}, bytes) == b""
        with pytest.raises(SourceError, match="HTTP 500"):  # the first of a new row
            await http.get(url, {}, bytes)
    assert asked == len(statuses)


def test_the_pause_doubles_up_to_half_an_hour() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    pauses = []
    for _ in range(FAILURES + 2000):
        fail(breaker)
        start = clock.now_s
        while True:
            try:
                with breaker.watch("a"):
                    raise asyncio.CancelledError
            except SourceError:
                clock.now_s += 60
            except asyncio.CancelledError:
                break
        pauses.append(int(clock.now_s - start) // 60)
    assert pauses[: FAILURES + 6] == [0, 0, 0, 0, 1, 2, 4, 8, 16, 30, 30]
    assert set(pauses[FAILURES + 6 :]) == {30}


def test_other_hosts_are_asked_meanwhile() -> None:
    breaker = Breaker(Clock())
    for _ in range(FAILURES):
        fail(breaker)
    with breaker.watch("b"):
        pass


def test_a_success_among_failures_starts_the_count_anew() -> None:
    breaker = Breaker(Clock())
    for _ in range(3):
        for _ in range(FAILURES - 1):
            fail(breaker)
        with breaker.watch("a"):
            pass


@pytest.mark.parametrize("error", [Missing("HTTP 404"), asyncio.CancelledError()])
def test_something_missing_and_a_cancelled_wait_are_no_failures(error: BaseException) -> None:
    breaker = Breaker(Clock())
    for _ in range(3 * FAILURES):
        fail(breaker, error=error)
    with breaker.watch("a"):
        pass


async def test_404s_leave_the_host_open() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=404)

    async with serving(handler) as url, Http.session(ONCE) as http:
        http.allow(url)
        for _ in range(2 * FAILURES):
            with pytest.raises(Missing, match="HTTP 404"):
                await http.get(url, {}, bytes)


async def test_an_answer_that_cannot_be_read_is_a_failure_too() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(text="<html>", content_type="text/html")

    def unreadable(body: bytes) -> None:
        raise SourceError("not JSON")

    async with serving(handler) as url, Http.session(ONCE) as http:
        http.allow(url)
        for _ in range(FAILURES):
            with pytest.raises(SourceError, match="not JSON"):
                await http.get(url, {}, unreadable)
        with pytest.raises(SourceError, match="left alone"):
            await http.get(url, {}, unreadable)
