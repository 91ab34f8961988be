"""What moderators do: subscribe, look, pause, and what others may not."""

from __future__ import annotations

from datetime import timedelta

import discord
import pytest
import simcord

from papers.subscription import State
from sandbox.world import ORDERS, World
from tests.flows.conftest import MISTAKES, buttons, let_everybody_try, shown, subscribe, wait_until


async def test_a_subscription_is_made_posted_now_and_not_again_that_day(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor
) -> None:
    place = world.guild.create_text_channel("speech")
    answer = await subscribe(ada, channel, topic="speech", channel=place, time="8:05", timezone="Europe/London")
    text = shown(answer)
    assert f"<#{place.id}> gets up to 5 papers on **speech** — weekdays at 08:05 Europe/London." in text
    due = int((world.app.now().replace(hour=7, minute=5) + timedelta(days=1)).timestamp())
    assert f"<t:{due}:F>" in text

    assert answer.response
    posted = await ada.click(answer.response, label="Post one now")
    assert f"/{place.last_message.id}" in shown(posted)  # type: ignore[union-attr]
    again = await ada.click(answer.response, label="Post one now")
    assert shown(again).split()[0] == "Today’s"
    assert f"The next edition comes <t:{due}:R>." in shown(again)  # not today's hour, which is spent
    await wait_until(world, 8, 50)
    await world.bot.courier.deliver_due(world.app.now())
    assert len(place.history()) == 1


async def test_the_list_shows_each_subscription_and_when_it_posts_next(
    channel: simcord.ChannelHandle, ada: simcord.MemberActor, world: World
) -> None:
    text = shown(await ada.slash(channel, "subscribe list"))
    assert text.startswith("### 4 subscriptions")
    for name, *_ in ORDERS:
        assert f"<#{world.channels[name].id}>" in text
    first = int(world.app.now().replace(hour=8, minute=0).timestamp())
    assert f"next <t:{first}:R>" in text


async def test_a_preview_is_private_and_is_what_the_post_will_be(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor
) -> None:
    (choice,) = await ada.autocomplete(channel, "subscribe preview", "subscription", "agents")
    answer = await ada.slash(channel, "subscribe preview", subscription=choice["value"])
    assert answer.ephemeral
    assert world.channels["agents"].last_message is None
    await wait_until(world, 8, 11)
    await world.bot.courier.deliver_due(world.app.now())
    assert shown(world.channels["agents"].last_message) == shown(answer)
    assert shown(await ada.slash(channel, "subscribe preview", subscription=choice["value"])) == shown(answer)


async def test_a_paused_subscription_is_silent_until_it_is_resumed(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor
) -> None:
    (choice,) = await ada.autocomplete(channel, "subscribe pause", "subscription", "daily")
    chosen = choice["value"]
    assert "Paused" in shown(await ada.slash(channel, "subscribe pause", subscription=chosen))
    assert "⏸ paused" in shown(await ada.slash(channel, "subscribe list"))
    await wait_until(world, 8, 11)
    await world.bot.courier.deliver_due(world.app.now())
    assert [m for m in channel.history() if m.author == world.bot.user and not m.flags.ephemeral] == []
    assert "Resumed" in shown(await ada.slash(channel, "subscribe resume", subscription=chosen))
    await world.bot.courier.deliver_due(world.app.now())
    assert await world.app.store.ledger.of_edition(int(chosen), world.app.now().date()) == []


async def test_a_removed_subscription_is_gone(world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor) -> None:
    (choice,) = await ada.autocomplete(channel, "subscribe remove", "subscription", "robots")
    assert "Removed" in shown(await ada.slash(channel, "subscribe remove", subscription=choice["value"]))
    assert "### 3 subscriptions" in shown(await ada.slash(channel, "subscribe list"))
    assert "no such subscription" in shown(await ada.slash(channel, "subscribe pause", subscription=choice["value"]))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        *MISTAKES,
        ({"topic": "everything", "time": "8:00", "days": "daily"}, "that very subscription already"),
    ],
)
async def test_a_mistake_is_one_sentence_and_saves_nothing(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor, options: dict[str, str], sentence: str
) -> None:
    answer = await ada.slash(channel, "subscribe add", **{"topic": "speech", **options})
    assert sentence in shown(answer)
    assert len(shown(answer).splitlines()) == 1
    assert len(await world.app.store.subscriptions.of_guild(world.guild.id)) == len(ORDERS)


async def test_a_channel_closed_to_the_bot_is_named_with_what_is_missing(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor
) -> None:
    me = world.guild.me
    assert me
    closed = world.guild.create_text_channel(
        "closed", overwrites={world.guild.default_role: discord.PermissionOverwrite(send_messages=False)}
    )
    answer = await ada.slash(channel, "subscribe add", topic="speech", channel=closed)
    assert "“Send Messages”" in shown(answer)


