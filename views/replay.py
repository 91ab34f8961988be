"""Replay → what a moderator reads before anything is saved: what would have come, and buttons to change and to save it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord

from digests.plan import Digest
from digests.replay import Replay
from papers.language import N_, _, ngettext
from papers.subscription import Subscription
from papers.terms import Term
from papers.text import counted
from views.buttons import Press, layout, row
from views.digest import SOURCE_NAMES
from views.limits import inert
from views.locales import listed, long_date
from views.paper import paper_title
from views.subscriptions import ACCENT, extras, in_words

_TITLE = 300  # characters of a title with its link; eight of them fit
_LEADS = (
    N_("On {day} none."),
    N_("On {day} this one:"),
    N_("On {day} these two:"),
    N_("On {day} these three:"),
    N_("On {day} these four:"),
    N_("On {day} these five:"),
    N_("On {day} these six:"),
    N_("On {day} these seven:"),
    N_("On {day} these eight:"),
)
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
    would = _("{channel} would get {papers}.").format(channel=f"<#{order.channel_id}>", papers=in_words(order))
    text = f"### {_('Not saved yet')}\n{would}{_facts(order)}\n{in_figures(replayed)}"
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
    days = len(replayed.digests)
    if replayed.order.weekdays >= _WEEK:
        said = ngettext("{pace} over the last {count} day with papers", "{pace} over the last {count} days with papers", days)
    else:
        said = ngettext("{pace} over its last {count} day with papers", "{pace} over its last {count} days with papers", days)
    remarks = [_("the busiest had {count}").format(count=replayed.busiest)] if replayed.busiest > 1 else []
    if replayed.days_with_none:
        remarks.insert(0, counted(replayed.days_with_none, "{count} day had none", "{count} days had none"))
    aside = f" ({', '.join(remarks)})" if remarks else ""
    return f"{said.format(pace=_pace(replayed), count=days)}{aside}{_held_back(replayed)}. {_titles(newest)}"


def _pace(replayed: Replay) -> str:
    total = sum(len(digest.papers) for digest in replayed.digests)
    if replayed.mean < 0.75:
        return _("{count} in all").format(count=total) if total > 1 else _("Only one")
    return _("About {count} a day").format(count=f"{replayed.mean:.0f}") if replayed.mean >= 1.5 else _("About one a day")


def _held_back(replayed: Replay) -> str:
    """Where many more are on topic than there is room for."""
    if replayed.order.topic.is_everything or replayed.mean_on_topic < 1.3 * replayed.mean:
        return ""
    said = _("about {count} a day are on topic, and the rest is behind the button")
    return f"; {said.format(count=f'{replayed.mean_on_topic:.0f}')}"


def _titles(digest: Digest) -> str:
    lines = "".join(f"\n- {paper_title(paper, _TITLE)}" for paper in digest.papers)
    return f"{_(_LEADS[len(digest.papers)]).format(day=long_date(digest.edition.papers_day))}{lines}"


def _nothing(replayed: Replay) -> str:
    names = listed([SOURCE_NAMES.get(source, source) for source in replayed.order.sources])
    if not replayed.digests:
        said = _("There are no papers of {sources} in the store yet, so what would have come cannot be told.")
        return said.format(sources=names)
    return counted(
        len(replayed.digests),
        "Nothing would have come over the last {count} day with papers: *Wider* may help, or other words.",
        "Nothing would have come over the last {count} days with papers: *Wider* may help, or other words.",
    )


def _facts(order: Subscription) -> str:
    facts = extras(order)
    text = f"\n-# {' · '.join(facts)}" if facts else ""
    if order.topic.name:
        said = _("**{name}** is: {topic}").format(name=inert(order.topic.name, 60), topic=inert(order.topic.text, 400))
        text += f"\n-# {said}"
    return text


def _draft_buttons(reference: str) -> discord.ui.ActionRow[Any]:
    return row(
        Press("draftsave", reference, _("Save"), style=discord.ButtonStyle.primary),
        Press("draftnarrow", reference, _("Narrower")),
        Press("draftwiden", reference, _("Wider")),
        Press("draftdrop", reference, _("Cancel")),
    )


def _offered(terms: Sequence[Term], reference: str, *, is_narrower: bool, of: int) -> list[discord.ui.Item[Any]]:
    if is_narrower:
        way, none = "n", _("No term of these days’ papers makes it narrower.")
        lead = counted(
            of,
            "Narrower: of its {count} paper of these days, only those that also say …",
            "Narrower: of its {count} papers of these days, only those that also say …",
        )
    else:
        way, none = "w", _("No term of these days’ papers makes it wider.")
        lead = _("Wider: papers that say this, too …")
    if not terms:
        return [discord.ui.TextDisplay(f"-# {none}")]
    presses = [
        Press("draftterm", f"{way}{reference}:{term.text}", f"{term.text} · {'' if is_narrower else '+'}{term.papers}")
        for term in terms
    ]
    return [discord.ui.TextDisplay(f"-# {lead}"), row(*presses)]
