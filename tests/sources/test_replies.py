"""What is remembered of a service's answers, and how it is asked whether they have changed."""

from __future__ import annotations

import pytest
from aiohttp import web

from sources.base import SourceError
from sources.http import Http
from sources.replies import MOST_BYTES, MOST_REPLIES, Replies, Reply
from tests.sources.web import QUICK, serving

MONDAY, TUESDAY = "Mon, 08 Jun 2026 10:00:00 GMT", "Tue, 09 Jun 2026 10:00:00 GMT"


async def test_s12_without_an_etag_the_date_of_the_last_change_is_asked_about() -> None:
    asked: list[tuple[str | None, str | None]] = []

    async def handler(request: web.Request) -> web.Response:
        asked.append((request.headers.get("If-None-Match"), request.headers.get("If-Modified-Since")))
        if request.headers.get("If-Modified-Since"):
            return web.Response(status=304, headers={"Last-Modified": TUESDAY})
        return web.Response(text="papers", headers={"Last-Modified": MONDAY})

    async with serving(handler) as url, Http.session(QUICK) as http:
        http.allow(url)
        assert [await http.get(url, {}, bytes) for _ in range(3)] == [b"papers"] * 3
    assert asked == [(None, None), (None, MONDAY), (None, TUESDAY)]


async def test_s12_an_etag_is_kept_through_a_304_that_does_not_repeat_it() -> None:
    asked: list[tuple[str | None, str | None]] = []

    async def handler(request: web.Request) -> web.Response:
        asked.append((request.headers.get("If-None-Match"), request.headers.get("If-Modified-Since")))
        if request.headers.get("If-None-Match"):
            return web.Response(status=304)
        return web.Response(text="papers", headers={"ETag": 'W/"a"', "Last-Modified": MONDAY})

    async with serving(handler) as url, Http.session(QUICK) as http:
        http.allow(url)
        assert [await http.get(url, {}, bytes) for _ in range(3)] == [b"papers"] * 3
    assert asked == [(None, None), ('W/"a"', None), ('W/"a"', None)]


async def test_s12_a_304_that_nobody_asked_for_is_no_empty_answer() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(status=304)

    async with serving(handler) as url, Http.session(QUICK) as http:
        http.allow(url)
        with pytest.raises(SourceError, match="HTTP 304"):
            await http.get(url, {}, bytes)


def test_a_reply_that_cannot_be_asked_about_takes_the_place_of_one_that_could() -> None:
    replies = Replies()
    replies.keep("a", Reply(b"old", etag='"1"'))
    replies.keep("a", Reply(b"new"))
    assert replies.get("a") is None


def test_the_replies_used_last_are_kept_and_no_more_than_fit() -> None:
    replies, reply = Replies(), Reply(b"x", etag='"1"')
    for number in range(MOST_REPLIES + 1):
        replies.keep(f"{number}", reply)
        replies.keep("0", reply)
    assert [replies.get(address) is not None for address in ("0", "1", "2")] == [True, False, True]
    large = Reply(b"x" * (MOST_BYTES // 2 + 1), etag='"1"')
    replies.keep("large", large)
    replies.keep("larger", large)
    assert replies.get("large") is None
    assert replies.get("larger") is large
