"""The source "arxiv" over loopback: which feeds it asks for and when, and what it makes of services that do not behave."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, date, datetime, timedelta

import pytest
from aiohttp import web

from papers.paper import Paper
from sandbox.feed import rss
from sandbox.press import REPLIES, Press
from sources.arxiv_feed import MOST_ITEMS
from sources.base import SourceError, Stale, Unasked
from tests.sources.arxiv_service import DAY, FEEDS, Reader, Service, a_paper
from tests.sources.web import serving


async def test_a_day_is_asked_for_in_groups_and_what_is_new_in_any_of_them_is_new() -> None:
    service = Service([a_paper(1, "cs.RO", "cs.AI"), a_paper(2, "cs.AI"), a_paper(3, "cs.RO", version=2), a_paper(4, "q-bio.QM")])
    reader = Reader(("cs.RO", "cs.AI", "cs.CL", "cs.CV"))
    async with serving(service.answer) as url, reader.reading(url) as source:
        papers = await source.papers(DAY)
    assert service.asked == ["cs.AI+cs.CL+cs.CV", "cs.RO"]
    assert {paper.id: bool(paper.published_at) for paper in papers} == {"2606.00001": True, "2606.00002": True}
    assert all(paper.featured_on == (DAY,) and paper.categories for paper in papers)
    (agent,) = service.agents
    assert agent.startswith("Paperboy/")
    assert "ops@example.org" in agent


async def test_without_a_reader_nothing_is_asked_and_it_says_so() -> None:
    service = Service()
    async with serving(service.answer) as url, Reader(()).reading(url) as source:
        with pytest.raises(Unasked, match="no active subscription wants its papers"):
            await source.papers(DAY)
    assert service.asked == []


async def test_a_weekend_is_empty_and_tomorrows_feed_is_not_due_and_neither_is_asked_for() -> None:
    service = Service()
    async with serving(service.answer) as url, Reader(now=datetime(2026, 6, 12, 3, 30, tzinfo=UTC)).reading(url) as source:
        for day in (6, 7, 13, 14):
            assert await source.papers(date(2026, 6, day)) == []
        with pytest.raises(Unasked, match="its feed of 2026-06-12 is due at 04:00 UTC"):
            await source.papers(date(2026, 6, 12))
    assert service.asked == []


async def test_a_feed_of_yesterday_is_stale_and_not_an_empty_day() -> None:
    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=(FEEDS / "stale.rss.xml").read_bytes())

    async with serving(handler) as url, Reader().reading(url) as source:
        with pytest.raises(Stale, match="the feed is still that of 2026-06-09"):
            await source.papers(DAY)


async def test_a_feed_with_todays_date_and_yesterdays_papers_is_stale_too() -> None:
    service = Service([a_paper(1, "cs.CL"), a_paper(2, "math.LO", "cs.CL")])
    known = [Paper(id="2606.00001", title="Paper 1"), Paper(id="2606.00009", title="Paper 9")]
    reader = Reader(known={DAY - timedelta(days=1): known})
    async with serving(service.answer) as url, reader.reading(url) as source:
        with pytest.raises(Stale, match="dated 2026-06-10, but has what was announced on 2026-06-09"):
            await source.papers(DAY)
        service.papers.append(a_paper(3, "cs.CL"))
        assert len(await source.papers(DAY)) == 3


async def test_a_holiday_without_an_announcement_is_an_empty_day_and_one_with_is_not() -> None:
    day = date(2026, 11, 27)
    service = Service([a_paper(1, "cs.CL")], day=day - timedelta(days=1))
    reader = Reader(now=datetime(2026, 11, 27, 9, tzinfo=UTC))
    for made_for, ids in ((day - timedelta(days=1), []), (day, ["2606.00001"])):
        service.day = made_for
        async with serving(service.answer) as url, reader.reading(url) as source:
            assert [paper.id for paper in await source.papers(day)] == ids


async def test_a_category_that_arxiv_has_not_is_left_out_and_costs_no_other(caplog: pytest.LogCaptureFixture) -> None:
    service = Service([a_paper(1, "cs.CL"), a_paper(2, "cs.RO")], unknown=("cs.XX",))
    reader = Reader(("cs.CL", "cs.RO", "cs.XX"))
    async with serving(service.answer) as url, reader.reading(url, refresh=timedelta()) as source:
        for _ in range(6):  # refusals are answers: they do not make arXiv one that keeps failing
            assert len(await source.papers(DAY)) == 2
        assert service.asked == ["cs.CL+cs.RO+cs.XX", "cs.CL", "cs.RO", "cs.XX", *["cs.CL+cs.RO"] * 5]
        reader.categories = ("cs.XX",)
        with pytest.raises(SourceError, match=r"none of the categories is known: .*Feed error for query: cs\.XX"):
            await source.papers(DAY)
    assert "cs.XX; it is left out today" in caplog.text


async def test_two_thousand_items_are_cut_the_new_ones_first_so_fewer_categories_are_asked_for() -> None:
    many = [a_paper(n, "cs.CL" if n % 2 else "cs.CV", version=2) for n in range(1, 1990)]
    service = Service([*many, *(a_paper(n, "cs.CL", "cs.CV") for n in range(3000, 3100))])
    async with serving(service.answer) as url, Reader(("cs.CL", "cs.CV")).reading(url) as source:
        papers = await source.papers(DAY)
    assert service.asked == ["cs.CL+cs.CV", "cs.CL", "cs.CV"]
    assert len(papers) == 100
    assert all(paper.published_at for paper in papers)


async def test_a_feed_of_two_thousand_papers_is_read_whole_and_beside_the_loop() -> None:
    papers = [{**a_paper(n, "math.CO"), "abstract": r"Let $\alpha \leq \beta^2$ hold." * (n % 4 == 0)} for n in range(MOST_ITEMS)]
    body = rss(papers, ["math.CO"], DAY).encode()
    longest = 0.0

    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=body)

    async def watch() -> None:
        nonlocal longest
        while True:
            started = time.perf_counter()
            await asyncio.sleep(0)
            longest = max(longest, time.perf_counter() - started)

    async with serving(handler) as url, Reader(("math.CO",)).reading(url) as source:
        watching = asyncio.create_task(watch())
        started = time.perf_counter()
        found = await source.papers(DAY)
        took = time.perf_counter() - started
        watching.cancel()
    assert len(found) == MOST_ITEMS
    assert longest < took / 4


async def test_an_archive_too_large_for_one_feed_is_asked_for_by_its_classes() -> None:
    many = [a_paper(n, "cs.LG", version=2) for n in range(1, MOST_ITEMS + 1)]
    service = Service([*many, a_paper(3000, "cs.CR")])
    async with serving(service.answer) as url, Reader(("cs",)).reading(url) as source:
        assert [paper.id for paper in await source.papers(DAY)] == ["2606.03000"]
    assert service.asked[:2] == ["cs", "cs.AI+cs.AR+cs.CC"]
    assert sorted(name for asked in service.asked[1:] for name in asked.split("+")).count("cs.CR") == 1


async def test_what_was_read_is_read_again_after_a_while_or_for_more_categories() -> None:
    service = Service([a_paper(1, "cs.CL"), a_paper(2, "cs.RO")])
    reader = Reader()
    async with serving(service.answer) as url, reader.reading(url, refresh=timedelta(hours=1)) as source:
        for _ in range(3):
            assert len(await source.papers(DAY)) == 1
        assert service.asked == ["cs.CL"]
        reader.categories = ("cs.CL", "cs.RO")
        assert len(await source.papers(DAY)) == 2
        reader.now += timedelta(hours=2)
        assert len(await source.papers(DAY)) == 2
    assert service.asked == ["cs.CL", "cs.CL+cs.RO", "cs.CL+cs.RO"]


async def test_the_stand_in_announces_as_arxiv_does() -> None:
    press = Press(REPLIES, lambda: DAY)
    async with press.running() as url, Reader(("cs.RO", "cs.CL")).reading(url) as source:
        papers = {paper.id: paper for paper in await source.papers(DAY)}
    assert press.feeds == ["cs.CL+cs.RO"]
    assert sorted(papers) == ["2606.90001", "2606.90002", "2606.90004", "2606.90005"]
    assert papers["2606.90004"].published_at is None  # first of cs.LG, and listed in cs.CL as well
    assert "3× as many" in papers["2606.90001"].abstract
