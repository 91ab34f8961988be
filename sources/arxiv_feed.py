"""arXiv's announcement feeds, in RSS and in Atom → the day's Papers.

https://info.arxiv.org/help/rss.html; the feeds' own source is https://github.com/arXiv/arxiv-feed.
"""

from __future__ import annotations

import email.utils
import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from xml.etree.ElementTree import Element

from papers.merge import unique
from papers.paper import Paper, arxiv_id_in
from papers.text import clean
from sources.announcements import EASTERN, announced_at
from sources.atom import ARXIV, ATOM, DUBLIN_CORE, said, text, texts, tree
from sources.base import SourceError, Unknown
from sources.tex import readable
from sources.values import moment, sound

log = logging.getLogger(__name__)

MOST_ITEMS = 2_000  # a feed of more is cut, the *new* papers first
NEW = "new"
_POSTED = frozenset({NEW, "cross"})
_ERROR = "Feed error for query"
_VERSION = re.compile(r"(?<=\d)v(\d{1,4})$")
_DESCRIPTION = re.compile(
    r"\s*arXiv:\S+\s+Announce Type:\s*(?P<type>[\w-]+)\s+(?:Abstract:\s*)?(?P<abstract>.*)", re.DOTALL | re.IGNORECASE
)
_CATEGORY = re.compile(r"[a-z-]{2,12}(\.[A-Za-z-]{2,20})?")
_SUFFIX = re.compile(r"(?:Jr|Sr)\.?|I{2,3}|IV")


@dataclass(frozen=True, slots=True)
class Item:
    """An item as it stands in a feed. ``identifier`` may have a version; ``authors`` is one text of names between commas."""

    identifier: str
    title: str
    description: str
    authors: str
    categories: tuple[str, ...]
    kind: str


@dataclass(frozen=True, slots=True)
class Feed:
    """``day`` is the date in New York that the feed was made for."""

    day: date
    items: tuple[Item, ...]


def feed_in(body: bytes) -> Feed:
    """The feed in a reply. Raises SourceError where there is none (Unknown, where the service says why), or it has no date."""
    root = tree(body)
    if root.tag == "rss" and (channel := root.find("channel")) is not None:
        title, told, items = text(channel, "title"), _mail_days(channel), [_rss_item(item) for item in channel.findall("item")]
        dates = [day for item in channel.findall("item") for day in _mail_days(item)[:1]]
    elif root.tag == f"{ATOM}feed":
        title, told, items = text(root, f"{ATOM}title"), _days(root), [_atom_item(e) for e in root.findall(f"{ATOM}entry")]
        dates = [day for entry in root.findall(f"{ATOM}entry") for day in _days(entry)[:1]]
    else:
        raise SourceError(f"arxiv: the answer is XML, but no feed (its root is {said(root.tag)})")
    if clean(title).startswith(_ERROR):
        raise Unknown(f"arxiv: {said(title)}")
    # A feed made today of what was announced yesterday is yesterday's.
    candidates = [*told[:1], *([max(dates)] if dates else [])]
    if not candidates:
        raise SourceError("arxiv: the feed has no date")
    return Feed(min(candidates), tuple(items))


def refusal(body: bytes) -> str:
    """What a feed of an error says, in a sentence."""
    try:
        feed_in(body)
    except SourceError as error:
        return str(error).removeprefix("arxiv: ")
    return "HTTP 400"


def papers_in(feed: Feed) -> list[Paper]:
    """The papers announced for the first time in these categories, each once, in the feed's order; replacements are none.

    A malformed item is skipped and logged.
    """
    return unique(_papers(feed))


def _papers(feed: Feed) -> Iterator[Paper]:
    for item in feed.items:
        try:
            if (paper := parse_item(item, feed.day)) is not None:
                yield paper
        except ValueError as error:
            log.warning("arxiv: an item of %s skipped: %s", feed.day, error)


