"""Private channels with people who follow alone: opened, and tried, at the pacer's pace."""

from __future__ import annotations

import logging

import discord

from bot.requests import Requests
from digests.poster import PostError
from views.follow import reopened

log = logging.getLogger(__name__)


class PrivateChannels:
    """Over a logged-in client. Discord wants them opened only when a person has asked for it."""

    def __init__(self, client: discord.Client, requests: Requests) -> None:
        self._client = client
        self._requests = requests

    async def opened(self, user_id: int) -> int | None:
        """The id of the channel; None where it could not be opened."""
        try:
            async with self._requests.one():
                return int((await self._client.http.start_private_message(user_id))["id"])
        except PostError as error:
            log.warning("no private channel with user %d: %s", user_id, error)
        return None

    async def greeted(self, channel_id: int) -> bool:
        """Whether a short message came through."""
        try:
            async with self._requests.one():
                await self._client.get_partial_messageable(channel_id).send(
                    view=reopened(), allowed_mentions=discord.AllowedMentions.none()
                )
        except PostError as error:
            log.info("private channel %d takes no message: %s", channel_id, error)
            return False
        return True
