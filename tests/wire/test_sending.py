"""Rows D1–D18 of the catalogue of faults: what the sender makes of each, over a wire."""

from __future__ import annotations

from datetime import timedelta

import discord
import pytest

from bot.posting import ChannelPoster
from digests.deliver import Courier
from digests.plan import Digest
from digests.poster import Posted
from papers.subscription import State
from sandbox.wire.faults import Fault, Kind
from sandbox.wire.invariants import marks
from sandbox.wire.rest import Rest
from sandbox.wire.state import Channel
from storage.editions import Delivery, DeliveryState
from storage.store import Store
from tests.factories import NOW, POLICY
from tests.wire.conftest import HOUR, MINUTE, POST, order_for, posts, rounds, states, subscribe

HISTORY = r"GET /channels/\d+/messages"


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


async def test_what_a_refused_message_would_have_shown_is_not_seen(
    rest: Rest, channel: Channel, store: Store, courier: Courier
) -> None:
    rest.cues.add(Fault(POST, Kind.REFUSE, status=403, code=240000))
    await subscribe(store, channel)
    assert await rounds(courier, 1) == 0
    assert await store.ledger.seen(channel.id) == set()
    await order_for(store, channel)
    assert await rounds(courier, 1, NOW + MINUTE) == 1
