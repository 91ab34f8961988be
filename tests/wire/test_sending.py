"""Rows D1–D18 of the catalogue of faults: what the sender makes of each, over a wire."""

from __future__ import annotations

from datetime import datetime, timedelta

import discord
import pytest

from bot.pacer import Pacer
from bot.posting import ChannelPoster
from bot.requests import Requests
from digests.deliver import WORKERS, Courier
from digests.plan import Digest
from digests.poster import Posted
from digests.sender import BLOCKED_FOR
from papers.subscription import State
from sandbox.wire.faults import Fault, Kind
from sandbox.wire.invariants import marks
from sandbox.wire.rest import TOKEN, Rest
from sandbox.wire.state import Channel
from storage.editions import Delivery, DeliveryState
from storage.store import Store
from tests.factories import DAY, NOW, POLICY, paper, subscription
from tests.wire.conftest import TIMEOUT_S, order_for, subscribe

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
POST = r"POST /channels/\d+/messages"
HISTORY = r"GET /channels/\d+/messages"


async def rounds(courier: Courier, count: int, start: datetime = NOW) -> int:
    """So many minutely rounds; how many messages they think they sent."""
    return sum([await courier.deliver_due(start + n * MINUTE) for n in range(count)])


async def states(store: Store) -> list[tuple[DeliveryState, int | None]]:
    orders = [order.subscription for order in await store.subscriptions.active()]
    found = [await store.ledger.of_edition(order.id, NOW.date()) for order in orders]
    return [(delivery.state, delivery.message_id) for deliveries in found for delivery in deliveries]


def posts(rest: Rest) -> int:
    return len([request for request in rest.log if request.method == "POST"])


async def test_all_is_well(rest: Rest, channel: Channel, store: Store, courier: Courier) -> None:
    await subscribe(store, channel)
    assert await rounds(courier, 3) == 1
    (message,) = channel.messages
    assert await states(store) == [(DeliveryState.SENT, int(message["id"]))]
    assert posts(rest) == 1


@pytest.mark.parametrize(
    "kind",
    [Kind.STORE_THEN_FAIL, Kind.STORE_THEN_DROP, Kind.STORE_THEN_GARBLE, Kind.STORE_THEN_HANG],
    ids=["D1-500-after-storing", "D2-reset-after-storing", "D17-garbled", "D18-hang"],
)
@pytest.mark.parametrize("later", [MINUTE, HOUR], ids=["by-nonce", "by-mark"])
async def test_d1_d2_d17_d18_a_lost_answer_makes_one_message(
    rest: Rest, channel: Channel, store: Store, courier: Courier, kind: Kind, later: timedelta
) -> None:
    """Soon after, Discord itself knows the nonce, though no history may be read; later the message tells by its mark."""
    channel.can_read_history = later is HOUR
    rest.world.nonce_window_s = 0 if later is HOUR else 120
    rest.cues.add(Fault(POST, kind, times=1 if kind is not Kind.STORE_THEN_FAIL else 9))
    await subscribe(store, channel)
    assert await courier.deliver_due(NOW) == 0
    rest.cues.faults.clear()
    assert await courier.deliver_due(NOW + later) == 1
    assert len(channel.messages) == 1
    assert await states(store) == [(DeliveryState.SENT, int(channel.messages[0]["id"]))]


@pytest.mark.parametrize("kind", [Kind.DROP, Kind.REFUSE])
async def test_d16_nothing_stored_is_sent_later_once(
    rest: Rest, channel: Channel, store: Store, courier: Courier, kind: Kind
) -> None:
    rest.cues.add(Fault(POST, kind, times=5, status=503))
    await subscribe(store, channel)
    assert await rounds(courier, 16) == 1
    assert len(channel.messages) == 1


async def test_d3_a_restart_inside_the_nonces_window_makes_one_message(
    rest: Rest, channel: Channel, store: Store, poster: ChannelPoster
) -> None:
    channel.can_read_history = False
    rest.cues.add(Fault(POST, Kind.STORE_THEN_DROP))
    await subscribe(store, channel)
    assert await Courier(store, poster, POLICY).deliver_due(NOW) == 0
    assert await Courier(store, poster, POLICY).deliver_due(NOW + MINUTE) == 1
    assert len(channel.messages) == 1