def parse_item(item: Item, day: date) -> Paper | None:
    """One item, None for a replacement. Raises ValueError saying what is wrong.

    When a new paper was submitted the feed does not tell: it has the instant of its announcement, which a source that
    knows better moves back. A paper that is only listed in one more category may be years old, and has none.
    """
    identifier = arxiv_id_in(item.identifier)
    title = clean(readable(item.title))
    if not identifier:
        raise ValueError(f"no usable id in “{said(item.identifier)}”")
    if not title:
        raise ValueError(f"{identifier} has no title")
    found = _DESCRIPTION.fullmatch(item.description)
    version = version_in(item.identifier)
    kind = (item.kind or (found["type"] if found else "")).strip().lower() or (NEW if version in {None, 1} else "replace")
    if kind not in _POSTED:
        return None
    return Paper(
        id=identifier,
        title=title,
        abstract=clean(readable(found["abstract"] if found else item.description)),
        authors=tuple(names_in(item.authors)),
        published_at=announced_at(day) if kind == NEW else None,
        featured_on=(day,),
        listed_by=("arxiv",),
        categories=arxiv_categories(item.categories),
        version=version,
    )


def version_in(identifier: str) -> int | None:
    """The version at the end of an id or address ("2401.01234v2" → 2)."""
    found = _VERSION.search(identifier.strip())
    return int(found[1]) if found else None


def arxiv_categories(categories: tuple[str, ...]) -> tuple[str, ...]:
    """Those that are arXiv's, each once, in their order; a paper may carry classes of the ACM or the MSC besides."""
    return tuple(dict.fromkeys(category for category in map(clean, categories) if _CATEGORY.fullmatch(category)))


def names_in(authors: str) -> Iterator[str]:
    """The names in "A. One (Lab, City), B. Two, Jr.", without what stands in parentheses."""
    bare, depth = [], 0
    is_balanced = authors.count("(") == authors.count(")")
    for sign in authors:
        if is_balanced and sign in "()":
            depth = max(0, depth + (1 if sign == "(" else -1))
        elif not depth:
            bare.append(sign)
    parts = [name for part in "".join(bare).split(",") if (name := clean(readable(part)))]
    for place, name in enumerate(parts):
        if not (place and _SUFFIX.fullmatch(name)):
            suffix = parts[place + 1] if place + 1 < len(parts) and _SUFFIX.fullmatch(parts[place + 1]) else ""
            yield f"{name} {suffix}".strip()


def _rss_item(item: Element) -> Item:
    return Item(
        identifier=(text(item, "guid") if "arxiv" in text(item, "guid").lower() else "") or text(item, "link"),
        title=text(item, "title"),
        description=text(item, "description"),
        authors=", ".join(texts(item, f"{DUBLIN_CORE}creator")),
        categories=tuple(texts(item, "category")),
        kind=text(item, f"{ARXIV}announce_type"),
    )


def _atom_item(entry: Element) -> Item:
    return Item(
        identifier=text(entry, f"{ATOM}id"),
        title=text(entry, f"{ATOM}title"),
        description=text(entry, f"{ATOM}summary"),
        authors=", ".join([*texts(entry, f"{DUBLIN_CORE}creator"), *texts(entry, f"{ATOM}author/{ATOM}name")]),
        categories=tuple(category.get("term", "") for category in entry.findall(f"{ATOM}category")),
        kind=text(entry, f"{ARXIV}announce_type"),
    )


def _mail_days(element: Element) -> list[date]:
    """The dates in New York that RSS tells of a channel or an item, its own before that of when it was built."""
    return _in_new_york(_mail_moment(text(element, name)) for name in ("pubDate", "lastBuildDate"))


def _days(element: Element) -> list[date]:
    """The same in Atom."""
    return _in_new_york(moment(text(element, f"{ATOM}{name}")) for name in ("published", "updated"))


def _in_new_york(moments: Iterator[datetime | None]) -> list[date]:
    return [found.astimezone(EASTERN).date() for found in moments if found]


def _mail_moment(value: str) -> datetime | None:
    try:
        return sound(email.utils.parsedate_to_datetime(value.strip())) if value.strip() else None
    except (ValueError, OverflowError):
        return None
