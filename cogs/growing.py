"""An answer that is shown at once and grows while a model writes it, by an edit about every second."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import discord

from cogs.answering import show
from summaries.asked import Asker

log = logging.getLogger(__name__)

EVERY_S = 1.1  # Discord allows five edits of a message in five seconds, and nobody reads faster
LONGEST_S = 12 * 60.0  # an interaction can be answered for 15 minutes
_EDIT_S = 5.0


class Growing:
    """``draw`` makes the message of what was said so far."""

    def __init__(self, interaction: discord.Interaction[Any], draw: Callable[[str], discord.ui.LayoutView]) -> None:
        self._interaction = interaction
        self._draw = draw
        self._next_at = 0.0
        self._is_seen = True

    async def said(self, text: str) -> None:
        """Show the text so far, unless the last was shown a moment ago. A failure costs this edit, not the answer."""
        loop = asyncio.get_running_loop()
        if not text or not self._is_seen or loop.time() < self._next_at:
            return
        try:
            async with asyncio.timeout(_EDIT_S):
                await show(self._interaction, self._draw(text))
        except discord.NotFound:
            self._is_seen = False  # dismissed; what is being made is of use to who asks next
        except Exception as error:  # refused, lost, or garbled on its way back: the next edit says more
            log.debug("an answer did not grow: %s", error)
        self._next_at = loop.time() + EVERY_S

    async def end(self, view: discord.ui.LayoutView) -> None:
        """Show what it has become, if there is still anything to show it in."""
        try:
            await show(self._interaction, view)
        except discord.NotFound:
            log.debug("an answer was dismissed before it was there")


def asker(interaction: discord.Interaction[Any]) -> Asker:
    """Who asks, and in which server, if in any."""
    return Asker(interaction.user.id, interaction.guild_id or 0)
