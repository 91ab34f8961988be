"""Which request does what to the world."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.wire import callbacks, guild, threads
from sandbox.wire.channels import DM, GUILD_ID, Channel
from sandbox.wire.rules import Refusal
from sandbox.wire.state import BOT_ID, World

Answered = tuple[int, Any]

_APPLICATION: dict[str, Any] = {
    "id": str(BOT_ID),
    "name": "paperboy",
    "description": "",
    "summary": "",
    "type": None,
    "verify_key": "",
    "flags": 0,
    "flags_new": "0",
    "icon": None,
    "team": None,
    "redirect_uris": [],
    "interactions_endpoint_url": None,
    "role_connections_verification_url": None,
    "approximate_guild_count": 1,
    "approximate_user_install_count": 0,
    "approximate_user_authorization_count": 0,
    "explicit_content_filter": 0,
    "eligible_oauth2_scopes": [],
    "bot_public": True,
    "bot_require_code_grant": False,
}


@dataclass(frozen=True, slots=True)
class Call:
    """One request, as far as its effect depends on it; ``host`` is the address it was sent to."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    host: str


def route(world: World, call: Call) -> Answered:
    """Do what is asked; the status and body of the answer. Raises Refusal and TooMany."""
    first, *rest = call.path.strip("/").split("/")
    for name, handle in _FIRST.items():
        if first == name:
            return handle(world, call, rest)
    raise _unknown()


def _of_the_bot(world: World, call: Call, rest: list[str]) -> Answered:
    match call.method, rest:
        case "GET", ["@me"]:
            return 200, {**world.user(), "mfa_enabled": False, "locale": "en-US"}
        case "POST", ["@me", "channels"]:
            return 200, _channel(world, world.open_dm(int(call.body["recipient_id"])))
    raise _unknown()


def _of_the_application(world: World, call: Call, rest: list[str]) -> Answered:
    match call.method, rest:
        case "GET", ["@me"] | ["applications", "@me"]:
            return 200, {**_APPLICATION, "owner": world.user()}
        case "PUT", [_, "commands"]:
            world.commands = call.body
            return 200, []
    raise _unknown()


def _of_the_gateway(world: World, call: Call, rest: list[str]) -> Answered:
    if (call.method, rest) != ("GET", ["bot"]):
        raise _unknown()
    starts = world.session_starts
    limit = {"total": starts.total, "remaining": starts.remaining, "reset_after": starts.reset_after_ms}
    url = starts.url or f"ws://{call.host}/gateway/"
    return 200, {"url": url, "shards": starts.shards, "session_start_limit": {**limit, "max_concurrency": starts.max_concurrency}}


def _of_the_guild(world: World, call: Call, rest: list[str]) -> Answered:
    if call.method != "GET":
        raise _unknown()
    if rest[0] != str(GUILD_ID):
        raise Refusal(404, 10004, "Unknown Guild")
    match rest[1:]:
        case []:
            return 200, guild.over_rest(world)
        case ["roles"]:
            return 200, guild.roles(world)
        case ["channels"]:
            return 200, guild.channels(world)
        case ["members", user_id]:
            return 200, guild.member(world, int(user_id))
        case ["threads", "active"]:
            return 200, threads.active(world)
    raise _unknown()


def _of_a_channel(world: World, call: Call, rest: list[str]) -> Answered:
    channel_id, after = int(rest[0]), rest[1:]
    match call.method, after:
        case "GET", []:
            return 200, _channel(world, world.channel(channel_id))
        case "POST", ["messages"]:
            return 200, world.post(channel_id, call.body)
        case "GET", ["messages"]:
            edges = {edge: int(call.query[edge]) for edge in ("before", "after") if edge in call.query}
            return 200, world.history(channel_id, int(call.query.get("limit", "50")), **edges)
        case "POST", ["threads"]:
            return 201, threads.start(world, channel_id, call.body)
        case "GET", ["threads", "archived", "public"]:
            limit, until = int(call.query.get("limit", "50")), call.query.get("before")
            return 200, threads.archived(world, channel_id, limit, datetime.fromisoformat(until) if until else None)
        case method, ["messages", message_id, *what]:
            return _of_a_message(world, call, channel_id, int(message_id), [method, *what])
    raise _unknown()


def _of_a_message(world: World, call: Call, channel_id: int, message_id: int, what: list[str]) -> Answered:
    channel = world.channel(channel_id)
    match what:
        case ["GET"]:
            if not (channel.can_read_history and world.home(channel).can_read_history):
                raise Refusal(403, 50013, "Missing Permissions")
            return 200, world.message(channel, message_id)
        case ["PATCH"]:
            return 200, world.edit(channel_id, message_id, call.body)
        case ["DELETE"]:
            channel.messages = [m for m in channel.messages if m["id"] != str(message_id)]
            return 204, None
        case ["POST", "crosspost"]:
            return 200, world.crosspost(channel_id, message_id)
        case ["POST", "threads"]:
            return 201, threads.start_on_message(world, channel_id, message_id, call.body)
    raise _unknown()


def _of_an_interaction(world: World, call: Call, rest: list[str]) -> Answered:
    match call.method, rest:
        case "POST", [interaction_id, token, "callback"]:
            told = callbacks.answer(world, int(interaction_id), token, call.body)
            is_wanted = call.query.get("with_response", "").lower() in {"1", "true"}
            return (200, told) if is_wanted else (204, None)
    raise _unknown()


def _of_a_webhook(world: World, call: Call, rest: list[str]) -> Answered:
    match call.method, rest:
        case "POST", [_, token]:
            return 200, callbacks.follow_up(world, token, call.body)
        case "GET", [_, token, "messages", message_id]:
            return 200, callbacks.read(world, token, message_id)
        case "PATCH", [_, token, "messages", message_id]:
            return 200, callbacks.edit(world, token, message_id, call.body)
        case "DELETE", [_, token, "messages", message_id]:
            callbacks.delete(world, token, message_id)
            return 204, None
    raise _unknown()


def _channel(world: World, channel: Channel) -> dict[str, Any]:
    if channel.kind != DM or channel.recipient_id is None:
        return channel.payload()
    last = channel.messages[-1]["id"] if channel.messages else None
    user = world.user(channel.recipient_id)
    return {"id": str(channel.id), "type": DM, "flags": 0, "last_message_id": last, "recipients": [user]}


def _unknown() -> Refusal:
    return Refusal(404, 0, "404: Not Found")


_FIRST = {
    "users": _of_the_bot,
    "applications": _of_the_application,
    "oauth2": _of_the_application,
    "gateway": _of_the_gateway,
    "guilds": _of_the_guild,
    "channels": _of_a_channel,
    "interactions": _of_an_interaction,
    "webhooks": _of_a_webhook,
}
