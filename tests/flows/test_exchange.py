"""`/subscribe export` and `import`: a server's subscriptions out as a file, and in again with nothing unseen."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import time

import discord
import simcord

from bot.app import App
from bot.client import Paperboy
from papers.subscription import Kind, State, Subscription
from papers.topic import Topic
from sandbox.world import ORDERS, World
from tests.flows.conftest import buttons, let_everybody_try, shown


async def stored(world: World) -> list[Subscription]:
    return await world.app.store.subscriptions.of_guild(world.guild.id)


async def exported(channel: simcord.ChannelHandle, ada: simcord.MemberActor) -> str:
    answer = await ada.slash(channel, "subscribe export")
    assert answer.ephemeral
    assert answer.response
    (file,) = answer.response.attachments
    return (await file.read()).decode()


async def handed_in(channel: simcord.ChannelHandle, who: simcord.MemberActor, text: str | bytes) -> simcord.InteractionResult:
    content = text.encode() if isinstance(text, str) else text
    return await who.slash(channel, "subscribe import", file=("subscriptions.toml", content))


async def pressed(answer: simcord.InteractionResult, who: simcord.MemberActor, label: str) -> str:
    assert answer.response
    said = await who.click(answer.response, label=label)
    return "\n".join([shown(answer), *(shown(each) for each in said.followups)])


def labels(answer: simcord.InteractionResult) -> set[str]:
    return {button["label"] for button in buttons(answer).values()}


def entry(channel: simcord.ChannelHandle, topic: str = "speech", **more: str) -> str:
    lines = {"channel": f'"{channel.id}"', "topic": f'"{topic}"', "time": '"09:00"', **more}
    return "\n[[subscriptions]]\n" + "\n".join(f"{key} = {value}" for key, value in lines.items())


async def test_what_was_exported_and_is_imported_changes_nothing(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor
) -> None:
    await world.app.store.topics.save(world.guild.id, Topic.parse("robot, embodied", "Robots"), 1, world.app.now())
    forum = world.guild.create_forum_channel("papers")
    first = (await stored(world))[0]
    for more in (
        replace(first, topic=Topic.parse("robot, embodied", "Robots"), sources=("huggingface", "arxiv"), at=time(6)),
        replace(first, channel_id=forum.id, kind=Kind.FORUM, is_per_paper=True),
        replace(first, topic=Topic.parse("\"it's\", '''x''' -survey"), is_silent=True, has_discussion=True),
    ):
        await world.app.store.subscriptions.add(more, world.app.now())
    before = await stored(world)
    text = await exported(channel, ada)
    assert text.startswith("# Paperboy: subscriptions and named topics of “The Reading Room”, 2026-06-10 07:4")
    assert [each["channel_name"] for each in tomllib.loads(text)["subscriptions"]][:4] == [name for name, *_ in ORDERS]
    answer = await handed_in(channel, ada, text)
    assert shown(answer).startswith("### Nothing to change")
    assert "7 subscriptions unchanged" in shown(answer)
    assert "Apply" not in labels(answer)
    assert await stored(world) == before


async def test_an_edited_file_is_shown_then_applied(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor
) -> None:
    before = await stored(world)
    text = (await exported(channel, ada)).replace('time = "08:10"', 'time = "18:00"\nsilent = true')
    cut = text.index("[[subscriptions]]", text.index("images-and-video") - 120)
    end = text.index("[[subscriptions]]", cut + 5)
    text = text[:cut] + text[end:] + entry(channel, "video", size="2") + '\n[[topics]]\nname = "Bots"\ntext = "robot"\n'
    answer = await handed_in(channel, ada, text)
    assert await stored(world) == before  # nothing before Apply
    said = shown(answer)
    agents, images = world.channels["agents"], world.channels["images-and-video"]
    assert f"**New**\n- <#{channel.id}> up to 2 papers on **video** — weekdays at 09:00 UTC" in said
    assert f"**Changed**\n- <#{agents.id}> **agent, tool use**: time 08:10 → 18:00, silent no → yes" in said
    assert f"**Not in the file: left alone**\n- <#{images.id}>" in said
    assert "**Topics**\n- **Bots**: robot" in said
    assert "2 subscriptions unchanged" in said
    assert labels(answer) == {"Apply", "Also remove 1", "Cancel"}

    done = await pressed(answer, ada, "Apply")
    assert done.startswith("### Done\n1 subscription added, 1 subscription changed, 1 topic saved.")
    after = await stored(world)
    assert after[:4] == [before[0], replace(before[1], at=time(18), is_silent=True), *before[2:]]
    assert [(order.topic.text, order.size, order.state) for order in after[4:]] == [("video", 2, State.ACTIVE)]
    assert [topic.name for topic in await world.app.store.topics.of(world.guild.id)] == ["Bots"]
    assert shown(await handed_in(channel, ada, text)).startswith("### Nothing to change")


async def test_what_the_file_does_not_have_is_removed_only_when_that_was_asked_for(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor
) -> None:
    before = await stored(world)
    answer = await handed_in(channel, ada, entry(channel, "video"))
    await pressed(answer, ada, "Also remove 3")
    assert "**To be removed**" in shown(answer)
    await pressed(answer, ada, "Leave them alone")
    assert "left alone" in shown(answer)
    assert len(await stored(world)) == 4
    await pressed(answer, ada, "Also remove 3")
    assert "1 subscription changed, 3 subscriptions removed" in await pressed(answer, ada, "Apply")
    (left,) = await stored(world)
    assert (left.id, left.topic.text) == (before[0].id, "video")


async def test_cancel_changes_nothing(world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor) -> None:
    before = await stored(world)
    answer = await handed_in(channel, ada, entry(channel))
    apply = next(key for key in buttons(answer) if key.startswith("exchange:apply"))
    assert answer.response
    assert await pressed(answer, ada, "Cancel") == "Nothing was changed."
    assert await stored(world) == before
    assert await world.app.store.notes.whole(apply.rpartition(":")[2]) is None  # the file is not kept any longer


async def test_a_restart_between_looking_and_applying_loses_nothing(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor
) -> None:
    answer = await handed_in(channel, ada, entry(world.channels["robots"], "speech -survey"))
    async with App.open(world.app.config, world.app.now) as app:
        await world.env.restart_bot(Paperboy(app))
        assert "1 subscription changed" in await pressed(answer, ada, "Apply")
        assert "speech -survey" in [order.topic.text for order in await stored(world)]


async def test_what_changed_meanwhile_is_shown_again_before_it_is_applied(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor
) -> None:
    first = (await stored(world))[0]
    answer = await handed_in(channel, ada, entry(channel))
    await world.app.store.subscriptions.set_state(first.id, State.REMOVED, world.app.now())
    said = await pressed(answer, ada, "Apply")
    assert "Something has changed meanwhile" in said
    assert "**New**" in said
    assert len(await stored(world)) == 3
    assert "1 subscription added" in await pressed(answer, ada, "Apply")


async def test_pressing_apply_twice_applies_once(world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor) -> None:
    answer = await handed_in(channel, ada, entry(world.guild.create_text_channel("new")))
    apply = next(key for key in buttons(answer) if key.startswith("exchange:apply"))
    assert answer.response
    kept = answer.response._message.components
    await pressed(answer, ada, "Apply")
    answer.response._message.components = kept  # as a second client of hers still shows it
    said = await ada.click(answer.response, custom_id=apply)
    assert "no longer kept" in shown(said.followups[0])
    assert len(await stored(world)) == 5


async def test_a_server_has_a_limit_and_the_import_respects_it(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor
) -> None:
    limits = world.app.config.limits.model_copy(update={"subscriptions_per_server": 5})
    config = world.app.config.model_copy(update={"limits": limits})
    async with App.open(config, world.app.now) as app:
        await world.env.restart_bot(Paperboy(app))
        new = world.guild.create_text_channel("new")
        whole = "".join(entry(new, f"topic{n}") for n in range(6))
        assert "at most 5 subscriptions, and the file has 6" in shown(await handed_in(channel, ada, whole))
        two = entry(new, "one") + entry(new, "two")
        answer = await handed_in(channel, ada, two)
        assert "at most 5 subscriptions, and this would make 6" in shown(answer)
        assert labels(answer) == {"Also remove 4", "Cancel"}
        await pressed(answer, ada, "Also remove 4")
        assert "2 subscriptions added, 4 subscriptions removed" in await pressed(answer, ada, "Apply")
        await pressed(await handed_in(channel, ada, "".join(entry(channel, f"t{n}") for n in range(3))), ada, "Apply")
        assert len(await stored(world)) == 5
        answer = await ada.slash(channel, "subscribe add", topic="speech")
        assert "A server has at most 5 subscriptions" in shown(answer)


async def test_readers_neither_export_nor_press(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor, ben: simcord.MemberActor
) -> None:
    answer = await handed_in(channel, ada, entry(channel))
    let_everybody_try(world, "subscribe")
    assert "“Manage Channels”" in shown(await ben.slash(channel, "subscribe export"))
    assert "“Manage Channels”" in shown(await handed_in(channel, ben, entry(channel)))
    assert answer.response
    answer.response._message.flags = 32768  # as if it were not private
    said = await ben.click(answer.response, label="Apply")
    assert "“Manage Channels”" in shown(said.followups[0])
    assert (await stored(world))[0].topic.is_everything
    world.env.errors.clear()


async def test_an_empty_server_has_nothing_to_export(world: World) -> None:
    elsewhere = world.env.create_guild("Elsewhere")
    role = elsewhere.create_role("Mods", permissions=discord.Permissions(manage_channels=True))
    mallory = elsewhere.add_member(world.env.create_user("mallory"), roles=[role])
    place = elsewhere.create_text_channel("place")
    assert "no subscriptions yet" in shown(await mallory.slash(place, "subscribe export"))
