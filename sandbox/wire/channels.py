"""Channels and roles: what they are, what the bot may do in them, and how Discord writes them down."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

GUILD_ID = 100

TEXT, DM, ANNOUNCEMENT, ANNOUNCEMENT_THREAD, PUBLIC_THREAD, FORUM = 0, 1, 5, 10, 11, 15
THREADS = frozenset({ANNOUNCEMENT_THREAD, PUBLIC_THREAD})

# https://discord.com/developers/docs/topics/permissions
VIEW_CHANNEL, SEND_MESSAGES, READ_MESSAGE_HISTORY, MENTION_EVERYONE = 1 << 10, 1 << 11, 1 << 16, 1 << 17
CREATE_PUBLIC_THREADS, SEND_MESSAGES_IN_THREADS = 1 << 35, 1 << 38
_EMBED_LINKS, _ATTACH_FILES, _EXTERNAL_EMOJIS, _APPLICATION_COMMANDS = 1 << 14, 1 << 15, 1 << 18, 1 << 31
# What @everyone, and with it the bot, may do where no channel denies it. No administrator: that would outweigh every channel.
EVERYONE_MAY = (
    VIEW_CHANNEL | SEND_MESSAGES | READ_MESSAGE_HISTORY | CREATE_PUBLIC_THREADS | SEND_MESSAGES_IN_THREADS
    | _EMBED_LINKS | _ATTACH_FILES | _EXTERNAL_EMOJIS | _APPLICATION_COMMANDS
)  # fmt: skip
_REQUIRE_TAG = 1 << 4
_LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Role:
    """A role; who has it does not matter here."""

    id: int
    name: str
    mentionable: bool = False
    permissions: int = 0
    position: int = 1

    def payload(self) -> dict[str, Any]:
        return {
            "id": str(self.id),
            "name": self.name,
            "permissions": str(self.permissions),
            "position": self.position,
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "managed": False,
            "mentionable": self.mentionable,
            "icon": None,
            "unicode_emoji": None,
            "flags": 0,
        }


@dataclass(slots=True)
class Channel:
    """A channel of any kind, and what the bot may do in it; a thread takes its permissions from its parent, too.

    ``tags`` are a forum's, ``applied_tags`` a thread's; ``recipient_id`` is whom a DM goes to. ``published_at`` holds when
    messages of an announcement channel were published. ``guild_id`` is another one for a channel of the gateway's ``others``.
    """

    id: int
    name: str
    can_view: bool = True
    can_send: bool = True
    can_read_history: bool = True
    messages: list[dict[str, Any]] = field(default_factory=list)
    kind: int = TEXT
    can_create_threads: bool = True
    can_send_in_threads: bool = True
    parent_id: int | None = None
    tags: list[dict[str, Any]] = field(default_factory=list)
    requires_tag: bool = False
    archived: bool = False
    locked: bool = False
    owner_id: int | None = None
    applied_tags: list[int] = field(default_factory=list)
    created_at: datetime = _LONG_AGO
    archived_at: datetime | None = None
    auto_archive_min: int = 1_440
    recipient_id: int | None = None
    published_at: list[datetime] = field(default_factory=list)
    guild_id: int = GUILD_ID

    @property
    def is_thread(self) -> bool:
        return self.kind in THREADS

    def denied(self) -> int:
        """The permissions that its overwrite takes from @everyone."""
        flags = {
            VIEW_CHANNEL: self.can_view,
            SEND_MESSAGES: self.can_send,
            READ_MESSAGE_HISTORY: self.can_read_history,
            CREATE_PUBLIC_THREADS: self.can_create_threads,
            SEND_MESSAGES_IN_THREADS: self.can_send_in_threads,
        }
        return sum(bit for bit, is_allowed in flags.items() if not is_allowed)

    def payload(self) -> dict[str, Any]:
        """The channel object, of a guild's channel or of a thread."""
        return {
            "id": str(self.id),
            "type": self.kind,
            "guild_id": str(self.guild_id),
            "name": self.name,
            "parent_id": str(self.parent_id) if self.parent_id else None,
            "last_message_id": self.messages[-1]["id"] if self.messages else None,
            "rate_limit_per_user": 0,
            **(self._of_thread() if self.is_thread else self._of_guild()),
        }

    def _of_guild(self) -> dict[str, Any]:
        everyone = {"id": str(GUILD_ID), "type": 0, "allow": "0", "deny": str(self.denied())}
        return {
            "flags": _REQUIRE_TAG if self.requires_tag else 0,
            "position": 0,
            "permission_overwrites": [everyone] if self.denied() else [],
            "nsfw": False,
            "topic": None,
            **({"available_tags": self.tags} if self.kind == FORUM else {}),
        }

    def _of_thread(self) -> dict[str, Any]:
        count = len([message for message in self.messages if message["id"] != str(self.id)])  # a post's first is not counted
        return {
            "flags": 0,
            "owner_id": str(self.owner_id),
            "message_count": count,
            "total_message_sent": count,
            "member_count": 1,
            "applied_tags": [str(tag) for tag in self.applied_tags],
            "thread_metadata": {
                "archived": self.archived,
                "archive_timestamp": (self.archived_at or self.created_at).isoformat(),
                "auto_archive_duration": self.auto_archive_min,
                "locked": self.locked,
                "create_timestamp": self.created_at.isoformat(),
            },
        }


def tag(tag_id: int, name: str, *, is_moderated: bool = False, emoji: str | None = None) -> dict[str, Any]:
    """A forum's tag; one that is moderated takes a permission that the bot has not."""
    return {"id": str(tag_id), "name": name, "moderated": is_moderated, "emoji_id": None, "emoji_name": emoji}
