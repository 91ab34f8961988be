"""Threads: posts in a forum, threads on a message, and which there are.

https://discord.com/developers/docs/topics/threads
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sandbox.wire.channels import ANNOUNCEMENT, ANNOUNCEMENT_THREAD, FORUM, PUBLIC_THREAD, Channel
from sandbox.wire.rules import HAS_THREAD, Refusal, check_message
from sandbox.wire.state import BOT_ID, World

_TAGS, _NAME = 5, 100


def start(world: World, channel_id: int, body: dict[str, Any]) -> dict[str, Any]:
    """A post in a forum, whose first message has the thread's id; elsewhere a thread with nothing in it. Raises Refusal."""
    parent = world.channel(channel_id)
    if parent.kind != FORUM:
        _check_may_start(world, parent, body)
        return _add(world, parent, body).payload()
    # In a forum SEND_MESSAGES is what allows a post.
    if not parent.can_send:
        raise Refusal(403, 50013, "Missing Permissions")
    _check_name_and_room(world, body)
    tags = _checked_tags(parent, body)
    first = body.get("message") or {}
    check_message(first)
    thread = _add(world, parent, body, applied_tags=tags)
    message = {**world.new_message(thread.id, first), "id": str(thread.id)}
    thread.messages.append(message)
    return {**thread.payload(), "message": message}


def start_on_message(world: World, channel_id: int, message_id: int, body: dict[str, Any]) -> dict[str, Any]:
    """A thread on a message, with the message's id. Raises Refusal."""
    parent = world.channel(channel_id)
    message = world.message(parent, message_id)
    if message_id in world.channels:
        raise Refusal(400, 160004, "A thread has already been created for this message")
    _check_may_start(world, parent, body)
    told = _add(world, parent, body, id=message_id).payload()
    parent.messages[parent.messages.index(message)] = {**message, "flags": message["flags"] | HAS_THREAD, "thread": told}
    return told


def active(world: World) -> dict[str, Any]:
    """The server's threads that are not archived and that the bot can see, the newest first."""
    found = [t for t in world.channels.values() if t.is_thread and not t.archived and world.home(t).can_view]
    found.sort(key=lambda thread: thread.id, reverse=True)
    return {"threads": [thread.payload() for thread in found], "members": [], "has_more": False}


def archived(world: World, channel_id: int, limit: int, before: datetime | None) -> dict[str, Any]:
    """The archived threads of a channel, the last archived first. Raises Refusal."""
    parent = world.channel(channel_id)
    if not parent.can_read_history:
        raise Refusal(403, 50001, "Missing Access")

    def since(thread: Channel) -> datetime:
        return thread.archived_at or thread.created_at

    found = [t for t in world.channels.values() if t.parent_id == parent.id and t.archived]
    found = sorted((t for t in found if before is None or since(t) < before), key=since, reverse=True)
    return {"threads": [t.payload() for t in found[:limit]], "members": [], "has_more": len(found) > limit}


def _check_may_start(world: World, parent: Channel, body: dict[str, Any]) -> None:
    if parent.is_thread or parent.recipient_id:
        raise Refusal(400, 50024, "Cannot execute action on this channel type")
    if not parent.can_create_threads:
        raise Refusal(403, 50013, "Missing Permissions")
    _check_name_and_room(world, body)


def _check_name_and_room(world: World, body: dict[str, Any]) -> None:
    if not 1 <= len(body.get("name") or "") <= _NAME:
        raise Refusal(400, 50035, "Invalid Form Body: a name has 1 to 100 characters")
    if len(active(world)["threads"]) >= world.max_active_threads:
        raise Refusal(400, 160006, "Maximum number of active threads reached")


def _checked_tags(forum: Channel, body: dict[str, Any]) -> list[int]:
    tags = [int(tag) for tag in body.get("applied_tags") or []]
    if len(tags) > _TAGS:
        raise Refusal(400, 50035, "Invalid Form Body: at most 5 tags")
    if forum.requires_tag and not tags:
        raise Refusal(400, 40067, "A tag is required to create a forum post in this channel")
    known = {int(tag["id"]): tag for tag in forum.tags}
    for tag in tags:
        if tag not in known:
            raise Refusal(404, 10087, "Unknown Tag")
        if known[tag]["moderated"]:
            raise Refusal(403, 50013, "Missing Permissions")
    return tags


def _add(world: World, parent: Channel, body: dict[str, Any], **its: Any) -> Channel:
    kind = ANNOUNCEMENT_THREAD if parent.kind == ANNOUNCEMENT else PUBLIC_THREAD
    minutes = body.get("auto_archive_duration") or 1_440
    return world.add_channel(body["name"], kind, parent_id=parent.id, owner_id=BOT_ID, auto_archive_min=minutes, **its)
