"""/status: what anybody can see of how Paperboy fares."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import discord
import pytest
import simcord

from papers.subscription import Kind, State
from sandbox.world import ORDERS, World
from tests.flows.conftest import deliver, shown, wait_until

pytestmark = pytest.mark.usefixtures("as_invited")


async def test_all_is_well(world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor) -> None:
    answer = await ben.slash(channel, "status")
    assert answer.ephemeral
    text = shown(answer)
    read_at = int(world.app.now().timestamp())
    assert f"✓ Hugging Face: up to date · last read <t:{read_at}:R>" in text
    assert "none was due" in text
    first = int(world.app.now().replace(hour=8, minute=0, second=0).timestamp())
    assert "**This server** · 4 subscriptions\n" in text
    following = [line for line in text.splitlines() if line.startswith("- ")]
    assert following[0] == f"- <#{channel.id}> on everything: <t:{first}:f> (<t:{first}:R>)"
    assert [line.split(">")[0] for line in following] == [f"- <#{world.channels[name].id}" for name, *_ in ORDERS]
    assert "Held up" not in text


async def test_a_failing_source_and_a_shut_out_subscription_are_told(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor
) -> None:
    world.env.inject_error("POST", f"/channels/{channel.id}/messages", status=403, code=50013, times=None)
    await deliver(world, 8, 40)
    for _ in range(2):
        await world.app.store.health.failed("huggingface", world.app.now(), "huggingface: HTTP 503 <@1> **x**")
    text = shown(await ben.slash(world.channels["agents"], "status"))
    assert "✖ Hugging Face: failing · last read <t:" in text
    assert "· 2 failures in a row\n-# huggingface: HTTP 503 \\<\\@1\\> \\*\\*x\\*\\*" in text
    assert "1 to be tried again" in text
    assert "3 posted" in text
    assert "4 subscriptions" in text
    assert f"⛔ <#{channel.id}> on everything: Paperboy may not post there; it goes on by itself when it may again" in text


async def test_what_was_posted_early_is_not_the_next_edition(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor
) -> None:
    store = world.app.store.subscriptions
    first, *others = await store.of_guild(world.guild.id)
    for other in others:
        await store.set_state(other.id, State.PAUSED, world.app.now())
    await world.bot.courier.post_now(first, world.app.now())
    tomorrow = int(world.app.now().replace(hour=8, minute=0, second=0).timestamp()) + 86_400
    text = shown(await ada.slash(channel, "status"))
    assert f"- <#{channel.id}> on everything: <t:{tomorrow}:f> (<t:{tomorrow}:R>)" in text
    assert text.count("paused until somebody resumes it") == 3


async def test_an_old_answer_is_not_fresh(world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor) -> None:
    await wait_until(world, 11, 0)
    assert "⚠ Hugging Face: out of date" in shown(await ben.slash(channel, "status"))


async def test_in_a_private_message_no_server_is_spoken_of(world: World) -> None:
    answer = await world.reader.user.slash("status")
    assert "Hugging Face: up to date" in shown(answer)
    assert "server" not in shown(answer).lower().replace("all servers", "")


@pytest.fixture
async def secret(world: World) -> simcord.ChannelHandle:
    """A channel for moderators and the bot, with a subscription."""
    roles = world.guild.roles
    own = next(role for name, role in roles.items() if name not in {"@everyone", "Moderators"})  # the bot's
    seen = discord.PermissionOverwrite(view_channel=True)
    hidden = discord.PermissionOverwrite(view_channel=False)
    overwrites: dict[Any, Any] = {world.guild.default_role: hidden, roles["Moderators"]: seen, own: seen}
    place = world.guild.create_text_channel("secret", overwrites=overwrites)
    first, *_ = await world.app.store.subscriptions.of_guild(world.guild.id)
    await world.app.store.subscriptions.add(replace(first, channel_id=place.id), world.app.now())
    return place


async def test_a_hidden_channel_is_told_of_to_those_only_who_can_see_it(
    world: World,
    channel: simcord.ChannelHandle,
    secret: simcord.ChannelHandle,
    ada: simcord.MemberActor,
    ben: simcord.MemberActor,
) -> None:
    for_ada, for_ben = shown(await ada.slash(channel, "status")), shown(await ben.slash(channel, "status"))
    assert "5 subscriptions" in for_ada
    assert f"<#{secret.id}>" in for_ada
    assert "4 subscriptions" in for_ben
    assert f"{secret.id}" not in for_ben


async def test_what_paperboy_is_not_allowed_is_told_before_it_matters(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor
) -> None:
    denied = discord.PermissionOverwrite(send_messages=False, read_message_history=False)
    place = world.guild.create_text_channel("readonly", overwrites={world.guild.default_role: denied})
    first, *_ = await world.app.store.subscriptions.of_guild(world.guild.id)
    await world.app.store.subscriptions.add(replace(first, channel_id=place.id), world.app.now())
    text = shown(await ben.slash(channel, "status"))
    needs = "Paperboy will not be able to post; it needs “Send Messages” and “Read Message History” there"
    assert text.endswith(f"**Held up**\n- ⚠ <#{place.id}> on everything: {needs}")


async def test_why_each_is_paused_and_until_when(world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor) -> None:
    store = world.app.store.subscriptions
    first, second, *_ = await store.of_guild(world.guild.id)
    until = world.app.now() + timedelta(days=5)
    await store.set_state(first.id, State.PAUSED, world.app.now(), paused_until=until)
    await store.set_state(second.id, State.CLOSED, world.app.now())
    text = shown(await ada.slash(channel, "status"))
    assert f"⏸ <#{first.channel_id}> on everything: paused until <t:{int(until.timestamp())}:f>" in text
    assert f"✖ <#{second.channel_id}> on **agent, tool use**: the channel is gone; `/subscribe remove` ends it" in text


async def test_in_a_private_message_it_tells_what_the_person_follows(world: World) -> None:
    first, *_ = await world.app.store.subscriptions.of_guild(world.guild.id)
    mine = replace(first, guild_id=0, user_id=world.reader.id, channel_id=world.reader.id, kind=Kind.DIRECT)
    await world.app.store.subscriptions.add(mine, world.app.now())
    text = shown(await world.reader.user.slash("status"))
    assert "**What you follow** · 1 subscription\n- everything: <t:" in text
