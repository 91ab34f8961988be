"""A paper's whole text, in sections: Hugging Face's Markdown of it, or else arXiv's HTML."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from weakref import WeakValueDictionary

from papers.paper import Paper
from papers.text import clean, clip
from sources import paper_html, paper_markdown
from sources.base import Missing, SourceError
from sources.http import Bounds, Http

log = logging.getLogger(__name__)

HUGGINGFACE_URL = "https://huggingface.co"
ARXIV_URL = "https://arxiv.org/html"
BOUNDS = Bounds(most_bytes=4 * 2**20, stays=True)
LONGEST_S = 45.0
MOST_CHARACTERS = 400_000  # a long paper has 150,000
KEPT_PAPERS, KEPT_CHARACTERS = 16, 2_000_000
KEPT_S, MISSED_S = 6 * 3600.0, 3600.0
_LEAST_CHARACTERS = 600  # of a paper; less is an error page, or the abstract alone
_LONGEST_TITLE = 150
_MOST_BLOCKS = 20_000  # a long paper has a thousand
_NUMBERED = r"\s*(?:(?:appendix\s+)?(?:\d+|[A-Z]|[IVX]+)[.):]?\s+)*"
_NO_PART = re.compile(
    rf"{_NUMBERED}(?:references?|bibliography|literature cited|acknowledge?ments?(?: and.*)?|(?:table of )?contents|"
    r"list of (?:figures|tables|appendices|algorithms)|(?:competing|conflicts? of) interests?.*|funding|author contributions?|"
    r"authors?|instructions for reporting errors|report (?:github )?issue.*)[.:]?",
    re.IGNORECASE,
)
_FRONT = "Abstract"


@dataclass(frozen=True, slots=True)
class Section:
    """``title`` as the paper has it ("3.1 Data"); ``text`` is plain, a line each paragraph, its formulas readable."""

    title: str
    text: str


Sections = tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class _Kept:
    """What was read, or why there is nothing to read, and until when that holds by the clock."""

    sections: Sections
    missing: str
    until: float


class FullText:
    """Reads papers' texts, and keeps those read last in memory.

    ``huggingface`` is a session of its own, since its pages have a smaller allowance than its API; ``arxiv`` is the one session
    with arXiv, whose requests take turns. Both may be stand-ins, by their addresses. ``clock`` gives monotonic seconds.
    """

    def __init__(
        self,
        huggingface: Http,
        arxiv: Http | None,
        *,
        huggingface_url: str = HUGGINGFACE_URL,
        arxiv_url: str = ARXIV_URL,
        longest_s: float = LONGEST_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        huggingface.allow(huggingface_url)
        if arxiv:
            arxiv.allow(arxiv_url)
        self._huggingface = huggingface
        self._arxiv = arxiv
        self._huggingface_url = huggingface_url.rstrip("/")
        self._arxiv_url = arxiv_url.rstrip("/")
        self._longest_s = longest_s
        self._clock = clock
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._reading: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def read(self, paper: Paper) -> Sections:
        """The paper's sections in order, at least one. Raises Missing where nobody has its text, SourceError where it cannot
        be had just now; within ``longest_s`` seconds either way.
        """
        if not paper.is_on_arxiv:
            raise Missing(f"{paper.id} is not on arXiv: there is no text of it to read")
        turn = self._reading.setdefault(paper.id, asyncio.Lock())
        try:
            async with asyncio.timeout(self._longest_s), turn:  # who asks while it is being read gets that
                kept = self._known(paper.id)
                return kept.sections if kept else await self._read(paper.id)
        except TimeoutError as error:
            raise SourceError(f"the text of {paper.id} was not read within {self._longest_s:g} s") from error

    def _known(self, identifier: str) -> _Kept | None:
        kept = self._kept.get(identifier)
        if kept is None or kept.until < self._clock():
            return None
        self._kept.move_to_end(identifier)
        if kept.missing:
            raise Missing(kept.missing)
        return kept

    async def _read(self, identifier: str) -> Sections:
        failures: list[SourceError] = []
        for ask in (self._from_huggingface, self._from_arxiv):
            try:
                found = await ask(identifier)
            except SourceError as error:
                log.info("no text of %s: %s", identifier, error)
                failures.append(error)
            else:
                self._keep(identifier, _Kept(found, "", self._clock() + KEPT_S))
                return found
        why = "; ".join(map(str, failures))
        if all(isinstance(failure, Missing) for failure in failures):
            self._keep(identifier, _Kept((), why, self._clock() + MISSED_S))
            raise Missing(why)
        raise SourceError(why)

    async def _from_huggingface(self, identifier: str) -> Sections:
        body = await self._huggingface.get(f"{self._huggingface_url}/papers/{identifier}.md", {}, bytes, bounds=BOUNDS)
        return await asyncio.to_thread(lambda: sections_of(paper_markdown.blocks(body)))

    async def _from_arxiv(self, identifier: str) -> Sections:
        if self._arxiv is None:
            raise Missing("arxiv is not asked")
        body = await self._arxiv.get(f"{self._arxiv_url}/{identifier}", {}, bytes, bounds=BOUNDS)
        return await asyncio.to_thread(lambda: sections_of(paper_html.blocks(body)))

    def _keep(self, identifier: str, kept: _Kept) -> None:
        self._kept[identifier] = kept
        self._kept.move_to_end(identifier)
        while len(self._kept) > KEPT_PAPERS or self._size() > KEPT_CHARACTERS:
            self._kept.popitem(last=False)

    def _size(self) -> int:
        return sum(len(section.text) for kept in self._kept.values() for section in kept.sections)


def sections_of(blocks: Iterable[paper_html.Block]) -> Sections:
    """Headings and paragraphs as sections, without references and the like, at most MOST_CHARACTERS together.

    Raises Missing where that is too little to be a paper.
    """
    found: list[tuple[str, list[str]]] = [(_FRONT, [])]
    left_out_from: int | None = None  # the level of the heading whose part is left out
    room = MOST_CHARACTERS
    for level, told in islice(blocks, _MOST_BLOCKS):
        told = clean(told)
        if level:
            if left_out_from is None or level <= left_out_from:
                left_out_from = level if _NO_PART.fullmatch(told) else None
            if left_out_from is None:
                found.append((clip(told, _LONGEST_TITLE), []))
        elif left_out_from is None and told:
            said = found[-1][1]
            if said and (told[:1].islower() or said[-1].endswith((",", "=", ":"))):  # a formula's, or a list's
                said[-1] = f"{said[-1]} {told[:room]}"
            else:
                said.append(told[:room])
            room -= len(told)
        if room <= 0:
            break
    sections = tuple(Section(title or _FRONT, "\n".join(text)) for title, text in found if text)
    if sum(len(section.text) for section in sections) < _LEAST_CHARACTERS:
        raise Missing("the answer has no paper in it")
    return sections
