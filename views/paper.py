"""Paper → a card, and the short forms that lists and cards share."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

import discord

from papers.language import _, ngettext
from papers.paper import Paper, is_repository
from papers.subscription import Summaries
from papers.text import counted, in_short
from summaries.ladder import summary
from summaries.summary import Origin, Summary
from views.buttons import Press, layout, row
from views.limits import MESSAGE_TEXT, inert, link, web_address
from views.locales import day_and_month, day_and_year, short_day_and_year
from views.sharing import SIGNATURE_ROOM, share_button, signature
from views.summaries import SHORT, sections, whose

ACCENT = 0xFFB000  # Hugging Face's yellow
_NAMES_ON_CARD = 6
_SUMMARY_ON_CARD = 500
_SECTIONS_ON_CARD = 1_200
_ABSTRACT_AT_LEAST = 400
_EXTRACT_AT_MOST = 0.6  # of an abstract that stands below it: more would be the same twice
_CATEGORIES_ON_CARD = 6
_CROSS_LISTS = 3


def card(paper: Paper, made: Summary | None = None, *, can_share: bool = False) -> discord.ui.LayoutView:
    """All there is to know of a paper: title, people, dates, figures, summary, abstract, links, and a way to papers like it.

    ``made`` is a model's summary, where there is one.
    """
    share = [share_button("card", f"c0:{paper.id}")] if can_share else []
    buttons = [summary_button(paper), ask_button(paper), similar_button(paper), *share]
    return layout(*card_items(paper, made=made), row(*buttons), accent=ACCENT)


def shared_card(paper: Paper, user_id: int, made: Summary | None = None) -> discord.ui.LayoutView:
    """The card as a message to all, from who shared it."""
    items = card_items(paper, MESSAGE_TEXT - SIGNATURE_ROOM, made)
    buttons = row(summary_button(paper), ask_button(paper), similar_button(paper))
    return layout(*items, buttons, signature(user_id), accent=ACCENT)


def summary_button(paper: Paper) -> Press:
    """To its summary, privately."""
    return Press("summary", f"o0:{paper.id}", _("Summary"))


def ask_button(paper: Paper) -> Press:
    """To the form for a question about it."""
    return Press("ask", f"o0:{paper.id}", _("Ask a question"))


def open_button(paper: Paper, label: str = "") -> Press:
    """To its card, privately."""
    return Press("open", f":{paper.id}", label or _("Open"))


def similar_button(paper: Paper) -> Press:
    """To the papers like this one, privately."""
    return Press("similar", f"o0:{paper.id}", _("Similar papers"))


def card_items(
    paper: Paper, room: int = MESSAGE_TEXT, made: Summary | None = None, how_much: Summaries = Summaries.SHORT
) -> list[discord.ui.Item[Any]]:
    """What a card consists of, within ``room`` characters (at least 3,000); the summary is the best there is."""
    head = f"### {paper_title(paper, 600)}"
    small = f"-# {people(paper, _NAMES_ON_CARD)}\n" if paper.authors or paper.organisation else ""
    small += f"-# {_dates(paper)}"
    if where := _categories(paper):
        small += f"\n-# {where}"
    texts = [head, small]
    if how_much is not Summaries.NONE:
        room_for_sections = room - sum(map(len, texts)) - _ABSTRACT_AT_LEAST if how_much is Summaries.FULL else 0
        texts += filter(None, [_summary(paper, made, room_for_sections)])
    if paper.abstract:
        left = room - sum(map(len, texts)) - 40
        texts.append(f"> **{_('Abstract.')}** {inert(paper.abstract, left)}")
    else:
        texts.append("-# " + _("No abstract yet."))
    items: list[discord.ui.Item[Any]] = [discord.ui.TextDisplay(text) for text in texts]
    items.insert(2, discord.ui.Separator())
    links = _links(paper)
    if links:
        items += [discord.ui.Separator(visible=False), row(*links)]
    return items


def _summary(paper: Paper, made: Summary | None, room: int) -> str:
    """A card's summary, its sections as ``room`` allows for both, and where it came from; nothing where it would be most of the
    abstract once more.
    """
    told = summary(paper, _SUMMARY_ON_CARD, made)
    if told is None or (told.origin is Origin.EXTRACT and len(told.text) > _EXTRACT_AT_MOST * len(paper.abstract)):
        return ""
    text, label = inert(told.text, 2 * _SUMMARY_ON_CARD), f"\n-# {whose(told, 200)}"
    return text + sections(told, min(_SECTIONS_ON_CARD, room - len(text) - len(label))) + label


def entry(
    paper: Paper,
    room: int,
    mark: str = "",
    new_since: datetime | None = None,
    asked: Collection[str] | None = None,
    *,
    body: Callable[[int], str] | None = None,
    more: str = "",
) -> discord.ui.Section[Any]:
    """A paper in a list, within ``room`` characters: linked title, a sentence or two, a line of facts, and "Open".

    ``mark`` goes into the button's custom_id, to recognise the message by. One that came late says since when it is here.
    Where people asked for arXiv's categories (or, with none of them, just for arXiv), its own are among the facts. ``body``
    makes other markup than the summary's for the characters that are left, and ``more`` is a fact to add.
    """
    more = more if body else " · ".join(filter(None, [more, extracted(paper)]))
    new = f"🆕 <t:{int(new_since.timestamp())}:t> · " if new_since else ""
    where = "" if asked is None else categories_line(paper, asked)
    facts = f"-# {new}{' · '.join(filter(None, [facts_line(paper), where, more]))}"
    title = paper_title(paper, min(room - len(facts) - 1, 420))
    left = room - len(title) - len(facts) - 2
    shown = (body or (lambda room: short_body(paper, room)))(left) if left > 40 else ""
    lines = filter(None, [title, shown, facts])
    return discord.ui.Section("\n".join(lines), accessory=Press("open", f"{mark}:{paper.id}", _("Open")))


def extracted(paper: Paper) -> str:
    """Says of what ``short_body`` shows that it is no summary of the source's own; else nothing."""
    return _("✎ extracted") if paper.abstract and not paper.source_summary else ""


