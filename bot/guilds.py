"""Servers that sleep: their channels, threads and roles are kept packed until something looks at them.

A bot in ten thousand servers works in a few of them at a time, but discord.py makes some twenty objects of each server's
channels and roles when the server is told of. Packed they take a tenth of the memory, and no more time than to make the objects.
What Paperboy reads nowhere (categories, topics, emojis, who speaks where) is not kept at all. The names with an underscore are
discord.py's own, as of the version that pyproject.toml pins; tests/bot/test_lean.py holds what we rely on.
"""

from __future__ import annotations

import json
import marshal
import zlib
from array import array
from typing import Any, cast

import discord
from discord.channel import _guild_channel_factory
from discord.state import ConnectionState

_QUICK = 1  # zlib's level: the next ones save a twentieth more and take twice the time
_PACKED = ("channels", "threads", "roles")
_UNREAD = ("emojis", "stickers", "presences", "voice_states", "stage_instances", "guild_scheduled_events", "soundboard_sounds")
_UNREAD_OF_CHANNEL = ("topic", "last_message_id", "icon_emoji", "theme_color")
_CATEGORY = discord.ChannelType.category.value


def _waking(name: str) -> Any:
    """An attribute of discord.py's servers that wakes ours when it is read."""
    slot = getattr(discord.Guild, name)

    def read(guild: Server) -> Any:
        guild.wake()
        return slot.__get__(guild)

    return property(read, slot.__set__)


class Server(discord.Guild):
    """A server as discord.py knows it; asleep from GUILD_CREATE to the first look at a channel, thread or role."""

    __slots__ = ("_ids", "_packed")

    _channels = _waking("_channels")
    _threads = _waking("_threads")
    _roles = _waking("_roles")

    def __init__(self, *, data: Any, state: ConnectionState[Any]) -> None:
        self._packed = b""
        self._ids = array("Q")  # of the channels and threads in it
        super().__init__(data=data, state=state)

    @property
    def is_asleep(self) -> bool:
        return bool(self._packed)

    def _from_data(self, guild: Any) -> None:
        """What READY or GUILD_UPDATE tells of a server is taken as it is, and GUILD_CREATE, which tells all, is packed."""
        if locale := guild.get("preferred_locale"):
            cast(Connection, self._state).locales[int(guild["id"])] = str(locale)
        if "channels" not in guild:
            super()._from_data(guild)
            return
        self._packed = b""
        self._channels, self._threads = {}, {}
        rest: Any = {name: value for name, value in guild.items() if name not in (*_PACKED, *_UNREAD)}
        super()._from_data(rest)
        told = {name: guild.get(name, []) for name in _PACKED}
        told["channels"] = [_read_of(channel) for channel in told["channels"] if channel["type"] != _CATEGORY]
        self._ids = array("Q", (int(each["id"]) for name in ("channels", "threads") for each in told[name]))
        self._packed = zlib.compress(_marshalled(told), _QUICK)

    def _resolve_channel(self, id: int | None, /) -> Any:
        """A channel or thread; discord.py asks every server for one of which it knows the id alone, and that wakes none."""
        return None if self._packed and id not in self._ids else super()._resolve_channel(id)

    def wake(self) -> None:
        """Have the objects from now on."""
        if not self._packed:
            return
        told = marshal.loads(zlib.decompress(self._packed))  # noqa: S302 (we wrote it, and it never left this process)
        self._packed, self._ids = b"", array("Q")
        for data in told["roles"]:
            role = discord.Role(guild=self, data=data, state=self._state)
            self._roles[role.id] = role
        for data in told["channels"]:
            kind, _ = _guild_channel_factory(data["type"])
            if kind:
                self._add_channel(kind(guild=self, data=data, state=self._state))
        for data in told["threads"]:
            self._add_thread(discord.Thread(guild=self, data=data, state=self._state))


class Connection(ConnectionState[Any]):
    """discord.py's cache, of such servers. ``locales`` are the last that servers were told to have, outages or not."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.locales: dict[int, str] = {}

    @property
    def is_telling(self) -> bool:
        """Whether a new session tells of all servers, one by one; "ready" comes after the last."""
        return self._ready_task is not None

    def parse_guild_update(self, data: Any) -> None:
        """discord.py first copies the server for its listeners: two that sleep over the same channels would each wake them."""
        if isinstance(guild := self._get_guild(int(data["id"])), Server):
            guild.wake()
        super().parse_guild_update(data)

    def _add_guild_from_data(self, data: Any) -> discord.Guild:
        guild = Server(data=data, state=self)
        self._add_guild(guild)
        return guild

    def parse_channel_create(self, data: Any) -> None:
        if data["type"] != _CATEGORY:
            super().parse_channel_create(data)


def _marshalled(told: dict[str, Any]) -> bytes:
    try:
        return marshal.dumps(told)
    except ValueError:  # not read from JSON: a simulated Discord has enumerations in it
        return marshal.dumps(json.loads(json.dumps(told)))


def _read_of(channel: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in channel.items() if name not in _UNREAD_OF_CHANNEL}
