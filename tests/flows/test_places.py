"""Where and how editions are posted: roles, silence, discussions, threads, announcement channels."""

from __future__ import annotations

from typing import Any

import discord
import pytest
import simcord

from papers.subscription import State
from sandbox.world import ORDERS, World
from tests.flows.conftest import buttons, deliver, posts, shown, sole, subscribe

pytestmark = pytest.mark.usefixtures("as_invited")


async def subscribed(world: World, place: simcord.ChannelHandle, **options: Any) -> simcord.InteractionResult:
    """The moderator subscribes, for five past eight."""
    values = {"topic": "everything", "channel": place, "time": "8:05", "timezone": "UTC", **options}
    answer = await subscribe(world.moderator, world.channels["agents"], **values)
    assert "### Subscribed" in shown(answer), shown(answer)
    return answer


async def refused(world: World, place: simcord.ChannelHandle, **options: Any) -> str:
    """The one sentence that the moderator gets instead of a subscription."""
    answer = await world.moderator.slash(
        world.channels["agents"], "subscribe add", **{"topic": "everything", "channel": place, **options}
    )
    assert len(await world.app.store.subscriptions.of_guild(world.guild.id)) == len(ORDERS)
    assert answer.ephemeral
    sentence = shown(answer)
    assert len(sentence.splitlines()) == 1
    return sentence


@pytest.fixture
def place(world: World) -> simcord.ChannelHandle:
    return world.guild.create_text_channel("papers")


async def test_a_role_is_mentioned_and_nobody_else(world: World, place: simcord.ChannelHandle) -> None:
    role = world.guild.create_role("Readers", mentionable=True)
    answer = await subscribed(world, place, mention=role)
    assert f"mentions {role.mention}" in shown(answer)
    await deliver(world)
    (request,) = posts(world, place)
    assert request["allowed_mentions"] == {"parse": [], "roles": [role.id]} or request["allowed_mentions"] == {
        "parse": [],
        "roles": [str(role.id)],
    }
    message = sole(place)
    assert shown(message).startswith(f"{role.mention}\n## The day’s papers")
    assert [each.id for each in message.role_mentions] == [role.id]
    assert not message.mention_everyone


async def test_a_role_that_may_not_be_mentioned_is_refused(world: World, place: simcord.ChannelHandle) -> None:
    role = world.guild.create_role("Quiet Ones")
    told = await refused(world, place, mention=role)
    assert told == f"Paperboy may not mention {role.mention}: let everybody mention that role, or choose another."


async def test_everyone_is_not_mentioned(world: World, place: simcord.ChannelHandle) -> None:
    told = await refused(world, place, mention=world.guild.default_role)
    assert told == "Paperboy never mentions everyone: choose a role of those who want it, or none."


async def test_a_role_that_closed_meanwhile_is_left_out(world: World, place: simcord.ChannelHandle) -> None:
    role = world.guild.create_role("Readers", mentionable=True)
    await subscribed(world, place, mention=role)
    world.env.backend.edit_role(world.guild.id, role.id, {"mentionable": False})
    await world.env.settle()
    await deliver(world)
    assert role.mention not in shown(sole(place))


@pytest.mark.parametrize("silent", [True, False])
async def test_a_silent_post_notifies_nobody(world: World, place: simcord.ChannelHandle, silent: bool) -> None:
    answer = await subscribed(world, place, silent=silent)
    assert ("silent" in shown(answer)) is silent
    await deliver(world)
    assert sole(place).flags.silent is silent
    assert (bool(posts(world, place)[0]["flags"] & 1 << 12)) is silent


async def test_a_discussion_is_a_thread_named_for_the_day(world: World, place: simcord.ChannelHandle) -> None:
    answer = await subscribed(world, place, topic="video", discussion=True)
    assert "a discussion thread under each" in shown(answer)
    await deliver(world)
    (thread,) = place.threads
    assert thread.name == "Wednesday 10 June: video"
    assert thread.id == next(m.id for m in place.history() if m.author == world.bot.user)  # it hangs on the digest
    await deliver(world, 8, 20)
    assert len(place.threads) == 1


