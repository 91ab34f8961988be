"""The Discord on the wire answers as Discord does: messages, threads, publishing, mentions, limits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import discord
import pytest

from sandbox.wire.channels import ANNOUNCEMENT, FORUM, PUBLIC_THREAD, tag
from sandbox.wire.faults import Fault, Kind
from sandbox.wire.state import BOT_ID, GUILD_ID, V2_FLAG, Channel
from tests.sandbox.conftest import Bot, Wire

HELLO = {"content": "hello"}
LAYOUT = {"components": [{"type": 10, "content": "hello"}], "flags": V2_FLAG}


@pytest.fixture
def channel(wire: Wire) -> Channel:
    return wire.world.add_channel("daily-papers")


@pytest.fixture
def forum(wire: Wire) -> Channel:
    return wire.world.add_channel("papers", FORUM, tags=[tag(11, "vision"), tag(12, "staff", is_moderated=True)])


def messages(channel: Channel, which: str = "") -> str:
    return f"/channels/{channel.id}/messages{which and '/'}{which}"


async def post(wire: Wire, channel: Channel, body: dict[str, Any] = HELLO) -> dict[str, Any]:
    status, message = await wire.ask("POST", messages(channel), body)
    assert status == 200, message
    return dict(message)


async def test_an_own_message_can_be_edited_and_read_again(wire: Wire, channel: Channel, client: Bot) -> None:
    message = await client.get_partial_messageable(channel.id).send("hello")
    assert (await message.edit(content="better")).content == "better"
    read = await client.get_partial_messageable(channel.id).fetch_message(message.id)
    assert (read.content, read.edited_at is not None) == ("better", True)
    assert len(channel.messages) == 1


async def test_edits_that_discord_refuses(wire: Wire, channel: Channel) -> None:
    layout, theirs = await post(wire, channel, LAYOUT), wire.world.write(channel.id, "mine")
    assert await wire.code("PATCH", messages(channel, "5"), HELLO) == (404, 10008)
    assert await wire.code("PATCH", messages(channel, theirs["id"]), HELLO) == (403, 50005)
    assert await wire.code("PATCH", messages(channel, layout["id"]), HELLO) == (400, 50035)
    assert await wire.code("PATCH", messages(channel, layout["id"]), {"flags": 0}) == (400, 50035)
    assert await wire.code("PATCH", messages(channel, layout["id"]), {"components": []}) == (400, 50006)
    assert channel.messages == [layout, theirs]


async def test_a_plain_message_becomes_a_layout_only_without_its_content(wire: Wire, channel: Channel) -> None:
    plain = await post(wire, channel)
    assert await wire.code("PATCH", messages(channel, plain["id"]), LAYOUT) == (400, 50035)
    _, edited = await wire.ask("PATCH", messages(channel, plain["id"]), {**LAYOUT, "content": None})
    assert (edited["flags"], edited["content"]) == (V2_FLAG, "")


async def test_a_silent_message_stays_silent(wire: Wire, channel: Channel) -> None:
    silent = 1 << 12
    message = await post(wire, channel, {**HELLO, "flags": silent})
    _, edited = await wire.ask("PATCH", messages(channel, message["id"]), {"content": "better", "flags": 4})
    assert (message["flags"], edited["flags"]) == (silent, silent | 4)


async def test_a_post_in_a_forum_is_a_thread_whose_first_message_has_its_id(wire: Wire, forum: Channel) -> None:
    body = {"name": "2026-06-10", "message": LAYOUT, "applied_tags": ["11"]}
    status, thread = await wire.ask("POST", f"/channels/{forum.id}/threads", body)
    assert status == 201
    assert (thread["type"], thread["parent_id"], thread["applied_tags"]) == (PUBLIC_THREAD, str(forum.id), ["11"])
    assert thread["message"]["id"] == thread["id"] == thread["message"]["channel_id"]
    assert (await wire.ask("GET", f"/channels/{thread['id']}"))[1]["owner_id"] == str(BOT_ID)
    assert len(wire.world.channels[int(thread["id"])].messages) == 1


async def test_discordpy_posts_in_a_forum(wire: Wire, forum: Channel, client: Bot) -> None:
    parent = await client.fetch_channel(forum.id)
    assert isinstance(parent, discord.ForumChannel)
    thread, message = await parent.create_thread(name="today", content="hello", applied_tags=parent.available_tags[:1])
    assert thread.id == message.id
    assert wire.world.channels[thread.id].applied_tags == [11]


@pytest.mark.parametrize(
    ("change", "refused"),
    [
        ({"name": ""}, (400, 50035)),
        ({"name": "x" * 101}, (400, 50035)),
        ({"applied_tags": ["11"] * 6}, (400, 50035)),
        ({"applied_tags": ["5"]}, (404, 10087)),
        ({"applied_tags": ["12"]}, (403, 50013)),
        ({"applied_tags": []}, (400, 40067)),
        ({"message": {"content": ""}}, (400, 50006)),
    ],
)
async def test_posts_in_a_forum_that_discord_refuses(
    wire: Wire, forum: Channel, change: dict[str, Any], refused: tuple[int, int]
) -> None:
    forum.requires_tag = True
    body = {"name": "today", "message": HELLO, "applied_tags": ["11"], **change}
    assert await wire.code("POST", f"/channels/{forum.id}/threads", body) == refused
    assert await wire.code("POST", messages(forum), HELLO) == (400, 50008)
    assert list(wire.world.channels) == [forum.id]


async def test_a_full_server_takes_no_further_thread_until_one_is_archived(wire: Wire, forum: Channel) -> None:
    wire.world.max_active_threads = 1
    body = {"name": "today", "message": HELLO}
    _, first = await wire.ask("POST", f"/channels/{forum.id}/threads", body)
    assert await wire.code("POST", f"/channels/{forum.id}/threads", body) == (400, 160006)
    wire.world.channels[int(first["id"])].archived = True
    assert (await wire.ask("POST", f"/channels/{forum.id}/threads", body))[0] == 201


async def test_a_message_has_at_most_one_thread(wire: Wire, channel: Channel) -> None:
    message = await post(wire, channel)
    path, body = messages(channel, message["id"]) + "/threads", {"name": "talk"}
    channel.can_create_threads = False
    assert await wire.code("POST", path, body) == (403, 50013)
    channel.can_create_threads = True
    status, made = await wire.ask("POST", path, body)
    assert (status, made["id"]) == (201, message["id"])
    assert await wire.code("POST", path, body) == (400, 160004)
    assert channel.messages[0]["flags"] == 1 << 5


async def test_archived_and_locked_threads(wire: Wire, forum: Channel) -> None:
    thread = wire.world.add_channel("talk", PUBLIC_THREAD, parent_id=forum.id, owner_id=BOT_ID)
    message = await post(wire, thread)
    thread.archived = True
    assert await wire.code("PATCH", messages(thread, message["id"]), HELLO) == (400, 50083)
    _, archived = await wire.ask("GET", f"/channels/{forum.id}/threads/archived/public")
    _, active = await wire.ask("GET", f"/guilds/{GUILD_ID}/threads/active")
    assert ([t["id"] for t in archived["threads"]], active["threads"]) == ([str(thread.id)], [])
    await post(wire, thread)  # it wakes
    _, active = await wire.ask("GET", f"/guilds/{GUILD_ID}/threads/active")
    assert [t["id"] for t in active["threads"]] == [str(thread.id)]
    thread.locked = True
    assert await wire.code("PATCH", messages(thread, message["id"]), HELLO) == (400, 160005)
    assert await wire.code("POST", messages(thread), HELLO) == (400, 160005)


async def test_a_thread_is_as_open_as_its_parent(wire: Wire, forum: Channel) -> None:
    thread = wire.world.add_channel("talk", PUBLIC_THREAD, parent_id=forum.id, owner_id=BOT_ID)
    forum.can_send_in_threads = False
    assert await wire.code("POST", messages(thread), HELLO) == (403, 50013)
    forum.can_view = False
    assert await wire.code("POST", messages(thread), HELLO) == (403, 50001)
    del wire.world.channels[forum.id]
    assert await wire.code("POST", messages(thread), HELLO) == (404, 10003)


async def test_ten_messages_an_hour_can_be_published(wire: Wire) -> None:
    now = datetime(2026, 6, 10, 8, tzinfo=UTC)
    wire.world.clock = lambda: now
    wire.rest.per_channel = None
    channel = wire.world.add_channel("news", ANNOUNCEMENT)
    paths = [messages(channel, (await post(wire, channel))["id"]) + "/crosspost" for _ in range(11)]
    for path in paths[:10]:
        assert (await wire.ask("POST", path))[1]["flags"] == 1
    assert await wire.code("POST", paths[0]) == (400, 40033)
    now += timedelta(minutes=20)
    status, limited = await wire.ask("POST", paths[10])
    assert (status, limited["retry_after"], limited["global"]) == (429, 2400.0, False)
    assert (wire.headers["X-RateLimit-Scope"], wire.headers["Content-Type"]) == ("user", "application/json")
    now += timedelta(minutes=40)
    assert (await wire.ask("POST", paths[10]))[0] == 200


async def test_only_announcements_can_be_published(wire: Wire, channel: Channel) -> None:
    message = await post(wire, channel)
    assert await wire.code("POST", messages(channel, message["id"]) + "/crosspost") == (400, 50024)


async def test_a_closed_dm_refuses_what_is_sent(wire: Wire, client: Bot) -> None:
    dm = await client.http.start_private_message(7)
    assert dm["id"] == (await client.http.start_private_message(7))["id"]
    target = client.get_partial_messageable(int(dm["id"]))
    await target.send("hello")
    wire.world.closed_dms.add(7)
    with pytest.raises(discord.Forbidden, match="50007"):
        await target.send("hello")


@pytest.mark.parametrize(
    ("allowed", "pinged"),
    [
        (None, ["open"]),
        ({"parse": []}, []),
        ({"parse": ["roles"]}, ["open"]),
        ({"parse": [], "roles": ["open", "closed"]}, ["open"]),
        ({"parse": ["users"], "roles": ["closed"]}, []),
    ],
)
async def test_a_role_is_pinged_only_where_it_may_be(
    wire: Wire, channel: Channel, allowed: dict[str, list[str]] | None, pinged: list[str]
) -> None:
    roles = {name: str(wire.world.add_role(name, mentionable=name == "open").id) for name in ("open", "closed")}
    text = f"@everyone <@&{roles['open']}> <@&{roles['closed']}> <@7>"
    body: dict[str, Any] = {"components": [{"type": 10, "content": text}], "flags": V2_FLAG}
    if allowed is not None:
        body["allowed_mentions"] = {key: [roles.get(name, name) for name in names] for key, names in allowed.items()}
    message = await post(wire, channel, body)
    assert message["mention_roles"] == [roles[name] for name in pinged]
    assert message["mention_everyone"] is False
    assert [user["id"] for user in message["mentions"]] == (["7"] if allowed is None or "users" in allowed["parse"] else [])


async def test_a_bot_that_may_mention_all_pings_all_unless_it_says_otherwise(wire: Wire, channel: Channel) -> None:
    wire.world.may_mention_all = True
    role = wire.world.add_role("closed")
    loud = await post(wire, channel, {"content": f"@here <@&{role.id}>"})
    quiet = await post(wire, channel, {"content": f"@here <@&{role.id}>", "allowed_mentions": {"parse": []}})
    assert (loud["mention_everyone"], loud["mention_roles"]) == (True, [str(role.id)])
    assert (quiet["mention_everyone"], quiet["mention_roles"]) == (False, [])
    both = {"content": "hello", "allowed_mentions": {"parse": ["roles"], "roles": [str(role.id)]}}
    assert await wire.code("POST", messages(channel), both) == (400, 50035)


async def test_a_channel_takes_five_messages_in_five_seconds(wire: Wire, channel: Channel) -> None:
    now = datetime(2026, 6, 10, 8, tzinfo=UTC)
    wire.world.clock = lambda: now
    left = []
    for _ in range(5):
        await post(wire, channel)
        left.append(wire.headers["X-RateLimit-Remaining"])
    assert left == ["4", "3", "2", "1", "0"]
    status, limited = await wire.ask("POST", messages(channel), HELLO)
    assert (status, limited["global"]) == (429, False)
    assert 4 < limited["retry_after"] <= 5
    assert {"Via", "X-RateLimit-Bucket", "X-RateLimit-Reset", "X-RateLimit-Reset-After", "Retry-After"} <= set(wire.headers)
    assert (wire.headers["X-RateLimit-Scope"], wire.headers["X-RateLimit-Limit"]) == ("user", "5")
    assert wire.headers["Content-Type"] == "application/json"
    await post(wire, wire.world.add_channel("another"))
    now += timedelta(seconds=5)
    await post(wire, channel)
    assert len(channel.messages) == 6


async def test_discordpy_waits_for_a_full_bucket(wire: Wire, channel: Channel, client: Bot) -> None:
    wire.rest.per_channel = (2, 0.3)
    target = client.get_partial_messageable(channel.id)
    for n in range(5):
        await target.send(str(n))
    sent = [request for request in wire.rest.log if request.method == "POST"]
    assert [request.status for request in sent] == [200] * 5
    assert sent[4].at - sent[0].at >= 0.5  # twice 0.3, less what a busy machine takes from its coming to its note


async def test_a_ban_is_the_only_429_that_is_not_discords(wire: Wire, channel: Channel, client: Bot) -> None:
    wire.rest.cues.add(Fault("POST .*", Kind.BAN, status=429))
    with pytest.raises(discord.HTTPException, match="1015"):
        await client.get_partial_messageable(channel.id).send("hello")
    wire.rest.cues.add(Fault("POST .*", Kind.REFUSE, status=429, retry_after_s=0.01))
    await client.get_partial_messageable(channel.id).send("hello")
    assert [request.status for request in wire.rest.log if request.method == "POST"] == [429, 429, 200]


async def test_what_there_is_can_be_asked(wire: Wire, channel: Channel, forum: Channel) -> None:
    role = wire.world.add_role("readers", mentionable=True)
    _, roles = await wire.ask("GET", f"/guilds/{GUILD_ID}/roles")
    _, channels = await wire.ask("GET", f"/guilds/{GUILD_ID}/channels")
    _, guild = await wire.ask("GET", f"/guilds/{GUILD_ID}")
    assert [(r["id"], r["mentionable"]) for r in roles] == [(str(GUILD_ID), False), (str(role.id), True)]
    assert [(c["id"], c["type"]) for c in channels] == [(str(channel.id), 0), (str(forum.id), 15)]
    assert guild["roles"] == roles
    assert await wire.code("GET", "/guilds/5") == (404, 10004)


async def test_what_is_left_of_the_session_starts_can_be_asked(wire: Wire, client: Bot) -> None:
    wire.world.session_starts.remaining = 3
    shards, url, limit = await client.http.get_bot_gateway()
    assert (shards, limit["remaining"], limit["total"], limit["max_concurrency"]) == (1, 3, 1000, 1)
    assert url.startswith(wire.url.replace("http", "ws").removesuffix("/api/v10"))