def short_body(paper: Paper, room: int) -> str:
    """A sentence or two of the summary, within ``room`` characters of markup; perhaps nothing."""
    short = summary(paper, min(room, SHORT))
    return inert(short.text, room) if short else ""


def facts_line(paper: Paper) -> str:
    """Votes, comments, stars, first author and how many more, organisation; what is missing leaves no gap."""
    return " · ".join(filter(None, [*_figures(paper), people(paper, 1)])) or f"arXiv {inert(paper.id, 64)}"


def categories_line(paper: Paper, asked: Collection[str] = ()) -> str:
    """ "cs.CV", "cs.CV, also cs.RO" of a paper that is only cross-listed in what was ``asked`` for; then "v2", "v3", …"""
    also = [category for category in paper.categories[1:] if _is_asked(category, asked)]
    parts = []
    if paper.categories:
        is_cross_listed = also and not _is_asked(paper.categories[0], asked)
        both = _("{category}, also {others}").format(category=paper.categories[0], others=", ".join(also[:_CROSS_LISTS]))
        parts = [inert(both if is_cross_listed else paper.categories[0], 80)]
    if paper.version and paper.version > 1:
        parts.append(f"v{paper.version}")
    return " · ".join(parts)


def _is_asked(category: str, asked: Collection[str]) -> bool:
    """An archive ("cs") has all its classes in it."""
    return category in asked or category.split(".")[0] in asked


def people(paper: Paper, names: int) -> str:
    """The first ``names`` authors and how many more there are, then the organisation."""
    if names > 1 and len(paper.authors) == names + 1:
        names += 1  # "and 1 more" would take the room of the name
    shown = [inert(name, 60) for name in paper.authors[:names]]
    more = len(paper.authors) - len(shown)
    who = ", ".join(shown)
    if more and names == 1:
        who += f" +{more}"
    elif more:
        who = ngettext("{names} and {count} more", "{names} and {count} more", more).format(names=who, count=more)
    return " · ".join(filter(None, [who, inert(paper.organisation, 60)]))


def short_date(paper: Paper) -> str:
    """ "8 Jun 2026", which no line breaks; nothing where no source gave a date."""
    return short_day_and_year(paper.published_at).replace(" ", "\u00a0") if paper.published_at else ""


def paper_title(paper: Paper, limit: int) -> str:
    """The title in bold within ``limit`` characters, linked where the id is arXiv's."""
    return link(paper.title, paper.arxiv_url, limit) if paper.is_on_arxiv else f"**{inert(paper.title, limit - 4)}**"


def _figures(paper: Paper) -> list[str]:
    return [
        f"▲ {in_short(paper.votes)}" if paper.votes else "",
        counted(paper.comments, "{count} comment", "{count} comments") if paper.comments else "",
        f"★ {in_short(paper.stars)}" if paper.stars else "",
    ]


def _dates(paper: Paper) -> str:
    published = day_and_year(paper.published_at) if paper.published_at else ""
    said = _("announced {day}") if paper.listed_by == ("arxiv",) else _("featured {day}")
    featured = said.format(day=day_and_month(paper.featured_on[-1])) if paper.featured_on else ""
    return " · ".join(filter(None, [f"arXiv {inert(paper.id, 64)}", published, featured, *_figures(paper)]))


def _categories(paper: Paper) -> str:
    """The primary category, those it is cross-listed in, and a version that is not the first."""
    primary, *others = paper.categories or ("",)
    if len(others) > _CATEGORIES_ON_CARD:
        said = _("{category}, cross-listed in {others} and more")
    else:
        said = _("{category}, cross-listed in {others}") if others else "{category}"
    where = said.format(category=primary, others=", ".join(others[:_CATEGORIES_ON_CARD]))
    version = f"v{paper.version}" if paper.version and paper.version > 1 else ""
    return " · ".join(filter(None, [inert(where, 200), version]))


def _links(paper: Paper) -> list[discord.ui.Button[Any]]:
    """arXiv, PDF and Hugging Face by the id; code and project page only where their addresses are sound."""
    links = []
    if paper.is_on_arxiv:
        links = [("arXiv", paper.arxiv_url), ("PDF", paper.pdf_url), ("Hugging Face", paper.huggingface_url)]
    if is_repository(paper.repository):
        links.append((_("Code"), paper.repository))
    project = web_address(paper.project_page)
    if project:
        links.append((_("Project"), project))
    return [discord.ui.Button(label=label, url=url) for label, url in links]