async def test_a_discussion_needs_its_permission(world: World) -> None:
    everyone = world.guild.default_role
    closed = world.guild.create_text_channel(
        "no-threads", overwrites={everyone: discord.PermissionOverwrite(create_public_threads=False)}
    )
    assert "allow it “Create Public Threads”" in await refused(world, closed, discussion=True)


async def test_posts_of_one_paper_belong_in_a_forum(world: World, place: simcord.ChannelHandle) -> None:
    assert await refused(world, place, posts="paper") == "One post per paper needs a forum channel."
    assert await refused(world, place, tag="AI") == "Only posts in a forum have tags: leave `tag` out."


async def test_one_shot_and_yesterday_are_what_they_say(world: World, place: simcord.ChannelHandle) -> None:
    fixed = world.guild.create_text_channel("fixed")
    assert "stays as posted" in shown(await subscribed(world, fixed, mode="one-shot"))
    assert "the last working day’s whole list" in shown(await subscribed(world, place, mode="yesterday"))
    await deliver(world)
    assert "12 listed" in shown(sole(fixed))
    whole = shown(sole(place))
    assert whole.startswith("## The whole day’s papers · Tuesday 9 June")
    assert "13 listed" in whole


async def test_an_announcement_is_published_once(world: World) -> None:
    news = world.guild.create_news_channel("announcements")
    assert "published to its followers" in shown(await subscribed(world, news))
    await deliver(world)
    path = f"/channels/{news.id}/messages/{sole(news).id}/crosspost"
    await deliver(world, 8, 20)
    assert [r.path for r in world.env.http_requests if r.path.endswith("/crosspost")] == [path]


@pytest.fixture
async def thread(world: World, place: simcord.ChannelHandle) -> simcord.ChannelHandle:
    channel = world.bot.get_channel(place.id)
    assert isinstance(channel, discord.TextChannel)
    await channel.create_thread(name="today", type=discord.ChannelType.public_thread)
    return place.threads[0]


async def archive(world: World, thread: simcord.ChannelHandle, **metadata: bool) -> None:
    """As Discord does after a while without messages, or a moderator."""
    world.env.backend.edit_channel(thread.id, {}, thread_metadata=metadata)
    await world.env.settle()


async def test_a_thread_gets_its_edition(world: World, thread: simcord.ChannelHandle) -> None:
    answer = await subscribed(world, thread)
    assert f"<#{thread.id}> gets" in shown(answer)
    await deliver(world)
    assert shown(sole(thread)).startswith("## The day’s papers")


async def test_an_archived_thread_is_not_a_gone_channel(world: World, thread: simcord.ChannelHandle) -> None:
    answer = await subscribed(world, thread)
    key = next(key for key in buttons(answer) if key.startswith("post:")).split(":")[1]
    await archive(world, thread, archived=True)
    told = shown(await world.moderator.slash(world.channels["agents"], "subscribe resume", subscription=key))
    assert told.startswith("It was not paused")
    choices = await world.moderator.autocomplete(world.channels["agents"], "subscribe pause", "subscription", "thread")
    assert [choice["value"] for choice in choices] == [key]
    assert choices[0]["name"].startswith("#a thread · everything")


async def test_a_locked_thread_is_left_alone_until_it_is_opened(world: World, thread: simcord.ChannelHandle) -> None:
    """Any change of permissions makes Paperboy look again: what it still may not do, it must not try and tell of again."""
    answer = await subscribed(world, thread)
    key = int(next(key for key in buttons(answer) if key.startswith("post:")).split(":")[1])
    store = world.app.store.subscriptions
    await store.set_state(key, State.SHUT_OUT, world.app.now())
    await archive(world, thread, locked=True)
    role = world.guild.create_role("Any")
    world.env.backend.edit_role(world.guild.id, role.id, {"name": "Other"})
    await world.env.settle()
    assert [order.id for order in await store.shut_out(world.guild.id)] == [key]
    await archive(world, thread, archived=True)
    await archive(world, thread, archived=False, locked=False)
    assert await store.shut_out(world.guild.id) == []