async def test_d4_a_restart_after_an_hour_finds_the_message_by_its_mark(
    rest: Rest, channel: Channel, store: Store, poster: ChannelPoster
) -> None:
    rest.world.nonce_window_s = 0
    rest.cues.add(Fault(POST, Kind.STORE_THEN_DROP))
    await subscribe(store, channel)
    await Courier(store, poster, POLICY).deliver_due(NOW)
    for _ in range(120):  # others write meanwhile; more than a page of history
        rest.world.post(channel.id, {"content": "hello"})
    assert await Courier(store, poster, POLICY).deliver_due(NOW + timedelta(hours=1)) == 1
    assert len([m for m in channel.messages if m["components"]]) == 1


async def test_nothing_is_posted_again_while_the_history_cannot_be_read(
    rest: Rest, channel: Channel, store: Store, courier: Courier
) -> None:
    rest.world.nonce_window_s = 0
    rest.cues.add(Fault(POST, Kind.STORE_THEN_DROP))
    rest.cues.add(Fault(HISTORY, Kind.REFUSE, times=3, status=503))
    await subscribe(store, channel)
    assert await courier.deliver_due(NOW) == 0
    assert await rounds(courier, 4, NOW + HOUR) == 0
    assert await rounds(courier, 8, NOW + HOUR + 4 * MINUTE) == 1
    assert len(channel.messages) == 1


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


async def test_channels_are_served_at_once_and_servers_in_turn(rest: Rest, store: Store, courier: Courier) -> None:
    large = [rest.world.add_channel(f"large{n}") for n in range(30)]
    small = rest.world.add_channel("small")
    for channel in large:
        await store.subscriptions.add(subscription(guild_id=1, channel_id=channel.id), NOW - timedelta(hours=1))
    await store.subscriptions.add(subscription(guild_id=2, channel_id=small.id), NOW - timedelta(hours=1))
    await store.papers.save_day([paper(1)], "test", DAY, NOW)
    assert await courier.deliver_due(NOW) == 31
    order = [int(request.path.split("/")[2]) for request in rest.log if request.method == "POST"]
    assert order.index(small.id) < WORKERS


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


async def test_d11_a_channel_closed_to_us_is_paused_and_asked_no_more(
    rest: Rest, channel: Channel, store: Store, courier: Courier
) -> None:
    open_channel = rest.world.add_channel("open")
    channel.can_send = False
    await subscribe(store, channel, open_channel)
    assert await rounds(courier, 5) == 1
    assert posts(rest) == 2
    (order, _) = await store.subscriptions.of_guild(100)
    assert order.state is State.SHUT_OUT


async def test_d12_a_channel_that_is_gone_is_tried_once(rest: Rest, channel: Channel, store: Store, courier: Courier) -> None:
    del rest.world.channels[channel.id]
    await subscribe(store, channel)
    assert await rounds(courier, 5) == 0
    assert posts(rest) == 1


async def test_d13_a_post_that_a_moderator_deleted_is_never_posted_again(
    rest: Rest, channel: Channel, store: Store, courier: Courier
) -> None:
    rest.cues.add(Fault(POST, Kind.STORE_THEN_DROP))
    await subscribe(store, channel)
    await rounds(courier, 1)
    channel.messages.clear()
    assert await rounds(courier, 5, NOW + MINUTE) == 0
    assert channel.messages == []
    assert await states(store) == [(DeliveryState.REFUSED, None)]


async def test_d14_a_malformed_message_is_told_to_the_operator_and_sent_as_plain_text_once(
    rest: Rest, channel: Channel, store: Store, courier: Courier, caplog: pytest.LogCaptureFixture
) -> None:
    rest.cues.add(Fault(POST, Kind.REFUSE, status=400, code=50035))
    await subscribe(store, channel)
    assert await rounds(courier, 3) == 1
    (message,) = channel.messages
    assert message["content"].startswith("## The day’s papers")
    assert "[Paper 3](https://arxiv.org/abs/2606.00003)" in message["content"]
    assert "ERROR" in caplog.text
    assert "400 50035" in caplog.text


