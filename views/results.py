"""Lists of papers → pages: what a search found, what a day brought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import discord

from papers.paper import Paper
from papers.text import plural
from papers.topic import Topic
from search.results import Results
from views.buttons import layout, plain
from views.digest import on_topic
from views.limits import MESSAGE_TEXT, inert
from views.pager import PAGE_SIZE, page_buttons, page_count
from views.paper import ACCENT, entry

_HEAD = 700  # characters kept for the head


def results_page(results: Results, page: int, reference: str) -> discord.ui.LayoutView:
    """Page ``page`` (from 0) of what a search found; ``reference`` is the question as its buttons carry it."""
    asked = inert(results.text, 200)
    if not results.hits:
        return plain(_nothing_found(results, asked))
    head = f"### Results for “{asked}”"
    if results.corrected:
        head += f"\n-# Searched for **{inert(results.corrected, 200)}**"
    if results.note:
        head += f"\n-# {inert(results.note, 200)}"
    total, shown = results.total, len(results.hits)
    head += f"\n-# {plural(total, 'paper')}" + (f", the best {shown} of them here" if total > shown else "")
    return _page(head, [hit.paper for hit in results.hits], page, "search", reference)


def _nothing_found(results: Results, asked: str) -> str:
    if results.unknown_id:
        return f"Paperboy has not read arXiv {results.unknown_id}: it reads what Hugging Face Daily Papers features."
    if not asked:
        return "Type a few words to search for."
    return f"Nothing found for “{asked}”.\n-# Fewer or other words may help; `/today` shows the newest papers."


@dataclass(frozen=True, slots=True)
class Listing:
    """What a day's list is called, and how its buttons name it: the verb they press with, and a reference."""

    verb: str
    reference: str
    title: str
    topic: Topic


def day_page(listing: Listing, papers: Sequence[Paper], page: int) -> discord.ui.LayoutView:
    """Page ``page`` (from 0) of a UTC day's papers on a topic, best first."""
    head = f"## {listing.title}\n-# {on_topic(listing.topic)} · {plural(len(papers), 'paper')} · by votes"
    if not papers:
        return plain(f"{head}\n-# Nothing more on that topic; `/search` looks further back.")
    return _page(head, papers, page, listing.verb, listing.reference)


def _page(head: str, papers: Sequence[Paper], page: int, verb: str, reference: str) -> discord.ui.LayoutView:
    pages = page_count(len(papers))
    page = min(page, pages - 1)
    shown = papers[page * PAGE_SIZE : (page + 1) * PAGE_SIZE]
    room = (MESSAGE_TEXT - _HEAD) // PAGE_SIZE
    items: list[discord.ui.Item[Any]] = [discord.ui.TextDisplay(head)]
    for paper in shown:
        items += [discord.ui.Separator(), entry(paper, room)]
    buttons = page_buttons(verb, page, pages, reference)
    if buttons:
        items += [discord.ui.Separator(), buttons]
    return layout(*items, accent=ACCENT)
