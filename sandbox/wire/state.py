"""What the Discord on the wire knows: channels, roles, messages, nonces, and the rules that refuse a request."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sandbox.wire.channels import ANNOUNCEMENT, DM, EVERYONE_MAY, FORUM, TEXT
from sandbox.wire.channels import GUILD_ID as GUILD_ID
from sandbox.wire.channels import Channel as Channel
from sandbox.wire.channels import Role as Role
from sandbox.wire.interaction import Answer, Interaction
from sandbox.wire.mentions import EVERYTHING, pings
from sandbox.wire.rules import CROSSPOSTED, SUPPRESS_EMBEDS, TooMany, numbered
from sandbox.wire.rules import V2_FLAG as V2_FLAG
from sandbox.wire.rules import Refusal as Refusal
from sandbox.wire.rules import check_message as check_message
from sandbox.wire.rules import walk as walk

BOT_ID = 1
SOMEONE = 7  # a member; 2 owns the server
_EPOCH_MS = 1_420_070_400_000  # https://discord.com/developers/docs/reference#snowflakes
_PUBLISHED_PER_HOUR, _HOUR_S = 10, 3_600


@dataclass(slots=True)
class SessionStarts:
    """What GET /gateway/bot tells; every IDENTIFY takes one of ``remaining``. Without a ``url`` it is the asker's own host."""

    url: str = ""
    shards: int = 1
    total: int = 1_000
    remaining: int = 1_000
    reset_after_ms: int = 14_400_000
    max_concurrency: int = 1


