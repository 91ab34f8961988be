"""The sources' stand-in: replays stored replies over HTTP, as the services would answer."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

from aiohttp import web

from sandbox.feed import announced, rss

REPLIES = Path(__file__).parent / "replies"


def days_in(folder: Path) -> list[date]:
    """The days a folder of replies has, oldest first."""
    days = []
    for file in folder.glob("????-??-??.json"):
        try:
            days.append(date.fromisoformat(file.stem))
        except ValueError:
            continue
    return sorted(days)


class Press:
    """Answers ``/api/daily_papers`` out of a folder of replies, one file a UTC day (2026-06-10.json), and ``/rss/cs.CL+cs.RO``
    with arXiv's feed of ``today`` (the folder's last day). Its query API, ``/api/query``, finds nothing. ``/papers/{id}.md`` and
    ``/html/{id}`` are the whole texts in its folder texts/, as Hugging Face and arXiv have them.
    """

    def __init__(self, folder: Path, today: Callable[[], date] | None = None) -> None:
        self._folder = folder
        self._today = today or (lambda: days_in(folder)[-1])
        self.feeds: list[str] = []  # the categories of each that was asked for, in order
        self.statuses: list[int] = []  # of every answer, in order
        self.answered = asyncio.Event()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[str]:
        """Serve on loopback until the end of the block; yields the base address."""
        app = web.Application()
        self.add_to(app)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()

    def add_to(self, app: web.Application) -> None:
        app.router.add_get("/api/daily_papers", self._daily_papers)
        app.router.add_get("/rss/{categories}", self._feed)
        app.router.add_get("/api/query", self._query)
        app.router.add_get("/papers/{name}.md", self._markdown)
        app.router.add_get("/html/{name}", self._html)

    async def _daily_papers(self, request: web.Request) -> web.Response:
        reply = self._reply(request)
        self.statuses.append(reply.status)
        self.answered.set()
        return reply

    def _reply(self, request: web.Request) -> web.Response:
        try:
            day = date.fromisoformat(request.query["date"])
            limit, page = int(request.query.get("limit", "50")), int(request.query.get("p", "0"))
        except (KeyError, ValueError):
            return web.json_response({"error": "Invalid query"}, status=400)
        body = json.dumps(self.entries(day)[page * limit : (page + 1) * limit]).encode()
        headers = {"ETag": f'W/"{hashlib.sha256(body).hexdigest()[:16]}"', "RateLimit": '"api";r=499;t=300'}
        if request.headers.get("If-None-Match") == headers["ETag"]:
            return web.Response(status=304, headers=headers)
        return web.Response(body=body, content_type="application/json", headers=headers)

    async def _feed(self, request: web.Request) -> web.Response:
        self.feeds.append(request.match_info["categories"])
        day, categories = self._today(), self.feeds[-1].split("+")
        return web.Response(text=rss(announced(self._folder, day), categories, day), content_type="text/xml")

    async def _query(self, request: web.Request) -> web.Response:
        return web.Response(text='<feed xmlns="http://www.w3.org/2005/Atom"/>', content_type="application/atom+xml")

    async def _markdown(self, request: web.Request) -> web.Response:
        return self._text(f"{request.match_info['name']}.md", "text/markdown")

    async def _html(self, request: web.Request) -> web.Response:
        return self._text(f"{request.match_info['name']}.html", "text/html")

    def _text(self, name: str, content_type: str) -> web.Response:
        file = next((file for file in self._folder.glob("texts/*") if file.name == name), None)
        if file is None:
            return web.Response(status=404, text="Not found")
        return web.Response(text=file.read_text(encoding="utf-8"), content_type=content_type)

    def entries(self, day: date) -> list[Any]:
        """What it has for a day, in the API's own form."""
        file = self._folder / f"{day}.json"
        entries: list[Any] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else []
        return entries
