"""A restart at a bad moment leaves exactly one message."""

from __future__ import annotations

import discord
import pytest
import simcord

from bot.app import App
from bot.client import Paperboy
from bot.pacer import Pacer
from bot.posting import ChannelPoster
from bot.requests import Requests
from digests.planning import assembled, plan_due
from sandbox.world import World
from storage.editions import DeliveryState
from tests.flows.conftest import shown, wait_until


async def restarted(world: World, app: App) -> Paperboy:
    """A new process over the same database, as far as the bot can tell."""
    bot = Paperboy(app)
    await world.env.restart_bot(bot)
    return bot


async def test_a_restart_between_planning_and_posting_leaves_one_message(world: World, channel: simcord.ChannelHandle) -> None:
    await wait_until(world, 8, 1)
    await plan_due(world.app.store, world.app.now(), world.app.policy)
    assert channel.last_message is None
    async with App.open(world.app.config, world.app.now) as app:
        bot = await restarted(world, app)
        assert await bot.courier.deliver_due(app.now()) == 1
        assert await bot.courier.deliver_due(app.now()) == 0
        assert len(channel.history()) == 1


async def test_a_restart_after_posting_leaves_one_message(world: World, channel: simcord.ChannelHandle) -> None:
    await wait_until(world, 8, 1)
    assert await world.bot.courier.deliver_due(world.app.now()) == 1
    async with App.open(world.app.config, world.app.now) as app:
        bot = await restarted(world, app)
        await wait_until(world, 8, 6)
        assert await bot.courier.deliver_due(app.now()) == 0
        assert len(channel.history()) == 1


async def test_a_crash_after_posting_and_before_noting_it_leaves_one_message(
    world: World, channel: simcord.ChannelHandle
) -> None:
    """The next run recognises the message in the channel by its mark. (SimCord knows no nonces, so nothing else helps.)"""
    await wait_until(world, 8, 1)
    await plan_due(world.app.store, world.app.now(), world.app.policy)
    (delivery,) = await world.app.store.ledger.unsent(world.app.now())
    await world.app.store.outbox.claim(delivery, world.app.now())
    digest = assembled(delivery.edition, await world.app.store.papers.get_many(delivery.paper_ids))
    posted = await ChannelPoster(world.bot, Requests(Pacer())).post(delivery, digest)
    await world.moderator.send(channel, "What a fine morning")

    bot = await restarted(world, world.app)
    await wait_until(world, 8, 5)  # Discord knows the nonce no more
    assert await bot.courier.deliver_due(world.app.now()) == 1
    (found,) = await world.app.store.ledger.of_edition(delivery.subscription.id, delivery.edition.day)
    assert (found.state, found.message_id) == (DeliveryState.SENT, posted.message_id)
    assert len([m for m in channel.history() if m.author == bot.user]) == 1


async def test_commands_are_synced_once_and_again_only_when_they_changed(world: World) -> None:
    def syncs() -> int:
        return len([r for r in world.env.http_requests if r.method == "PUT" and r.path.endswith("/commands")])

    assert syncs() == 1
    await restarted(world, world.app)
    assert syncs() == 1
    changed = Paperboy(world.app)
    changed.tree.command(name="extra", description="Something new")(_extra)
    await world.env.restart_bot(changed)
    assert syncs() == 2


async def _extra(interaction: discord.Interaction) -> None:
    await interaction.response.send_message("x")


@pytest.mark.parametrize(("status", "code", "told"), [(403, 50013, "may not post there"), (404, 10003, "the channel is gone")])
async def test_a_channel_that_closes_pauses_its_subscription_and_others_get_theirs(
    world: World, channel: simcord.ChannelHandle, status: int, code: int, told: str
) -> None:
    world.env.inject_error("POST", f"/channels/{channel.id}/messages", status=status, code=code, times=None)
    await wait_until(world, 8, 40)
    assert await world.bot.courier.deliver_due(world.app.now()) == 3
    text = shown(await world.moderator.slash(world.channels["agents"], "subscribe list"))
    assert text.count(told) == 1


@pytest.mark.parametrize(("status", "code"), [(403, 0), (403, 240000), (404, 10008), (400, 50035)])
async def test_what_is_not_about_the_channel_pauses_nobody(
    world: World, channel: simcord.ChannelHandle, status: int, code: int
) -> None:
    """Something in front of Discord, refused content, a post that a moderator deleted, a mistake of ours."""
    world.env.inject_error("POST", f"/channels/{channel.id}/messages", status=status, code=code, times=None)
    await wait_until(world, 8, 1)
    assert await world.bot.courier.deliver_due(world.app.now()) == 0
    assert len(await world.app.store.subscriptions.active()) == len(world.channels)


async def test_a_server_error_is_tried_again_and_posts_once(world: World, channel: simcord.ChannelHandle) -> None:
    world.env.inject_error("POST", f"/channels/{channel.id}/messages", status=503, times=1)
    await wait_until(world, 8, 1)
    assert await world.bot.courier.deliver_due(world.app.now()) == 0
    assert await world.bot.courier.deliver_due(world.app.now()) == 1
    assert len(channel.history()) == 1


async def test_a_fault_of_ours_is_one_sentence_with_an_id_that_the_log_has(
    world: World, channel: simcord.ChannelHandle, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("boom")

    world.app.engine.search = broken  # type: ignore[method-assign, assignment]
    answer = await world.reader.slash(channel, "search", query="x")
    told = shown(answer)
    reference = told.split("`")[1]
    assert reference in caplog.text
    assert "boom" in caplog.text
    assert "boom" not in told
    assert len(world.env.errors) == 1
