"""Replay → what a moderator reads before anything is saved: what would have come, and buttons to change and to save it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord

from digests.plan import Digest
from digests.replay import Replay
from papers.subscription import Subscription
from papers.terms import Term
from papers.text import plural
from views.buttons import Press, layout, row
from views.digest import SOURCE_NAMES
from views.limits import inert
from views.paper import long_date, paper_title
from views.subscriptions import ACCENT, extras, in_words

_TITLE = 300  # characters of a title with its link; eight of them fit
_NUMBERS = ("no", "this one", "these two", "these three", "these four", "these five", "these six", "these seven", "these eight")
_WEEK = frozenset(range(5))


def proposed(
    replayed: Replay,
    reference: str,
    note: str = "",
    terms: Sequence[Term] | None = None,
    *,
    is_narrower: bool = True,
    of: int = 0,
) -> discord.ui.LayoutView:
    """What a draft would bring. ``reference`` leads back to the draft.

    With ``terms`` a row of them is offered, to be pressed: of the ``of`` papers on the topic they keep some, or they add some.
    """
    order = replayed.order
    text = f"### Not saved yet\n<#{order.channel_id}> would get {in_words(order)}.{_facts(order)}\n{in_figures(replayed)}"
    if note:
        text += f"\n-# {note}"
    items: list[discord.ui.Item[Any]] = [discord.ui.TextDisplay(text), _draft_buttons(reference)]
    if terms is not None:
        items += _offered(terms, reference, is_narrower=is_narrower, of=of)
    return layout(*items, accent=ACCENT)


def in_figures(replayed: Replay) -> str:
    """ "About 4 a day over the last 30 days with papers (2 days had none). On Friday 12 June these three:", and the titles."""
    newest = next((digest for digest in reversed(replayed.digests) if digest.papers), None)
    if newest is None:
        return _nothing(replayed)
    days = plural(len(replayed.digests), "day")
    whose = "the" if replayed.order.weekdays >= _WEEK else "its"
    remarks = [f"the busiest had {replayed.busiest}"] if replayed.busiest > 1 else []
    if replayed.days_with_none:
        remarks.insert(0, f"{plural(replayed.days_with_none, 'day')} had none")
    aside = f" ({', '.join(remarks)})" if remarks else ""
    return f"{_pace(replayed)} over {whose} last {days} with papers{aside}{_held_back(replayed)}. {_titles(newest)}"


def _pace(replayed: Replay) -> str:
    total = sum(len(digest.papers) for digest in replayed.digests)
    if replayed.mean < 0.75:
        return f"{total} in all" if total > 1 else "Only one"
    return f"About {replayed.mean:.0f} a day" if replayed.mean >= 1.5 else "About one a day"


def _held_back(replayed: Replay) -> str:
    """Where many more are on topic than there is room for."""
    if replayed.order.topic.is_everything or replayed.mean_on_topic < 1.3 * replayed.mean:
        return ""
    return f"; about {replayed.mean_on_topic:.0f} a day are on topic, and the rest is behind the button"


def _titles(digest: Digest) -> str:
    lines = "".join(f"\n- {paper_title(paper, _TITLE)}" for paper in digest.papers)
    return f"On {long_date(digest.edition.papers_day)} {_NUMBERS[len(digest.papers)]}:{lines}"


def _nothing(replayed: Replay) -> str:
    names = " and ".join(SOURCE_NAMES.get(source, source) for source in replayed.order.sources)
    if not replayed.digests:
        return f"There are no papers of {names} in the store yet, so what would have come cannot be told."
    days = plural(len(replayed.digests), "day")
    return f"Nothing would have come over the last {days} with papers: *Wider* may help, or other words."


def _facts(order: Subscription) -> str:
    facts = extras(order)
    text = f"\n-# {' · '.join(facts)}" if facts else ""
    if order.topic.name:
        text += f"\n-# **{inert(order.topic.name, 60)}** is: {inert(order.topic.text, 400)}"
    return text


def _draft_buttons(reference: str) -> discord.ui.ActionRow[Any]:
    return row(
        Press("draftsave", reference, "Save", style=discord.ButtonStyle.primary),
        Press("draftnarrow", reference, "Narrower"),
        Press("draftwiden", reference, "Wider"),
        Press("draftdrop", reference, "Cancel"),
    )


def _offered(terms: Sequence[Term], reference: str, *, is_narrower: bool, of: int) -> list[discord.ui.Item[Any]]:
    way = "narrower" if is_narrower else "wider"
    if not terms:
        return [discord.ui.TextDisplay(f"-# No term of these days’ papers makes it {way}.")]
    lead = f"of its {plural(of, 'paper')} of these days, only those that also say" if is_narrower else "papers that say this, too"
    presses = [
        Press("draftterm", f"{way[0]}{reference}:{term.text}", f"{term.text} · {'' if is_narrower else '+'}{term.papers}")
        for term in terms
    ]
    return [discord.ui.TextDisplay(f"-# {way.capitalize()}: {lead} …"), row(*presses)]
