"""Papers out of files: lists as the Hugging Face API gives them, JSON lines, and arXiv's public metadata snapshot.

Which of them a file is, its content tells. One bad line is reported and the rest is read.
"""

from __future__ import annotations

import email.utils
import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import IO, Any, cast

from papers.paper import Paper, without_version
from papers.text import clean, opening
from sources.arxiv_feed import arxiv_categories
from sources.base import SourceError
from sources.huggingface import parse_entry
from sources.tex import readable
from sources.values import count, items, line, moment, sound

MAX_LINE = 4 * 2**20
_TITLE_ROOM = 120


@dataclass(frozen=True, slots=True)
class Bad:
    """What holds no paper, and why; ``place`` is like "line 3" or, in a list, "entry 3" (from 1)."""

    place: str
    why: str
    is_other: bool = False  # a line of an export that tells of something else than a paper


@dataclass(frozen=True, slots=True)
class Batch:
    """Some of what a file holds, in its order. ``bytes_read`` counts those of the file as it lies on disk, up to here; a pipe
    has none.
    """

    papers: list[Paper]
    bad: list[Bad]
    bytes_read: int


def read_papers(file: Path) -> Iterator[Paper | Bad]:
    """The papers of a file, in order, in bounded memory for JSON lines. Raises SourceError where it cannot be read at all.

    A file named for a day (2026-06-10.json) tells the day of entries that do not say it themselves. ``.gz`` is unpacked.
    """
    with _opened(file) as (_, lines):
        yield from _found(file, lines)


def read_batches(file: Path, size: int) -> Iterator[Batch]:
    """What read_papers finds, ``size`` at a time. Raises SourceError."""
    with _opened(file) as (raw, lines):
        found = _found(file, lines)
        while piece := list(islice(found, size)):
            papers = [paper for paper in piece if isinstance(paper, Paper)]
            yield Batch(papers, [bad for bad in piece if isinstance(bad, Bad)], raw.tell() if raw.seekable() else 0)


@contextmanager
def _opened(file: Path) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """The file as it lies on disk, and its unpacked lines. What fails in the block is a SourceError, too."""
    try:
        with file.open("rb") as raw, gzip.GzipFile(fileobj=raw) if file.suffix == ".gz" else nullcontext(raw) as lines:
            yield raw, cast(IO[bytes], lines)
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}") from error


def _found(file: Path, lines: IO[bytes]) -> Iterator[Paper | Bad]:
    number, first = 1, lines.readline(MAX_LINE)
    while first and not first.strip():
        number, first = number + 1, lines.readline(MAX_LINE)
    if first.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
        yield from _from_list(first + lines.read(), _day_in_name(file))
    else:
        yield from _from_lines(number, first, lines)


def _day_in_name(file: Path) -> date | None:
    try:
        return date.fromisoformat(file.name[:10])
    except ValueError:
        return None


def _from_list(body: bytes, day: date | None) -> Iterator[Paper | Bad]:
    try:
        entries = json.loads(body)
    except (ValueError, RecursionError) as error:
        yield Bad("the list", f"is not JSON ({error})")
        return
    for number, entry in enumerate(entries, 1):
        yield _read(f"entry {number}", lambda entry=entry: _paper(entry, day))  # type: ignore[misc]


def _from_lines(number: int, first: bytes, lines: IO[bytes]) -> Iterator[Paper | Bad]:
    current = first
    while current:
        if current.strip():
            yield _read(f"line {number}", lambda current=current: _paper(_object(current), None))  # type: ignore[misc]
        number, current = number + 1, lines.readline(MAX_LINE)


class _OtherKind(ValueError):
    """A line of an export, and not of a paper."""


def _read(place: str, paper: Callable[[], Paper]) -> Paper | Bad:
    try:
        return paper()
    except (ValueError, RecursionError) as error:
        return Bad(place, str(error), isinstance(error, _OtherKind))


def _object(line: bytes) -> object:
    try:
        return json.loads(line)
    except ValueError as error:
        raise ValueError(f"not JSON ({error})") from error


