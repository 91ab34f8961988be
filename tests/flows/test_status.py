"""/status: what anybody can see of how Paperboy fares."""

from __future__ import annotations

import pytest
import simcord

from papers.subscription import State
from sandbox.world import World
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
    assert f"4 subscriptions · next edition <t:{first}:R>" in text


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
    assert "4 subscriptions, 1 of them not posting (`/subscribe list` says why)" in text


async def test_what_was_posted_early_is_not_the_next_edition(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor
) -> None:
    store = world.app.store.subscriptions
    first, *others = await store.of_guild(world.guild.id)
    for other in others:
        await store.set_state(other.id, State.PAUSED, world.app.now())
    await world.bot.courier.post_now(first, world.app.now())
    tomorrow = int(world.app.now().replace(hour=8, minute=0, second=0).timestamp()) + 86_400
    assert f"next edition <t:{tomorrow}:R>" in shown(await ada.slash(channel, "status"))


async def test_an_old_answer_is_not_fresh(world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor) -> None:
    await wait_until(world, 11, 0)
    assert "⚠ Hugging Face: out of date" in shown(await ben.slash(channel, "status"))


async def test_in_a_private_message_no_server_is_spoken_of(world: World) -> None:
    answer = await world.reader.user.slash("status")
    assert "Hugging Face: up to date" in shown(answer)
    assert "server" not in shown(answer).lower().replace("all servers", "")
