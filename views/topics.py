"""Named topics → the form they are written in, and what a moderator reads of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import discord

from digests.replay import Replay
from papers.form import LABELS, MAX_LENGTHS, TopicForm
from papers.language import N_, _, ngettext
from papers.subscription import SubscriptionError
from papers.text import counted
from papers.topic import Topic, TopicError
from views.buttons import Press, layout, row
from views.errors import UserError, told
from views.forms import Field, Form
from views.limits import MESSAGE_TEXT, inert
from views.replay import in_figures
from views.subscriptions import ACCENT

_HINTS = {
    "name": N_("What to call it, such as Robots at home"),
    "about": N_("Any of these, with commas between: world model, “video prediction”"),
    "never": N_("Such as survey, medical"),
    "only": N_("Such as author:lecun cat:cs.RO votes:>5"),
}
_LONG = {"about"}
_ROOM_FOR_LIST = MESSAGE_TEXT - 1_400  # the rest is for the presets and the lines around
_TEXT_IN_LIST = 120


def topic_form(form: TopicForm, was: str = "") -> Form:
    """The form, filled in; ``was`` is the name of the topic that it changes. What is typed comes as ``topic_filled``."""
    return Form("topic", was, _("Change a topic") if was else _("A new topic"), *(_field(form, name) for name in LABELS))


def _field(form: TopicForm, name: str) -> Field:
    return Field(
        name,
        _(LABELS[name]),
        getattr(form, name),
        _(_HINTS[name]),
        MAX_LENGTHS[name],
        is_long=name in _LONG,
        is_required=name == "name",
    )


def mistaken(error: UserError | TopicError | SubscriptionError, form: TopicForm, reference: str) -> discord.ui.LayoutView:
    """What is wrong with a form, what was typed, and a button back to it."""
    typed = "\n".join(f"-# **{_(LABELS[name])}**: {inert(text, 500)}" for name in LABELS if (text := getattr(form, name)))
    button = Press("topicform", reference, _("Edit again"), style=discord.ButtonStyle.primary)
    return layout(
        discord.ui.TextDisplay(f"### {_('Not saved yet')}\n{told(error)}"),
        *([discord.ui.TextDisplay(typed)] if typed else []),
        row(button),
        accent=ACCENT,
    )


def saved(topic: Topic, replayed: Replay, followers: int) -> discord.ui.LayoutView:
    """What a topic brings, and how many subscriptions follow it."""
    last = _("No subscription follows it yet: `/subscribe add` takes it by its name.")
    if followers:
        last = counted(
            followers, "{count} subscription follows it, as it is now.", "{count} subscriptions follow it, as it is now."
        )
    topic_line = f"**{inert(topic.name, 80)}**: {inert(topic.text, 900)}"
    text = f"### {_('Topic saved')}\n{topic_line}\n{in_figures(replayed)}\n-# {last}"
    return layout(discord.ui.TextDisplay(text), accent=ACCENT)


def listed(topics: Sequence[tuple[Topic, float, int]], presets: Iterable[Topic]) -> discord.ui.LayoutView:
    """A server's topics, each with its papers a day and its subscriptions; and the presets' names."""
    lines: list[str] = []
    room = _ROOM_FOR_LIST
    for topic, pace, followers in topics:
        subscriptions = f" · {counted(followers, '{count} subscription', '{count} subscriptions')}" if followers else ""
        line = f"**{inert(topic.name, 80)}** · {a_day(pace)}{subscriptions}\n-# {inert(topic.text, _TEXT_IN_LIST)}"
        room -= len(line) + 1
        if room < 0:
            left = len(topics) - len(lines)
            more = ngettext(
                "and {count} more: `/topic edit` finds them by name", "and {count} more: `/topic edit` finds them by name", left
            )
            lines.append(f"-# {more.format(count=left)}")
            break
        lines.append(line)
    head = f"### {counted(len(topics), '{count} topic', '{count} topics')}"
    if not topics:
        head = _("This server has no topics yet: `/topic new` makes one.")
    names = inert(", ".join(topic.name for topic in presets), 1_200)
    return layout(
        discord.ui.TextDisplay("\n".join([head, *lines])),
        discord.ui.Separator(),
        discord.ui.TextDisplay("-# " + _("Presets, which `/subscribe add` takes by name, too: {names}").format(names=names)),
        accent=ACCENT,
    )


def a_day(pace: float) -> str:
    """ "about 4 a day", "about 3 a week", by working days."""
    if pace >= 0.95:
        return _("about {count} a day").format(count=f"{pace:.0f}")
    if pace >= 0.15:
        return _("about {count} a week").format(count=f"{5 * pace:.0f}")
    return _("fewer than one a week") if pace else _("none lately")
