"""The gateway on the wire tells discord.py what Discord would, brings it what people do, and fails on cue."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import discord
import pytest

from sandbox.wire.channels import ANNOUNCEMENT, DM, FORUM, PUBLIC_THREAD, tag
from sandbox.wire.gateway import PATH
from sandbox.wire.interaction import Interaction
from sandbox.wire.rest import PREFIX, TOKEN
from sandbox.wire.state import BOT_ID, Channel
from tests.sandbox.conftest import SOON_S, Bot, Wire, connected

FLAGS = {
    "can_view": "view_channel",
    "can_send": "send_messages",
    "can_read_history": "read_message_history",
    "can_create_threads": "create_public_threads",
    "can_send_in_threads": "send_messages_in_threads",
}


@pytest.fixture
def channel(wire: Wire) -> Channel:
    return wire.world.add_channel("daily-papers")


@pytest.fixture
async def guild(wire: Wire, channel: Channel, client: Bot) -> AsyncIterator[discord.Guild]:
    async with connected(client) as guild:
        yield guild


async def test_discordpy_sees_every_kind_of_channel_with_its_tags_and_threads(wire: Wire, client: Bot) -> None:
    forum = wire.world.add_channel("forum", FORUM, tags=[tag(11, "vision")], requires_tag=True)
    news = wire.world.add_channel("news", ANNOUNCEMENT)
    talk = wire.world.add_channel("talk", PUBLIC_THREAD, parent_id=forum.id, owner_id=BOT_ID, applied_tags=[11])
    wire.world.add_channel("old", PUBLIC_THREAD, parent_id=forum.id, owner_id=BOT_ID, archived=True)
    role = wire.world.add_role("readers", mentionable=True)
    async with connected(client) as guild:
        seen = guild.get_channel(forum.id)
        assert isinstance(seen, discord.ForumChannel)
        assert ([t.name for t in seen.available_tags], seen.flags.require_tag) == (["vision"], True)
        assert [c.id for c in guild.text_channels if c.is_news()] == [news.id]
        (thread,) = guild.threads
        assert (thread.id, [t.name for t in thread.applied_tags]) == (talk.id, ["vision"])
        assert [r.name for r in guild.roles if r.mentionable] == [role.name]


@pytest.mark.parametrize(("field", "permission"), FLAGS.items())
async def test_discordpy_computes_the_permissions_that_the_wire_enforces(
    wire: Wire, guild: discord.Guild, channel: Channel, client: Bot, field: str, permission: str
) -> None:
    def may() -> bool:
        seen = guild.get_channel(channel.id)
        assert seen is not None
        return bool(getattr(seen.permissions_for(guild.me), permission))

    assert may()
    setattr(channel, field, False)
    await wire.gateway.announce_channel(channel)
    await client.seen("guild_channel_update")
    assert not may()


async def test_what_changes_and_goes_is_told(wire: Wire, guild: discord.Guild, channel: Channel, client: Bot) -> None:
    role = wire.world.roles[guild.id]
    assert not guild.default_role.permissions.mention_everyone
    wire.world.may_mention_all = True
    await wire.gateway.announce_role(role)
    await client.seen("guild_role_update")
    assert guild.default_role.permissions.mention_everyone
    thread = wire.world.add_channel("talk", PUBLIC_THREAD, parent_id=channel.id, owner_id=BOT_ID)
    await wire.gateway.announce_creation(thread)
    await client.seen("thread_create")
    await wire.gateway.announce_deletion(channel)
    await client.seen("guild_channel_delete")
    assert wire.world.channels == {}
    assert (len(guild.channels), len(guild.threads)) == (0, 0)


async def test_a_server_goes_out_and_comes_back(wire: Wire, guild: discord.Guild, client: Bot) -> None:
    await wire.gateway.lose_guild()
    await client.seen("guild_unavailable")
    assert guild.unavailable
    await wire.gateway.bring_guild_back()
    await client.seen("guild_available")
    await wire.gateway.lose_guild(is_outage=False)
    await client.seen("guild_remove")
    assert len(client.guilds) == 0


async def test_every_identify_is_counted_and_one_too_many_ends_it(wire: Wire, client: Bot) -> None:
    wire.world.session_starts.remaining = 1
    async with connected(client):
        assert wire.world.session_starts.remaining == 0
    async with Bot() as late:
        await late.login(TOKEN)
        with pytest.raises(discord.ConnectionClosed, match="4004"):
            await asyncio.wait_for(late.connect(), SOON_S)


async def test_a_session_invalid_for_a_moment_is_resumed_with_what_was_missed(
    wire: Wire, guild: discord.Guild, channel: Channel, client: Bot
) -> None:
    await wire.gateway.invalidate_session(is_resumable=True)
    await client.seen("disconnect")
    channel.can_send = False
    await wire.gateway.announce_channel(channel)
    await client.seen("resumed")
    assert client.events.count("guild_channel_update") == 1
    assert (len(wire.gateway.identifies), len(wire.gateway.resumes)) == (1, 1)


async def test_a_session_that_is_over_cannot_be_resumed(wire: Wire) -> None:
    wire.gateway.can_resume = False
    async with wire.session.ws_connect(wire.url.removesuffix(PREFIX) + PATH) as socket:
        assert (await socket.receive_json(timeout=SOON_S))["op"] == 10
        await socket.send_json({"op": 6, "d": {"session_id": "loopback", "seq": 0, "token": TOKEN}})
        answer = await socket.receive_json(timeout=SOON_S)
        assert (answer["op"], answer["d"]) == (9, False)


async def test_a_close_with_a_code_is_resumed(wire: Wire, guild: discord.Guild, client: Bot) -> None:
    await wire.gateway.close(4000)
    await client.seen("resumed")
    assert (len(wire.gateway.identifies), len(wire.gateway.resumes)) == (1, 1)


async def test_ready_may_come_many_times(wire: Wire, guild: discord.Guild, client: Bot) -> None:
    for times in (2, 3):
        await wire.gateway.be_ready()
        await client.seen("ready", times=times)
    assert len(wire.gateway.identifies) == 1


async def test_an_event_may_come_twice(wire: Wire, guild: discord.Guild, channel: Channel, client: Bot) -> None:
    await wire.gateway.announce_channel(channel)
    await wire.gateway.dispatch_again("CHANNEL_UPDATE")
    await client.seen("guild_channel_update", times=2)


@pytest.fixture
def asked(client: Bot) -> asyncio.Queue[discord.Interaction]:
    """What arrives, for a test to answer as it likes."""
    queue: asyncio.Queue[discord.Interaction] = asyncio.Queue()

    async def on_interaction(interaction: discord.Interaction) -> None:
        queue.put_nowait(interaction)

    client.on_interaction = on_interaction  # type: ignore[attr-defined]
    client._connection._command_tree = None  # the tree would complain of commands it does not know
    return queue


async def test_a_command_arrives_as_it_was_typed(
    wire: Wire, guild: discord.Guild, channel: Channel, asked: asyncio.Queue[discord.Interaction]
) -> None:
    manage = discord.Permissions(manage_channels=True)
    options = {"topic": "diffusion", "size": 5, "channel": channel}
    told = await wire.gateway.interact("subscribe add", options, channel=channel, user_id=9, permissions=manage.value)
    got = await asyncio.wait_for(asked.get(), SOON_S)
    assert (got.id, got.token, got.user.id, got.permissions) == (told.id, told.token, 9, manage)
    assert (got.channel_id, got.guild_id, got.app_permissions.send_messages) == (channel.id, guild.id, True)
    data: Any = got.data
    (sub,) = data["options"]
    assert [(o["name"], o["type"], o["value"]) for o in sub["options"]] == [
        ("topic", 3, "diffusion"),
        ("size", 4, 5),
        ("channel", 7, str(channel.id)),
    ]
    assert list(data["resolved"]["channels"]) == [str(channel.id)]


async def test_a_real_command_is_run_and_answers(wire: Wire, channel: Channel, client: Bot) -> None:
    @client.tree.command()
    async def where(interaction: discord.Interaction, channel: discord.TextChannel, loud: bool) -> None:
        """Where it is."""
        await interaction.response.defer(thinking=True, ephemeral=True)
        await interaction.followup.send(f"{channel.name} {loud}")
        await interaction.edit_original_response(content="there")

    await client.tree.sync()
    async with connected(client):
        told = await wire.gateway.interact("where", {"channel": channel, "loud": True}, channel=channel)
        await client.seen("app_command_completion")
    callback, filled, edited = wire.world.answers[told.token]
    assert (callback.kind, callback.body["type"]) == ("callback", 5)
    assert filled.message is not None
    assert edited.message is not None
    assert (filled.kind, filled.message["content"], filled.message["flags"]) == ("followup", "daily-papers True", 64)
    assert (edited.kind, edited.message["content"], edited.message["id"]) == ("edit", "there", filled.message["id"])
    assert channel.messages == []  # one person sees it


async def test_a_click_updates_its_message(
    wire: Wire, guild: discord.Guild, channel: Channel, client: Bot, asked: asyncio.Queue[discord.Interaction]
) -> None:
    view = discord.ui.View(timeout=None).add_item(discord.ui.Button(label="Next", custom_id="next"))
    await client.get_partial_messageable(channel.id).send("page 1", view=view)
    told = await wire.gateway.click("next", channel.messages[0])
    got = await asyncio.wait_for(asked.get(), SOON_S)
    assert got.message is not None
    assert got.message.content == "page 1"
    await got.response.edit_message(content="page 2")
    await got.followup.send("more")
    assert [m["content"] for m in channel.messages] == ["page 2", "more"]
    assert [answer.kind for answer in wire.world.answers[told.token]] == ["callback", "followup"]
    await got.delete_original_response()
    assert [m["content"] for m in channel.messages] == ["more"]
    with pytest.raises(ValueError, match="no component"):
        await wire.gateway.click("last", channel.messages[0])


async def test_a_replayed_interaction_can_be_answered_once(
    wire: Wire, guild: discord.Guild, channel: Channel, asked: asyncio.Queue[discord.Interaction]
) -> None:
    await wire.gateway.interact("today", channel=channel)
    await wire.gateway.replay()
    first, second = [await asyncio.wait_for(asked.get(), SOON_S) for _ in range(2)]
    assert (first.id, first.token) == (second.id, second.token)
    await first.response.send_message("once")
    with pytest.raises(discord.HTTPException, match="40060"):
        await second.response.send_message("twice")
    assert [m["content"] for m in channel.messages] == ["once"]


async def _answer(wire: Wire, asked: Interaction, **query: str) -> tuple[int, Any]:
    body = {"type": 4, "data": {"content": "hello", "flags": 64}}
    return await wire.ask("POST", f"/interactions/{asked.id}/{asked.token}/callback", body, **query)


async def test_the_first_answer_is_due_in_three_seconds(wire: Wire, channel: Channel) -> None:
    now = 0.0
    wire.world.monotonic = lambda: now
    soon, late = [await wire.gateway.interact("today", channel=channel) for _ in range(2)]
    now = 2.9
    assert await _answer(wire, soon) == (204, None)
    now = 3.1
    assert (await _answer(wire, late))[1]["code"] == 10062
    assert (await _answer(wire, Interaction(1, "unknown", 2, channel, 7, datetime.now(UTC), now)))[1]["code"] == 10062
    assert wire.world.answers[late.token] == []


async def test_an_answer_tells_what_it_made_when_asked(wire: Wire, channel: Channel) -> None:
    asked = await wire.gateway.interact("today", channel=channel)
    status, told = await _answer(wire, asked, with_response="true")
    assert (status, told["resource"]["message"]["content"]) == (200, "hello")
    assert told["interaction"]["response_message_ephemeral"] is True


async def test_a_token_is_good_for_fifteen_minutes(wire: Wire, channel: Channel) -> None:
    now = datetime(2026, 6, 10, 8, tzinfo=UTC)
    wire.world.clock = lambda: now
    asked = await wire.gateway.interact("today", channel=channel)
    hook = f"/webhooks/{BOT_ID}/{asked.token}"
    assert await wire.code("POST", hook, {"content": "early"}) == (404, 10015)
    await _answer(wire, asked)
    now += timedelta(minutes=15)
    assert (await wire.ask("GET", f"{hook}/messages/@original"))[1]["content"] == "hello"
    assert (await wire.ask("PATCH", f"{hook}/messages/@original", {"content": "better"}))[0] == 200
    now += timedelta(seconds=1)
    for method, path in [("POST", hook), ("PATCH", f"{hook}/messages/@original"), ("GET", f"{hook}/messages/@original")]:
        assert await wire.code(method, path, {"content": "late"} if method != "GET" else None) == (401, 50027)


async def test_choices_are_asked_for_and_answered(
    wire: Wire, guild: discord.Guild, channel: Channel, asked: asyncio.Queue[discord.Interaction]
) -> None:
    told = await wire.gateway.interact("subscribe add", {"timezone": "Eur"}, channel=channel, focused="timezone")
    got = await asyncio.wait_for(asked.get(), SOON_S)
    await got.response.autocomplete([discord.app_commands.Choice(name="Europe/Paris", value="Europe/Paris")])
    (answer,) = wire.world.answers[told.token]
    assert [choice["name"] for choice in answer.body["data"]["choices"]] == ["Europe/Paris"]


async def test_a_command_in_a_dm_has_no_server(
    wire: Wire, guild: discord.Guild, asked: asyncio.Queue[discord.Interaction]
) -> None:
    dm = wire.world.open_dm(7)
    await wire.gateway.interact("search", {"query": "diffusion"}, channel=dm)
    got = await asyncio.wait_for(asked.get(), SOON_S)
    assert (dm.kind, got.guild, got.user.id) == (DM, None, 7)
