"""arXiv: a day's announcement by feed while the feed is there, and by the query API afterwards.

Terms of use: one request every three seconds over one connection, feeds and API together, with a name and a way to reach who
asks (https://info.arxiv.org/help/api/tou.html).
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from papers.categories import CLASSES
from papers.merge import unique
from papers.paper import Paper
from sources.announcements import Expected, day_before, expected, feed_day, feed_due_at, submitted_between
from sources.arxiv_feed import MOST_ITEMS, feed_in, papers_in
from sources.arxiv_feed import refusal as feed_refusal
from sources.arxiv_query import SLICE, answer_in, of_ids, slice_of, submitted
from sources.arxiv_query import refusal as query_refusal
from sources.base import Remembered, SourceError, Stale, Unasked, Unknown
from sources.http import USER_AGENT, Http, Patience

log = logging.getLogger(__name__)

NAME = "arxiv"
FEED_URL = "https://rss.arxiv.org/rss"
API_URL = "https://export.arxiv.org/api/query"
CATEGORIES = ("cs.AI", "cs.CL", "cs.CV", "cs.LG")
POLITE = Patience(timeout_s=60.0, attempts=3, first_pause_s=3.0, longest_pause_s=60.0, spacing_s=3.0, cool_down_s=300.0)
_AT_ONCE = 3  # categories in one feed: the four largest together come near the 2,000 items at which it is cut
_LONGEST_S = 15 * 60.0
_MOST_SLICES = 20
_CATEGORY = re.compile(r"[a-z-]{2,12}(\.[A-Za-z-]{2,20})?")
_LATE_AFTER = timedelta(hours=3)  # a feed that may bring nothing, for a holiday, may also be late
_REMEMBERED_DAYS = 14

Wanted = Callable[[], Awaitable[Collection[str]]]
Known = Callable[[date], Awaitable[list[Paper] | None]]


@asynccontextmanager
async def session(contact: str = "", patience: Patience = POLITE) -> AsyncIterator[Http]:
    """The one client for feeds and API. ``contact`` is an address or a page of who runs this Paperboy."""
    agent = f"{USER_AGENT[:-1]}; {contact})" if contact else USER_AGENT
    async with Http.session(patience, service="arxiv.org", agent=agent) as http:
        yield http


async def _nothing(day: date) -> list[Paper] | None:
    return None


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read of a day's announcement, of which categories and when."""

    day: date
    categories: frozenset[str]
    at: datetime
    papers: list[Paper]


