"""The source "arxiv" over loopback: which feeds it asks for and when, and what it makes of services that do not behave."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from papers.paper import Paper
from sandbox.feed import rss
from sandbox.press import REPLIES, Press
from sources import arxiv
from sources.arxiv import POLITE, ArXiv
from sources.arxiv_feed import MOST_ITEMS
from sources.base import SourceError, Stale, Unasked
from sources.http import Patience
from tests.sources.web import QUICK, Handler, serving

FEEDS = Path(__file__).parent / "feeds"
DAY = date(2026, 6, 10)  # a Wednesday
MORNING = datetime(2026, 6, 10, 9, tzinfo=UTC)
HURRIED = replace(POLITE, timeout_s=5, first_pause_s=0.001, spacing_s=0.0)


@dataclass
class Reader:
    """Who asks: for which categories, at what instant, knowing which days' papers."""

    categories: Collection[str] = ("cs.CL",)
    now: datetime = MORNING
    known: dict[date, list[Paper]] = field(default_factory=dict)

    async def wanted(self) -> Collection[str]:
        return self.categories

    async def of_day(self, day: date) -> list[Paper] | None:
        return self.known.get(day)

    @asynccontextmanager
    async def reading(self, url: str, patience: Patience = HURRIED, **options: Any) -> AsyncIterator[ArXiv]:
        async with arxiv.session("ops@example.org", patience) as http:
            addresses: dict[str, Any] = {"feed_url": f"{url}/rss", "api_url": f"{url}/api/query"}
            yield ArXiv(http, self.wanted, lambda: self.now, self.of_day, **addresses, **options)


def a_paper(number: int, *categories: str, version: int = 1) -> dict[str, Any]:
    return {
        "id": f"2606.{number:05}",
        "version": version,
        "title": f"Paper {number}",
        "abstract": "Short.",
        "authors": ["A"],
        "categories": list(categories),
    }


@dataclass
class Service:
    """arXiv with the papers it is told to have: feeds cut as arXiv's are, and refused where a category is not its."""

    papers: list[dict[str, Any]] = field(default_factory=list)
    day: date = DAY
    unknown: Collection[str] = ()
    asked: list[str] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)
    open: int = 0

    async def answer(self, request: web.Request) -> web.Response:
        self.agents.add(request.headers["User-Agent"])
        self.open += 1
        try:
            assert self.open == 1, "one connection at a time"
            await asyncio.sleep(0)
            return self._reply(request)
        finally:
            self.open -= 1

    def _reply(self, request: web.Request) -> web.Response:
        if request.path == "/api/query":
            self.asked.append(request.query.get("search_query") or request.query["id_list"])
            return web.Response(body=(FEEDS / "answer.atom.xml").read_bytes())
        asked = request.path.removeprefix("/rss/")
        self.asked.append(asked)
        if set(asked.split("+")) & set(self.unknown):
            return web.Response(status=400, body=(FEEDS / "error.rss.xml").read_bytes())
        end = "</channel></rss>"
        head, *items = rss(self.papers, asked.split("+"), self.day).removesuffix(end).split("<item>")
        kept = sorted(items, key=lambda item: ("Type: new" in item, "Type: cross" in item))[:MOST_ITEMS]
        return web.Response(text="<item>".join([head, *kept]) + end)


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
    body = rss(papers, ["math"], DAY).encode()
    longest = 0.0

    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=body)

    async def watch() -> None:
        nonlocal longest
        while True:
            started = time.perf_counter()
            await asyncio.sleep(0)
            longest = max(longest, time.perf_counter() - started)

    async with serving(handler) as url, Reader(("math",)).reading(url) as source:
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


async def test_the_stand_in_announces_as_arxiv_does() -> None:
    press = Press(REPLIES, lambda: DAY)
    async with press.running() as url, Reader(("cs.RO", "cs.CL")).reading(url) as source:
        papers = {paper.id: paper for paper in await source.papers(DAY)}
    assert press.feeds == ["cs.CL+cs.RO"]
    assert sorted(papers) == ["2606.90001", "2606.90002", "2606.90004", "2606.90005"]
    assert papers["2606.90004"].published_at is None  # first of cs.LG, and listed in cs.CL as well
    assert "3× as many" in papers["2606.90001"].abstract


def test_what_is_asked_is_never_faster_than_arxiv_wants() -> None:
    assert POLITE.spacing_s >= 3
    assert POLITE.first_pause_s >= 3
    assert POLITE.cool_down_s > POLITE.longest_pause_s  # so a cool-down ends the round
    assert QUICK.spacing_s == 0  # and other services are not slowed down
