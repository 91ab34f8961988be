"""arXiv's services on loopback, and who reads them: for the tests of the source "arxiv"."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from aiohttp import web

from papers.paper import Paper
from sandbox.feed import rss
from sources import arxiv
from sources.arxiv import POLITE, ArXiv
from sources.arxiv_feed import MOST_ITEMS
from sources.http import Patience

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
