"""What a private answer becomes when it is shared with the channel: the same, signed, and without what was its asker's."""

from __future__ import annotations

from typing import Any

import discord

from views.buttons import Press

SIGNATURE_ROOM = 60  # characters of a shared message kept for it


def share_button(what: str, value: str) -> Press:
    """ "Share here" under an answer of the kind ``what``, which is told where it is pressed as ``share<what>_pressed``."""
    return Press(f"share{what}", value, "Share here")


def signature(user_id: int) -> discord.ui.TextDisplay[Any]:
    """Who shared it; sent so that nobody is mentioned by it."""
    return discord.ui.TextDisplay(f"-# shared by <@{user_id}>")
