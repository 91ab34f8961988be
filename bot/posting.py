"""Digest → channel message, and Discord's errors → what they mean for the delivery."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import discord

from bot.pacer import BudgetSpent, Pacer
from digests.deliver import Outcome, PostError
from digests.plan import Digest
from views.digest import digest_message, plain_digest

log = logging.getLogger(__name__)

_TIMEOUT_S = 15.0
_LOOK_BACK = 500  # messages of the channel read, the newest first, to find one of ours

# https://discord.com/developers/docs/topics/opcodes-and-status-codes
_MALFORMED = 50035  # invalid form body
_CLOSED_CODES = {
    10003,  # unknown channel
    10004,  # unknown guild
    50001,  # missing access
    50013,  # missing permissions
    50083,  # archived thread
    160005,  # locked thread
}


class ChannelPoster:
    """Posts through a logged-in client. It needs no gateway connection and no cache."""

    def __init__(self, client: discord.Client, pacer: Pacer, timeout_s: float = _TIMEOUT_S) -> None:
        self._client = client
        self._pacer = pacer
        self._timeout_s = timeout_s

    async def post(self, channel_id: int, digest: Digest, mark: str) -> int:
        """Post the digest; the mark is the message's nonce, by which Discord knows a repeated request.

        One that Discord refuses as malformed is our fault: the operator is told, and readers get it as plain text.
        Raises PostError.
        """
        try:
            return await self._send(channel_id, mark, view=digest_message(digest, mark))
        except PostError as error:
            if error.outcome is not Outcome.MALFORMED:
                raise
            log.error("Discord refused a digest as malformed, it is sent as plain text: %s", error)
            return await self._send(channel_id, mark, content=plain_digest(digest))

    async def _send(self, channel_id: int, nonce: str, **message: Any) -> int:
        await self._turn()
        with _as_post_error():
            async with asyncio.timeout(self._timeout_s):
                sent = await self._client.get_partial_messageable(channel_id).send(
                    nonce=nonce, allowed_mentions=discord.AllowedMentions.none(), suppress_embeds="content" in message, **message
                )
        return sent.id

    async def find(self, channel_id: int, mark: str, since: datetime) -> int | None:
        """The message that carries the mark in one of its buttons, among those since shortly before ``since``.

        None too where the history is closed to us. Raises PostError where it could not be read just now.
        """
        channel = self._client.get_partial_messageable(channel_id)
        await self._turn()
        try:
            with _as_post_error():
                is_empty = True
                async with asyncio.timeout(self._timeout_s):
                    async for message in channel.history(limit=_LOOK_BACK):
                        is_empty = False
                        if message.created_at < since - timedelta(minutes=1):
                            break
                        if message.author == self._client.user and _carries(message, mark):
                            return message.id
                if is_empty:
                    # So Discord answers, too, where the history may not be read.
                    log.warning("channel %d shows no message: if an earlier try came through, this makes a duplicate", channel_id)
        except PostError as error:
            if error.outcome is Outcome.BLOCKED:
                raise
            if error.outcome is not Outcome.CLOSED:
                raise PostError(str(error), Outcome.UNCERTAIN) from error
            log.warning("the history of channel %d cannot be read: %s", channel_id, error)
        return None

    async def _turn(self) -> None:
        try:
            await self._pacer.turn()
        except BudgetSpent as spent:
            raise PostError(str(spent), Outcome.BLOCKED) from spent


def _carries(message: discord.Message, mark: str) -> bool:
    view = discord.ui.LayoutView.from_message(message, timeout=None)
    return any((getattr(item, "custom_id", None) or "").startswith(f"open:{mark}:") for item in view.walk_children())


@contextmanager
def _as_post_error() -> Iterator[None]:
    try:
        yield
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        raise PostError(f"no answer ({type(error).__name__})", Outcome.UNCERTAIN) from error
    except discord.RateLimited as error:
        raise PostError(f"a pause of {error.retry_after:.0f} s", Outcome.LATER) from error
    except discord.HTTPException as error:
        raise PostError(f"{error.status} {error.code} {error.text[:200]}", _outcome(error)) from error
    except (ValueError, TypeError, KeyError) as error:
        # discord.py met an answer that is none of Discord's: cut short, or of another type.
        raise PostError(f"a garbled answer ({type(error).__name__})", Outcome.UNCERTAIN) from error


def _outcome(error: discord.HTTPException) -> Outcome:
    if error.status >= 500:
        return Outcome.UNCERTAIN
    if error.status == 429 and not error.response.headers.get("Via"):
        return Outcome.BLOCKED  # Cloudflare, in front of Discord: https://discord.com/developers/docs/topics/rate-limits
    if error.code in _CLOSED_CODES:
        return Outcome.CLOSED
    # A 403 or 404 without a code is no answer of Discord's own, but of something in front of it.
    if error.status in {401, 429} or not error.code:
        return Outcome.LATER
    return Outcome.MALFORMED if error.status == 400 and error.code == _MALFORMED else Outcome.REFUSED
