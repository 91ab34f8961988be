"""The papers like one paper → pages, each paper with what it shares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord

from papers.language import _, ngettext
from papers.paper import Paper
from papers.text import counted
from search.results import Alike
from views.buttons import Press, layout, plain, row
from views.limits import MESSAGE_TEXT, fitting, inert
from views.pager import PAGE_SIZE, page_buttons, page_count, page_value
from views.paper import ACCENT, entry, extracted, paper_title, short_body
from views.results import HEAD, similar_choice
from views.sharing import share_button, signature

_REASON = 180  # characters of markup for what two papers share
_TERMS = 4


def similar_page(paper: Paper, found: Sequence[Alike], page: int, *, can_share: bool = False) -> discord.ui.LayoutView:
    """Page ``page`` (from 0) of the papers like ``paper``, best first."""
    if not found:
        nothing = _("Nothing like {paper} is here yet.").format(paper=paper_title(paper, 420))
        return plain(f"{nothing}\n-# {_('`/search` finds papers by a few words.')}")
    page = min(page, page_count(len(found)) - 1)
    share = share_button("similar", page_value("s", page, paper.id)) if can_share else None
    buttons = page_buttons("similar", page, page_count(len(found)), paper.id, last=share)
    return layout(*_list(paper, found, page), *([buttons] if buttons else []), accent=ACCENT)


def shared_similar(paper: Paper, found: Sequence[Alike], page: int, user_id: int) -> discord.ui.LayoutView:
    """The same as a message to all; who wants the other pages gets them privately."""
    page = min(page, page_count(len(found)) - 1)
    items = _list(paper, found, page)
    if len(found) > PAGE_SIZE:
        label = ngettext("All {count}", "All {count}", len(found)).format(count=len(found))
        items.append(row(Press("similar", page_value("o", 0, paper.id), label)))
    return layout(*items, signature(user_id), accent=ACCENT)


def reason(shared: Sequence[str]) -> str:
    """ "shares *world model*, *latent planning*" within 180 characters; nothing where there is nothing to say."""
    said = _("shares {terms}")
    room = _REASON - len(said.format(terms="")) - _TERMS  # of each two signs between them, fitting counts one
    terms = fitting([f"*{term}*" for text in shared if (term := inert(text, 60))], room, _TERMS)
    return said.format(terms=", ".join(terms)) if terms else ""


def _list(paper: Paper, found: Sequence[Alike], page: int) -> list[discord.ui.Item[Any]]:
    shown = found[page * PAGE_SIZE : (page + 1) * PAGE_SIZE]
    order = counted(len(found), "{count} paper, the most alike first", "{count} papers, the most alike first")
    head = f"### {_('Similar to {paper}').format(paper=paper_title(paper, 420))}\n-# {order}"
    items: list[discord.ui.Item[Any]] = [discord.ui.TextDisplay(head)]
    for alike in shown:
        items += [discord.ui.Separator(), _entry(alike)]
    return [*items, discord.ui.Separator(), similar_choice([alike.paper for alike in shown])]


def _entry(alike: Alike) -> discord.ui.Section[Any]:
    why = f"\n-# {told}" if (told := reason(alike.shared)) else ""

    def body(room: int) -> str:
        return f"{short_body(alike.paper, room - len(why))}{why}".strip() if room > len(why) + 40 else ""

    return entry(alike.paper, (MESSAGE_TEXT - HEAD) // PAGE_SIZE, body=body, more=extracted(alike.paper))