async def test_readers_may_not_subscribe_even_where_discord_lets_them_try(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor, ada: simcord.MemberActor
) -> None:
    with pytest.raises(simcord.SetupError, match="default-member-permissions"):
        await ben.slash(channel, "subscribe list")
    let_everybody_try(world, "subscribe")
    answer = await ben.slash(channel, "subscribe add", topic="speech")
    assert "Manage Channels" in shown(answer)
    assert len(await world.app.store.subscriptions.of_guild(world.guild.id)) == len(ORDERS)

    made = await subscribe(ada, channel, topic="speech")
    press = next(key for key in buttons(made) if key.startswith("post:"))
    assert made.response
    made.response._message.flags = 32768  # as if it were not private
    told = await ben.click(made.response, custom_id=press)
    assert "Manage Channels" in shown(told)
    assert await ben.autocomplete(channel, "subscribe pause", "subscription", "") == []
    assert [type(error).__name__ for error in world.env.errors] == ["MissingPermissions"]


async def test_managing_one_channel_is_not_managing_another(world: World, channel: simcord.ChannelHandle) -> None:
    keeper = world.guild.add_member(world.env.create_user("keeper"))
    own = world.guild.create_text_channel("own", overwrites={keeper: discord.PermissionOverwrite(manage_channels=True)})
    (theirs, *_) = await world.app.store.subscriptions.of_guild(world.guild.id)
    for command in ("pause", "remove", "preview", "resume"):
        answer = await keeper.slash(own, f"subscribe {command}", subscription=str(theirs.id))
        assert f"“Manage Channels” in <#{theirs.channel_id}>" in shown(answer)
    assert "“Manage Channels”" in shown(await keeper.slash(own, "subscribe add", topic="speech", channel=channel))
    assert "Subscribed" in shown(await subscribe(keeper, own, topic="speech"))


async def test_a_channel_that_is_gone_is_said_to_be(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor
) -> None:
    place = world.guild.create_text_channel("short-lived")
    made = await subscribe(ada, channel, topic="video", channel=place)
    key = next(key for key in buttons(made) if key.startswith("post:")).split(":")[1]
    found = world.env.bot.get_channel(place.id)
    assert isinstance(found, discord.TextChannel)
    await found.delete()
    assert made.response
    assert "no longer there" in shown(await ada.click(made.response, label="Post one now"))
    assert "no longer there" in shown(await ada.slash(channel, "subscribe resume", subscription=key))
    assert "Removed" in shown(await ada.slash(channel, "subscribe remove", subscription=key))
    assert channel.last_message is None


async def test_posting_now_says_what_came_of_it(world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor) -> None:
    nothing = await subscribe(ada, channel, topic="zebra")
    assert nothing.response
    assert "no unseen paper on that topic to post yet" in shown(await ada.click(nothing.response, label="Post one now"))

    made = await subscribe(ada, channel, topic="video")
    assert made.response
    world.env.inject_error("POST", f"/channels/{channel.id}/messages", status=503)
    assert "tries again by itself" in shown(await ada.click(made.response, label="Post one now"))
    world.env.inject_error("POST", f"/channels/{channel.id}/messages", status=403, code=50013)
    await world.bot.courier.deliver_due(world.app.now())
    assert "is shut out" in shown(await ada.click(made.response, label="Post one now"))


async def test_another_servers_subscription_cannot_be_named(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor
) -> None:
    elsewhere = world.env.create_guild("Elsewhere")
    theirs = await subscribe(ada, channel, topic="speech")
    key = next(key for key in buttons(theirs) if key.startswith("post:")).split(":")[1]
    mallory_role = elsewhere.create_role("Mods", permissions=discord.Permissions(manage_channels=True))
    mallory = elsewhere.add_member(world.env.create_user("mallory"), roles=[mallory_role])
    place = elsewhere.create_text_channel("place")
    for command in ("pause", "remove", "preview", "resume"):
        assert "no such subscription" in shown(await mallory.slash(place, f"subscribe {command}", subscription=key))
    known = await world.app.store.subscriptions.get(int(key))
    assert known
    assert known.state is State.ACTIVE


async def test_time_zones_complete_from_a_citys_name(channel: simcord.ChannelHandle, ada: simcord.MemberActor) -> None:
    found = await ada.autocomplete(channel, "subscribe add", "timezone", "berl", topic="x")
    assert found[0]["value"] == "Europe/Berlin"
    found = await ada.autocomplete(channel, "subscribe add", "timezone", "new york", topic="x")
    assert found[0]["value"] == "America/New_York"
    assert len(await ada.autocomplete(channel, "subscribe add", "timezone", "", topic="x")) == 25
