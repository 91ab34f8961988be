"""How every command and button answers: at once with "thinking", then privately with a view."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import discord

from papers.subscription import SubscriptionError
from papers.topic import TopicError
from search.index import IndexUnavailable
from views.buttons import plain
from views.errors import UserError, sentence, told

log = logging.getLogger(__name__)

_FIRST_ANSWER_WITHIN_S = 2.5  # Discord forgets an interaction that has no answer after 3 s


@asynccontextmanager
async def answering(interaction: discord.Interaction[Any], *, same_message: bool = False) -> AsyncIterator[None]:
    """Acknowledge before any work; what the person typed wrongly inside the block is told in one sentence.

    ``same_message`` is for a button whose message is to change, rather than a private answer to appear.
    """
    async with asyncio.timeout(_FIRST_ANSWER_WITHIN_S):
        if same_message:
            await interaction.response.defer()
        else:
            await interaction.response.defer(ephemeral=True, thinking=True)
    try:
        yield
    except (UserError, TopicError, SubscriptionError) as error:
        await _tell(interaction, told(error), same_message=same_message)
    except IndexUnavailable as error:
        log.warning("a question met an index that cannot be read: %s", error)
        await _tell(interaction, sentence(error, ""), same_message=same_message)


async def _tell(interaction: discord.Interaction[Any], text: str, *, same_message: bool) -> None:
    if same_message:
        await interaction.followup.send(text, ephemeral=True)
    else:
        await show(interaction, plain(text))


async def show(interaction: discord.Interaction[Any], view: discord.ui.LayoutView) -> None:
    """Make ``view`` the answer to an acknowledged interaction."""
    await interaction.edit_original_response(view=view, allowed_mentions=discord.AllowedMentions.none())
