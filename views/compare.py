"""Comparison → two papers side by side. Discord has no tables: each fact is one line with both values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import discord

from papers.language import _
from summaries.compare import Comparison, Fact
from views.buttons import Press, layout, row
from views.limits import MESSAGE_TEXT, fitting, inert
from views.locales import short_day_and_year
from views.paper import ACCENT, open_button, paper_title
from views.sharing import SIGNATURE_ROOM, share_button

ONE, OTHER = "Ⓐ", "Ⓑ"
_TITLE = 300
_VALUE = 80
_ON_ONE_LINE = 36  # characters of two values
_FACTS = 1_100  # characters of all facts together
_SHARED = 220
_IN_COMMON = 600
_SENTENCE = 300
_WORDS = 800  # of a model's text
_WAITING = 170


def compare_page(
    found: Comparison,
    reference: str,
    *,
    words: str = "",
    label: str = "",
    waiting: str = "",
    can_say: bool = False,
    can_share: bool = False,
) -> discord.ui.LayoutView:
    """Two papers: facts, what they share, what each alone says; and ``words``, a model's text (``label`` says whose).

    ``reference`` stands for the two. ``can_say`` offers a model's text.
    """
    facts = fitting([_fact(fact) for fact in found.facts], _FACTS, len(found.facts))
    texts = [_head(found), "\n".join(facts), _in_common(found)]
    said = f"**{_('In words')}**\n{inert(words, _WORDS)}\n-# {inert(label, 120)}" if words else ""
    room = (MESSAGE_TEXT - SIGNATURE_ROOM - _WAITING - sum(map(len, texts)) - len(said)) // 2
    texts += [_alone(ONE, found.only_one, room), _alone(OTHER, found.only_other, room), said]
    items: list[discord.ui.Item[Any]] = []
    for text in filter(None, texts):
        items += [discord.ui.Separator()] if items else []
        items.append(discord.ui.TextDisplay(text))
    if waiting:
        return layout(*items, discord.ui.TextDisplay(f"-# ⏳ {inert(waiting, 150)}"), accent=ACCENT)
    buttons = [
        open_button(found.one, _("Open {sign}").format(sign=ONE)),
        open_button(found.other, _("Open {sign}").format(sign=OTHER)),
        *([Press("comparewords", f"w0:{reference}", _("Say it in words"))] if can_say and not words else []),
        *([share_button("compare", f"{'w' if words else 's'}0:{reference}")] if can_share else []),
    ]
    return layout(*items, row(*buttons), accent=ACCENT)


def _head(found: Comparison) -> str:
    return f"### {_('Two papers compared')}\n{ONE} {paper_title(found.one, _TITLE)}\n{OTHER} {paper_title(found.other, _TITLE)}"


def _fact(fact: Fact) -> str:
    one, other = _value(fact.one), _value(fact.other)
    if one == other:
        return _("**{fact}** both {value}").format(fact=_(fact.name), value=one)
    if len(one) + len(other) > _ON_ONE_LINE:
        return f"**{_(fact.name)}**\n{ONE} {one}\n{OTHER} {other}"
    first, second = (f"{sign} {value}".replace(" ", "\u00a0") for sign, value in ((ONE, one), (OTHER, other)))
    return f"**{_(fact.name)}** {first} · {second}"


def _value(value: str | date) -> str:
    return (short_day_and_year(value) if isinstance(value, date) else inert(value, _VALUE)) or "–"


def _in_common(found: Comparison) -> str:
    lines = []
    for name, texts in found.shared:
        each = [f"*{said}*" if name == "Words" else said for text in texts if (said := inert(text, 60))]
        lines.append(f"{_(name)}: {', '.join(fitting(each, _SHARED, 6))}")
    shown = fitting(lines, _IN_COMMON, len(lines)) or ["-# " + _("Nothing that tells them from other papers.")]
    return "\n".join([f"**{_('What they share')}**", *shown])


def _alone(sign: str, sentences: Sequence[str], room: int) -> str:
    head = f"**{_('Only {sign} says').format(sign=sign)}**"
    shown = fitting([f"> {inert(sentence, _SENTENCE)}" for sentence in sentences], room - len(head) - 1, len(sentences))
    return "\n".join([head, *shown]) if shown else ""
