"""Naming topics: the form, its mistakes, what changes with a topic, and what its name stands for."""

from __future__ import annotations

from typing import Any

import discord
import pytest
import simcord

from bot.app import App
from bot.client import Paperboy
from cogs.topics import MAX_TOPICS
from papers.topic import Topic
from sandbox.world import World
from tests.flows.conftest import buttons, let_everybody_try, shown, subscribe


def fields(opened: simcord.InteractionResult) -> dict[str, str]:
    """What a form is filled in with."""
    modal: dict[str, Any] | None = opened._interaction.modal
    assert modal
    return {entry["component"]["custom_id"]: entry["component"].get("value", "") for entry in modal["components"]}


async def named(
    who: simcord.MemberActor, channel: simcord.ChannelHandle, name: str, about: str = "", never: str = "", only: str = ""
) -> simcord.InteractionResult:
    opened = await who.slash(channel, "topic new")
    return await who.submit_modal(opened, {"name": name, "about": about, "never": never, "only": only})


async def test_a_topic_is_composed_from_a_form_and_told_with_what_it_brings(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor
) -> None:
    answer = await named(ada, channel, "Busy agents", "agent, tool use", "survey, -medical", "votes:>5")
    assert answer.response
    assert answer.response.ephemeral
    text = shown(answer)
    assert "### Topic saved\n**Busy agents**: (agent or tool use) votes:\\>5 -survey -medical\n" in text
    assert "over the last 2 days with papers" in text
    assert "On Wednesday 10 June these" in text
    assert text.endswith("No subscription follows it yet: `/subscribe add` takes it by its name.")
    made = await subscribe(ada, channel, topic="busy AGENTS")
    assert "papers on **Busy agents** —" in shown(made)


async def test_a_subscription_tells_before_it_is_saved_what_a_name_stands_for(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor
) -> None:
    await named(ada, channel, "Films", "video -survey")
    answer = await ada.slash(channel, "subscribe add", topic="Films")
    assert "-# **Films** is: video -survey" in shown(answer)


async def test_a_changed_topic_changes_its_subscriptions(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor
) -> None:
    await named(ada, channel, "Films", "video, film", "survey")
    await subscribe(ada, channel, topic="Films")
    opened = await ada.slash(channel, "topic edit", name="films")
    assert fields(opened) == {"name": "Films", "about": "video or film", "never": "survey", "only": ""}
    answer = await ada.submit_modal(opened, {"name": "Moving pictures", "about": "video", "never": "", "only": "cat:cs.CV"})
    assert shown(answer).endswith("1 subscription follows it, as it is now.")
    order = (await world.app.store.subscriptions.of_guild(world.guild.id))[-1]
    assert (order.topic.name, order.topic.text) == ("Moving pictures", "video cat:cs.CV")
    assert [topic.name for topic in await world.app.store.topics.of(world.guild.id)] == ["Moving pictures"]


async def test_a_mistake_is_pointed_at_and_what_was_typed_comes_back(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor
) -> None:
    told = await named(ada, channel, "Films", "video (film", "survey", "votes:>5")
    assert told.response
    text = shown(told)
    assert "In “About”: This parenthesis is never closed: put a “)” where it ends.\n```\nvideo (film\n      ^\n```" in text
    assert "-# **Never**: survey" in text
    again = await ada.click(told.response, label="Edit again")
    assert fields(again) == {"name": "Films", "about": "video (film", "never": "survey", "only": "votes:>5"}
    answer = await ada.submit_modal(again, {**fields(again), "about": "video (film)"})
    assert "### Topic saved" in shown(answer)


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"name": "Reasoning", "about": "video"}, "“Reasoning” is the name of a preset: choose another."),
        ({"name": "everything", "about": "video"}, "is the name of a preset"),
        ({"name": "Films", "about": ""}, "no word in it yet"),
        ({"name": "‮", "about": "video"}, "The topic needs a name"),
        ({"name": "Films", "about": "video", "only": "lecun"}, "In “Only from” stand filters alone"),
        ({"name": "Films", "about": "video", "only": "votes:many"}, "In “Only from”: Here “votes:” wants a number"),
        ({"name": "Films", "about": "word " * 139}, "A topic is 1 to 600 characters"),
        ({"name": "Taken", "about": "video"}, "There is a topic “Taken” already"),
        ({"name": "`@everyone`", "about": "```x (` @everyone"}, "never closed"),
    ],
)
async def test_a_mistaken_form_saves_nothing(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor, form: dict[str, str], sentence: str
) -> None:
    await world.app.store.topics.save(world.guild.id, Topic.parse("speech", "taken"), ada.id, world.app.now())
    told = await named(ada, channel, **form)
    text = shown(told)
    assert text.startswith("### Not saved yet\n")
    assert sentence in text
    assert text.count("```") in {0, 2}
    assert [button["label"] for button in buttons(told).values()] == ["Edit again"]
    assert [topic.name for topic in await world.app.store.topics.of(world.guild.id)] == ["taken"]


