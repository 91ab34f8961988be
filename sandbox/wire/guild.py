"""The server as Discord writes it down: over REST, and whole in GUILD_CREATE."""

from __future__ import annotations

from typing import Any

from sandbox.wire.channels import DM, GUILD_ID, MENTION_EVERYONE, Role
from sandbox.wire.state import BOT_ID, World

_COMMON: dict[str, Any] = {
    "id": str(GUILD_ID),
    "name": "Loopback",
    "owner_id": "2",
    "emojis": [],
    "stickers": [],
    "features": [],
    "verification_level": 0,
    "default_message_notifications": 0,
    "explicit_content_filter": 0,
    "mfa_level": 0,
    "nsfw_level": 0,
    "premium_tier": 0,
    "premium_progress_bar_enabled": False,
    "preferred_locale": "en-US",
    "system_channel_flags": 0,
}
_NOTHING = (
    "icon", "description", "home_header", "splash", "discovery_splash", "banner", "application_id", "afk_channel_id",
    "system_channel_id", "widget_channel_id", "max_presences", "vanity_url_code", "rules_channel_id",
    "safety_alerts_channel_id", "public_updates_channel_id", "incidents_data",
)  # fmt: skip
_ONLY_REST: dict[str, Any] = {
    **dict.fromkeys(_NOTHING),
    "region": "deprecated",
    "afk_timeout": 300,
    "widget_enabled": False,
    "max_members": 500_000,
    "max_stage_video_channel_users": 50,
    "max_video_channel_users": 25,
    "premium_subscription_count": 0,
    "nsfw": False,
}


def role(world: World, found: Role) -> dict[str, Any]:
    """A role; the bot's leave to mention all is @everyone's here."""
    may_mention = MENTION_EVERYONE if found.id == GUILD_ID and world.may_mention_all else 0
    return {**found.payload(), "permissions": str(found.permissions | may_mention)}


def roles(world: World) -> list[dict[str, Any]]:
    return [role(world, found) for found in world.roles.values()]


def channels(world: World) -> list[dict[str, Any]]:
    """The server's channels without the threads; those closed to the bot are told of, too."""
    return [c.payload() for c in world.channels.values() if c.guild_id == GUILD_ID and not c.is_thread and c.kind != DM]


def over_rest(world: World) -> dict[str, Any]:
    return {**_COMMON, **_ONLY_REST, "roles": roles(world)}


def member(world: World, user_id: int) -> dict[str, Any]:
    """Someone of the server; nobody has a role but @everyone."""
    joined = {"joined_at": "2026-01-01T00:00:00+00:00", "deaf": False, "mute": False}
    return {"user": world.user(user_id), "roles": [], **joined, "flags": 0}


def over_gateway(world: World) -> dict[str, Any]:
    """The data of GUILD_CREATE."""
    threads = [c for c in world.channels.values() if c.is_thread and not c.archived and world.home(c).can_view]
    return {
        **_COMMON,
        "member_count": 1,
        "roles": roles(world),
        "channels": channels(world),
        "threads": [thread.payload() for thread in threads],
        "members": [member(world, BOT_ID)],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
        "unavailable": False,
    }