def _paper(values: object, day: date | None) -> Paper:
    """One object of any of the forms. Raises ValueError saying what is wrong with it."""
    if not isinstance(values, dict):
        raise ValueError("not a JSON object")
    if isinstance(values.get("paper"), dict) or "upvotes" in values:
        return parse_entry(values, day)
    if "authors_parsed" in values or "versions" in values:
        return _snapshot_paper(values)
    kind = values.get("kind", "paper")
    if isinstance(kind, str) and kind != "paper" and not (values.get("title") or values.get("abstract")):
        raise _OtherKind(f"no paper, but of the kind {kind[:40]}")
    return _plain_paper(values)


def _plain_paper(values: dict[str, Any]) -> Paper:
    """An object with ``id``, ``title``, ``abstract`` and, as it likes, more of Paper's fields."""
    return Paper(
        id=_id(values),
        title=_title(values),
        abstract=line(values, "abstract"),
        authors=_names(values.get("authors")),
        published_at=moment(values.get("published_at")),
        featured_on=_days(values.get("featured_on")),
        categories=_categories(values.get("categories")),
        version=count(values, "version") or None,
        votes=count(values, "votes") or 0,
        comments=count(values, "comments") or 0,
        source_summary=line(values, "source_summary"),
        keywords=_names(values.get("keywords")),
        repository=line(values, "repository"),
        stars=count(values, "stars"),
        project_page=line(values, "project_page"),
        organisation=line(values, "organisation"),
        thumbnail=line(values, "thumbnail"),
        submitter=line(values, "submitter"),
    )


def _snapshot_paper(values: dict[str, Any]) -> Paper:
    """arXiv's metadata snapshot: https://www.kaggle.com/datasets/Cornell-University/arxiv"""
    names = [name for name in items(values, "authors_parsed") if isinstance(name, list) and name]
    versions = items(values, "versions")
    first = versions[0] if versions and isinstance(versions[0], dict) else {}
    return Paper(
        id=_id(values),
        title=_title(values),
        abstract=line(values, "abstract"),
        authors=_names([_first_name_first(name) for name in names]) or _names(values.get("authors")),
        published_at=_mail_moment(first.get("created")) or moment(values.get("update_date")),
        categories=_categories(values.get("categories")),
        version=len(versions) or None,
    )


def _first_name_first(name: list[Any]) -> str:
    """["Last", "First", "Jr."] → "First Last Jr."."""
    return " ".join(str(part) for part in (*name[1:2], *name[:1], *name[2:3]) if part)


def _id(values: dict[str, Any]) -> str:
    identifier = values.get("id")
    identifier = without_version(clean(str(identifier))) if isinstance(identifier, (str, int)) else ""
    if not identifier or len(identifier) > 64 or " " in identifier:
        raise ValueError("no usable id")
    return identifier


def _title(values: dict[str, Any]) -> str:
    """The title, or else the beginning of the abstract: what has a text can be found by it."""
    title = line(values, "title") or opening(line(values, "abstract"), _TITLE_ROOM)
    if not title:
        raise ValueError(f"{_id(values)} has neither title nor abstract")
    return title


def _names(value: object) -> tuple[str, ...]:
    """A list of names, or one text of names between commas or "and"."""
    if isinstance(value, str):
        value = value.replace(" and ", ", ").split(",")
    if not value or not isinstance(value, list):
        return ()
    return tuple(name for item in value if isinstance(item, str) and (name := clean(readable(item))))


def _categories(value: object) -> tuple[str, ...]:
    """A list of categories, or one text of them between spaces: "cs.RO cs.LG"."""
    names = value.split() if isinstance(value, str) else value if isinstance(value, list) else []
    return arxiv_categories(tuple(name for name in names if isinstance(name, str)))


def _mail_moment(value: object) -> datetime | None:
    try:
        return sound(email.utils.parsedate_to_datetime(value)) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None


def _days(value: object) -> tuple[date, ...]:
    if value is None:
        return ()
    moments = (moment(item) for item in (value if isinstance(value, list) else [value]))
    return tuple(sorted({found.date() for found in moments if found}))
