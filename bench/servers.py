"""Servers as a gateway tells of them whole: what a community of some hundred people sends in GUILD_CREATE.

Thirteen channels in three categories (seven of text, one of announcements, a forum, a voice channel), the staff's closed to all
but two roles, the rules and the announcements closed for writing; nine roles, @everyone and the bot's own among them; twelve
emojis, two stickers, two threads. That is what Discord's own templates for communities and for study groups come to, with what
moderators add in the first year. Names and topics differ from server to server, so that no two share their text in memory.
"""

from __future__ import annotations

from random import Random
from typing import Any

from sandbox.wire.channels import ANNOUNCEMENT, EVERYONE_MAY, FORUM, PUBLIC_THREAD, SEND_MESSAGES, TEXT, VIEW_CHANNEL
from sandbox.wire.state import BOT_ID

_VOICE, _CATEGORY = 2, 4
_WORDS = ("paper", "vision", "speech", "robot", "signal", "graph", "theory", "reading", "proof", "model", "data", "lab", "club")
_ROLES = ("Admin", "Moderator", "Paperboy", "Professor", "PhD", "Student", "Newcomer", "digest")
_CATEGORIES = ("Welcome", "Talk", "Staff")
_CHANNELS: tuple[tuple[str, int, int], ...] = (  # name, kind, place of its category
    ("rules", TEXT, 0),
    ("news", ANNOUNCEMENT, 0),
    ("general", TEXT, 1),
    ("papers", TEXT, 1),
    ("questions", FORUM, 1),
    ("off-topic", TEXT, 1),
    ("jobs", TEXT, 1),
    ("lounge", _VOICE, 1),
    ("moderators", TEXT, 2),
    ("log", TEXT, 2),
)
_BY_SERVER, _FIRST = 1_000, 10**18  # a server's ids: its own, then those of its channels, roles and emojis
_POSTED_IN = 23  # "papers"
_NOTHING = (
    "icon", "description", "home_header", "splash", "discovery_splash", "banner", "application_id", "afk_channel_id",
    "widget_channel_id", "vanity_url_code", "safety_alerts_channel_id", "incidents_data",
)  # fmt: skip


def guild_id(number: int) -> int:
    return _FIRST + number * _BY_SERVER


def posted_in(number: int) -> int:
    """The id of the channel of that server in which digests appear."""
    return guild_id(number) + _POSTED_IN


