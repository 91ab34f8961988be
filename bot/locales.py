"""Which language Discord names as a server's own."""

from __future__ import annotations

from collections.abc import Callable

import discord


def discords_locale(client: discord.Client) -> Callable[[int], str]:
    """The locale of a server by its id, "" while the server is not known.

    Only a community server can choose one; all others have "en-US":
    https://discord.com/developers/docs/resources/guild#guild-object
    """

    def of(guild_id: int) -> str:
        guild = client.get_guild(guild_id)
        return guild.preferred_locale.value if guild else ""

    return of
