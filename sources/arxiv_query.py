"""arXiv's query API: questions as it takes them, and its Atom → Papers.

https://info.arxiv.org/help/api/user-manual.html
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from xml.etree.ElementTree import Element

from papers.paper import Paper, arxiv_id_in
from papers.text import clean
from sources.arxiv_feed import arxiv_categories, version_in
from sources.atom import ARXIV, ATOM, OPEN_SEARCH, said, text, texts, tree
from sources.base import Missing, SourceError
from sources.tex import readable
from sources.values import moment

log = logging.getLogger(__name__)

SLICE = 500  # entries in one answer; at most 2,000 are given
_ERROR_ID = re.compile(r"https?://arxiv\.org/api/errors")


@dataclass(frozen=True, slots=True)
class Answer:
    """A slice of an answer: ``listed`` entries of ``total``, and the papers that can be read of them."""

    papers: tuple[Paper, ...]
    listed: int
    total: int


def submitted(categories: Iterable[str], start: datetime, end: datetime) -> dict[str, str]:
    """Asks for what was submitted to any of the categories between two instants in UTC, the oldest first."""
    wanted = " OR ".join(term for category in categories for term in _terms(category))
    between = f"submittedDate:[{start:%Y%m%d%H%M} TO {end:%Y%m%d%H%M}]"
    return {"search_query": f"({wanted}) AND {between}", "sortBy": "submittedDate", "sortOrder": "ascending"}


def of_ids(ids: Sequence[str]) -> dict[str, str]:
    """Asks for papers by their ids (without version), at most SLICE."""
    return {"id_list": ",".join(ids)}


def slice_of(question: dict[str, str], start: int) -> dict[str, str]:
    return {**question, "start": f"{start}", "max_results": f"{SLICE}"}


def answer_in(body: bytes) -> Answer:
    """The answer in a reply, of which an empty one is one. Raises SourceError (Missing, where the service says why)."""
    root = tree(body)
    if root.tag != f"{ATOM}feed":
        raise SourceError(f"arxiv: the answer is XML, but no feed (its root is {said(root.tag)})")
    entries = root.findall(f"{ATOM}entry")
    for entry in entries:
        if _ERROR_ID.match(text(entry, f"{ATOM}id").strip()):
            raise Missing(f"arxiv: {said(text(entry, f'{ATOM}summary')) or 'an error without a word'}")
    total = clean(text(root, f"{OPEN_SEARCH}totalResults"))
    return Answer(tuple(_papers(entries)), len(entries), int(total) if re.fullmatch(r"\d{1,9}", total) else len(entries))


def refusal(body: bytes) -> str:
    """What an answer that is an error says, in a sentence."""
    try:
        answer_in(body)
    except SourceError as error:
        return str(error).removeprefix("arxiv: ")
    return "HTTP 400"


def parse_entry(entry: Element, featured_on: tuple[date, ...] = ()) -> Paper:
    """One entry. Raises ValueError saying what is wrong."""
    address = text(entry, f"{ATOM}id").strip()
    identifier = arxiv_id_in(address)
    title = clean(readable(text(entry, f"{ATOM}title")))
    if not identifier:
        raise ValueError(f"no usable id in “{said(address)}”")
    if not title:
        raise ValueError(f"{identifier} has no title")
    primary = entry.find(f"{ARXIV}primary_category")
    listed = [category.get("term", "") for category in entry.findall(f"{ATOM}category")]
    return Paper(
        id=identifier,
        title=title,
        abstract=clean(readable(text(entry, f"{ATOM}summary"))),
        authors=tuple(name for told in texts(entry, f"{ATOM}author/{ATOM}name") if (name := clean(readable(told)))),
        published_at=moment(text(entry, f"{ATOM}published")),
        featured_on=featured_on,
        listed_by=("arxiv",),
        categories=arxiv_categories((*([] if primary is None else [primary.get("term", "")]), *listed)),
        version=version_in(address),
    )


def _papers(entries: Iterable[Element]) -> Iterator[Paper]:
    for entry in entries:
        try:
            yield parse_entry(entry)
        except ValueError as error:
            log.warning("arxiv: an entry skipped: %s", error)


def _terms(category: str) -> tuple[str, ...]:
    """An archive ("cs") stands for its classes too."""
    return (f"cat:{category}",) if "." in category else (f"cat:{category}", f"cat:{category}.*")
