"""An interaction as Discord sends it, and what was answered to it.

https://discord.com/developers/docs/interactions/receiving-and-responding
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.wire.channels import EVERYONE_MAY, Channel, Role

COMMAND, COMPONENT, AUTOCOMPLETE = 2, 3, 4
_SUBCOMMAND, _STRING, _INTEGER, _BOOLEAN, _CHANNEL, _ROLE, _NUMBER = 1, 3, 4, 5, 7, 8, 10


@dataclass(frozen=True, slots=True)
class Answer:
    """What the bot sent: ``kind`` is "callback", "edit", "followup" or "delete", ``message`` what came of it.

    ``body`` is the request's. A callback's ``body["type"]`` tells a message (4), a deferral (5, 6), an update (7) and choices
    (8) apart.
    """

    kind: str
    body: Any
    message: dict[str, Any] | None = None


@dataclass(slots=True)
class Interaction:
    """One interaction: its token is good for 15 minutes from ``made_at``, a first answer for 3 s from ``made_s``.

    ``hidden`` are messages that only the one who asked can see; ``original_id`` is the message called @original.
    """

    id: int
    token: str
    kind: int
    channel: Channel
    user_id: int
    made_at: datetime
    made_s: float
    is_acknowledged: bool = False
    original_id: str | None = None
    source_id: str | None = None
    hidden: list[dict[str, Any]] = field(default_factory=list)


def command_data(name: str, options: Mapping[str, Any], synced: list[Any], focused: str | None = None) -> dict[str, Any]:
    """The ``data`` of a slash command, "subscribe add" for a subcommand; a channel or a role may be an option's value.

    The options' types are those the bot registered, or else those of the values.
    """
    first, *rest = name.split()
    known: dict[str, Any] = next((command for command in synced if command["name"] == first), {"options": []})
    for part in rest:
        known = next((option for option in known.get("options") or [] if option["name"] == part), {"options": []})
    types = {option["name"]: option["type"] for option in known.get("options") or []}
    told: list[dict[str, Any]] = []
    for key, value in options.items():
        plain = str(value.id) if isinstance(value, Channel | Role) else value
        told.append({"name": key, "type": types.get(key, _type_of(value)), "value": plain})
        if key == focused:
            told[-1]["focused"] = True
    for depth, part in enumerate(reversed(rest)):
        told = [{"name": part, "type": _SUBCOMMAND + (depth > 0), "options": told}]
    return {"id": "900", "name": first, "type": 1, "options": told, "resolved": _resolved(options)}


def _type_of(value: Any) -> int:
    kinds = {bool: _BOOLEAN, int: _INTEGER, float: _NUMBER, Channel: _CHANNEL, Role: _ROLE}
    return kinds.get(type(value), _STRING)


def _resolved(options: Mapping[str, Any]) -> dict[str, Any]:
    channels = [value for value in options.values() if isinstance(value, Channel)]
    roles = [value for value in options.values() if isinstance(value, Role)]
    return {
        "channels": {str(c.id): {**c.payload(), "permissions": str(EVERYONE_MAY & ~c.denied())} for c in channels},
        "roles": {str(role.id): role.payload() for role in roles},
    }
