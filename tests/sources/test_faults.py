"""Services that do not behave, over real loopback sockets; each test is named after its row of the list of faults."""

from __future__ import annotations

import asyncio
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime

import pytest
from aiohttp import web

from sandbox.press import REPLIES, Press
from sources.base import SourceError
from sources.http import MAX_BYTES, Http, Patience
from sources.huggingface import PAGE_SIZE, HuggingFace
from tests.sources.web import LASTING, QUICK, Handler, get, serving

DAY = date(2026, 6, 10)
MIB = 2**20


async def test_s1_a_retry_after_of_nought_is_tried_again_at_once() -> None:
    statuses = [503, 503, 200]

    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=statuses.pop(0), headers={"Retry-After": "0"})

    assert await get(handler, Patience(timeout_s=5, attempts=3, first_pause_s=0.001)) == b""


async def test_s1_a_date_to_come_back_at_is_heeded_by_the_next_refresh_too() -> None:
    asked = 0

    async def handler(request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        then = datetime.now(UTC) + timedelta(hours=1)
        return web.Response(status=503, headers={"Retry-After": format_datetime(then, usegmt=True)})

    async with serving(handler) as url, Http.session(QUICK) as http:
        http.allow(url)
        for reason in ("HTTP 503", r"asked for a pause of another 3[56]\d\d s"):
            with pytest.raises(SourceError, match=reason):
                await http.get(url, {}, bytes)
    assert asked == 1


async def test_s2_a_429_to_one_fetcher_pauses_all_of_the_host() -> None:
    asked: list[float] = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(time.monotonic())
        if len(asked) == 1:
            return web.Response(status=429, headers={"Retry-After": "0.25"})
        return web.Response(text=request.path)

    async with serving(handler) as url, Http.session(QUICK) as http:
        http.allow(url)
        async with asyncio.TaskGroup() as group:
            fetched = [group.create_task(http.get(f"{url}/{number}", {}, bytes)) for number in range(4)]
    assert [task.result() for task in fetched] == [b"/0", b"/1", b"/2", b"/3"]
    assert asked[1] - asked[0] >= 0.25
    assert len(asked) == 5


async def test_s2_a_pause_outlasts_the_fetcher_it_was_told_to() -> None:
    asked: list[float] = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(time.monotonic())
        return web.Response(status=429 if len(asked) == 1 else 200, headers={"Retry-After": "0.25"})

    async with serving(handler) as url, Http.session(Patience(timeout_s=5, attempts=1)) as http:
        http.allow(url)
        with pytest.raises(SourceError, match="HTTP 429"):
            await http.get(f"{url}/one", {}, bytes)
        assert await http.get(f"{url}/other", {}, bytes) == b""
    assert asked[1] - asked[0] >= 0.25


async def test_s3_a_hang_in_mid_body_is_bounded_and_the_others_answer_meanwhile() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        reply = web.StreamResponse(headers={"Content-Length": "100"})
        await reply.prepare(request)
        await reply.write(b"[")
        await asyncio.sleep(60)  # the end of the test ends it
        return reply

    patience = Patience(timeout_s=1.5, attempts=1)
    async with serving(handler) as bad, Press(REPLIES).running() as good, Http.session(patience) as http:
        hanging = asyncio.create_task(HuggingFace(http, bad).papers(DAY))
        other = HuggingFace(http, good.replace("127.0.0.1", "localhost"))  # another host
        assert len(await other.papers(DAY)) == 12
        assert not hanging.done()
        with pytest.raises(SourceError, match=r"127\.0\.0\.1: no whole answer within 1.5 s"):
            await asyncio.wait_for(hanging, 10)


async def test_s4_an_answer_cut_short_is_asked_for_again() -> None:
    asked = 0

    async def handler(request: web.Request) -> web.StreamResponse:
        nonlocal asked
        asked += 1
        if asked > 1:
            return web.json_response([{"paper": {"id": "2606.00001", "title": "T"}}])
        reply = web.StreamResponse(headers={"Content-Length": "100"})
        await reply.prepare(request)
        await reply.write(b'[{"paper": {"id": "2606.00002"')
        assert request.transport is not None
        request.transport.close()
        return reply

    async with serving(handler) as url, Http.session(QUICK) as http:
        assert [paper.id for paper in await HuggingFace(http, url).papers(DAY)] == ["2606.00001"]
    assert asked == 2


@pytest.mark.parametrize("broken", ['[{"paper": {"id": "2606.', "<html><title>Busy</title>", '{"error": "busy"}'])
async def test_s4_s5_an_unreadable_answer_fails_the_day_and_is_not_remembered(broken: str) -> None:
    conditions: list[str | None] = []

    async def handler(request: web.Request) -> web.Response:
        conditions.append(request.headers.get("If-None-Match"))
        if request.headers.get("If-None-Match"):
            return web.Response(status=304)
        body = broken if len(conditions) == 1 else "[]"
        return web.Response(text=body, content_type="text/html", headers={"ETag": '"a"'})

    async with serving(handler) as url, Http.session(QUICK) as http:
        source = HuggingFace(http, url)
        with pytest.raises(SourceError, match="huggingface: the answer is"):
            await source.papers(DAY)
        assert await source.papers(DAY) == []
        assert await source.papers(DAY) == []
    assert conditions == [None, None, '"a"']


async def test_s4_a_body_that_is_not_packed_as_it_says_is_a_source_error() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=b"[]" * 99, headers={"Content-Encoding": "gzip"})

    with pytest.raises(SourceError, match=r"^127\.0\.0\.1: "):
        await get(handler)