async def test_a_name_is_kept_inert(world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor) -> None:
    await named(ada, channel, "**@everyone** `x`", "video")
    text = shown(await ada.slash(channel, "topic list"))
    assert "\\@everyone" in text
    assert "@everyone" not in text.replace("\\@everyone", "")


async def test_a_form_and_its_second_try_outlive_a_restart(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor
) -> None:
    opened = await ada.slash(channel, "topic new")
    async with App.open(world.app.config, world.app.now) as app:
        await world.env.restart_bot(Paperboy(app))
        told = await ada.submit_modal(opened, {"name": "Films", "about": "video )"})
        await world.env.restart_bot(Paperboy(app))
        assert told.response
        again = await ada.click(told.response, label="Edit again")
        answer = await ada.submit_modal(again, {**fields(again), "about": "video"})
    assert "### Topic saved" in shown(answer)


async def test_the_list_has_figures_and_the_presets(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor
) -> None:
    assert "This server has no topics yet" in shown(await ada.slash(channel, "topic list"))
    await named(ada, channel, "Films", "video")
    await named(ada, channel, "Zebras", "zebra")
    await subscribe(ada, channel, topic="Films")
    text = shown(await ada.slash(channel, "topic list"))
    assert text.startswith("### 2 topics\n**Films** · about ")
    assert " a day · 1 subscription\n-# video\n**Zebras** · none lately\n-# zebra" in text
    assert "Presets, which `/subscribe add` takes by name, too: LLM agents, " in text


async def test_a_hundred_topics_fit_the_list_and_one_more_is_refused(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor
) -> None:
    for number in range(MAX_TOPICS):
        topic = Topic.parse("long word " * 20, f"Topic number {number} with a longish name")
        await world.app.store.topics.save(world.guild.id, topic, ada.id, world.app.now())
    text = shown(await ada.slash(channel, "topic list"))
    assert text.startswith("### 100 topics")
    assert " more: `/topic edit` finds them by name" in text
    assert len(text) <= 4_000
    assert "at most 100 topics: `/topic remove` one first" in shown(await named(ada, channel, "Another", "video"))
    opened = await ada.slash(channel, "topic edit", name="Topic number 7 with a longish name")
    assert "### Topic saved" in shown(await ada.submit_modal(opened, {**fields(opened), "name": "Seven"}))


async def test_a_removed_topic_leaves_its_subscriptions_as_they_are(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor
) -> None:
    await named(ada, channel, "Films", "video")
    await subscribe(ada, channel, topic="Films")
    (choice,) = await ada.autocomplete(channel, "topic remove", "name", "fil")
    told = shown(await ada.slash(channel, "topic remove", name=choice["value"]))
    assert told == "Forgotten: **Films**. 1 subscription keeps the topic as it is."
    order = (await world.app.store.subscriptions.of_guild(world.guild.id))[-1]
    assert order.topic.text == "video"
    for command in ("edit", "remove"):
        unknown = await ada.slash(channel, f"topic {command}", name="Films")
        assert shown(unknown) == "This server has no topic “Films”: `/topic list` shows them."


async def test_a_draft_whose_name_stands_for_something_else_by_now_is_saved_as_it_was_shown(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor
) -> None:
    await named(ada, channel, "Films", "video")
    answer = await ada.slash(channel, "subscribe add", topic="Films")
    opened = await ada.slash(channel, "topic edit", name="Films")
    await ada.submit_modal(opened, {**fields(opened), "about": "speech"})
    assert answer.response
    await ada.click(answer.response, label="Save")
    order = (await world.app.store.subscriptions.of_guild(world.guild.id))[-1]
    assert (order.topic.text, order.topic.name) == ("video", "")


async def test_readers_name_no_topics(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor, ben: simcord.MemberActor
) -> None:
    with pytest.raises(simcord.SetupError, match="default-member-permissions"):
        await ben.slash(channel, "topic list")
    let_everybody_try(world, "topic")
    assert "Manage Channels" in shown(await ben.slash(channel, "topic list"))
    keeper_role = world.guild.create_role("Keepers", permissions=discord.Permissions(manage_channels=True))
    keeper = world.guild.add_member(world.env.create_user("keeper"), roles=[keeper_role])
    told = await named(keeper, channel, "Films", "video (")
    opened = await keeper.slash(channel, "topic new")
    world.env.backend.edit_role(world.guild.id, keeper_role.id, {"permissions": 0})
    await world.env.settle()
    refused = "You need the permission “Manage Channels” for that: ask a moderator of this server."
    assert shown(await keeper.submit_modal(opened, {"name": "Films", "about": "video"})) == refused
    assert told.response
    assert shown(await keeper.click(told.response, label="Edit again")) == refused
    assert await world.app.store.topics.of(world.guild.id) == []
    assert await ben.autocomplete(channel, "topic edit", "name", "") == []
    assert [type(error).__name__ for error in world.env.errors] == ["MissingPermissions"]
