"""What the Discord on the wire knows: channels, messages, nonces, and the rules that refuse a request."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

BOT_ID = 1
GUILD_ID = 100
_EPOCH_MS = 1_420_070_400_000  # https://discord.com/developers/docs/reference#snowflakes
V2_FLAG = 1 << 15
_TEXT, _MESSAGE_TEXT, _COMPONENTS = 10, 4_000, 40


class Refusal(Exception):
    """An error answer in Discord's form."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"message": message, "code": code}


@dataclass(slots=True)
class Channel:
    """A text channel and what the bot may do in it."""

    id: int
    name: str
    can_view: bool = True
    can_send: bool = True
    can_read_history: bool = True
    messages: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class World:
    """One server with its channels. ``nonce_window_s`` is how long a repeated nonce returns the first message."""

    nonce_window_s: float = 120.0
    channels: dict[int, Channel] = field(default_factory=dict)
    commands: list[Any] = field(default_factory=list)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)  # a test may set its own
    _nonces: dict[tuple[int, str], tuple[datetime, int]] = field(default_factory=dict)
    _ids: Iterator[int] = field(default_factory=itertools.count)

    def snowflake(self) -> int:
        """A new id whose time part is the present: discord.py reads a message's time out of it."""
        return (int(self.clock().timestamp() * 1_000) - _EPOCH_MS << 22) | next(self._ids) & 0x3FFFFF

    def add_channel(self, name: str) -> Channel:
        channel = Channel(self.snowflake(), name)
        self.channels[channel.id] = channel
        return channel

    def channel(self, channel_id: int) -> Channel:
        """Raises Refusal for one that is gone (10003) or closed to the bot (50001)."""
        channel = self.channels.get(channel_id)
        if channel is None:
            raise Refusal(404, 10003, "Unknown Channel")
        if not channel.can_view:
            raise Refusal(403, 50001, "Missing Access")
        return channel

    def post(self, channel_id: int, body: dict[str, Any]) -> dict[str, Any]:
        """Store a message, or return the one that the same nonce made a while ago. Raises Refusal."""
        channel = self.channel(channel_id)
        if not channel.can_send:
            raise Refusal(403, 50013, "Missing Permissions")
        check_message(body)
        nonce = body.get("nonce")
        if nonce is not None and body.get("enforce_nonce"):
            made_at, message_id = self._nonces.get((channel_id, str(nonce)), (None, 0))
            if made_at and (self.clock() - made_at).total_seconds() <= self.nonce_window_s:
                for message in channel.messages:
                    if message["id"] == str(message_id):
                        return message
                raise Refusal(404, 10008, "Unknown Message")  # it was deleted since
        message = self._message(channel_id, body)
        channel.messages.append(message)
        if nonce is not None:
            self._nonces[channel_id, str(nonce)] = self.clock(), int(message["id"])
        return message

    def history(self, channel_id: int, limit: int, before: int | None) -> list[dict[str, Any]]:
        """The newest messages first; without the permission an empty list, as Discord answers. Raises Refusal."""
        channel = self.channel(channel_id)
        if not channel.can_read_history:
            return []
        found = [m for m in reversed(channel.messages) if before is None or int(m["id"]) < before]
        return found[:limit]

    def user(self) -> dict[str, Any]:
        return {
            "id": str(BOT_ID),
            "username": "paperboy",
            "discriminator": "0",
            "global_name": None,
            "avatar": None,
            "bot": True,
            "public_flags": 0,
            "flags": 0,
            "primary_guild": None,
        }

    def _message(self, channel_id: int, body: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": str(self.snowflake()),
            "type": 0,
            "channel_id": str(channel_id),
            "author": self.user(),
            "content": body.get("content") or "",
            "components": _numbered(body.get("components") or [], itertools.count(1)),
            "embeds": body.get("embeds") or [],
            "flags": body.get("flags") or 0,
            "timestamp": self.clock().isoformat(),
            "edited_timestamp": None,
            "attachments": [],
            "mentions": [],
            "mention_roles": [],
            "mention_everyone": False,
            "pinned": False,
            "tts": False,
            **({"nonce": body["nonce"]} if "nonce" in body else {}),
        }


def check_message(body: dict[str, Any]) -> None:
    """Refuse what Discord refuses of a message (400, code 50035, or 50006 for an empty one)."""
    components = list(walk(body.get("components") or []))
    is_v2 = bool((body.get("flags") or 0) & V2_FLAG)
    if is_v2 and (body.get("content") or body.get("embeds")):
        raise Refusal(400, 50035, "Invalid Form Body: content and embeds do not go with IS_COMPONENTS_V2")
    if not is_v2 and any(c["type"] in {9, 10, 12, 13, 14, 17} for c in components):
        raise Refusal(400, 50035, "Invalid Form Body: components of version 2 need the flag IS_COMPONENTS_V2")
    if len(components) > _COMPONENTS:
        raise Refusal(400, 50035, "Invalid Form Body: more than 40 components")
    if sum(len(c["content"]) for c in components if c["type"] == _TEXT) > _MESSAGE_TEXT:
        raise Refusal(400, 50035, "Invalid Form Body: more than 4000 characters")
    custom_ids = [c["custom_id"] for c in components if c.get("custom_id")]
    if len(set(custom_ids)) < len(custom_ids) or any(len(custom_id) > 100 for custom_id in custom_ids):
        raise Refusal(400, 50035, "Invalid Form Body: custom_id")
    if len(body.get("content") or "") > 2_000 or len(str(body.get("nonce") or "")) > 25:
        raise Refusal(400, 50035, "Invalid Form Body: content or nonce")
    if not (body.get("content") or body.get("embeds") or components):
        raise Refusal(400, 50006, "Cannot send an empty message")


def walk(components: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Every component, nested ones and accessories included."""
    for component in components:
        yield component
        yield from walk([*component.get("components", []), *filter(None, [component.get("accessory")])])


def _numbered(components: list[dict[str, Any]], ids: Iterator[int]) -> list[dict[str, Any]]:
    """As Discord returns them: each with an id."""
    numbered = []
    for component in components:
        found = {**component, "id": component.get("id") or next(ids)}
        if "components" in found:
            found["components"] = _numbered(found["components"], ids)
        if found.get("accessory"):
            found["accessory"] = _numbered([found["accessory"]], ids)[0]
        numbered.append(found)
    return numbered