def server(number: int) -> dict[str, Any]:
    """The data of GUILD_CREATE for the server of that number, the same in every run."""
    rng, own = Random(number), guild_id(number)  # noqa: S311
    return {
        **dict.fromkeys(_NOTHING),
        "id": str(own),
        "name": f"{_words(rng, 2).title()} {number}",
        "owner_id": str(own + 900),
        "region": "deprecated",
        "afk_timeout": 300,
        "verification_level": 2,
        "default_message_notifications": 1,
        "explicit_content_filter": 2,
        "mfa_level": 0,
        "nsfw_level": 0,
        "nsfw": False,
        "premium_tier": 1,
        "premium_subscription_count": 3,
        "premium_progress_bar_enabled": False,
        "preferred_locale": rng.choice(("en-US", "de", "fr")),
        "system_channel_id": str(own + 22),
        "system_channel_flags": 0,
        "rules_channel_id": str(own + 20),
        "public_updates_channel_id": str(own + 28),
        "widget_enabled": False,
        "max_members": 500_000,
        "max_presences": None,
        "max_video_channel_users": 25,
        "max_stage_video_channel_users": 50,
        "features": ["COMMUNITY", "NEWS", "AUTO_MODERATION", "ANIMATED_ICON", "INVITE_SPLASH"],
        "joined_at": "2026-01-01T00:00:00.000000+00:00",
        "large": True,
        "member_count": rng.randrange(100, 900),
        "unavailable": False,
        "roles": [_role(own, own, "@everyone", 0), *(_role(own, own + n, name, n) for n, name in enumerate(_ROLES, 1))],
        "channels": [
            *(_channel(rng, own, own + 10 + n, name, _CATEGORY, n) for n, name in enumerate(_CATEGORIES)),
            *(_channel(rng, own, own + 20 + n, name, kind, place) for n, (name, kind, place) in enumerate(_CHANNELS)),
        ],
        "threads": [_thread(rng, own, own + 40 + n) for n in range(2)],
        "emojis": [_emoji(own + 100 + n, _words(rng, 2)) for n in range(12)],
        "stickers": [_sticker(own, own + 200 + n, _words(rng, 1)) for n in range(2)],
        "members": [_bot(own)],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def _words(rng: Random, count: int) -> str:
    return " ".join(rng.choices(_WORDS, k=count))


def _role(own: int, role_id: int, name: str, position: int) -> dict[str, Any]:
    tags = {"tags": {"bot_id": str(BOT_ID)}} if name == "Paperboy" else {}
    return {
        "id": str(role_id),
        "name": name if role_id == own else f"{name} {own % 977}",
        "permissions": str(EVERYONE_MAY if name in {"@everyone", "Paperboy"} else EVERYONE_MAY | position << 20),
        "position": position,
        "color": position * 40_000,
        "colors": {"primary_color": position * 40_000, "secondary_color": None, "tertiary_color": None},
        "hoist": position > 5,
        "managed": name == "Paperboy",
        "mentionable": name == "digest",
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
        "description": None,
        **tags,
    }


def _channel(rng: Random, own: int, channel_id: int, name: str, kind: int, place: int) -> dict[str, Any]:
    written = (
        {}
        if kind == _CATEGORY
        else {"parent_id": str(own + 10 + place), "last_message_id": str(channel_id + rng.randrange(10**9))}
    )
    of_voice = {"bitrate": 64_000, "user_limit": 0, "rtc_region": None} if kind == _VOICE else {}
    of_text = {"topic": f"About {_words(rng, 6)}: be kind"} if kind in {TEXT, ANNOUNCEMENT, FORUM} else {}
    tags = [
        {"id": str(channel_id + 300 + n), "name": _words(rng, 1), "moderated": False, "emoji_id": None, "emoji_name": None}
        for n in range(5)
    ]
    return {
        "id": str(channel_id),
        "type": kind,
        "name": name if kind == _CATEGORY else f"{name}-{own % 977}",
        "position": channel_id % 100,
        "flags": 0,
        "nsfw": False,
        "rate_limit_per_user": 0,
        "permission_overwrites": _overwrites(own, name, place),
        "parent_id": None,
        "icon_emoji": {"id": None, "name": "💬"},
        "theme_color": None,
        **written,
        **of_voice,
        **of_text,
        **({"available_tags": tags, "default_reaction_emoji": None, "default_forum_layout": 0} if kind == FORUM else {}),
    }


def _overwrites(own: int, name: str, place: int) -> list[dict[str, Any]]:
    """The staff's channels are seen by two roles and by the bot; everybody reads the first ones, and a role writes there."""
    if place == 2:
        seeing = [{"id": str(own + n), "type": 0, "allow": str(VIEW_CHANNEL), "deny": "0"} for n in (1, 2, 3)]
        return [{"id": str(own), "type": 0, "allow": "0", "deny": str(VIEW_CHANNEL)}, *seeing]
    if place == 0 or name == "papers":
        writing = [{"id": str(own + n), "type": 0, "allow": str(SEND_MESSAGES), "deny": "0"} for n in (2, 3)]
        return [{"id": str(own), "type": 0, "allow": "0", "deny": str(SEND_MESSAGES)}, *writing]
    return []


def _thread(rng: Random, own: int, thread_id: int) -> dict[str, Any]:
    return {
        "id": str(thread_id),
        "type": PUBLIC_THREAD,
        "guild_id": str(own),
        "parent_id": str(own + 24),
        "owner_id": str(own + 901),
        "name": _words(rng, 4),
        "last_message_id": str(thread_id + 5),
        "flags": 0,
        "rate_limit_per_user": 0,
        "message_count": 12,
        "total_message_sent": 12,
        "member_count": 4,
        "applied_tags": [],
        "thread_metadata": {
            "archived": False,
            "archive_timestamp": "2026-06-01T00:00:00+00:00",
            "auto_archive_duration": 4_320,
            "locked": False,
            "create_timestamp": "2026-06-01T00:00:00+00:00",
        },
    }


def _emoji(emoji_id: int, name: str) -> dict[str, Any]:
    flags = {"require_colons": True, "managed": False, "animated": False, "available": True}
    return {"id": str(emoji_id), "name": name.replace(" ", "_"), "roles": [], **flags}


def _sticker(own: int, sticker_id: int, name: str) -> dict[str, Any]:
    told = {"description": "", "tags": "wave", "type": 2, "format_type": 1, "available": True, "guild_id": str(own)}
    return {"id": str(sticker_id), "name": name, **told}


def _bot(own: int) -> dict[str, Any]:
    user = {"id": str(BOT_ID), "username": "paperboy", "discriminator": "0", "global_name": None, "avatar": None, "bot": True}
    told = {"joined_at": "2026-01-01T00:00:00+00:00", "deaf": False, "mute": False, "flags": 0, "nick": None, "avatar": None}
    return {"user": user, "roles": [str(own + 3)], **told}
