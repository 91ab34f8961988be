"""What a person follows alone: set up by them, sent to them, seen by nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest
import simcord

from papers.subscription import State
from sandbox.world import ORDERS, World
from tests.flows.conftest import MISTAKES, buttons, deliver, follow, followed, shown, sole, wait_until

pytestmark = pytest.mark.usefixtures("as_invited")


async def test_a_topic_followed_in_a_server_comes_by_private_message(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor
) -> None:
    answer = await ben.slash(channel, "follow add", topic="video", time="8:05", timezone="Europe/London")
    assert answer.ephemeral
    text = shown(answer)
    assert "You get up to 5 papers on **video** — weekdays at 08:05 Europe/London, by private message." in text
    tomorrow = int((world.app.now().replace(hour=7, minute=5) + timedelta(days=1)).timestamp())
    assert f"<t:{tomorrow}:F>" in text  # 07:05 UTC of this day is over
    assert len(await followed(world, ben)) == 1
    await world.app.store.subscriptions.set_state((await followed(world, ben))[0].id, State.REMOVED, world.app.now())
    await ben.slash(channel, "follow add", topic="video", time="8:15", timezone="UTC")
    await deliver(world, 8, 16)
    message = sole(ben.user.dm_channel)
    assert "on **video**" in shown(message)
    assert not any(custom_id.startswith("follow:") for custom_id in buttons(message))
    assert message.channel.id == (await followed(world, ben))[0].channel_id


async def test_it_works_without_a_server(world: World) -> None:
    stranger = world.env.create_user("stranger")
    text = shown(await stranger.slash("follow add", topic="everything", time="8:30", size=2))
    assert "The time zone is UTC" in text
    await deliver(world, 8, 31)
    message = sole(stranger.dm_channel)
    assert len([custom_id for custom_id in buttons(message) if custom_id.startswith("open:")]) == 2
    more = await stranger.click(message, custom_id=next(key for key in buttons(message) if key.startswith("more:")))
    assert "More of Wednesday 10 June" in shown(more)
    assert "Hugging Face: up to date" in shown(await stranger.slash("status"))
    assert "Wednesday 10 June" in shown(await stranger.slash("today"))


async def test_a_quiet_day_is_silent_unless_it_was_asked_for(world: World, ben: simcord.MemberActor) -> None:
    await follow(world, ben, topic="zebra", time="8:00")
    await deliver(world, 8, 1)
    assert ben.user.dm_channel.history() == []
    await follow(world, ben, topic="okapi", time="8:10", quiet_days="say so")
    await deliver(world, 8, 11)
    assert "No papers on **okapi**" in shown(sole(ben.user.dm_channel))


async def test_the_list_is_ones_own_and_tells_what_comes_when(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor, ben: simcord.MemberActor
) -> None:
    await follow(world, ben, topic="video", time="8:00")
    await follow(world, ben, topic="robots", time="9:30 pm", days="Mon, Wed")
    text = shown(await ben.slash(channel, "follow list"))
    assert text.startswith("### You follow 2 topics")
    assert f"next <t:{int(world.app.now().replace(hour=8, minute=0).timestamp())}:R>" in text
    assert "Mon, Wed at 21:30 UTC" in text
    assert "You follow nothing yet" in shown(await ada.slash(channel, "follow list"))
    assert "### 4 subscriptions" in shown(await ada.slash(channel, "subscribe list"))
    assert await world.app.store.subscriptions.of_guild(0) == []


async def test_it_is_edited_paused_resumed_and_removed(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor
) -> None:
    await follow(world, ben, topic="video", time="8:00")
    (choice,) = await ben.autocomplete(channel, "follow edit", "follow", "vid")
    assert choice["name"] == "video · 08:00 UTC"
    key = choice["value"]
    assert "Nothing to change" in shown(await ben.slash(channel, "follow edit", follow=key))
    text = shown(await ben.slash(channel, "follow edit", follow=key, time="7 pm", size=2, days="daily", timezone="Asia/Tokyo"))
    assert "up to 2 papers on **video** — every day at 19:00 Asia/Tokyo" in text
    await ben.slash(channel, "follow edit", follow=key, source="both")
    assert [order.sources for order in await followed(world, ben)] == [("huggingface", "arxiv")]
    assert "is paused" in shown(await ben.slash(channel, "follow edit", follow=key, pause="paused"))
    assert "⏸ paused" in shown(await ben.slash(channel, "follow list"))
    await deliver(world, 10, 1)
    assert ben.user.dm_channel.history() == []
    await ben.slash(channel, "follow edit", follow=key, pause="active")
    await deliver(world, 10, 5)
    assert ben.user.dm_channel.history() == []  # what a pause left out is not owed
    assert "Removed: you get nothing more on **video**." in shown(await ben.slash(channel, "follow remove", follow=key))
    assert await followed(world, ben) == []
    assert "no such topic" in shown(await ben.slash(channel, "follow edit", follow=key, size=3))


async def test_a_new_hour_that_is_over_today_begins_tomorrow(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor
) -> None:
    order = await follow(world, ben, topic="video", time="9:00")
    await wait_until(world, 8, 30)
    text = shown(await ben.slash(channel, "follow edit", follow=str(order.id), time="8:00"))
    assert f"<t:{int((world.app.now().replace(hour=8, minute=0) + timedelta(days=1)).timestamp())}:F>" in text
    await deliver(world, 9, 1)
    assert ben.user.dm_channel.history() == []


@pytest.mark.parametrize("command", ["edit", "remove"])
async def test_nobody_can_see_or_change_what_another_follows(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor, ben: simcord.MemberActor, command: str
) -> None:
    order = await follow(world, ben, topic="video", time="8:00")
    changes = {"size": 1} if command == "edit" else {}
    answers = [await ada.slash(channel, f"follow {command}", follow=key, **changes) for key in (f"{order.id}", "999999", "x")]
    assert len({shown(answer) for answer in answers}) == 1
    assert "You follow no such topic" in shown(answers[0])
    assert await ada.autocomplete(channel, f"follow {command}", "follow", "") == []
    for server in ("pause", "remove", "preview", "resume"):
        assert "no such subscription" in shown(await ada.slash(channel, f"subscribe {server}", subscription=f"{order.id}"))
    assert await followed(world, ben) == [order]


async def test_a_servers_subscription_is_none_of_ones_own(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor
) -> None:
    (theirs, *_) = await world.app.store.subscriptions.of_guild(world.guild.id)
    assert "no such topic" in shown(await ada.slash(channel, "follow remove", follow=f"{theirs.id}"))
    assert len(await world.app.store.subscriptions.of_guild(world.guild.id)) == len(ORDERS)


async def test_one_topic_too_many_and_the_same_again_are_refused(world: World, ben: simcord.MemberActor) -> None:
    for number in range(10):
        await follow(world, ben, topic=f"thing{number}")
    assert "10 topics at most" in shown(await ben.user.slash("follow add", topic="another"))
    assert "You follow that topic already (on **Thing3**)" in shown(await ben.user.slash("follow add", topic="Thing3"))
    assert len(await followed(world, ben)) == 10


@pytest.mark.parametrize(("options", "sentence"), MISTAKES)
async def test_a_mistake_is_told_and_saves_nothing(
    world: World, ben: simcord.MemberActor, options: dict[str, str], sentence: str
) -> None:
    assert sentence in shown(await ben.user.slash("follow add", **{"topic": "video", **options}))
    assert await followed(world, ben) == []
    assert [r.path for r in world.env.http_requests if r.path == "/users/@me/channels"] == []


async def test_what_a_chosen_channel_has_shown_is_left_out(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor
) -> None:
    await ben.slash(channel, "follow add", topic="everything", time="8:05", besides=channel)
    await deliver(world, 8, 6)
    theirs = {key.split(":")[2] for key in buttons(sole(channel)) if key.startswith("open:")}
    mine = {key.split(":")[2] for key in buttons(sole(ben.user.dm_channel)) if key.startswith("open:")}
    assert len(theirs) == 5
    assert len(mine) == 5
    assert not theirs & mine
    assert f"without what <#{channel.id}> shows" in shown(await ben.slash(channel, "follow list"))
    (order,) = await followed(world, ben)
    other = world.channels["agents"]
    await ben.slash(channel, "follow edit", follow=f"{order.id}", besides=other)
    await ben.slash(channel, "follow edit", follow=f"{order.id}", besides=channel)
    assert [known.besides for known in await followed(world, ben)] == [(other.id,)]
    for subscribed in await world.app.store.subscriptions.of_guild(world.guild.id):
        await world.app.store.subscriptions.set_state(subscribed.id, State.REMOVED, world.app.now())
    await ben.slash(channel, "follow edit", follow=f"{order.id}", besides=other)  # though it shows nothing any more
    assert [known.besides for known in await followed(world, ben)] == [()]


async def test_only_a_channel_with_digests_can_be_left_out(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor
) -> None:
    empty = world.guild.create_text_channel("empty")
    answer = await ben.slash(channel, "follow add", topic="video", besides=empty)
    assert f"No digests are posted in <#{empty.id}>" in shown(answer)
    assert await followed(world, ben) == []
