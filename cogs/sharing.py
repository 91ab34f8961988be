""" "Share here": a private answer becomes a message to all in the channel, signed by who shared it, once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, cast

import discord

from cogs.places import is_about_server
from papers.language import _
from views.errors import UserError

_ONCE_WITHIN = timedelta(minutes=1)
_TIMEOUT_S = 15.0
_THREADS = {discord.ChannelType.public_thread, discord.ChannelType.private_thread, discord.ChannelType.news_thread}


class Sharing:
    """Remembers for a minute what was shared, so that a button pressed twice posts once; that needs no store."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._shared: dict[tuple[int | None, int, str], datetime] = {}

    async def post(self, interaction: discord.Interaction[Any], view: discord.ui.LayoutView) -> discord.Message:
        """Send the view into the channel of an acknowledged press. Raises UserError where that cannot be."""
        if not may_share(interaction):
            raise UserError(_("Sharing needs the permission to write in this channel, for you and for Paperboy."))
        now = self._now()
        self._shared = {press: at for press, at in self._shared.items() if now - at < _ONCE_WITHIN}
        data = cast(dict[str, Any], interaction.data or {})
        press = (interaction.channel_id, interaction.user.id, str(data.get("custom_id")))
        if press in self._shared:
            raise UserError(_("You have just shared that here."))
        self._shared[press] = now
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                return await _send(interaction, view)
        except (discord.Forbidden, discord.NotFound, discord.RateLimited) as error:
            del self._shared[press]  # it is certain that nothing was posted
            raise UserError(_("Paperboy could not post in this channel just now: its moderators may know why.")) from error
        except discord.HTTPException as error:
            if error.status < 500:  # refused, so nothing was posted either; behind a server's failure there may be a message
                del self._shared[press]
            raise


def may_share(interaction: discord.Interaction[Any]) -> bool:
    """Whether the person may write where they are, Paperboy too, and anybody else is there to read it."""
    if interaction.guild_id is None:
        return not interaction.context.dm_channel
    if not is_about_server(interaction):  # then Paperboy answers in the person's name: Discord shows that to all only …
        return _may_write(interaction, interaction.permissions) and interaction.permissions.use_external_apps
    return _may_write(interaction, interaction.permissions) and _may_write(interaction, interaction.app_permissions)


def _may_write(interaction: discord.Interaction[Any], allowed: discord.Permissions) -> bool:
    is_thread = getattr(interaction.channel, "type", None) in _THREADS
    return allowed.send_messages_in_threads if is_thread else allowed.send_messages


async def _send(interaction: discord.Interaction[Any], view: discord.ui.LayoutView) -> discord.Message:
    """A message of the bot's own where it is a member; elsewhere a public answer to the press."""
    channel = interaction.channel
    nobody = discord.AllowedMentions.none()
    if is_about_server(interaction) and isinstance(channel, discord.abc.Messageable):
        return await channel.send(view=view, allowed_mentions=nobody)
    return await interaction.followup.send(view=view, allowed_mentions=nobody, ephemeral=False, wait=True)
