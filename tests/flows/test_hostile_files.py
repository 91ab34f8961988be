"""What `/subscribe import` does with files that are wrong, hostile, or about what is not the person's to change."""

from __future__ import annotations

import tomllib
from dataclasses import replace

import discord
import pytest
import simcord

from papers.topic import Topic
from sandbox.world import World
from tests.flows.conftest import buttons, shown
from tests.flows.test_exchange import entry, exported, handed_in, labels, pressed, stored


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"x" * (256 * 1024 + 1), "too large"),
        (b"\xff\xfe\x00", "no text in UTF-8"),
        ("what is this", "not TOML"),
        (".".join("a" * 100_000) + " = 1", "too many dots"),
        ("x = " + "[" * 100_000, "nested too deeply"),
        ("[[subscriptions]]\nchannel = 5", "Subscription 1: “channel” is a text in quotation marks"),
        ("colour = 1", "no “colour” in such a file"),
        ('[[subscriptions]]\n"<@1> [x](http://evil)" = 1', "“\\<\\@1\\> \\[x\\](http\\://evil)”"),
    ],
)
async def test_a_hostile_file_is_one_sentence_and_changes_nothing(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor, content: str | bytes, sentence: str
) -> None:
    before = await stored(world)
    answer = await handed_in(channel, ada, content)
    assert sentence in shown(answer)
    assert len(shown(answer).splitlines()) == 1
    assert buttons(answer) == {}
    assert await stored(world) == before


async def test_one_bad_entry_is_named_and_refuses_the_whole_file(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor
) -> None:
    for bad, sentence in [
        (entry(channel, "video", size="99"), "Subscription 2: A digest shows 1 to 8 papers."),
        (entry(channel), "Subscription 2: the file has that very subscription twice."),
        (entry(channel, "video", silent='"yes"'), "Subscription 2: “silent” is true or false."),
    ]:
        answer = await handed_in(channel, ada, entry(channel) + bad)
        assert shown(answer) == sentence
        assert buttons(answer) == {}


async def test_outside_text_in_a_file_means_nothing_to_discord_nor_to_the_next_file(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor
) -> None:
    topic = Topic.parse("a.b, <@1> **x** # [[subscriptions]] '''", 'N"""\n[[topics]]')
    await world.app.store.subscriptions.add(replace((await stored(world))[0], topic=topic), world.app.now())
    text = await exported(channel, ada)
    assert tomllib.loads(text)["subscriptions"][4]["topic"] == topic.text
    assert len(tomllib.loads(text)["subscriptions"]) == 5
    assert shown(await handed_in(channel, ada, text)).startswith("### Nothing to change")
    answer = await handed_in(channel, ada, text.replace(r"\"\"\"", "=").replace("<@1>", "<@2>"))
    assert "<@" not in shown(answer)


async def test_channels_that_cannot_be_taken_are_refused_with_the_reason_and_the_rest_is_applied(
    world: World, channel: simcord.ChannelHandle, as_invited: None
) -> None:
    elsewhere = world.env.create_guild("Elsewhere").create_text_channel("theirs")
    silent = discord.PermissionOverwrite(send_messages=False)
    keeper = world.guild.add_member(world.env.create_user("keeper"))
    may = discord.PermissionOverwrite(manage_channels=True)
    everybody = world.guild.default_role
    own = world.guild.create_text_channel("own", overwrites={keeper: may})
    closed = world.guild.create_text_channel("closed", overwrites={keeper: may, everybody: silent})
    command = world.env.backend.find_command("subscribe", None, type=1)
    assert command
    before = await stored(world)
    text = "".join(entry(place) for place in (elsewhere, closed, channel, own))
    text += entry(own, "video", mention='"12345"') + entry(own, "vision", tag='"12345"')
    answer = await handed_in(own, keeper, text)
    said = shown(answer)
    assert f"<#{elsewhere.id}> on **speech**: this server has no such channel" in said
    assert f"<#{closed.id}> on **speech**: Paperboy may not post in <#{closed.id}>: allow it “Send Messages”" in said
    assert f"<#{channel.id}> on everything: You need the permission “Manage Channels” in <#{channel.id}>" in said
    assert "no such role to mention" in said
    assert "has no such tag" in said
    assert "Also remove" not in " ".join(labels(answer))  # the others' channels are not the keeper's to clear
    assert "1 subscription added." in await pressed(answer, keeper, "Apply")
    after = await stored(world)
    assert after[:4] == before
    assert [order.channel_id for order in after[4:]] == [own.id]


async def test_a_permission_lost_before_apply_stops_it(world: World, ada: simcord.MemberActor) -> None:
    keeper = world.guild.add_member(world.env.create_user("keeper"))
    may = discord.PermissionOverwrite(manage_channels=True)
    own = world.guild.create_text_channel("own", overwrites={keeper: may})
    answer = await handed_in(own, keeper, entry(own))
    place = world.env.bot.get_channel(own.id)
    assert isinstance(place, discord.TextChannel)
    await place.edit(overwrites={})
    assert "“Manage Channels”" in await pressed(answer, keeper, "Apply")
    assert len(await stored(world)) == 4
