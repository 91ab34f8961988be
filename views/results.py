"""Lists of papers → pages: what a search found, what a day brought."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import discord

from papers.paper import Paper
from papers.topic import Topic
from search.engine import Results
from views.buttons import layout
from views.digest import on_topic
from views.limits import MESSAGE_TEXT, inert
from views.pager import PAGE_SIZE, page_buttons, page_count
from views.paper import ACCENT, entry, long_date, plural

_HEAD = 700  # characters kept for the head


def results_page(results: Results, page: int, reference: str) -> discord.ui.LayoutView:
    """Page ``page`` (from 0) of what a search found; ``reference`` is the question as its buttons carry it."""
    asked = inert(results.text, 200)
    if not results.hits:
        nothing = f"Nothing found for “{asked}”." if asked else "Type a few words to search for."
        return layout(discord.ui.TextDisplay(f"{nothing}\n-# Fewer or other words may help; `/today` shows the newest papers."))
    head = f"### Results for “{asked}”"
    if results.corrected:
        head += f"\n-# Searched for **{inert(results.corrected, 200)}**"
    total, shown = results.total, len(results.hits)
    head += f"\n-# {plural(total, 'paper')}" + (f", the best {shown} of them here" if total > shown else "")
    return _page(head, [hit.paper for hit in results.hits], page, "search", reference)


def day_page(day: date, topic: Topic, papers: Sequence[Paper], page: int, today: date, reference: str) -> discord.ui.LayoutView:
    """Page ``page`` (from 0) of a UTC day's papers on a topic, best first."""
    name = "Today’s papers" if day == today else "Papers"
    head = f"## {name} · {long_date(day)}\n-# {on_topic(topic)} · {plural(len(papers), 'paper')} · by votes"
    if not papers:
        return layout(discord.ui.TextDisplay(f"{head}\n-# Nothing on that topic that day; `/search` looks further back."))
    return _page(head, papers, page, "today", reference)


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
