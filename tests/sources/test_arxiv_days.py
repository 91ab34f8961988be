"""What a day of arXiv's keeps when its service falters, and when those who read it change their minds."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from aiohttp import web

from papers.paper import Paper
from sources.base import Remembered, SourceError, Stale
from tests.sources.test_arxiv import DAY, Reader, Service, a_paper
from tests.sources.web import serving

YESTERDAY = DAY - timedelta(days=1)


async def test_a_passing_404_is_no_word_on_a_category() -> None:
    service, statuses = Service([a_paper(1, "cs.CL")]), [404, 200]

    async def handler(request: web.Request) -> web.Response:
        status = statuses.pop(0)
        return await service.answer(request) if status == 200 else web.Response(status=status)

    async with serving(handler) as url, Reader().reading(url) as source:
        with pytest.raises(SourceError, match="HTTP 404"):
            await source.papers(DAY)
        assert len(await source.papers(DAY)) == 1


async def test_what_was_announced_stays_though_nobody_wants_its_category_any_more() -> None:
    service = Service([a_paper(1, "cs.RO")])
    reader = Reader(("cs.RO",), known={DAY: [Paper(id="2606.00009", title="Of cs.CL", votes=3)]})
    async with serving(service.answer) as url, reader.reading(url) as source:
        papers = {paper.id: paper for paper in await source.papers(DAY)}
    assert papers.keys() == {"2606.00001", "2606.00009"}
    assert papers["2606.00009"].votes == 0  # it only says that it was listed


async def test_what_is_remembered_says_nothing_of_how_the_service_fares() -> None:
    service = Service([a_paper(1, "cs.CL")])
    reader = Reader(known={YESTERDAY: [Paper(id="2606.00009", title="T")]})
    async with serving(service.answer) as url, reader.reading(url) as source:
        assert not isinstance(await source.papers(DAY), Remembered)
        for day in (DAY, YESTERDAY, date(2026, 6, 7)):
            assert isinstance(await source.papers(day), Remembered)
    assert len(service.asked) == 1


async def test_a_category_that_is_wanted_anew_is_read_of_a_day_gone_by() -> None:
    service = Service([a_paper(1, "cs.CL")], day=YESTERDAY)
    reader = Reader(now=datetime(2026, 6, 9, 9, tzinfo=UTC))
    async with serving(service.answer) as url, reader.reading(url) as source:
        reader.known[YESTERDAY] = await source.papers(YESTERDAY)
        reader.now, reader.categories = datetime(2026, 6, 10, 9, tzinfo=UTC), ("cs.CL", "cs.RO")
        papers = await source.papers(YESTERDAY)
        assert {paper.id for paper in papers} > {"2606.00001"}
        assert "cs.RO" in service.asked[-1]
        assert "cs.CL" not in service.asked[-1]
        assert isinstance(await source.papers(YESTERDAY), Remembered)


async def test_on_a_holiday_an_old_feed_may_be_late_before_it_is_an_empty_day() -> None:
    day = date(2026, 11, 26)
    service = Service([a_paper(1, "cs.CL")], day=day - timedelta(days=1))
    reader = Reader(now=datetime(2026, 11, 26, 5, 10, tzinfo=UTC))
    async with serving(service.answer) as url, reader.reading(url) as source:
        with pytest.raises(Stale):
            await source.papers(day)
        service.day = day
        assert len(await source.papers(day)) == 1
