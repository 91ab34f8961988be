"""Rows of the catalogue about Discord's limits and its being down: pacing, pauses, rests, and whose turn it is."""

from __future__ import annotations

from datetime import timedelta

import discord
import pytest

from bot.pacer import Pacer
from bot.posting import ChannelPoster
from bot.requests import Requests
from digests.deliver import WORKERS, Courier
from digests.sender import BLOCKED_FOR
from sandbox.wire.faults import Fault, Kind
from sandbox.wire.rest import TOKEN, Rest
from sandbox.wire.state import Channel
from storage.editions import DeliveryState
from storage.store import Store
from tests.factories import DAY, NOW, POLICY, paper, subscription
from tests.wire.conftest import HOUR, MINUTE, POST, TIMEOUT_S, order_for, posts, rounds, states, subscribe


@pytest.mark.parametrize("scope", ["user", "shared"])
async def test_d6_d8_a_429_is_waited_out(rest: Rest, channel: Channel, store: Store, courier: Courier, scope: str) -> None:
    rest.cues.add(Fault(POST, Kind.REFUSE, status=429, retry_after_s=0.2, scope=scope))
    await subscribe(store, channel)
    assert await rounds(courier, 1) == 1
    first, second = [request for request in rest.log if request.method == "POST"]
    assert second.at - first.at >= 0.2
    assert len(channel.messages) == 1


async def test_d7_a_global_429_stops_every_send_until_it_is_over(rest: Rest, store: Store) -> None:
    channels = [rest.world.add_channel(f"c{n}") for n in range(20)]
    pacer = Pacer(rate_per_s=50, burst=1)
    await subscribe(store, *channels)
    rest.cues.add(Fault(POST, Kind.REFUSE, status=429, retry_after_s=1.0, scope="global"))
    async with discord.Client(intents=discord.Intents.none(), http_trace=pacer.trace()) as own:
        await own.login(TOKEN)
        assert await Courier(store, ChannelPoster(own, Requests(pacer)), POLICY).deliver_due(NOW) == 20
    sent = [request for request in rest.log if request.method == "POST"]
    (limited,) = [request for request in sent if request.status == 429]
    assert not [request for request in sent if limited.at < request.at < limited.at + 0.95]
    assert [len(channel.messages) for channel in channels] == [1] * 20


async def test_d9_a_ban_stops_all_sending_and_loses_nothing(
    rest: Rest, channel: Channel, store: Store, courier: Courier, caplog: pytest.LogCaptureFixture
) -> None:
    channels = [channel, *(rest.world.add_channel(f"c{n}") for n in range(4))]
    rest.cues.add(Fault(POST, Kind.BAN))
    await subscribe(store, *channels)
    assert await rounds(courier, 9) == 4  # those on their way already
    assert posts(rest) == 5
    assert "all sending stops" in caplog.text
    assert await rounds(courier, 1, NOW + BLOCKED_FOR + MINUTE) == 1
    assert [len(c.messages) for c in channels] == [1] * 5


async def test_d22_the_budget_of_refused_requests_is_never_spent_whole(
    rest: Rest, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    channels = [rest.world.add_channel(f"c{n}") for n in range(40)]
    for channel in channels[:30]:
        channel.can_send = False
    pacer = Pacer(rate_per_s=1_000, invalid_budget=20)
    async with discord.Client(intents=discord.Intents.none(), http_trace=pacer.trace()) as own:
        await own.login(TOKEN)
        await subscribe(store, *channels)
        await Courier(store, ChannelPoster(own, Requests(pacer, TIMEOUT_S)), POLICY).deliver_due(NOW)
    refused = [request for request in rest.log if request.status == 403]
    assert 20 <= len(refused) <= 20 + WORKERS  # those on their way are not called back
    assert "all sending stops" in caplog.text


async def test_a_long_pause_is_left_to_the_next_rounds(rest: Rest, channel: Channel, store: Store, courier: Courier) -> None:
    rest.cues.add(Fault(POST, Kind.REFUSE, status=429, retry_after_s=3_600, scope="user"))
    await subscribe(store, channel)
    assert await rounds(courier, 1) == 0
    assert await states(store) == [(DeliveryState.RETRY, None)]
    assert await rounds(courier, 2, NOW + MINUTE) == 0  # it keeps away for as long as it was told
    assert await rounds(courier, 1, NOW + HOUR + MINUTE) == 1


async def test_channels_are_served_at_once_and_servers_in_turn(rest: Rest, store: Store, courier: Courier) -> None:
    large = [rest.world.add_channel(f"large{n}") for n in range(30)]
    small = rest.world.add_channel("small")
    for channel in large:
        await store.subscriptions.add(subscription(guild_id=1, channel_id=channel.id), NOW - timedelta(hours=1))
    await store.subscriptions.add(subscription(guild_id=2, channel_id=small.id), NOW - timedelta(hours=1))
    await store.papers.save_day([paper(1)], "huggingface", DAY, NOW)
    assert await courier.deliver_due(NOW) == 31
    order = [int(request.path.split("/")[2]) for request in rest.log if request.method == "POST"]
    assert order.index(small.id) < WORKERS


async def test_three_stuck_channels_keep_nobody_else_waiting(rest: Rest, store: Store, courier: Courier) -> None:
    stuck = [rest.world.add_channel(f"stuck{n}") for n in range(6)]
    for place in stuck:
        rest.cues.add(Fault(rf"POST /channels/{place.id}/messages", Kind.REFUSE, times=99, status=403, code=20028))
    await subscribe(store, *stuck)
    await rounds(courier, 10)
    late = rest.world.add_channel("late")
    await order_for(store, late)
    await store.papers.save_day([paper(9)], "huggingface", DAY, NOW)
    assert await rounds(courier, 1, NOW + 10 * MINUTE) == 1


async def test_d16_through_twenty_minutes_of_503_it_rests_and_then_each_gets_its_one_message(
    rest: Rest, store: Store, courier: Courier, caplog: pytest.LogCaptureFixture
) -> None:
    channels = [rest.world.add_channel(f"c{n}") for n in range(40)]
    await subscribe(store, *channels)
    rest.cues.add(Fault(POST, Kind.REFUSE, times=10_000, status=503))
    assert await rounds(courier, 20) == 0
    assert posts(rest) < 60  # once round, then one at a time
    assert "all sending stops" in caplog.text
    rest.cues.faults.clear()
    assert await rounds(courier, 15, NOW + 20 * MINUTE) == 40
    assert [len(c.messages) for c in channels] == [1] * 40
    for order in await store.subscriptions.active():
        (delivery,) = await store.ledger.of_edition(order.subscription.id, DAY)
        assert delivery.sent_at
        assert delivery.sent_at - delivery.due_at >= 20 * MINUTE  # how late it was is on record
