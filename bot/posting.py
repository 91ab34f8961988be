"""Digest → channel message, and Discord's errors → what they mean for the delivery."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta

import aiohttp
import discord

from digests.deliver import Outcome, PostError
from digests.plan import Digest
from views.digest import digest_message

log = logging.getLogger(__name__)

_TIMEOUT_S = 15.0
_LOOK_BACK = 50  # messages of the channel read to find one of ours


class ChannelPoster:
    """Posts through a logged-in client. It needs no gateway connection and no cache."""

    def __init__(self, client: discord.Client) -> None:
        self._client = client

    async def post(self, channel_id: int, digest: Digest, mark: str) -> int:
        """Post the digest; the mark is the message's nonce, by which Discord knows a repeated request.

        Raises PostError.
        """
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                message = await self._client.get_partial_messageable(channel_id).send(
                    view=digest_message(digest, mark), nonce=mark, allowed_mentions=discord.AllowedMentions.none()
                )
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            raise PostError(f"no answer ({type(error).__name__})", Outcome.UNCERTAIN) from error
        except discord.HTTPException as error:
            raise PostError(f"{error.status} {error.code} {error.text}", _outcome(error)) from error
        return message.id

    async def find(self, channel_id: int, mark: str, since: datetime) -> int | None:
        """The message that carries the mark in one of its buttons, among the newest of the channel."""
        channel = self._client.get_partial_messageable(channel_id)
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                async for message in channel.history(limit=_LOOK_BACK, after=since - timedelta(minutes=1)):
                    if message.author == self._client.user and _carries(message, mark):
                        return message.id
        except (TimeoutError, aiohttp.ClientError, OSError, discord.HTTPException) as error:
            log.warning("the history of channel %d cannot be read (%s)", channel_id, error)
        return None


def _carries(message: discord.Message, mark: str) -> bool:
    view = discord.ui.LayoutView.from_message(message, timeout=None)
    return any((getattr(item, "custom_id", None) or "").startswith(f"open:{mark}:") for item in view.walk_children())


def _outcome(error: discord.HTTPException) -> Outcome:
    """https://discord.com/developers/docs/topics/opcodes-and-status-codes"""
    if error.status >= 500:
        return Outcome.UNCERTAIN
    if error.status in {403, 404}:
        return Outcome.CLOSED
    if error.status in {401, 429}:
        return Outcome.LATER
    return Outcome.OUR_FAULT
