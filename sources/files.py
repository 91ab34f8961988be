"""Papers out of files: lists as the Hugging Face API gives them, JSON lines, and arXiv's public metadata snapshot.

Which of them a file is, its content tells. One bad line is reported and the rest is read.
"""

from __future__ import annotations

import email.utils
import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Any

from papers.paper import Paper, without_version
from papers.text import clean
from sources.base import SourceError
from sources.huggingface import parse_entry
from sources.tex import readable

MAX_LINE = 4 * 2**20


@dataclass(frozen=True, slots=True)
class Bad:
    """A line (from 1), or an entry of a list (from 1), that holds no paper, and why."""

    number: int
    why: str


def read_papers(file: Path) -> Iterator[Paper | Bad]:
    """The papers of a file, in order, in bounded memory for JSON lines. Raises SourceError where it cannot be read at all.

    A file named for a day (2026-06-10.json) tells the day of entries that do not say it themselves. ``.gz`` is unpacked.
    """
    try:
        with _opened(file) as lines:
            first = lines.readline(MAX_LINE)
            while first and not first.strip():
                first = lines.readline(MAX_LINE)
            if first.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
                yield from _from_list(first + lines.read(), _day_in_name(file))
            else:
                yield from _from_lines(first, lines)
    except (OSError, EOFError) as error:
        raise SourceError(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}") from error


def _opened(file: Path) -> IO[bytes]:
    return gzip.open(file, "rb") if file.suffix == ".gz" else file.open("rb")  # type: ignore[return-value]


def _day_in_name(file: Path) -> date | None:
    try:
        return date.fromisoformat(file.name[:10])
    except ValueError:
        return None


def _from_list(body: bytes, day: date | None) -> Iterator[Paper | Bad]:
    try:
        entries = json.loads(body)
    except (ValueError, RecursionError) as error:
        yield Bad(1, f"the list is not JSON ({error})")
        return
    for number, entry in enumerate(entries, 1):
        try:
            yield parse_entry(entry, day)
        except ValueError as error:
            yield Bad(number, str(error))


def _from_lines(first: bytes, lines: IO[bytes]) -> Iterator[Paper | Bad]:
    number, line = 1, first
    while line:
        if line.strip():
            try:
                yield _from_line(line)
            except (ValueError, RecursionError) as error:
                yield Bad(number, str(error))
        number += 1
        line = lines.readline(MAX_LINE)


def _from_line(line: bytes) -> Paper:
    """One JSON object. Raises ValueError saying what is wrong with it."""
    try:
        values = json.loads(line)
    except ValueError as error:
        raise ValueError(f"not JSON ({error})") from error
    if not isinstance(values, dict):
        raise ValueError(f"a {type(values).__name__}, not an object")
    if isinstance(values.get("paper"), dict):
        return parse_entry(values)
    if "authors_parsed" in values or "versions" in values:
        return _snapshot_paper(values)
    return _plain_paper(values)


def _plain_paper(values: dict[str, Any]) -> Paper:
    """An object with ``id``, ``title``, ``abstract`` and, as it likes, more of Paper's fields."""
    return Paper(
        id=_id(values),
        title=_title(values),
        abstract=_text(values, "abstract"),
        authors=_names(values.get("authors")),
        published_at=_moment(values.get("published_at")),
        featured_on=_days(values.get("featured_on")),
        votes=_count(values, "votes") or 0,
        comments=_count(values, "comments") or 0,
        source_summary=_text(values, "source_summary"),
        keywords=_names(values.get("keywords")),
        repository=_text(values, "repository"),
        stars=_count(values, "stars"),
        project_page=_text(values, "project_page"),
        organisation=_text(values, "organisation"),
        thumbnail=_text(values, "thumbnail"),
        submitter=_text(values, "submitter"),
    )


def _snapshot_paper(values: dict[str, Any]) -> Paper:
    """arXiv's metadata snapshot: https://www.kaggle.com/datasets/Cornell-University/arxiv"""
    parsed = values.get("authors_parsed")
    authors = (
        tuple(
            clean(readable(" ".join(str(part) for part in (*name[1:2], *name[:1], *name[2:]) if part)))
            for name in parsed
            if isinstance(name, list) and name
        )
        if isinstance(parsed, list)
        else _names(values.get("authors"))
    )
    versions = values.get("versions")
    first = versions[0] if isinstance(versions, list) and versions and isinstance(versions[0], dict) else {}
    return Paper(
        id=_id(values),
        title=_title(values),
        abstract=_text(values, "abstract"),
        authors=authors,
        published_at=_mail_moment(first.get("created")) or _moment(values.get("update_date")),
    )


def _id(values: dict[str, Any]) -> str:
    identifier = values.get("id")
    identifier = without_version(clean(str(identifier))) if isinstance(identifier, (str, int)) else ""
    if not identifier or len(identifier) > 64 or " " in identifier:
        raise ValueError("no usable id")
    return identifier


def _title(values: dict[str, Any]) -> str:
    title = _text(values, "title")
    if not title:
        raise ValueError(f"{_id(values)} has no title")
    return title


def _text(values: dict[str, Any], key: str) -> str:
    value = values.get(key)
    return clean(readable(value)) if isinstance(value, str) else ""


def _names(value: object) -> tuple[str, ...]:
    """A list of names, or one text of names between commas or "and"."""
    if isinstance(value, str):
        value = value.replace(" and ", ", ").split(",")
    if not isinstance(value, list):
        return ()
    return tuple(name for item in value if isinstance(item, str) and (name := clean(readable(item))))


def _count(values: dict[str, Any], key: str) -> int | None:
    value = values.get(key)
    return min(max(value, 0), 2**31 - 1) if isinstance(value, int) and not isinstance(value, bool) else None


def _moment(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        return moment and (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def _mail_moment(value: object) -> datetime | None:
    try:
        return email.utils.parsedate_to_datetime(value).astimezone(UTC) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None


def _days(value: object) -> tuple[date, ...]:
    moments = (_moment(item) for item in (value if isinstance(value, list) else [value]))
    return tuple(sorted({moment.date() for moment in moments if moment}))
