"""What a person follows alone: how it reaches them, from the button below a digest to the inbox."""

from __future__ import annotations

from dataclasses import replace

import discord
import pytest
import simcord

from papers.subscription import Kind
from papers.topic import Topic
from sandbox.world import World
from tests.flows.conftest import buttons, close_private_messages, deliver, follow, followed, shown, sole, wait_until

pytestmark = pytest.mark.usefixtures("as_invited")


async def test_one_press_on_a_digest_follows_its_topic_besides_that_channel(
    world: World, ben: simcord.MemberActor, ada: simcord.MemberActor
) -> None:
    place = world.channels["agents"]
    await deliver(world, 8, 11)
    message = sole(place)
    assert buttons(message)
    answer = await ben.click(message, label="Follow this topic")
    assert answer.ephemeral
    assert "every day at 08:10 UTC, by private message" in shown(answer)
    again = await ben.click(message, label="Follow this topic")
    assert "You follow that topic already" in shown(again)
    (order,) = await followed(world, ben)
    assert (order.topic.text, order.besides, order.kind) == ("agent, tool use", (place.id,), Kind.DIRECT)
    assert await followed(world, ada) == []


async def test_the_button_is_no_key_to_another_servers_topic(
    world: World, ben: simcord.MemberActor, channel: simcord.ChannelHandle
) -> None:
    elsewhere = world.env.create_guild("Elsewhere")
    await deliver(world, 8, 1)
    (theirs, *_) = await world.app.store.subscriptions.of_guild(world.guild.id)
    await world.app.store.subscriptions.change(replace(theirs, guild_id=elsewhere.id))
    assert "no longer there" in shown(await ben.click(sole(channel), label="Follow this topic"))
    assert await followed(world, ben) == []


async def test_closed_private_messages_fall_back_to_the_inbox_and_can_be_opened_again(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor, ada: simcord.MemberActor
) -> None:
    await follow(world, ben, topic="video", time="8:05")
    await follow(world, ben, topic="agent", time="8:05")
    close_private_messages(world, ben)
    await deliver(world, 8, 6)
    await deliver(world, 8, 10)
    path = f"/channels/{ben.user.dm_channel.id}/messages"
    assert len([r for r in world.env.http_requests if (r.method, r.path) == ("POST", path)]) == 1  # asked once, for both
    assert {order.kind for order in await followed(world, ben)} == {Kind.INBOX}
    assert "Your private messages are closed" in shown(await ben.slash(channel, "follow list"))

    page = await ben.slash(channel, "inbox")
    assert page.ephemeral
    first = shown(page)
    assert "on **agent**" in first
    assert page.response
    turned = await ben.click(page.response, label="▶")
    assert "on **video**" in shown(turned)
    assert "2 / 2" in str(buttons(turned))
    assert "Your inbox is empty" in shown(await ada.slash(channel, "inbox"))

    told = await ben.click(page.response, label="Send me messages again")
    assert "still closed to Paperboy" in shown(told)
    world.env.backend.faults.clear()
    told = await ben.click(page.response, label="Send me messages again")
    assert "by private message again" in shown(told)
    assert {order.kind for order in await followed(world, ben)} == {Kind.DIRECT}
    assert "here again" in shown(sole(ben.user.dm_channel))
    assert shown(await ben.slash(channel, "inbox")) == first  # what was there stays
    await wait_until(world, 23, 0)
    assert "by private message (`/follow list`)" in shown(await ben.click(page.response, label="Send me messages again"))


async def test_where_no_private_channel_can_be_opened_the_inbox_has_the_editions(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor
) -> None:
    world.env.inject_error("POST", "/users/@me/channels", status=403, code=50007)
    answer = await ben.slash(channel, "follow add", topic="everything", time="8:05", size=8)
    assert "in your `/inbox`" in shown(answer)
    (order,) = await followed(world, ben)
    assert (order.kind, order.channel_id) == (Kind.INBOX, ben.id)
    await deliver(world, 8, 6)
    assert ben.user.dm_channel.history() == []
    page = await ben.slash(channel, "inbox")
    had = {key.split(":")[2] for key in buttons(page) if key.startswith("open:")}
    assert len(had) == 8
    assert page.response
    assert "by private message again" in shown(await ben.click(page.response, label="Send me messages again"))
    (order,) = await followed(world, ben)
    assert (order.kind, order.channel_id) == (Kind.DIRECT, ben.user.dm_channel.id)
    more = await ben.click(page.response, custom_id=next(key for key in buttons(page) if key.startswith("more:")))
    assert not had & {key.split(":")[2] for key in buttons(more) if key.startswith("open:")}


async def test_neither_inbox_nor_preview_of_a_server_shows_the_button_to_follow(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor
) -> None:
    (choice,) = await ada.autocomplete(channel, "subscribe preview", "subscription", "agents")
    preview = await ada.slash(channel, "subscribe preview", subscription=choice["value"])
    assert not any(key.startswith("follow:") for key in buttons(preview))


async def test_presets_and_topics_of_ones_own_complete_by_name(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor
) -> None:
    await world.app.store.topics.save(ben.id, Topic.parse("video, film", "Moving pictures"), ben.id, world.app.now())
    await world.app.store.topics.save(world.guild.id, Topic.parse("agents", "The server’s"), ben.id, world.app.now())
    (choice,) = await ben.autocomplete(channel, "follow add", "topic", "moving pic")
    order = await follow(world, ben, topic=choice["value"])
    assert (order.topic.name, order.topic.text) == ("Moving pictures", "video, film")
    presets = await ben.autocomplete(channel, "follow add", "topic", "code gen")
    assert "Code generation" in [choice["value"] for choice in presets]
    assert await ben.autocomplete(channel, "follow add", "topic", "The server’s") == []


async def test_people_who_installed_it_can_use_it_where_servers_did_not(world: World) -> None:
    commands = {command.name: command for command in world.bot.tree.get_commands()}
    for name in ("follow", "inbox", "today", "search", "paper", "status"):
        told = commands[name].to_dict(world.bot.tree)
        assert sorted(told["integration_types"]) == [0, 1], name
        assert sorted(told["contexts"]) == [0, 1, 2], name
    assert commands["subscribe"].to_dict(world.bot.tree)["integration_types"] == [0]
    assert isinstance(world.bot.tree.allowed_installs, discord.app_commands.AppInstallationType)
