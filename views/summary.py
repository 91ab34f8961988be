"""Summary → a private answer that can grow while it is made; and the short summaries of several papers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import discord

from papers.language import _
from papers.paper import Paper
from papers.text import counted
from summaries.summary import Summary
from views.buttons import Press, layout, row
from views.limits import MESSAGE_TEXT, fitting, inert
from views.pager import PAGE_SIZE, page_buttons, page_count, page_value
from views.paper import ACCENT, ask_button, entry, open_button, paper_title, people
from views.results import HEAD
from views.sharing import SIGNATURE_ROOM, mark_of, share_button, signature
from views.summaries import whose

_TITLE = 420
_TEXT = 900
_SECTIONS = 6
_FOOT = 400
_SO_FAR = 2_500
_IN_LIST = 350  # characters of each paper's summary in a list


def summary_page(
    paper: Paper,
    found: Summary | None,
    *,
    waiting: str = "",
    language: str = "",
    can_share: bool = False,
    can_deepen: bool = False,
) -> discord.ui.LayoutView:
    """A paper's summary, its parts where it has any, and where they came from.

    ``waiting`` is what is being done meanwhile; until that is over there is nothing to press. ``can_deepen`` offers to read the
    whole paper, and sum it up in the ``language`` (by its code).
    """
    items = _head(paper)
    if found:
        items.append(discord.ui.TextDisplay(inert(found.text, _TEXT) or "–"))
        items += _parts(found)
        items.append(discord.ui.TextDisplay(_foot(found)))
    else:
        items.append(discord.ui.TextDisplay("-# " + _("No abstract yet: there is nothing to summarise.")))
    if waiting:
        return layout(*items, _waiting(waiting), accent=ACCENT)
    deeper = [Press("summary", page_value("f", 0, paper.id, language), _("Read the whole paper"))] if can_deepen else []
    share = [share_button("summary", f"{mark_of(found.text)}:{paper.id}")] if can_share and found else []
    return layout(*items, row(*deeper, open_button(paper), ask_button(paper), *share), accent=ACCENT)


def growing_page(paper: Paper, text: str, waiting: str) -> discord.ui.LayoutView:
    """What a model has said so far."""
    return layout(*_head(paper), so_far(text), _waiting(waiting), accent=ACCENT)


def so_far(text: str) -> discord.ui.TextDisplay[Any]:
    """A text that is still being written, line by line, and where it goes on."""
    lines = [inert(line, 800) for line in text.splitlines() if line.strip()]
    return discord.ui.TextDisplay("\n".join(fitting(lines, _SO_FAR, len(lines))) + " ▌")


def summaries_page(
    papers: Sequence[Paper],
    found: Mapping[str, Summary],
    page: int,
    reference: str,
    *,
    waiting: str = "",
    can_share: bool = False,
) -> discord.ui.LayoutView:
    """Page ``page`` (from 0) of the papers that a message names, for which ``reference`` stands, with a summary of each."""
    page = min(page, page_count(len(papers)) - 1)
    items = _list(papers, found, page)
    if waiting:
        return layout(*items, _waiting(waiting), accent=ACCENT)
    share = share_button("summaries", page_value("s", page, reference)) if can_share else None
    buttons = page_buttons("summaries", page, page_count(len(papers)), reference, last=share)
    return layout(*items, *([buttons] if buttons else []), accent=ACCENT)


def shared_summaries(
    papers: Sequence[Paper], found: Mapping[str, Summary], page: int, reference: str, user_id: int
) -> discord.ui.LayoutView:
    """The same as a message to all; who wants the other pages gets them privately."""
    page = min(page, page_count(len(papers)) - 1)
    items = _list(papers, found, page)
    if len(papers) > PAGE_SIZE:
        label = counted(len(papers), "All {count} papers", "All {count} papers")
        items.append(row(Press("summaries", page_value("o", 0, reference), label)))
    return layout(*items, signature(user_id), accent=ACCENT)


def _head(paper: Paper) -> list[discord.ui.Item[Any]]:
    who = people(paper, 3)
    small = f"\n-# {who}" if who else ""
    return [discord.ui.TextDisplay(f"### {paper_title(paper, _TITLE)}{small}"), discord.ui.Separator()]


def _parts(found: Summary) -> list[discord.ui.Item[Any]]:
    """Each part under its heading; all of them together leave room for everything else."""
    shown = found.sections[:_SECTIONS]
    room = (MESSAGE_TEXT - _TITLE - 3 * 60 - _TEXT - _FOOT - 2 * SIGNATURE_ROOM) // max(1, len(shown))
    return [
        discord.ui.TextDisplay(f"**{inert(_(heading), 60)}**\n{inert(text, room - 70)}")
        for heading, text in shown
        if text.strip()
    ]


def _foot(found: Summary) -> str:
    lines = [f"-# {whose(found, 150)}"]
    if found.note:
        lines.append(f"-# {inert(found.note, 200)}")
    return "\n".join(lines)


def _waiting(what: str) -> discord.ui.TextDisplay[Any]:
    return discord.ui.TextDisplay(f"-# ⏳ {inert(what, 150)}")


def _list(papers: Sequence[Paper], found: Mapping[str, Summary], page: int) -> list[discord.ui.Item[Any]]:
    head = counted(len(papers), "The {count} paper in that message, in short", "The {count} papers in that message, in short")
    items: list[discord.ui.Item[Any]] = [discord.ui.TextDisplay(f"### {head}")]
    for paper in papers[page * PAGE_SIZE : (page + 1) * PAGE_SIZE]:
        items += [discord.ui.Separator(), _entry(paper, found.get(paper.id))]
    return items


def _entry(paper: Paper, found: Summary | None) -> discord.ui.Section[Any]:
    label = f"\n-# {inert(found.label, 90)}" if found else ""

    def body(room: int) -> str:
        return f"{inert(found.text, min(_IN_LIST + 50, room - len(label)))}{label}" if found and room > len(label) + 40 else ""

    return entry(paper, (MESSAGE_TEXT - HEAD) // PAGE_SIZE, body=body)