async def test_d14_one_that_is_refused_even_so_disables_nobody(
    rest: Rest, channel: Channel, store: Store, courier: Courier
) -> None:
    rest.cues.add(Fault(POST, Kind.REFUSE, times=2, status=400, code=50035))
    await subscribe(store, channel)
    assert await rounds(courier, 3) == 0
    assert posts(rest) == 2
    assert len(await store.subscriptions.active()) == 1
    assert await states(store) == [(DeliveryState.REFUSED, None)]


async def test_d5_where_no_history_may_be_read_a_late_retry_is_flagged_as_a_possible_duplicate(
    rest: Rest, channel: Channel, store: Store, courier: Courier, flagged: set[str], caplog: pytest.LogCaptureFixture
) -> None:
    """The written policy: a digest twice is better than none, and the log says so."""
    channel.can_read_history = False
    rest.world.nonce_window_s = 0
    rest.cues.add(Fault(POST, Kind.STORE_THEN_DROP))
    await subscribe(store, channel)
    await courier.deliver_due(NOW)
    assert await courier.deliver_due(NOW + HOUR) == 1
    assert await courier.deliver_due(NOW + HOUR + MINUTE) == 0
    assert len(channel.messages) == 2
    assert "this makes a duplicate" in caplog.text
    flagged |= marks(channel.messages[0])


async def test_a_long_pause_is_left_to_the_next_rounds(rest: Rest, channel: Channel, store: Store, courier: Courier) -> None:
    rest.cues.add(Fault(POST, Kind.REFUSE, status=429, retry_after_s=3_600, scope="user"))
    await subscribe(store, channel)
    assert await rounds(courier, 1) == 0
    assert await states(store) == [(DeliveryState.RETRY, None)]
    assert await rounds(courier, 2, NOW + MINUTE) == 0  # it keeps away for as long as it was told
    assert await rounds(courier, 1, NOW + HOUR + MINUTE) == 1


async def test_what_was_sent_is_what_was_planned(
    rest: Rest, channel: Channel, store: Store, courier: Courier, client: discord.Client
) -> None:
    await subscribe(store, channel)
    await rounds(courier, 1)
    (request,) = [request for request in rest.log if request.method == "POST"]
    assert request.body["allowed_mentions"] == {"parse": []}
    assert request.body["enforce_nonce"] is True
    assert len(request.body["nonce"]) <= 25
    assert f"open:{request.body['nonce']}:2606.00003" in str(request.body)


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


async def test_what_a_person_decided_meanwhile_is_not_undone(
    rest: Rest, channel: Channel, store: Store, poster: ChannelPoster
) -> None:
    """Removed while its post is on its way, which is then refused: it stays removed."""
    await subscribe(store, channel)
    (order,) = await store.subscriptions.of_guild(100)

    class Meanwhile(ChannelPoster):
        async def post(self, delivery: Delivery, digest: Digest) -> Posted:
            await store.subscriptions.set_state(order.id, State.REMOVED, NOW)
            channel.can_send = False
            return await super().post(delivery, digest)

    meanwhile = Meanwhile(poster._client, poster._requests)
    assert await Courier(store, meanwhile, POLICY).deliver_due(NOW) == 0
    known = await store.subscriptions.get(order.id)
    assert known
    assert known.state is State.REMOVED


async def test_three_stuck_channels_keep_nobody_else_waiting(rest: Rest, store: Store, courier: Courier) -> None:
    stuck = [rest.world.add_channel(f"stuck{n}") for n in range(6)]
    for place in stuck:
        rest.cues.add(Fault(rf"POST /channels/{place.id}/messages", Kind.REFUSE, times=99, status=403, code=20028))
    await subscribe(store, *stuck)
    await rounds(courier, 10)
    late = rest.world.add_channel("late")
    await order_for(store, late)
    await store.papers.save_day([paper(9)], "test", DAY, NOW)
    assert await rounds(courier, 1, NOW + 10 * MINUTE) == 1


async def test_what_a_refused_message_would_have_shown_is_not_seen(
    rest: Rest, channel: Channel, store: Store, courier: Courier
) -> None:
    rest.cues.add(Fault(POST, Kind.REFUSE, status=403, code=240000))
    await subscribe(store, channel)
    assert await rounds(courier, 1) == 0
    assert await store.ledger.seen(channel.id) == set()
    await order_for(store, channel)
    assert await rounds(courier, 1, NOW + MINUTE) == 1
