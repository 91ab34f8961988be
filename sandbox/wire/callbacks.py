"""The bot's side of an interaction over REST: the first answer, follow-ups and edits.

https://discord.com/developers/docs/interactions/receiving-and-responding
"""

from __future__ import annotations

from typing import Any

from sandbox.wire.channels import GUILD_ID
from sandbox.wire.interaction import COMMAND, COMPONENT, Answer, Interaction
from sandbox.wire.mentions import ONLY_USERS
from sandbox.wire.rules import EPHEMERAL, LOADING, Refusal, check_message
from sandbox.wire.state import BOT_ID, World

MESSAGE, DEFERRED_MESSAGE, DEFERRED_UPDATE, UPDATE = 4, 5, 6, 7
_FIRST_ANSWER_S, _TOKEN_S = 3.0, 15 * 60


def answer(world: World, interaction_id: int, token: str, body: dict[str, Any]) -> dict[str, Any]:
    """The first answer; returns what ``with_response`` asks for. Raises Refusal for a late one (10062) or a second (40060)."""
    asked = world.interactions.get(token)
    if asked is None or asked.id != interaction_id:
        raise Refusal(404, 10062, "Unknown interaction")
    if asked.is_acknowledged:
        raise Refusal(400, 40060, "Interaction has already been acknowledged.")
    if world.monotonic() - asked.made_s > _FIRST_ANSWER_S:
        raise Refusal(404, 10062, "Unknown interaction")
    message = _first(world, asked, body["type"], body.get("data") or {})
    asked.is_acknowledged = True
    world.answers[token].append(Answer("callback", body, message))
    return _told(asked, body["type"], message)


def follow_up(world: World, token: str, body: dict[str, Any]) -> dict[str, Any]:
    """One more message; the first after a deferral takes the place of "is thinking". Raises Refusal."""
    asked = _known(world, token)
    original = _found(asked, asked.original_id) if asked.original_id else None
    if original and original["flags"] & LOADING:
        message = _fill(world, original, body)
    else:
        check_message(body)
        message = _new(world, asked, body)
    _put(asked, message)
    world.answers[token].append(Answer("followup", body, message))
    return message


def read(world: World, token: str, message_id: str) -> dict[str, Any]:
    """A message of the interaction by its id or as "@original". Raises Refusal."""
    return _named(_known(world, token), message_id)


def edit(world: World, token: str, message_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Change one; to edit "is thinking" fills it. Raises Refusal."""
    asked = _known(world, token)
    message = _named(asked, message_id)
    is_waiting = message["flags"] & LOADING
    edited = _fill(world, message, body) if is_waiting else world.edited(message, body, ONLY_USERS)
    _put(asked, edited)
    world.answers[token].append(Answer("edit", body, edited))
    return edited


def delete(world: World, token: str, message_id: str) -> None:
    """Raises Refusal."""
    asked = _known(world, token)
    message = _named(asked, message_id)
    _where(asked, message).remove(message)
    world.answers[token].append(Answer("delete", None, message))


def _known(world: World, token: str) -> Interaction:
    asked = world.interactions.get(token)
    if asked is None or not asked.is_acknowledged:
        raise Refusal(404, 10015, "Unknown Webhook")
    if (world.clock() - asked.made_at).total_seconds() > _TOKEN_S:
        raise Refusal(401, 50027, "Invalid Webhook Token")
    return asked


def _first(world: World, asked: Interaction, kind: int, data: dict[str, Any]) -> dict[str, Any] | None:
    if kind in {MESSAGE, DEFERRED_MESSAGE}:
        if kind == MESSAGE:
            check_message(data)
        message = _new(world, asked, {**data, "flags": (data.get("flags") or 0) | (LOADING if kind == DEFERRED_MESSAGE else 0)})
        _put(asked, message)
        asked.original_id = message["id"]
        return message
    if kind not in {DEFERRED_UPDATE, UPDATE}:
        return None  # choices or a modal
    if asked.kind != COMPONENT:
        raise Refusal(400, 50035, "Invalid Form Body: there is no message to update")
    asked.original_id = asked.source_id
    if kind == DEFERRED_UPDATE:
        return None
    updated = world.edited(_named(asked, "@original"), data, ONLY_USERS)
    _put(asked, updated)
    return updated


def _new(world: World, asked: Interaction, body: dict[str, Any]) -> dict[str, Any]:
    message = world.new_message(asked.channel.id, body, ONLY_USERS)
    return {**message, "type": 20 if asked.kind == COMMAND else 0, "webhook_id": str(BOT_ID), "application_id": str(BOT_ID)}


def _fill(world: World, message: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """Who can see it was settled with the deferral."""
    kept = message["flags"] & EPHEMERAL
    blank = {**message, "flags": kept}
    filled = world.edited(blank, {**body, "flags": (body.get("flags") or 0) | kept}, ONLY_USERS)
    return {**filled, "edited_timestamp": None}


def _where(asked: Interaction, message: dict[str, Any]) -> list[dict[str, Any]]:
    return asked.hidden if message["flags"] & EPHEMERAL else asked.channel.messages


def _put(asked: Interaction, message: dict[str, Any]) -> None:
    """Store it, in place of the one with its id."""
    kept = _where(asked, message)
    for place, known in enumerate(kept):
        if known["id"] == message["id"]:
            kept[place] = message
            return
    kept.append(message)


def _found(asked: Interaction, message_id: str | None) -> dict[str, Any] | None:
    return next((m for m in [*asked.hidden, *asked.channel.messages] if m["id"] == message_id), None)


def _named(asked: Interaction, name: str) -> dict[str, Any]:
    message = _found(asked, asked.original_id if name == "@original" else name)
    if message is None:
        raise Refusal(404, 10008, "Unknown Message")
    return message


def _told(asked: Interaction, kind: int, message: dict[str, Any] | None) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": str(asked.id),
        "type": asked.kind,
        "channel_id": str(asked.channel.id),
        "guild_id": str(GUILD_ID),
    }
    if message is None:
        return {"interaction": told}
    told["response_message_id"] = message["id"]
    told["response_message_loading"] = kind == DEFERRED_MESSAGE
    told["response_message_ephemeral"] = bool(message["flags"] & EPHEMERAL)
    resource = {"resource": {"type": kind, "message": message}} if kind in {MESSAGE, UPDATE} else {}
    return {"interaction": told, **resource}
