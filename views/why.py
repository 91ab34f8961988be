"""Why a paper came or did not, and what became of a day's papers: accounts → what their asker reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord

from digests.accounts import DayAccount
from digests.why import Account, Stage
from papers.language import _, ngettext
from papers.paper import Paper
from papers.subscription import Subscription
from views.buttons import layout
from views.digest import LIST_NAMES, account, on_topic
from views.limits import MESSAGE_TEXT, fitting, inert
from views.locales import listed, long_date
from views.paper import ACCENT, paper_title
from views.reasons import because, passed, source_names, stage
from views.subscriptions import and_more

_HEAD_AND_FOOT = 700  # characters kept for them
_PASSED = "✓"
_SIGNS = {Stage.POSTED: "✓", Stage.WAITING: "…", Stage.NOT_YET_DUE: "…", Stage.PAUSED: "⏸"}


def why_page(paper: Paper | None, asked: str, accounts: Sequence[Account]) -> discord.ui.LayoutView:
    """What became of a paper (None for one that is not known, by the id ``asked`` for) with each of some subscriptions."""
    head = _("Why {paper}").format(paper=paper_title(paper, 420) if paper else f"arXiv {inert(asked, 64)}")
    items: list[discord.ui.Item[Any]] = [discord.ui.TextDisplay(f"### {head}")]
    blocks = fitting([_block(each) for each in accounts], MESSAGE_TEXT - _HEAD_AND_FOOT, limit=10)
    for block in blocks:
        items += [discord.ui.Separator(), discord.ui.TextDisplay(block)]
    if len(accounts) > len(blocks):
        left = len(accounts) - len(blocks)
        more = ngettext("and {count} more subscription", "and {count} more subscriptions", left).format(count=left)
        items.append(discord.ui.TextDisplay(f"-# {more}"))
    return layout(*items, accent=ACCENT)


def day_why_page(day: DayAccount) -> discord.ui.LayoutView:
    """An edition's day: its figures, what is missing, and each paper on topic that is not in it, with the reason."""
    digest = day.digest
    order = digest.edition.subscription
    lists = listed([_(LIST_NAMES.get(source, source)) for source in order.sources])
    figures = [account(digest)]
    if not order.topic.is_everything:
        figures.append(_("{count} off topic").format(count=digest.listed - digest.on_topic))
    figures.append(_("{count} held back").format(count=digest.held_back))
    head = f"### {_('Why these?')} · {long_date(digest.edition.papers_day)}\n"
    head += f"{on_topic(order.topic)} · {lists}\n{' · '.join(figures)}"
    if digest.missing:
        missing = _("⚠ not answered, so perhaps incomplete: {sources}").format(sources=source_names(digest.missing))
        head += f"\n{missing}"
    rule = _("Up to {count} are shown: votes first, then those with the topic in their titles, then the newer.")
    head += f"\n-# {rule.format(count=order.size)}"
    items: list[discord.ui.Item[Any]] = [discord.ui.TextDisplay(head)]
    if day.others:
        title = f"**{_('On topic, and not in this edition')}**"
        lines = fitting([_line(each) for each in day.others], MESSAGE_TEXT - _HEAD_AND_FOOT, limit=40)
        more = len(day.others) - len(lines)
        text = "\n".join([title, *lines, *([f"-# {and_more(more)}"] if more else [])])
    else:
        text = _("No paper of that day is on topic.")
        if digest.papers:
            text = _("Every paper on topic is in this edition.")
    items += [discord.ui.Separator(), discord.ui.TextDisplay(f"{text}\n-# {_('`/why` tells of any one paper.')}")]
    return layout(*items, accent=ACCENT)


def _block(about: Account) -> str:
    """A subscription, what the paper passed, and what decided."""
    lines = [f"{_PASSED} {text}" for check in about.passed if (text := passed(check, about))]
    decided = f"{_sign(about)} **{stage(about)}**: {because(about)}"
    return "\n".join([_which(about.order), *lines, decided])


def _line(about: Account) -> str:
    """One paper of a day in a line: its title, and why it is not there."""
    title = paper_title(about.paper, 160) if about.paper else ""
    votes = f" · ▲ {about.paper.votes}" if about.paper and about.paper.votes else ""
    return f"- {title}{votes}\n  {_sign(about)} {stage(about)}: {because(about)}"


def _sign(about: Account) -> str:
    return _SIGNS.get(about.stage, "✗")


def _which(order: Subscription) -> str:
    place = f"<#{order.channel_id}>" if order.guild_id else _("for you alone")
    return f"-# {place} · {on_topic(order.topic)} · {_('up to {count}').format(count=order.size)}"
