"""Who may manage one channel only changes and sees nothing of the others."""

from __future__ import annotations

import discord
import pytest
import simcord

from papers.subscription import Subscription
from sandbox.world import World
from tests.flows.conftest import shown, subscribe
from tests.flows.test_exchange import exported, handed_in
from tests.flows.test_topics import named


@pytest.fixture
async def secret(world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor) -> Subscription:
    """A subscription on the server's topic Films, in a channel that the keepers cannot see."""
    keepers = world.guild.create_role("Keepers")
    world.guild.create_text_channel("own", overwrites={keepers: discord.PermissionOverwrite(manage_channels=True)})
    hidden = discord.PermissionOverwrite(view_channel=False, manage_channels=False)
    place = world.guild.create_text_channel("staff", overwrites={keepers: hidden})
    await named(ada, channel, "Films", "video, film")
    await subscribe(ada, place, topic="Films")
    return (await world.app.store.subscriptions.of_guild(world.guild.id))[-1]


@pytest.fixture
def carl(world: World, secret: Subscription) -> simcord.MemberActor:
    """A keeper: may manage #own."""
    return world.guild.add_member(world.env.create_user("carl"), roles=[world.guild.roles["Keepers"]])


@pytest.fixture
def own(world: World, secret: Subscription) -> simcord.ChannelHandle:
    return world.guild.channels["own"]


async def test_the_servers_topics_are_not_theirs(
    world: World, secret: Subscription, own: simcord.ChannelHandle, carl: simcord.MemberActor
) -> None:
    assert "Manage Channels" in shown(await carl.slash(own, "topic edit", name="Films"))
    assert [type(error).__name__ for error in world.env.errors] == ["MissingPermissions"]
    world.env.errors.clear()
    answer = await handed_in(own, carl, '[[topics]]\nname = "Films"\ntext = "robots"\n')
    assert "in the whole server" in shown(answer)
    known = await world.app.store.subscriptions.get(secret.id)
    assert known
    assert known.topic.text == "video, film"


async def test_their_file_holds_nothing_of_other_channels(
    secret: Subscription, own: simcord.ChannelHandle, carl: simcord.MemberActor, ada: simcord.MemberActor
) -> None:
    await subscribe(ada, own, topic="robots")
    theirs, whole = await exported(own, carl), await exported(own, ada)
    assert f"{secret.channel_id}" in whole
    assert f"{secret.channel_id}" not in theirs
    assert theirs.count("[[subscriptions]]") == 1


async def test_a_file_takes_no_presets_name(channel: simcord.ChannelHandle, ada: simcord.MemberActor) -> None:
    answer = await handed_in(channel, ada, '[[topics]]\nname = "llm agents"\ntext = "cooking"\n')
    assert "is the name of a preset" in shown(answer)
