"""Days gone by; and what a day of arXiv's keeps when its service falters, or those who read it change their minds."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from aiohttp import web

from papers.paper import Paper
from sources.base import Remembered, SourceError, Stale
from tests.sources.arxiv_service import DAY, Reader, Service, a_paper
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


async def test_a_day_gone_by_is_asked_for_by_when_its_papers_were_submitted() -> None:
    service, day = Service(), date(2026, 6, 8)  # a Monday: announced on Sunday, submitted until Friday
    async with serving(service.answer) as url, Reader(("cs.RO", "hep-th")).reading(url) as source:
        papers = await source.papers(day)
    between = "submittedDate:[202606041800 TO 202606051800]"
    assert service.asked == [f"(cat:cs.RO OR cat:hep-th OR cat:hep-th.*) AND {between}"]
    assert [(paper.id, paper.featured_on, paper.version) for paper in papers] == [
        ("2606.90201", (day,), 2),
        ("cs/0601001", (day,), 1),
    ]


async def test_a_day_gone_by_that_is_known_is_not_asked_for_again_unless_told_to() -> None:
    service, day = Service(), DAY - timedelta(days=1)
    reader = Reader(known={day: [Paper(id="2606.00001", title="T", votes=7, featured_on=(date(2026, 6, 1), day))]})
    async with serving(service.answer) as url:
        async with reader.reading(url) as source:
            # No votes: by the time this is stored another source may have told newer ones.
            assert await source.papers(day) == [Paper(id="2606.00001", title="T", featured_on=(day,), listed_by=("arxiv",))]
        assert service.asked == []
        async with reader.reading(url, is_thorough=True) as source:
            assert len(await source.papers(day)) == 3  # what was announced stays
    assert len(service.asked) == 1


@pytest.mark.parametrize(("sizes", "found"), [([2, 2, 1], 5), ([2, 0], None), ([5], 5)])
async def test_an_answer_comes_in_slices_and_a_missing_one_fails_it_whole(sizes: list[int], found: int | None) -> None:
    starts: list[int] = []

    async def handler(request: web.Request) -> web.Response:
        start = int(request.query["start"])
        starts.append(start)
        entry = "<entry><id>http://arxiv.org/abs/2606.{:05}v1</id><title>T</title></entry>"
        entries = "".join(entry.format(start + n) for n in range(sizes[len(starts) - 1]))
        total = '<o:totalResults xmlns:o="http://a9.com/-/spec/opensearch/1.1/">5</o:totalResults>'
        return web.Response(text=f'<feed xmlns="http://www.w3.org/2005/Atom">{total}{entries}</feed>')

    async with serving(handler) as url, Reader().reading(url) as source:
        if found is None:
            with pytest.raises(SourceError, match="an answer of 5 papers ended after 2"):
                await source.papers(date(2026, 6, 9))
        else:
            assert len(await source.papers(date(2026, 6, 9))) == found
    assert starts == [sum(sizes[:n]) for n in range(len(sizes))]


async def test_metadata_of_papers_is_asked_for_by_their_ids() -> None:
    service = Service()
    async with serving(service.answer) as url, Reader().reading(url) as source:
        found = await source.metadata(["2606.90201", "cs/0601001"])
        assert await source.metadata([]) == []
    assert service.asked == ["2606.90201,cs/0601001"]
    assert [paper.categories for paper in found] == [("cs.RO", "cs.AI"), ()]
