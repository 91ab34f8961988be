"""How politely arXiv is asked: the distance between requests, its 429, and a part that fails."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from aiohttp import web

from sources import arxiv
from sources.arxiv import POLITE, ArXiv
from sources.base import SourceError
from tests.sources.arxiv_service import DAY, HURRIED, Reader, Service, a_paper
from tests.sources.web import QUICK, Handler, serving


def counting(statuses: list[int], asked: list[tuple[float, str]], headers: dict[str, str] | None = None) -> Handler:
    service = Service([a_paper(1, "cs.CL")])

    async def handler(request: web.Request) -> web.Response:
        asked.append((time.monotonic(), request.path))
        status = statuses.pop(0) if statuses else 200
        return await service.answer(request) if status == 200 else web.Response(status=status, headers=headers)

    return handler


async def test_feeds_and_api_keep_one_distance_also_when_they_are_tried_again() -> None:
    asked: list[tuple[float, str]] = []
    spaced = replace(HURRIED, spacing_s=0.1)
    async with serving(counting([503], asked)) as url, Reader().reading(url, spaced) as source:
        yesterday = DAY - timedelta(days=1)
        await asyncio.gather(source.papers(DAY), source.papers(yesterday), source.metadata(["2606.00001"]))
    times = [at for at, _ in asked]
    assert len(asked) == 4
    assert {path for _, path in asked} == {"/rss/cs.CL", "/api/query"}
    assert all(later - earlier >= 0.09 for earlier, later in pairwise(times))


async def test_a_429_cools_feeds_and_api_down_for_minutes_whatever_their_hosts() -> None:
    asked: list[tuple[float, str]] = []
    reader = Reader()
    async with serving(counting([429], asked)) as url, arxiv.session(patience=HURRIED) as http:
        other = url.replace("127.0.0.1", "localhost")
        source = ArXiv(http, reader.wanted, lambda: reader.now, feed_url=f"{url}/rss", api_url=f"{other}/api/query")
        with pytest.raises(SourceError, match=r"arxiv\.org: HTTP 429"):
            await source.papers(DAY)
        with pytest.raises(SourceError, match=r"arxiv\.org: asked for a pause of another (300|299) s"):
            await source.metadata(["2606.00001"])
    assert len(asked) == 1


async def test_a_short_retry_after_is_heeded_instead() -> None:
    asked: list[tuple[float, str]] = []
    async with serving(counting([429], asked, {"Retry-After": "0.2"})) as url, Reader().reading(url) as source:
        assert len(await source.papers(DAY)) == 1
    assert asked[1][0] - asked[0][0] >= 0.2


async def test_a_part_that_fails_fails_the_day() -> None:
    asked: list[tuple[float, str]] = []
    reader = Reader(("cs.AI", "cs.CL", "cs.CV", "cs.LG"))
    async with serving(counting([200, 500, 500, 500], asked)) as url, reader.reading(url) as source:
        with pytest.raises(SourceError, match="HTTP 500"):
            await source.papers(DAY)
        assert len(await source.papers(DAY)) == 1
    assert [path for _, path in asked[-2:]] == ["/rss/cs.AI+cs.CL+cs.CV", "/rss/cs.LG"]


def test_what_is_asked_is_never_faster_than_arxiv_wants() -> None:
    assert POLITE.spacing_s >= 3
    assert POLITE.first_pause_s >= 3
    assert POLITE.cool_down_s > POLITE.longest_pause_s  # so a cool-down ends the round
    assert QUICK.spacing_s == 0  # and other services are not slowed down
