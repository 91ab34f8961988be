"""arXiv's feed as its stand-in makes it: papers of a day → RSS, as the service would announce them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from datetime import date, datetime, time
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from sources.announcements import EASTERN


def announced(folder: Path, day: date) -> list[dict[str, Any]]:
    """The papers that a folder of replies has announced on a day (arxiv/2026-06-10.json)."""
    file = folder / "arxiv" / f"{day}.json"
    papers: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else []
    return papers


def rss(papers: list[dict[str, Any]], categories: Collection[str], day: date) -> str:
    """The feed of a day for categories or archives: a paper is new in it if its first category was asked for."""
    made = format_datetime(datetime.combine(day, time(), EASTERN))
    items = "".join(_items(papers, categories, made))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss xmlns:arxiv="http://arxiv.org/schemas/atom" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0"><channel>'
        f"<title>{escape(', '.join(categories))} updates on arXiv.org</title><pubDate>{made}</pubDate>"
        f"<lastBuildDate>{made}</lastBuildDate>{items}</channel></rss>"
    )


def _items(papers: list[dict[str, Any]], categories: Collection[str], made: str) -> Iterator[str]:
    for paper in papers:
        asked = [_is_in(category, categories) for category in paper["categories"]]
        if any(asked):
            version = paper.get("version", 1)
            kind = ("replace" if version > 1 else "new") if asked[0] else ("replace-cross" if version > 1 else "cross")
            name = f"{paper['id']}v{version}"
            yield (
                f"<item><title>{escape(paper['title'])}</title><link>https://arxiv.org/abs/{paper['id']}</link>"
                f"<description>arXiv:{name} Announce Type: {kind} \nAbstract: {escape(paper['abstract'])}</description>"
                f'<guid isPermaLink="false">oai:arXiv.org:{name}</guid>'
                + "".join(f"<category>{escape(category)}</category>" for category in paper["categories"])
                + f"<pubDate>{made}</pubDate><arxiv:announce_type>{kind}</arxiv:announce_type>"
                f"<dc:creator>{escape(', '.join(paper['authors']))}</dc:creator></item>"
            )


def _is_in(category: str, asked: Collection[str]) -> bool:
    return category in asked or category.split(".")[0] in asked
