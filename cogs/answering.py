"""How every command and button answers: privately, with a view, and before Discord stops waiting.

What reads answers with its first request. Only where that takes a while does it say "thinking" first, as everything else does
at once; and then the answer takes the place of that.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import discord

from papers.subscription import SubscriptionError
from papers.topic import TopicError
from search.harm import IndexUnavailable
from views.buttons import plain
from views.errors import UserError, sentence, told

log = logging.getLogger(__name__)

_FIRST_ANSWER_WITHIN_S = 2.5  # Discord forgets an interaction that has no answer after 3 s
_THINKING_AFTER_S = 0.8  # soon enough for a second or two of trouble with that request
_ALREADY_ACKNOWLEDGED = 40060
_NOBODY = discord.AllowedMentions.none()
_ANSWER = "answer"  # in an interaction's extras


@asynccontextmanager
async def answering(
    interaction: discord.Interaction[Any], *, same_message: bool = False, at_once: bool = False
) -> AsyncIterator[None]:
    """Acknowledge in time; what the person typed wrongly inside the block is told in one sentence.

    ``same_message`` is for a button whose message is to change, rather than a private answer to appear. ``at_once`` is for a
    block that reads: it is mostly done within milliseconds, and acknowledged by its answer. One that writes, or asks somebody
    else, is acknowledged before it begins. After the block nothing of it is on its way to Discord.
    """
    answer = interaction.extras[_ANSWER] = Answer(interaction, same_message=same_message)
    if at_once:
        answer.think_later()
    else:
        await answer.think()
    try:
        yield
    except (UserError, TopicError, SubscriptionError) as error:
        await answer.tell(told(error))
    except IndexUnavailable as error:
        log.warning("a question met an index that cannot be read: %s", error)
        await answer.tell(sentence(error, ""))
    finally:
        await answer.settled()


async def show(interaction: discord.Interaction[Any], view: discord.ui.LayoutView) -> None:
    """Make ``view`` the answer, inside the block of ``answering``."""
    answer: Answer = interaction.extras[_ANSWER]
    await answer.show(view)


class Answer:
    """The answer to one interaction: the first that Discord gets acknowledges it, all others change or follow that."""

    def __init__(self, interaction: discord.Interaction[Any], *, same_message: bool) -> None:
        self._interaction = interaction
        self._same_message = same_message
        self._timer: asyncio.TimerHandle | None = None
        self._late: asyncio.Task[None] | None = None  # "thinking", once its time has come

    async def think(self, within_s: float = _FIRST_ANSWER_WITHIN_S) -> None:
        """Say that an answer will come: "thinking", or, where a message is to change, nothing that one sees."""
        async with asyncio.timeout(within_s):
            if self._same_message:
                await self._interaction.response.defer()
            else:
                await self._interaction.response.defer(ephemeral=True, thinking=True)

    def think_later(self) -> None:
        """Say it after a while, if nothing is answered by then; ``settled`` ends that."""
        self._timer = asyncio.get_running_loop().call_later(_THINKING_AFTER_S, self._begin_thinking)

    async def settled(self) -> None:
        """Whether "thinking" is said is decided then: it will not be any more, or it has been."""
        if self._timer:
            self._timer.cancel()
        if self._late:
            await self._late  # never cut off half-way: Discord might have heard it

    async def show(self, view: discord.ui.LayoutView) -> None:
        """Make ``view`` the answer, or the message that the button is in."""
        response = self._interaction.response
        first: Callable[[], Awaitable[object]]
        if self._same_message:
            first = partial(response.edit_message, view=view, allowed_mentions=_NOBODY)
        else:
            first = partial(response.send_message, view=view, ephemeral=True, allowed_mentions=_NOBODY)
        if not await self._is_first(first):
            await self._interaction.edit_original_response(view=view, allowed_mentions=_NOBODY)

    async def tell(self, text: str) -> None:
        """A sentence for the person alone; the message that a button is in stays as it is."""
        if not self._same_message:
            await self.show(plain(text))
        elif not await self._is_first(partial(self._interaction.response.send_message, text, ephemeral=True)):
            await self._interaction.followup.send(text, ephemeral=True)

    async def _is_first(self, first: Callable[[], Awaitable[object]]) -> bool:
        """Answer with ``first``; False, if the interaction is acknowledged already."""
        await self.settled()
        if self._interaction.response.is_done():
            return False
        try:
            async with asyncio.timeout(_FIRST_ANSWER_WITHIN_S):
                await first()
        except discord.HTTPException as error:
            if self._late is None or error.code != _ALREADY_ACKNOWLEDGED:
                raise
            return False  # "thinking" did reach Discord: it was only not known here
        return True

    def _begin_thinking(self) -> None:
        self._late = asyncio.ensure_future(self._think_late())

    async def _think_late(self) -> None:
        try:
            await self.think(_FIRST_ANSWER_WITHIN_S - _THINKING_AFTER_S)
        except Exception as error:  # refused, lost, or garbled on its way back: the answer is tried all the same, and finds out
            log.warning("an interaction could not be acknowledged: %s %s", type(error).__name__, error)
