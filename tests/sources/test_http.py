"""The polite GET over a real loopback wire."""

from __future__ import annotations

import asyncio
import gzip
import time
from datetime import date

import pytest
from aiohttp import web

from sandbox.press import REPLIES, Press
from sources.base import SourceError
from sources.gather import asked
from sources.http import MAX_BYTES, Http, Patience
from sources.huggingface import HuggingFace
from tests.sources.web import QUICK, get, serving

DAY = date(2026, 6, 10)


async def test_a_503_is_tried_again_after_the_time_it_asks_for() -> None:
    asked: list[float] = []

    async def handler(request: web.Request) -> web.Response:
        asked.append(time.monotonic())
        if len(asked) == 1:
            return web.Response(status=503, headers={"Retry-After": "0.2"})
        return web.Response(text=request.query["q"])

    assert await get(handler) == b"a b"
    assert asked[1] - asked[0] >= 0.2


async def test_a_pause_too_long_to_sit_out_is_an_error_at_once_and_keeps_the_host_quiet() -> None:
    asked = 0

    async def handler(request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        return web.Response(status=429, headers={"Retry-After": "3600"})

    async with serving(handler) as url, Http.session(QUICK) as http:
        http.allow(url)
        for _ in range(2):
            with pytest.raises(SourceError, match=r"429|pause"):
                await http.get(url, {}, bytes)
    assert asked == 1


async def test_an_exhausted_rate_is_waited_out_before_the_next_request() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(text="ok", headers={"RateLimit": '"api";r=0;t=300'})

    async with serving(handler) as url, Http.session(QUICK) as http:
        http.allow(url)
        assert await http.get(url, {}, bytes) == b"ok"
        with pytest.raises(SourceError, match="pause"):
            await http.get(url, {}, bytes)


async def test_a_server_that_never_answers_is_given_up_in_time() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        reply = web.StreamResponse()
        await reply.prepare(request)
        await reply.write(b"[")
        while request.transport is not None and not request.transport.is_closing():
            await reply.write(b" ")
            await asyncio.sleep(0.001)
        return reply

    with pytest.raises(SourceError, match=r"no whole answer|more than"):
        await get(handler, Patience(timeout_s=0.05, attempts=2, first_pause_s=0.001))


async def test_an_answer_without_end_is_cut_off_even_when_it_is_compressed() -> None:
    bomb = gzip.compress(b" " * (MAX_BYTES + 1))

    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=bomb, headers={"Content-Encoding": "gzip"})

    with pytest.raises(SourceError, match="more than 15 MiB"):
        await get(handler, Patience(timeout_s=20, attempts=1))


@pytest.mark.parametrize("value", ["1 Jan 99999999999999999999 00:00:00 GMT", "soon", "-5", "", "1e9"])
async def test_a_senseless_retry_after_is_none(value: str) -> None:
    asked = 0

    async def handler(request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        return web.Response(status=503 if asked == 1 else 200, headers={"Retry-After": value})

    assert await get(handler) == b""


async def test_a_list_of_which_nothing_can_be_read_is_no_empty_day() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.json_response([{"unheard": "of"}] * 3)

    async with serving(handler) as url, Http.session(QUICK) as http:
        with pytest.raises(SourceError, match="none of the 3 entries"):
            await HuggingFace(http, url).papers(DAY)


async def test_a_404_is_an_error_without_a_second_try() -> None:
    asked = 0

    async def handler(request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        return web.Response(status=404)

    with pytest.raises(SourceError, match="HTTP 404"):
        await get(handler)
    assert asked == 1


async def test_nobody_listening_is_a_source_error() -> None:
    async with Http.session(QUICK) as http:
        http.allow("http://127.0.0.1:9")
        with pytest.raises(SourceError, match=r"127\.0\.0\.1"):
            await http.get("http://127.0.0.1:9/x", {}, bytes)


async def test_an_unchanged_answer_comes_out_of_memory() -> None:
    press = Press(REPLIES)
    async with press.running() as url, Http.session(QUICK) as http:
        source = HuggingFace(http, url)
        first = await source.papers(DAY)
        assert await source.papers(DAY) == first
    assert press.statuses == [200, 304]


async def test_requests_name_us() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(text=request.headers["User-Agent"])

    assert (await get(handler)).startswith(b"Paperboy/")


async def test_pages_are_read_until_one_is_short_and_a_shifted_paper_is_told_once() -> None:
    ids = [f"2606.{n:05}" for n in range(150)]

    async def handler(request: web.Request) -> web.Response:
        page = int(request.query["p"])
        start = max(0, page * 100 - 1)  # one was added meanwhile: the last of page 0 comes again on page 1
        assert (request.query["date"], request.query["limit"]) == ("2026-06-10", "100")
        return web.json_response([{"paper": {"id": i, "title": i}} for i in ids[start : page * 100 + 100]])

    async with serving(handler) as url, Http.session(QUICK) as http:
        found = await HuggingFace(http, url).papers(DAY)
    assert [p.id for p in found] == ids


async def test_one_failing_source_does_not_sink_the_rest() -> None:
    async def broken(request: web.Request) -> web.Response:
        return web.Response(text="<html>", content_type="text/html")

    async with serving(broken) as bad, Press(REPLIES).running() as good, Http.session(QUICK) as http:
        failing, answering = HuggingFace(http, bad), HuggingFace(http, good)
        async with asked([failing, answering], DAY) as answers:
            told = {id(source): answer for source, answer in [await each for each in answers]}
    failure, papers = told[id(failing)], told[id(answering)]
    assert isinstance(failure, SourceError)
    assert isinstance(papers, list)
    assert len(papers) == 12