@dataclass(slots=True)
class World:
    """One server with its channels. ``nonce_window_s`` is how long a repeated nonce returns the first message.

    ``answers`` has what the bot answered to each interaction, by its token, in order. ``monotonic`` times the 3 s for a first
    answer, ``clock`` all else.
    """

    nonce_window_s: float = 120.0
    channels: dict[int, Channel] = field(default_factory=dict)
    commands: list[Any] = field(default_factory=list)
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)  # a test may set its own
    monotonic: Callable[[], float] = time.monotonic
    roles: dict[int, Role] = field(default_factory=lambda: {GUILD_ID: Role(GUILD_ID, "@everyone", False, EVERYONE_MAY, 0)})
    may_mention_all: bool = False
    closed_dms: set[int] = field(default_factory=set)
    max_active_threads: int = 1_000
    session_starts: SessionStarts = field(default_factory=SessionStarts)
    interactions: dict[str, Interaction] = field(default_factory=dict)
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    _nonces: dict[tuple[int, str], tuple[datetime, int]] = field(default_factory=dict)
    _ids: Iterator[int] = field(default_factory=itertools.count)

    def snowflake(self) -> int:
        """A new id whose time part is the present: discord.py reads a message's time out of it."""
        return (int(self.clock().timestamp() * 1_000) - _EPOCH_MS << 22) | next(self._ids) & 0x3FFFFF

    def add_channel(self, name: str, kind: int = TEXT, **its: Any) -> Channel:
        """A channel of the server; ``its`` are further fields of Channel."""
        channel = Channel(its.pop("id", None) or self.snowflake(), name, kind=kind, created_at=self.clock(), **its)
        self.channels[channel.id] = channel
        return channel

    def add_role(self, name: str, *, mentionable: bool = False, permissions: int = 0) -> Role:
        role = Role(self.snowflake(), name, mentionable, permissions, position=len(self.roles))
        self.roles[role.id] = role
        return role

    def open_dm(self, user_id: int) -> Channel:
        """The bot's conversation with a user; always the same one."""
        known = [c for c in self.channels.values() if c.recipient_id == user_id]
        return known[0] if known else self.add_channel("", DM, recipient_id=user_id)

    def channel(self, channel_id: int) -> Channel:
        """Raises Refusal for one that is gone (10003), a thread also with its parent, or closed to the bot (50001)."""
        channel = self.channels.get(channel_id)
        if channel is None or (channel.is_thread and channel.parent_id not in self.channels):
            raise Refusal(404, 10003, "Unknown Channel")
        if not (channel.can_view and self.home(channel).can_view):
            raise Refusal(403, 50001, "Missing Access")
        return channel

    def home(self, channel: Channel) -> Channel:
        """The channel whose permissions hold: a thread's parent."""
        return self.channels.get(channel.parent_id or 0, channel) if channel.is_thread else channel

    def post(self, channel_id: int, body: dict[str, Any]) -> dict[str, Any]:
        """Store a message, or return the one that the same nonce made a while ago. Raises Refusal."""
        channel = self.channel(channel_id)
        self._check_may_send(channel)
        check_message(body)
        nonce = body.get("nonce")
        if nonce is not None and body.get("enforce_nonce"):
            made_at, message_id = self._nonces.get((channel_id, str(nonce)), (None, 0))
            if made_at and (self.clock() - made_at).total_seconds() <= self.nonce_window_s:
                return self.message(channel, message_id)  # or 10008, if it was deleted since
        message = self.new_message(channel_id, body)
        channel.archived = False  # to write wakes a thread
        channel.messages.append(message)
        if nonce is not None:
            self._nonces[channel_id, str(nonce)] = self.clock(), int(message["id"])
        return message

    def write(self, channel_id: int, content: str, user_id: int = SOMEONE) -> dict[str, Any]:
        """A message of someone else's."""
        message = {**self.new_message(channel_id, {"content": content}), "author": self.user(user_id)}
        self.channels[channel_id].messages.append(message)
        return message

    def message(self, channel: Channel, message_id: int) -> dict[str, Any]:
        """Raises Refusal for one that is not there."""
        for message in channel.messages:
            if message["id"] == str(message_id):
                return message
        raise Refusal(404, 10008, "Unknown Message")

    def edit(self, channel_id: int, message_id: int, body: dict[str, Any]) -> dict[str, Any]:
        """Change one of the bot's own messages. Raises Refusal."""
        channel = self.channel(channel_id)
        message = self.message(channel, message_id)
        if message["author"]["id"] != str(BOT_ID):
            raise Refusal(403, 50005, "Cannot edit a message authored by another user")
        if channel.archived:
            raise Refusal(400, 50083, "Tried to perform an operation on an archived thread")
        if channel.locked:
            raise Refusal(400, 160005, "Thread is locked")
        edited = self.edited(message, body)
        channel.messages[channel.messages.index(message)] = edited
        return edited

    def edited(self, message: dict[str, Any], body: dict[str, Any], default: Collection[str] = EVERYTHING) -> dict[str, Any]:
        """The message as the body changes it: what it does not name stays. Raises Refusal."""
        flags = message["flags"] if body.get("flags") is None else body["flags"]
        if message["flags"] & V2_FLAG and not flags & V2_FLAG:
            raise Refusal(400, 50035, "Invalid Form Body: IS_COMPONENTS_V2 cannot be removed")
        kept = message["flags"] & ~SUPPRESS_EMBEDS  # the two that an edit can change are this one and IS_COMPONENTS_V2
        changes: dict[str, Any] = {
            name: body[name] for name in ("content", "embeds", "components", "allowed_mentions") if name in body
        }
        merged: dict[str, Any] = {**message, **changes, "flags": kept | flags & (SUPPRESS_EMBEDS | V2_FLAG)}
        check_message(merged)
        return {**message, **self._told(merged, default), "edited_timestamp": self.clock().isoformat()}

    def crosspost(self, channel_id: int, message_id: int) -> dict[str, Any]:
        """Publish a message of an announcement channel. Raises Refusal, and TooMany after ten within an hour."""
        channel = self.channel(channel_id)
        if channel.kind != ANNOUNCEMENT:
            raise Refusal(400, 50024, "Cannot execute action on this channel type")
        message = self.message(channel, message_id)
        if not channel.can_send or message["author"]["id"] != str(BOT_ID):
            raise Refusal(403, 50013, "Missing Permissions")
        if message["flags"] & CROSSPOSTED:
            raise Refusal(400, 40033, "This message has already been crossposted")
        now = self.clock()
        recent = [at for at in channel.published_at if (now - at).total_seconds() < _HOUR_S]
        if len(recent) >= _PUBLISHED_PER_HOUR:
            raise TooMany(_HOUR_S - (now - recent[0]).total_seconds())
        channel.published_at = [*recent, now]
        published = {**message, "flags": message["flags"] | CROSSPOSTED}
        channel.messages[channel.messages.index(message)] = published
        return published

    def history(self, channel_id: int, limit: int, before: int | None = None, after: int | None = None) -> list[dict[str, Any]]:
        """The newest messages first; without the permission an empty list, as Discord answers. Raises Refusal."""
        channel = self.channel(channel_id)
        if not (channel.can_read_history and self.home(channel).can_read_history):
            return []
        if after is not None:  # those next to it, but the newest of them first
            return [m for m in channel.messages if int(m["id"]) > after][:limit][::-1]
        found = [m for m in reversed(channel.messages) if before is None or int(m["id"]) < before]
        return found[:limit]

    def user(self, user_id: int = BOT_ID) -> dict[str, Any]:
        is_bot = user_id == BOT_ID
        return {
            "id": str(user_id),
            "username": "paperboy" if is_bot else f"user{user_id}",
            "discriminator": "0",
            "global_name": None,
            "avatar": None,
            "bot": is_bot,
            "public_flags": 0,
            "flags": 0,
            "primary_guild": None,
        }

    def new_message(self, channel_id: int, body: dict[str, Any], default: Collection[str] = EVERYTHING) -> dict[str, Any]:
        """A message of the bot's that is not stored yet."""
        return {
            "id": str(self.snowflake()),
            "type": 0,
            "channel_id": str(channel_id),
            "author": self.user(),
            **self._told(body, default),
            "timestamp": self.clock().isoformat(),
            "edited_timestamp": None,
            "attachments": [],
            "pinned": False,
            "tts": False,
            **({"nonce": body["nonce"]} if "nonce" in body else {}),
        }

    def _told(self, body: dict[str, Any], default: Collection[str]) -> dict[str, Any]:
        """What a message says, and whom it pings."""
        pinged = pings(body, self.roles, self.may_mention_all, default)
        return {
            "content": body.get("content") or "",
            "components": numbered(body.get("components") or [], itertools.count(1)),
            "embeds": body.get("embeds") or [],
            "flags": body.get("flags") or 0,
            "mentions": [self.user(user_id) for user_id in pinged.users],
            "mention_roles": [str(role_id) for role_id in pinged.roles],
            "mention_everyone": pinged.everyone,
        }

    def _check_may_send(self, channel: Channel) -> None:
        if channel.kind == FORUM:
            raise Refusal(400, 50008, "Cannot send messages in a non-text channel")
        if channel.recipient_id in self.closed_dms:
            raise Refusal(403, 50007, "Cannot send messages to this user")
        if not (channel.can_send and (not channel.is_thread or self.home(channel).can_send_in_threads)):
            raise Refusal(403, 50013, "Missing Permissions")
        if channel.locked:
            raise Refusal(400, 160005, "Thread is locked")
