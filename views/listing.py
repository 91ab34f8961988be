"""Lists of papers that answer no question: what a day brought, what a message names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import discord

from papers.language import _
from papers.paper import Paper
from papers.text import counted
from papers.topic import Topic
from views.buttons import Press, layout, plain
from views.digest import on_topic
from views.limits import MESSAGE_TEXT
from views.pager import PAGE_SIZE, page_buttons, page_count, page_value
from views.paper import ACCENT, entry
from views.results import HEAD, similar_choice
from views.sharing import share_button, signature


@dataclass(frozen=True, slots=True)
class Listing:
    """What a day's list is called, and how its buttons name it: the verb they press with, and a reference."""

    verb: str
    reference: str
    title: str
    topic: Topic


def day_page(listing: Listing, papers: Sequence[Paper], page: int) -> discord.ui.LayoutView:
    """Page ``page`` (from 0) of a UTC day's papers on a topic, best first."""
    count = counted(len(papers), "{count} paper", "{count} papers")
    head = f"## {listing.title}\n-# {on_topic(listing.topic)} · {count} · {_('by votes')}"
    if not papers:
        return plain(f"{head}\n-# {_('Nothing more on that topic; `/search` looks further back.')}")
    page = min(page, page_count(len(papers)) - 1)
    buttons = page_buttons(listing.verb, page, page_count(len(papers)), listing.reference)
    below = [discord.ui.Separator(), buttons] if buttons else []
    return layout(*_entries(head, papers, page), *below, accent=ACCENT)


def found_page(papers: Sequence[Paper], page: int, reference: str, *, can_share: bool = False) -> discord.ui.LayoutView:
    """Page ``page`` (from 0) of the papers that a message names, for which ``reference`` stands."""
    page = min(page, page_count(len(papers)) - 1)
    share = share_button("found", page_value("s", page, reference)) if can_share else None
    buttons = page_buttons("found", page, page_count(len(papers)), reference, last=share)
    return layout(*_found(papers, page), *([buttons] if buttons else []), accent=ACCENT)


def shared_found(papers: Sequence[Paper], page: int, reference: str, user_id: int) -> discord.ui.LayoutView:
    """The same as a message to all; who wants the other pages gets them privately."""
    page = min(page, page_count(len(papers)) - 1)
    items = _found(papers, page)
    if len(papers) > PAGE_SIZE:
        label = counted(len(papers), "All {count} papers", "All {count} papers")
        items.append(discord.ui.ActionRow(Press("found", page_value("o", 0, reference), label)))
    return layout(*items, signature(user_id), accent=ACCENT)


def _found(papers: Sequence[Paper], page: int) -> list[discord.ui.Item[Any]]:
    head = counted(len(papers), "The {count} paper in that message", "The {count} papers in that message")
    items = _entries(f"### {head}", papers, page)
    return [*items, discord.ui.Separator(), similar_choice(papers[page * PAGE_SIZE : (page + 1) * PAGE_SIZE])]


def _entries(head: str, papers: Sequence[Paper], page: int) -> list[discord.ui.Item[Any]]:
    room = (MESSAGE_TEXT - HEAD) // PAGE_SIZE
    items: list[discord.ui.Item[Any]] = [discord.ui.TextDisplay(head)]
    for paper in papers[page * PAGE_SIZE : (page + 1) * PAGE_SIZE]:
        items += [discord.ui.Separator(), entry(paper, room)]
    return items
