"""Digest → the message a channel gets."""

from __future__ import annotations

from typing import Any

import discord

from digests.plan import Digest
from papers.topic import Topic
from views.buttons import Press, layout, row
from views.limits import MESSAGE_TEXT, PLAIN_TEXT, inert
from views.paper import ACCENT, entry, long_date, paper_title

_HEAD_AND_FOOT = 500  # characters kept for them


def digest_message(digest: Digest, mark: str) -> discord.ui.LayoutView:
    """One message: header, a section per paper, and a last line that accounts for the day.

    ``mark`` is written into each paper's button, so that the message can be recognised later.
    """
    if not digest.papers:
        return layout(discord.ui.TextDisplay(_quiet_line(digest)))
    room = (MESSAGE_TEXT - _HEAD_AND_FOOT) // len(digest.papers)
    items: list[discord.ui.Item[Any]] = [discord.ui.TextDisplay(_header(digest))]
    for paper in digest.papers:
        items += [discord.ui.Separator(), entry(paper, room, mark)]
    items.append(discord.ui.Separator())
    if digest.held_back > 0:
        order = digest.edition.subscription
        label = f"{digest.held_back} more" + ("" if order.topic.is_everything else " on topic")
        # A preview has no mark: its papers are not shown yet, so "more" could not tell which to leave out.
        items.append(row(Press("more", f"o0:{digest.edition.papers_day}:{order.id}", label, disabled=not mark)))
    items.append(discord.ui.TextDisplay(f"-# {account(digest)}"))
    return layout(*items, accent=ACCENT)


def plain_digest(digest: Digest) -> str:
    """The digest as a text without any layout, within 2,000 characters: for when Discord refuses the other."""
    if not digest.papers:
        return _quiet_line(digest)
    text = _header(digest)
    for paper in digest.papers:
        line = f"\n{paper_title(paper, 200)}"
        if len(text) + len(line) > PLAIN_TEXT - 100:
            break
        text += line
    return f"{text}\n-# {account(digest)}"


def account(digest: Digest) -> str:
    """The day in figures: "24 listed · 6 on topic · 1 shown before · 5 shown"."""
    figures = [f"{digest.listed} listed"]
    if not digest.edition.subscription.topic.is_everything:
        figures.append(f"{digest.on_topic} on topic")
    if digest.shown_before:
        figures.append(f"{digest.shown_before} shown before")
    figures.append(f"{len(digest.papers)} shown")
    return " · ".join(figures)


def on_topic(topic: Topic) -> str:
    """ "on **diffusion**", or "on everything"."""
    return "on everything" if topic.is_everything else f"on **{inert(topic.text, 200)}**"


def _header(digest: Digest) -> str:
    day = long_date(digest.edition.papers_day)
    topic = on_topic(digest.edition.subscription.topic)
    return f"## The day’s papers · {day}\n-# {topic} · Hugging Face Daily Papers · by votes"


def _quiet_line(digest: Digest) -> str:
    topic = on_topic(digest.edition.subscription.topic)
    day = long_date(digest.edition.papers_day)
    if not digest.listed:
        return f"-# No papers are listed for {day}."
    return f"-# No new papers {topic} on {day} ({account(digest).rsplit(' · ', 1)[0]})."