def bomb() -> bytes:
    """300 MiB of spaces in 300 KiB of gzip."""
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    return b"".join(packer.compress(b" " * MIB) for _ in range(300)) + packer.flush()


def exploding() -> Handler:
    body = bomb()

    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=body, headers={"Content-Encoding": "gzip"})

    return handler


def endless() -> Handler:
    piece = b" " * 65536

    async def handler(request: web.Request) -> web.StreamResponse:
        reply = web.StreamResponse()
        await reply.prepare(request)
        while request.transport is not None and not request.transport.is_closing():
            await reply.write(piece)
        return reply

    return handler


@pytest.mark.parametrize("swelling", [exploding, endless])
async def test_s6_a_bomb_and_an_endless_body_take_little_memory_and_leave_the_loop_its_turns(
    swelling: Callable[[], Handler],
) -> None:
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += 1

    async with serving(swelling()) as url, Http.session(LASTING) as http:
        http.allow(url)
        busy = asyncio.create_task(other())
        tracemalloc.start()
        try:
            with pytest.raises(SourceError, match="more than 15 MiB"):
                await http.get(url, {}, bytes)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
            busy.cancel()
    assert peak < 50 * MIB
    assert turns > MAX_BYTES // (256 * 1024)  # at least one for each quarter of a MiB


@pytest.mark.parametrize(("length", "aside"), [(1024, False), (300 * 1024, True)])
async def test_s6_a_long_answer_is_parsed_off_the_loop(length: int, aside: bool) -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=b" " * length)

    async with serving(handler) as url, Http.session(LASTING) as http:
        http.allow(url)
        thread = await http.get(url, {}, lambda body: threading.get_ident())
    assert (thread != threading.get_ident()) is aside


async def test_s10_a_paper_taken_off_while_paging_leaves_no_gap() -> None:
    ids = [f"2606.{number:05}" for number in range(PAGE_SIZE + 50)]
    asked = 0

    async def handler(request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        if asked == 2:
            del ids[3]  # so what was first on the second page is now last on the first, which has been read
        start = int(request.query["p"]) * PAGE_SIZE
        return web.json_response([{"paper": {"id": i, "title": i}} for i in ids[start : start + PAGE_SIZE]])

    async with serving(handler) as url, Http.session(QUICK) as http:
        found = [paper.id for paper in await HuggingFace(http, url).papers(DAY)]
    assert set(found) >= set(ids)
    assert len(found) == len(set(found))
