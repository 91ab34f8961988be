"""Where commands can be used that need no server: wherever a server or a person has installed Paperboy."""

from __future__ import annotations

from typing import TypeVar

from discord import app_commands

T = TypeVar("T")


def usable_anywhere(command: T) -> T:
    """For servers and for people, in servers and in private messages. All else is for servers that have installed it."""
    installed = app_commands.allowed_installs(guilds=True, users=True)(command)
    return app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)(installed)
