"""Why a paper came or did not, and what became of a day's papers: accounts → what their asker reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord

from digests.accounts import DayAccount
from digests.why import Account, Stage
from papers.paper import Paper
from papers.subscription import Subscription
from papers.text import plural
from views.buttons import layout
from views.digest import LIST_NAMES, account, on_topic
from views.limits import MESSAGE_TEXT, fitting, inert
from views.paper import ACCENT, long_date, paper_title
from views.reasons import because, passed, source_names

_HEAD_AND_FOOT = 700  # characters kept for them
_PASSED = "✓"
_SIGNS = {Stage.POSTED: "✓", Stage.WAITING: "…", Stage.NOT_YET_DUE: "…", Stage.PAUSED: "⏸"}


def why_page(paper: Paper | None, asked: str, accounts: Sequence[Account]) -> discord.ui.LayoutView:
    """What became of a paper (None for one that is not known, by the id ``asked`` for) with each of some subscriptions."""
    head = f"### Why {paper_title(paper, 420)}" if paper else f"### Why arXiv {inert(asked, 64)}"
    items: list[discord.ui.Item[Any]] = [discord.ui.TextDisplay(head)]
    blocks = fitting([_block(each) for each in accounts], MESSAGE_TEXT - _HEAD_AND_FOOT, limit=10)
    for block in blocks:
        items += [discord.ui.Separator(), discord.ui.TextDisplay(block)]
    if len(accounts) > len(blocks):
        items.append(discord.ui.TextDisplay(f"-# and {plural(len(accounts) - len(blocks), 'more subscription')}"))
    return layout(*items, accent=ACCENT)


def day_why_page(day: DayAccount) -> discord.ui.LayoutView:
    """An edition's day: its figures, what is missing, and each paper on topic that is not in it, with the reason."""
    digest = day.digest
    order = digest.edition.subscription
    lists = " and ".join(LIST_NAMES.get(source, source) for source in order.sources)
    figures = [account(digest)]
    if not order.topic.is_everything:
        figures.append(f"{digest.listed - digest.on_topic} off topic")
    figures.append(f"{digest.held_back} held back")
    head = f"### Why these? · {long_date(digest.edition.papers_day)}\n{on_topic(order.topic)} · {lists}\n{' · '.join(figures)}"
    if digest.missing:
        head += f"\n⚠ not answered, so perhaps incomplete: {source_names(digest.missing)}"
    head += f"\n-# Up to {order.size} are shown: votes first, then those with the topic in their titles, then the newer."
    items: list[discord.ui.Item[Any]] = [discord.ui.TextDisplay(head)]
    if day.others:
        title = "**On topic, and not in this edition**"
        lines = fitting([_line(each) for each in day.others], MESSAGE_TEXT - _HEAD_AND_FOOT, limit=40)
        more = len(day.others) - len(lines)
        text = "\n".join([title, *lines, *([f"-# and {more} more"] if more else [])])
    else:
        text = "Every paper on topic is in this edition." if digest.papers else "No paper of that day is on topic."
    items += [discord.ui.Separator(), discord.ui.TextDisplay(f"{text}\n-# `/why` tells of any one paper.")]
    return layout(*items, accent=ACCENT)


def _block(about: Account) -> str:
    """A subscription, what the paper passed, and what decided."""
    lines = [f"{_PASSED} {text}" for check in about.passed if (text := passed(check, about))]
    decided = f"{_sign(about)} **{about.stage}**: {because(about)}"
    return "\n".join([_which(about.order), *lines, decided])


def _line(about: Account) -> str:
    """One paper of a day in a line: its title, and why it is not there."""
    title = paper_title(about.paper, 160) if about.paper else ""
    votes = f" · ▲ {about.paper.votes}" if about.paper and about.paper.votes else ""
    return f"- {title}{votes}\n  {_sign(about)} {about.stage}: {because(about)}"


def _sign(about: Account) -> str:
    return _SIGNS.get(about.stage, "✗")


def _which(order: Subscription) -> str:
    place = f"<#{order.channel_id}>" if order.guild_id else "for you alone"
    return f"-# {place} · {on_topic(order.topic)} · up to {order.size}"