class ArXiv:
    """The source "arxiv".

    ``wanted`` tells the categories to ask for, ``known`` the papers of a day that were read before (None: it was not read),
    and ``now`` the present instant in UTC. A day's announcement does not change: it is read again after ``refresh``, or for
    more categories; a past day that is known only where ``is_thorough``.
    """

    name = NAME

    def __init__(
        self,
        http: Http,
        wanted: Wanted,
        now: Callable[[], datetime],
        known: Known = _nothing,
        *,
        feed_url: str = FEED_URL,
        api_url: str = API_URL,
        refresh: timedelta = timedelta(hours=1),
        is_thorough: bool = False,
    ) -> None:
        http.allow(feed_url)
        http.allow(api_url)
        self._http = http
        self._wanted = wanted
        self._now = now
        self._known = known
        self._feed_url = feed_url.rstrip("/")
        self._api_url = api_url
        self._refresh = refresh
        self._is_thorough = is_thorough
        self._read: _Read | None = None
        self._refused: dict[str, str] = {}  # category → why arXiv has no such, for the day …
        self._refused_on: date | None = None
        self._read_for: dict[date, frozenset[str]] = {}  # the categories that days were read for, since the start
        self._reading = asyncio.Lock()

    async def papers(self, day: date) -> list[Paper]:
        """The papers announced on the UTC day ``day``, new or newly listed in a category, each once; [] at a weekend.

        A past day is asked for by when papers were submitted. That is not the announcement: what moderators held back is
        missing, or too early, and what was only listed in one more category comes with the day it was submitted.
        Raises Unasked where nobody wants any, or the feed is not due yet; Stale where the feed is still an earlier day's;
        and SourceError for the whole day where a part of it cannot be had.
        """
        categories = frozenset(filter(_CATEGORY.fullmatch, await self._wanted()))
        if not categories:
            raise Unasked("arxiv is not asked: no active subscription wants its papers")
        if expected(day) is Expected.NOTHING:
            return Remembered()
        today = feed_day(self._now())
        if day > today:
            raise Unasked(f"arxiv is not asked yet: its feed of {day} is due at {feed_due_at(day):%H:%M} UTC")
        try:
            async with asyncio.timeout(_LONGEST_S):
                async with self._reading:
                    return await (self._announced(day, categories) if day == today else self._past(day, categories))
        except TimeoutError as error:
            raise SourceError(f"arxiv: {day} was not read within {_LONGEST_S:.0f} s") from error

    async def metadata(self, ids: Sequence[str]) -> list[Paper]:
        """What arXiv knows of the papers with these ids, as they come; ids that it does not have are left out."""
        found: list[Paper] = []
        for start in range(0, len(ids), SLICE):
            found += await self._answers(of_ids(ids[start : start + SLICE]))
        return found

    async def _announced(self, day: date, categories: frozenset[str]) -> list[Paper]:
        read = self._read
        if read and read.day == day and categories <= read.categories and self._now() - read.at < self._refresh:
            return Remembered(read.papers)
        if self._refused_on != day:
            self._refused, self._refused_on = {}, day
        asked = sorted(categories - self._refused.keys())
        found: list[Paper] = []
        for start in range(0, len(asked), _AT_ONCE):
            found += await self._feed(asked[start : start + _AT_ONCE], day)
        if categories <= self._refused.keys():
            why = next(iter(self._refused.values()))
            self._refused = {}  # to ask again in the next round
            raise SourceError(f"arxiv: none of the categories is known: {why}")
        papers = await asyncio.to_thread(unique, found)
        if await self._is_the_day_befores(papers, day):
            raise Stale(f"arxiv: the feed is dated {day}, but has what was announced on {day_before(day)}")
        # What was announced stays announced, even if nobody wants its category any more.
        papers = unique([*papers, *_stubs(await self._known(day) or [], day)])
        if papers:
            self._read = _Read(day, categories, self._now(), papers)
        self._note_read(day, categories)
        return papers

    async def _feed(self, categories: Sequence[str], day: date) -> list[Paper]:
        """The papers of one feed. What is new in any of them is new: the kind is relative to the categories asked for.

        A category that arXiv does not have spoils the whole feed, and so does one item too many; both are met by asking
        for fewer at once.
        """
        try:
            feed = await self._http.get(f"{self._feed_url}/{'+'.join(categories)}", {}, feed_in, feed_refusal)
        except Unknown as error:
            if len(categories) == 1:
                log.warning("%s; it is left out today", error)
                self._refused[categories[0]] = str(error)
                return []
            return [paper for one in categories for paper in await self._feed([one], day)]
        if feed.day > day:
            raise SourceError(f"arxiv: the feed is of {feed.day} already")
        if feed.day < day:
            if expected(day) is Expected.PERHAPS and self._now() - feed_due_at(day) > _LATE_AFTER:
                return []
            raise Stale(f"arxiv: the feed is still that of {feed.day}")
        if len(feed.items) >= MOST_ITEMS:
            if parts := list(_parts(categories)):
                return [paper for part in parts for paper in await self._feed(part, day)]
            log.warning("arxiv: the feed of %s has %d items and may be cut", categories[0], len(feed.items))
        return await asyncio.to_thread(papers_in, feed)  # a second for two thousand

    async def _is_the_day_befores(self, papers: list[Paper], day: date) -> bool:
        """Whether all of it was announced on the day before: new papers are new on one day only."""
        new = {paper.id for paper in papers if paper.published_at}  # what is only listed once more has no date
        return bool(new) and new <= {paper.id for paper in await self._known(day_before(day)) or []}

    async def _past(self, day: date, categories: frozenset[str]) -> list[Paper]:
        known = await self._known(day)
        unread = categories - self._read_for.get(day, categories if known is not None else frozenset())
        if known is not None and not (unread or self._is_thorough):
            return Remembered(_stubs(known, day))
        asked = categories if self._is_thorough or known is None else unread
        found = await self._answers(submitted(sorted(asked), *submitted_between(day)))
        if not found and expected(day) is Expected.PAPERS and asked & set(CATEGORIES):
            raise SourceError(f"arxiv: the query API has nothing at all of {day}, a working day")
        self._note_read(day, categories)
        return unique([*(replace(paper, featured_on=(day,)) for paper in found), *_stubs(known or [], day)])

    def _note_read(self, day: date, categories: frozenset[str]) -> None:
        self._read_for[day] = self._read_for.get(day, frozenset()) | categories
        while len(self._read_for) > _REMEMBERED_DAYS:
            del self._read_for[min(self._read_for)]

    async def _answers(self, question: dict[str, str]) -> list[Paper]:
        """All slices of an answer. Raises SourceError where there are too many, or one is missing."""
        found: list[Paper] = []
        start = 0
        for _ in range(_MOST_SLICES):
            answer = await self._http.get(self._api_url, slice_of(question, start), answer_in, query_refusal)
            found += answer.papers
            start += answer.listed
            if start >= answer.total:
                return unique(found)
            if not answer.listed:
                break
        raise SourceError(f"arxiv: an answer of {answer.total} papers ended after {start}")


def _stubs(known: Iterable[Paper], day: date) -> list[Paper]:
    """Only what makes them the day's, lest an older word of them overwrite a newer one."""
    return [Paper(id=paper.id, title=paper.title, featured_on=(day,), listed_by=(NAME,)) for paper in known]


def _parts(categories: Sequence[str]) -> Iterator[list[str]]:
    """Fewer categories at once: each alone, or those of an archive by threes; nothing where there is no less."""
    if len(categories) > 1:
        yield from ([category] for category in categories)
        return
    classes = CLASSES.get(categories[0], ())
    for start in range(0, len(classes), _AT_ONCE):
        yield [f"{categories[0]}.{name}" for name in classes[start : start + _AT_ONCE]]
