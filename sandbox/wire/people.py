"""What people do, as the gateway tells it: slash commands, and clicks on a message's buttons and menus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.wire.channels import DM, EVERYONE_MAY, GUILD_ID, MENTION_EVERYONE, Channel
from sandbox.wire.interaction import AUTOCOMPLETE, COMMAND, COMPONENT, Interaction, command_data
from sandbox.wire.rules import walk
from sandbox.wire.state import BOT_ID, World


@dataclass(frozen=True, slots=True)
class Asked:
    """An interaction and what its payload says of the command or the component."""

    interaction: Interaction
    data: dict[str, Any]
    message: Mapping[str, Any] | None = None


def runs(
    world: World, command: str, options: Mapping[str, Any], channel: Channel, user_id: int, focused: str | None = None
) -> Asked:
    """A slash command, or the choices for the option that is being typed."""
    data = command_data(command, options, world.commands, focused)
    return Asked(_new(world, AUTOCOMPLETE if focused else COMMAND, channel, user_id), data)


def clicks(world: World, custom_id: str, message: Mapping[str, Any], values: Sequence[str], user_id: int) -> Asked:
    """A button or a menu; a ValueError if the message has none of that id."""
    found = [c for c in walk(message["components"]) if c.get("custom_id") == custom_id]
    if not found:
        raise ValueError(f"the message has no component {custom_id!r}")
    data = {"custom_id": custom_id, "component_type": found[0]["type"], "id": found[0]["id"]}
    if values:
        data["values"] = list(values)
    interaction = _new(world, COMPONENT, world.channels[int(message["channel_id"])], user_id)
    interaction.source_id = message["id"]
    if all(stored["id"] != message["id"] for stored in interaction.channel.messages):
        interaction.hidden.append(dict(message))  # one that only this person sees
    return Asked(interaction, data, message)


def payload(world: World, asked: Asked, permissions: int) -> dict[str, Any]:
    """The data of INTERACTION_CREATE."""
    interaction, channel = asked.interaction, asked.interaction.channel
    mention = MENTION_EVERYONE if world.may_mention_all else 0
    told: dict[str, Any] = {
        "id": str(interaction.id),
        "application_id": str(BOT_ID),
        "type": interaction.kind,
        "data": asked.data,
        "token": interaction.token,
        "version": 1,
        "channel_id": str(channel.id),
        "channel": channel.payload(),
        "locale": "en-US",
        "app_permissions": str((EVERYONE_MAY | mention) & ~world.home(channel).denied()),
        "attachment_size_limit": 10_485_760,
        "entitlements": [],
        "authorizing_integration_owners": {"0": str(GUILD_ID)},
        "context": 1 if channel.kind == DM else 0,
        **({"message": asked.message} if asked.message else {}),
    }
    if channel.kind == DM:
        return {**told, "user": world.user(interaction.user_id)}
    place = {
        "guild_id": str(GUILD_ID),
        "guild": {"id": str(GUILD_ID), "locale": "en-US", "features": []},
        "guild_locale": "en-US",
    }
    return {**told, **place, "member": _member(world, interaction.user_id, permissions)}


def _new(world: World, kind: int, channel: Channel, user_id: int) -> Interaction:
    id_ = world.snowflake()
    interaction = Interaction(id_, f"token{id_}", kind, channel, user_id, world.clock(), world.monotonic())
    world.interactions[interaction.token] = interaction
    world.answers[interaction.token] = []
    return interaction


def _member(world: World, user_id: int, permissions: int) -> dict[str, Any]:
    return {
        "user": world.user(user_id),
        "nick": None,
        "avatar": None,
        "roles": [],
        "joined_at": "2026-01-01T00:00:00+00:00",
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "pending": False,
        "flags": 0,
        "permissions": str(permissions),
        "communication_disabled_until": None,
    }
