"""Editions in a forum: a post for each, or for each paper, with the tags that fit."""

from __future__ import annotations

from typing import Any

import pytest
import simcord
from simcord.backend import serializers

from sandbox.world import World
from tests.flows.conftest import buttons, deliver, shown
from tests.flows.test_places import refused, subscribed

pytestmark = pytest.mark.usefixtures("as_invited")

TAGS = {"Agents": False, "Diffusion": False, "Other": False, "Moderators only": True}


@pytest.fixture
async def forum(world: World) -> simcord.ChannelHandle:
    forum = world.guild.create_forum_channel("paper-talk")
    tags = [
        {"id": str(900 + n), "name": name, "moderated": moderated, "emoji_id": None, "emoji_name": None}
        for n, (name, moderated) in enumerate(TAGS.items())
    ]
    world.env.backend.edit_channel(forum.id, {"available_tags": tags})
    await world.env.settle()
    return forum


def tags_of(world: World, post: simcord.ChannelHandle) -> list[str]:
    return [list(TAGS)[tag - 900] for tag in world.env.backend.get_channel(post.id).applied_tags]


async def require_tags(world: World, forum: simcord.ChannelHandle) -> None:
    """SimCord keeps no flags of a channel: the bot is told of them as Discord would."""
    payload: dict[str, Any] = dict(serializers.channel_payload(world.env.backend, world.env.backend.get_channel(forum.id)))
    world.env.backend.emit("CHANNEL_UPDATE", {**payload, "flags": 1 << 4})
    await world.env.settle()


async def test_an_edition_is_a_post_named_for_the_day(world: World, forum: simcord.ChannelHandle) -> None:
    answer = await subscribed(world, forum, topic="diffusion, video", silent=True)
    assert "one post for each edition" in shown(answer)
    await deliver(world)
    (post,) = forum.threads
    assert post.name == "Wednesday 10 June: diffusion, video"
    assert tags_of(world, post) == ["Diffusion"]
    (message,) = post.history()
    assert shown(message).startswith("## The day’s papers · Wednesday 10 June")
    assert message.flags.silent


async def test_each_paper_is_a_post_of_its_own(world: World, forum: simcord.ChannelHandle) -> None:
    answer = await subscribed(world, forum, topic="agent, diffusion, speech", posts="paper", tag="other", size=8)
    assert "each paper is a post of its own" in shown(answer)
    await deliver(world)
    tags = {post.name or "": tags_of(world, post) for post in forum.threads}
    assert len(tags) > 3
    assert tags["Role-Agent: Bootstrapping LLM Agents via Dual-Role Evolution"] == ["Agents"]
    assert {tuple(each) for each in tags.values()} == {("Agents",), ("Diffusion",), ("Other",)}
    for post in forum.threads:
        (message,) = post.history()
        text = shown(message)
        assert (post.name or "")[:40] in text
        assert "> **Abstract.**" in text
        assert text.endswith("-# on **agent, diffusion, speech** · Hugging Face Daily Papers")


async def test_a_posts_button_shows_the_whole_day(world: World, forum: simcord.ChannelHandle, ben: simcord.MemberActor) -> None:
    await subscribed(world, forum, posts="paper", size=1)
    await deliver(world)
    (post,) = forum.threads
    answer = await ben.click(post.history()[0], label="The whole day")
    assert answer.ephemeral
    assert shown(answer).startswith("## Today’s papers · Wednesday 10 June\n-# on everything · 12 papers")


async def test_the_preview_of_posts_says_that_they_are_posts(world: World, forum: simcord.ChannelHandle) -> None:
    made = await subscribed(world, forum, posts="paper", size=2)
    key = next(key for key in buttons(made) if key.startswith("post:")).split(":")[1]
    text = shown(await world.moderator.slash(world.channels["agents"], "subscribe preview", subscription=key))
    assert text.startswith("## The day’s papers")
    assert text.endswith("-# Each of these becomes a post of its own.")


async def test_a_forum_that_wants_a_tag_needs_one(world: World, forum: simcord.ChannelHandle) -> None:
    await require_tags(world, forum)
    told = await refused(world, forum)
    assert told == f"{forum.mention} wants a tag on every post: name one with the option `tag` (Agents, Diffusion, Other)."
    await subscribed(world, forum, tag="OTHER ")
    await deliver(world)
    (post,) = forum.threads
    assert tags_of(world, post) == ["Other"]


@pytest.mark.parametrize("tag", ["Robots", "Moderators only", "**"])
async def test_an_unknown_tag_or_a_moderators_is_told_which_there_are(
    world: World, forum: simcord.ChannelHandle, tag: str
) -> None:
    told = await refused(world, forum, tag=tag)
    assert told == f"{forum.mention} has no such tag: choose one of Agents, Diffusion, Other."


async def test_a_forum_without_tags_says_so(world: World) -> None:
    bare = world.guild.create_forum_channel("bare")
    assert await refused(world, bare, tag="AI") == f"{bare.mention} has no tags yet: leave `tag` out, or make one there."


async def test_tags_complete_from_the_forum_that_was_chosen(
    world: World, forum: simcord.ChannelHandle, channel: simcord.ChannelHandle, ada: simcord.MemberActor
) -> None:
    async def offered(typed: str, **filled: Any) -> list[str]:
        choices = await ada.autocomplete(channel, "subscribe add", "tag", typed, topic="x", **filled)
        return [choice["value"] for choice in choices]

    assert await offered("", channel=forum) == ["Agents", "Diffusion", "Other"]
    assert await offered("diff", channel=forum) == ["Diffusion"]
    assert await offered("") == []  # this channel is no forum


async def test_a_discussion_is_what_a_forum_post_is_already(world: World, forum: simcord.ChannelHandle) -> None:
    assert "only be opened under a digest in a text channel" in await refused(world, forum, discussion=True)
