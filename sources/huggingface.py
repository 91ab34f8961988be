"""Hugging Face Daily Papers: the papers a UTC day features, with votes, comments and the code behind them.

``GET /api/daily_papers?date=YYYY-MM-DD&limit=100&p=0`` answers a JSON list of entries. Every field is treated as optional:
keys come and go between months. Entry shape: https://huggingface.co/docs/hub/api, and sandbox/replies/ for samples.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time
from typing import Any

from papers.merge import unique
from papers.paper import Paper, without_version
from papers.text import clean
from sources.base import SourceError
from sources.http import Http
from sources.values import count, items, line, moment, text

log = logging.getLogger(__name__)

DEFAULT_URL = "https://huggingface.co"
PAGE_SIZE = 100
_MAX_PAGES = 20


class HuggingFace:
    """The source "huggingface". ``url`` is the service's base address."""

    name = "huggingface"

    def __init__(self, http: Http, url: str = DEFAULT_URL) -> None:
        http.allow(url)
        self._http = http
        self._url = url.rstrip("/") + "/api/daily_papers"

    async def papers(self, day: date) -> list[Paper]:
        """The papers featured on the UTC day ``day``, each once, in the service's order; [] for a day without any.

        Raises SourceError, for the whole day: half a list would look like a quiet day.
        """
        entries = await self._entries(day)
        if len(entries) >= PAGE_SIZE:
            # While pages are read, a paper taken off moves the next page's first onto one already read: a second look finds
            # it. Pages that have not changed are not sent again.
            entries += await self._entries(day)
        found = await asyncio.to_thread(lambda: unique(papers_in(entries, day)))  # some milliseconds for each hundred
        if entries and not found:
            raise SourceError(f"huggingface: none of the {len(entries)} entries of {day} can be read")
        return found

    async def _entries(self, day: date) -> list[Any]:
        """The entries of all pages, until one is short."""
        entries: list[Any] = []
        for page in range(_MAX_PAGES):
            params = {"date": f"{day}", "limit": f"{PAGE_SIZE}", "p": f"{page}"}
            found = await self._http.get(self._url, params, entries_in)
            entries += found
            if len(found) < PAGE_SIZE:
                break
        return entries


def entries_in(body: bytes) -> list[Any]:
    """The entries of a reply. Raises SourceError where it is no JSON list (an error page, a truncated answer)."""
    try:
        entries = json.loads(body, object_hook=_as_it_is)
    except (ValueError, RecursionError) as error:
        raise SourceError(f"huggingface: the answer is not JSON ({error})") from error
    if not isinstance(entries, list):
        raise SourceError(f"huggingface: the answer is a JSON {type(entries).__name__}, not a list of papers")
    return entries


def _as_it_is(values: dict[str, Any]) -> dict[str, Any]:
    """A moment of Python in the C parser, which otherwise lets no other thread run until it has read the whole body."""
    return values


def papers_in(entries: Iterable[Any], day: date | None = None) -> Iterator[Paper]:
    """Each entry as a Paper; one that is malformed is skipped and logged. ``day`` is the day asked for, if one was."""
    for number, entry in enumerate(entries):
        try:
            yield parse_entry(entry, day)
        except ValueError as error:
            log.warning("huggingface: entry %d skipped: %s", number, error)


def parse_entry(entry: object, day: date | None = None) -> Paper:
    """One entry of the list, or a flat paper object as ``/api/papers/{id}`` gives it. Raises ValueError saying what is wrong.

    The outer ``publishedAt`` is the same instant shifted by US Eastern's offset and still labelled UTC: it is not read.
    """
    if not isinstance(entry, dict):
        raise ValueError("not a JSON object")
    inner = entry.get("paper")
    paper: dict[str, Any] = inner if isinstance(inner, dict) else entry
    identifier = without_version(clean(text(paper, "id")))
    title = line(paper, "title") or line(entry, "title")
    if not identifier or len(identifier) > 64:
        raise ValueError("no usable id")
    if not title:
        raise ValueError(f"{identifier} has no title")
    featured_day = _featured(paper, day)
    return Paper(
        id=identifier,
        title=title,
        abstract=line(paper, "summary") or line(entry, "summary"),
        authors=tuple(_authors(paper.get("authors"))),
        published_at=_no_later(moment(paper.get("publishedAt")), featured_day),
        featured_on=(featured_day,) if featured_day else (),
        votes=count(paper, "upvotes") or 0,
        comments=count(entry, "numComments") or 0,
        source_summary=line(paper, "ai_summary"),
        keywords=tuple(clean(word) for word in items(paper, "ai_keywords") if isinstance(word, str) and clean(word)),
        repository=clean(text(paper, "githubRepo")),
        stars=count(paper, "githubStars"),
        project_page=clean(text(paper, "projectPage")),
        organisation=_name(paper.get("organization")) or _name(entry.get("organization")),
        thumbnail=clean(text(entry, "thumbnail")),
        submitter=_submitter(paper.get("submittedOnDailyBy")) or _submitter(entry.get("submittedBy")),
    )


def _featured(paper: dict[str, Any], asked: date | None) -> date | None:
    """The day the entry names, or else the one asked for; a list of that day holds nothing of a later one."""
    told = moment(paper.get("submittedOnDailyAt"))
    if told is None:
        return asked
    return told.date() if asked is None else min(told.date(), asked)


def _no_later(published: datetime | None, featured: date | None) -> datetime | None:
    """The instant, or the end of the featured day where it lies after that.

    Some clock was wrong then, and the paper would stay the newest for years.
    """
    if published is None or featured is None:
        return published
    return min(published, datetime.combine(featured, time.max, UTC))


def _authors(value: object) -> Iterator[str]:
    for author in value if isinstance(value, list) else []:
        if isinstance(author, dict) and author.get("hidden") is not True and (name := line(author, "name")):
            yield name


def _name(organisation: object) -> str:
    if not isinstance(organisation, dict):
        return ""
    return line(organisation, "fullname") or line(organisation, "name")


def _submitter(user: object) -> str:
    return line(user, "name") if isinstance(user, dict) else ""
