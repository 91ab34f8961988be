"""Paper → a card, and the short forms that lists and cards share."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import discord

from papers.paper import Paper, is_repository
from papers.text import plural, short_count
from summaries.ladder import Origin, summary
from views.buttons import Press, layout, row
from views.limits import MESSAGE_TEXT, inert, link, web_address

ACCENT = 0xFFB000  # Hugging Face's yellow
_NAMES_ON_CARD = 6
_SUMMARY_ON_CARD = 500


def card(paper: Paper) -> discord.ui.LayoutView:
    """All there is to know of a paper: title, people, dates, figures, summary, abstract, and links."""
    return layout(*card_items(paper), accent=ACCENT)


def card_items(paper: Paper, room: int = MESSAGE_TEXT) -> list[discord.ui.Item[Any]]:
    """What a card consists of, within ``room`` characters (at least 3,000)."""
    head = f"### {paper_title(paper, 600)}"
    small = f"-# {people(paper, _NAMES_ON_CARD)}\n" if paper.authors or paper.organisation else ""
    small += f"-# {_dates(paper)}"
    texts = [head, small]
    short = summary(paper, _SUMMARY_ON_CARD)
    if short and short.origin is Origin.SOURCE:
        texts.append(f"{inert(short.text, 2 * _SUMMARY_ON_CARD)}\n-# Summary {short.origin}")
    if paper.abstract:
        left = room - sum(map(len, texts)) - 40
        texts.append(f"> **Abstract.** {inert(paper.abstract, left)}")
    else:
        texts.append("-# No abstract yet.")
    items: list[discord.ui.Item[Any]] = [discord.ui.TextDisplay(text) for text in texts]
    items.insert(2, discord.ui.Separator())
    links = _links(paper)
    if links:
        items += [discord.ui.Separator(visible=False), row(*links)]
    return items


def entry(paper: Paper, room: int, mark: str = "", new_since: datetime | None = None) -> discord.ui.Section[Any]:
    """A paper in a list, within ``room`` characters: linked title, a sentence or two, a line of facts, and "Open".

    ``mark`` goes into the button's custom_id, to recognise the message by. One that came late says since when it is here.
    """
    new = f"🆕 <t:{int(new_since.timestamp())}:t> · " if new_since else ""
    facts = f"-# {new}{facts_line(paper)}"
    title = paper_title(paper, min(room - len(facts) - 1, 420))
    left = room - len(title) - len(facts) - 2
    short = summary(paper, min(left, 230)) if left > 40 else None
    body = [inert(short.text, left)] if short else []
    return discord.ui.Section("\n".join([title, *body, facts]), accessory=Press("open", f"{mark}:{paper.id}", "Open"))


def facts_line(paper: Paper) -> str:
    """Votes, comments, stars, first author and how many more, organisation; what is missing leaves no gap."""
    return " · ".join(filter(None, [*_figures(paper), people(paper, 1)])) or f"arXiv {inert(paper.id, 64)}"


def people(paper: Paper, names: int) -> str:
    """The first ``names`` authors and how many more there are, then the organisation."""
    if names > 1 and len(paper.authors) == names + 1:
        names += 1  # "and 1 more" would take the room of the name
    shown = [inert(name, 60) for name in paper.authors[:names]]
    more = len(paper.authors) - len(shown)
    who = ", ".join(shown)
    if more:
        who += f" +{more}" if names == 1 else f" and {more} more"
    return " · ".join(filter(None, [who, inert(paper.organisation, 60)]))


def long_date(day: date) -> str:
    """ "Wednesday 10 June"."""
    return f"{day:%A} {day.day} {day:%B}"


def paper_title(paper: Paper, limit: int) -> str:
    """The title in bold within ``limit`` characters, linked where the id is arXiv's."""
    return link(paper.title, paper.arxiv_url, limit) if paper.is_on_arxiv else f"**{inert(paper.title, limit - 4)}**"


def _figures(paper: Paper) -> list[str]:
    return [
        f"▲ {short_count(paper.votes)}" if paper.votes else "",
        plural(paper.comments, "comment") if paper.comments else "",
        f"★ {short_count(paper.stars)}" if paper.stars else "",
    ]


def _dates(paper: Paper) -> str:
    published = f"{paper.published_at.day} {paper.published_at:%B %Y}" if paper.published_at else ""
    featured = f"featured {paper.featured_on[-1].day} {paper.featured_on[-1]:%B}" if paper.featured_on else ""
    return " · ".join(filter(None, [f"arXiv {inert(paper.id, 64)}", published, featured, *_figures(paper)]))


def _links(paper: Paper) -> list[discord.ui.Button[Any]]:
    """arXiv, PDF and Hugging Face by the id; code and project page only where their addresses are sound."""
    links = []
    if paper.is_on_arxiv:
        links = [("arXiv", paper.arxiv_url), ("PDF", paper.pdf_url), ("Hugging Face", paper.huggingface_url)]
    if is_repository(paper.repository):
        links.append(("Code", paper.repository))
    project = web_address(paper.project_page)
    if project:
        links.append(("Project", project))
    return [discord.ui.Button(label=label, url=url) for label, url in links]
