"""What a private answer becomes when it is shared with the channel: the same, signed, and without what was its asker's."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

import discord

from papers.language import _
from views.buttons import Press, layout

SIGNATURE_ROOM = 60  # characters of a shared message kept for it


def share_button(what: str, value: str) -> Press:
    """ "Share here" under an answer of the kind ``what``, which is told where it is pressed as ``share<what>_pressed``."""
    return Press(f"share{what}", value, _("Share here"))


def mark_of(text: str) -> str:
    """A few letters that tell one answer from another, so that "shared just now" is said of the very same only."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:8]


def signature(user_id: int) -> discord.ui.TextDisplay[Any]:
    """Who shared it; sent so that nobody is mentioned by it."""
    return discord.ui.TextDisplay("-# " + _("shared by {person}").format(person=f"<@{user_id}>"))


def as_shown(message: discord.Message, user_id: int, *below: discord.ui.Item[Any], accent: int) -> discord.ui.LayoutView:
    """The texts of a private answer of ours as a message to all: just what its asker saw, with other buttons, signed.

    For what would not be made a second time as it was.
    """
    items: list[discord.ui.Item[Any]] = []
    for component in _parts(message.components):
        if isinstance(component, discord.TextDisplay):
            items.append(discord.ui.TextDisplay(component.content))
        elif isinstance(component, discord.SeparatorComponent):
            items.append(discord.ui.Separator())
    return layout(*items, *below, signature(user_id), accent=accent)


def _parts(components: Sequence[discord.Component]) -> Iterator[discord.Component]:
    for component in components:
        if isinstance(component, discord.Container):
            yield from _parts(component.children)
        else:
            yield component
