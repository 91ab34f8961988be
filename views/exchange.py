"""A server's subscriptions as a file to keep, and what a file would change, shown before anything is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

import discord
import tomli_w

from papers.exchange import Difference, changes
from papers.language import N_, _, ngettext
from papers.subscription import Subscription
from papers.text import clean, counted
from views.buttons import Press, layout, row
from views.digest import on_topic
from views.limits import MESSAGE_TEXT, inert
from views.locales import listed
from views.subscriptions import ACCENT, and_more, in_words

FILE_NAME = "paperboy.toml"
_HEAD = N_(
    "Paperboy: subscriptions and named topics of {server}, {at} UTC.\n"
    "\n"
    "Change what you like and hand it back with /subscribe import: what would change is shown, and\n"
    "nothing is changed before you press “Apply”. A subscription that is not in the file is left alone,\n"
    "unless you say so there. Whether one is paused is not in the file.\n"
    "\n"
    "“channel” is the channel's id; “channel_name” is for you to read. A subscription with the “name” of a\n"
    "topic follows that topic. Write every text on one line."
)
_SUCCESS = discord.ButtonStyle.success
_DANGER = discord.ButtonStyle.danger
_ROOM = MESSAGE_TEXT - 500  # for the headings and the notes


@dataclass(frozen=True, slots=True)
class Refused:
    """An entry that is left out, and why; where it would change a stored one, that stays as it is."""

    order: Subscription
    why: str


def as_toml(values: Mapping[str, Any], server: str, at: datetime) -> str:
    """The file's text; ``at`` is in UTC. The server's name stands in a comment, without signs that could mean something."""
    name = "".join(sign for sign in clean(server) if sign not in "\"'")
    head = _(_HEAD).format(server=_("“{word}”").format(word=name), at=f"{at:%Y-%m-%d %H:%M}")
    return "\n".join(f"# {line}".rstrip() for line in head.split("\n")) + "\n\n" + tomli_w.dumps(values)


def exported(text: str, subscriptions: int, topics: int) -> tuple[discord.ui.LayoutView, discord.File]:
    """The message and the file that it shows."""
    file = discord.File(BytesIO(text.encode()), FILE_NAME)
    things = [counted(subscriptions, "{count} subscription", "{count} subscriptions")] if subscriptions else []
    things += [counted(topics, "{count} named topic", "{count} named topics")] if topics else []
    said = _("{things}, to keep or to change:").format(things=listed(things))
    after = "-# " + _("`/subscribe import` reads it, and shows what would change before anything does.")
    return layout(discord.ui.TextDisplay(said), discord.ui.File(file), discord.ui.TextDisplay(after)), file


def compared(
    found: Difference,
    refused: Sequence[Refused],
    reference: str,
    mark: str,
    note: str = "",
    *,
    is_removing: bool = False,
    may_apply: bool = True,
) -> discord.ui.LayoutView:
    """What a file would change. ``reference`` leads back to the file, ``mark`` is what this very difference is known by.

    ``is_removing`` has those removed that the file does not have.
    """
    heading = _("To be removed") if is_removing else _("Not in the file: left alone")
    groups = {
        _("New"): [f"<#{order.channel_id}> {in_words(order)}" for order in found.added],
        _("Changed"): [_change(was, wanted) for was, wanted in found.changed],
        _("Topics"): [f"**{inert(topic.name, 60)}**: {inert(topic.text, 200)}" for topic in found.topics],
        _("Refused"): [f"{_named(each.order)}: {each.why}" for each in refused],
        heading: [f"<#{order.channel_id}> {on_topic(order.topic)}" for order in found.missing],
    }
    texts = [f"### {_('What the file would change')}", *_fitting(groups)]
    if found.unchanged:
        unchanged = counted(len(found.unchanged), "{count} subscription unchanged", "{count} subscriptions unchanged")
        texts.append(f"-# {unchanged}")
    if note:
        texts.append(f"⚠ {note}")
    is_something = bool(found.added or found.changed or found.topics or (is_removing and found.missing))
    if not is_something:
        texts[0] = f"### {_('Nothing to change')}"
    buttons = _buttons(found, f"{mark}:{reference}", is_removing=is_removing, may_apply=may_apply and is_something)
    # A display for each: in one text, a heading after a list would be read as part of its last line.
    return layout(*map(discord.ui.TextDisplay, texts), *([row(*buttons)] if buttons else []), accent=ACCENT)


def applied(found: Difference, *, is_removing: bool) -> discord.ui.LayoutView:
    new, changed, removed = len(found.added), len(found.changed), len(found.missing) if is_removing else 0
    topics = len(found.topics)
    said = [
        counted(new, "{count} subscription added", "{count} subscriptions added") if new else "",
        counted(changed, "{count} subscription changed", "{count} subscriptions changed") if changed else "",
        counted(removed, "{count} subscription removed", "{count} subscriptions removed") if removed else "",
        counted(topics, "{count} topic saved", "{count} topics saved") if topics else "",
    ]
    text = _("{changes}. `/subscribe list` shows them.").format(changes=", ".join(filter(None, said)))
    return layout(discord.ui.TextDisplay(f"### {_('Done')}\n{text}"), accent=ACCENT)


def _buttons(found: Difference, value: str, *, is_removing: bool, may_apply: bool) -> list[Press]:
    buttons = []
    if may_apply:
        buttons.append(Press("exchange", f"{'purge' if is_removing else 'apply'}:{value}", _("Apply"), style=_SUCCESS))
    if found.missing:
        missing = len(found.missing)
        also = ngettext("Also remove {count}", "Also remove {count}", missing).format(count=missing)
        label = _("Leave them alone") if is_removing else also
        buttons.append(Press("exchange", f"{'without' if is_removing else 'with'}:{value}", label, style=_DANGER))
    if buttons:
        buttons.append(Press("exchange", f"drop:{value}", _("Cancel")))
    return buttons


def _named(order: Subscription) -> str:
    return f"<#{order.channel_id}> {on_topic(order.topic)}"


def _change(was: Subscription, wanted: Subscription) -> str:
    parts = [
        f"{key} {_value(key, before) or _('none')} → {_value(key, after) or _('none')}"
        for key, before, after in changes(was, wanted)
    ]
    return f"<#{was.channel_id}> **{inert(was.topic.label, 80)}**: {', '.join(parts)}"


def _value(key: str, value: str) -> str:
    return f"<@&{value}>" if key == "mention" and value else inert(value, 80)


def _fitting(groups: Mapping[str, Iterable[str]]) -> list[str]:
    """Each group under its heading, all together within a message; what has no room is counted."""
    filled = {heading: list(lines) for heading, lines in groups.items()}
    left = _ROOM
    texts = []
    for number, (heading, lines) in enumerate(filled.items()):
        room = left // (len(filled) - number)  # what a group leaves over is for those after it
        taken: list[str] = []
        for line in lines:
            room -= len(line) + 3
            if room < 0:
                break
            taken.append(f"- {line}")
        left -= sum(len(line) + 1 for line in taken)
        if len(taken) < len(lines):
            taken.append(f"-# {and_more(len(lines) - len(taken))}")
        if lines:
            texts.append("\n".join([f"**{heading}**", *taken]))
    return texts
