"""What becomes of a delivery whose post failed, was cut off, or is no longer wanted: over the real database."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from digests.deliver import Courier
from digests.plan import Digest
from digests.poster import Outcome, Posted
from papers.subscription import State
from storage.editions import Delivery, DeliveryState
from storage.engine import StorageError
from storage.store import Store
from tests.digests.channel import Channel
from tests.digests.conftest import list_numbered, subscribe
from tests.factories import DAY, NOW, POLICY

MINUTE = timedelta(minutes=1)
NONCE_WINDOW = timedelta(minutes=2)  # for so long Discord surely knows a nonce
LONG_AFTER = NONCE_WINDOW + MINUTE


async def test_what_was_planned_before_a_crash_is_posted_after_it(store: Store, channel: Channel) -> None:
    await subscribe(store)
    await list_numbered(store, 1)
    channel.fails = [Outcome.LATER]
    assert await Courier(store, channel, POLICY).deliver_due(NOW) == 0
    await list_numbered(store, 2, fetched_at=NOW + MINUTE)  # what comes later does not change a plan
    assert await Courier(store, channel, POLICY).deliver_due(NOW + MINUTE) == 1
    assert channel.shown() == [["1"]]


@pytest.mark.parametrize(("later", "history_is_open"), [(MINUTE, False), (LONG_AFTER, True)], ids=["by its nonce", "by its mark"])
async def test_a_post_whose_answer_was_lost_is_recognised(
    store: Store, channel: Channel, later: timedelta, history_is_open: bool
) -> None:
    channel.history_is_open, channel.nonces_are_known = history_is_open, later <= NONCE_WINDOW
    channel.fails = [Outcome.UNCERTAIN]
    order = await subscribe(store)
    await list_numbered(store, 1)
    assert await Courier(store, channel, POLICY).deliver_due(NOW) == 0
    assert await Courier(store, channel, POLICY).deliver_due(NOW + later) == 1
    assert len(channel.messages) == 1
    (delivery,) = await store.ledger.of_edition(order.id, DAY)
    assert (delivery.state, delivery.message_id) == (DeliveryState.SENT, 1)


async def test_nothing_is_posted_again_while_it_cannot_be_looked_for(store: Store, courier: Courier, channel: Channel) -> None:
    channel.fails = [Outcome.UNCERTAIN]
    channel.history_fails = [Outcome.UNCERTAIN] * 2
    await subscribe(store)
    await list_numbered(store, 1)
    assert await courier.deliver_due(NOW) == 0
    assert [await courier.deliver_due(NOW + LONG_AFTER + n * MINUTE) for n in range(3)] == [0, 0, 1]
    assert len(channel.messages) == 1


async def test_a_later_refusal_does_not_forget_an_earlier_uncertain_try(store: Store, courier: Courier, channel: Channel) -> None:
    channel.fails = [Outcome.UNCERTAIN, Outcome.LATER]
    channel.history_is_open = False
    await subscribe(store)
    await list_numbered(store, 1)
    await courier.deliver_due(NOW)
    await courier.deliver_due(NOW + LONG_AFTER)
    channel.history_is_open = True
    assert await courier.deliver_due(NOW + LONG_AFTER + MINUTE) == 1
    assert len(channel.messages) == 1


async def test_what_cannot_be_noted_is_not_posted(
    store: Store, courier: Courier, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row B4: a full disk, say. Nothing leaves, and it goes on when there is room again."""

    async def full(*_: object) -> None:
        raise StorageError("database or disk is full")

    for number in range(30):
        await subscribe(store, channel_id=number)
    await list_numbered(store, 1)
    with monkeypatch.context() as patch:
        patch.setattr(store.outbox, "claim", full)
        with pytest.raises(StorageError, match="disk is full"):
            await courier.deliver_due(NOW)
    assert channel.messages == []
    assert await courier.deliver_due(NOW + MINUTE) == 30


async def test_what_is_no_longer_wanted_is_looked_for_but_not_posted(store: Store, courier: Courier, channel: Channel) -> None:
    order = await subscribe(store)
    await list_numbered(store, 1)
    channel.fails = [Outcome.LATER]
    await courier.deliver_due(NOW)
    await store.subscriptions.set_state(order.id, State.PAUSED, NOW)
    assert await courier.deliver_due(NOW + MINUTE) == 0
    await store.subscriptions.set_state(order.id, State.ACTIVE, NOW + 2 * MINUTE)
    assert await courier.deliver_due(NOW + 2 * MINUTE) == 0
    assert channel.messages == []

    other = await subscribe(store)
    channel.fails = [Outcome.UNCERTAIN]
    await courier.deliver_due(NOW + 3 * MINUTE)
    await store.subscriptions.set_state(other.id, State.REMOVED, NOW)
    assert await courier.deliver_due(NOW + 4 * MINUTE) == 1  # it was there
    (delivery,) = await store.ledger.of_edition(other.id, DAY)
    assert delivery.state is DeliveryState.SENT
    assert len(channel.messages) == 1


async def test_a_post_that_was_cancelled_half_way_is_looked_for_first(store: Store, channel: Channel) -> None:
    class Slow(Channel):
        async def post(self, delivery: Delivery, digest: Digest) -> Posted:
            await super().post(delivery, digest)
            await asyncio.Event().wait()  # the answer never comes
            return Posted(0)

    slow = Slow(channel.messages)
    await subscribe(store)
    await list_numbered(store, 1)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(Courier(store, slow, POLICY).deliver_due(NOW), 0.5)
    assert await Courier(store, channel, POLICY).deliver_due(NOW + LONG_AFTER) == 1
    assert len(channel.messages) == 1


async def test_a_closed_channel_pauses_its_subscription_and_others_go_on(
    store: Store, courier: Courier, channel: Channel
) -> None:
    closed = await subscribe(store, channel_id=66)
    await subscribe(store)
    await list_numbered(store, 1)
    channel.closed = {66}
    assert await courier.deliver_due(NOW) == 1
    paused = await store.subscriptions.get(closed.id)
    assert paused
    assert paused.state is State.SHUT_OUT
    assert await courier.deliver_due(NOW + MINUTE) == 0
    assert len(channel.messages) == 1


async def test_a_refused_message_pauses_nobody(store: Store, courier: Courier, channel: Channel) -> None:
    order = await subscribe(store)
    await list_numbered(store, 1)
    channel.fails = [Outcome.REFUSED]
    assert await courier.deliver_due(NOW) == 0
    assert await courier.deliver_due(NOW + MINUTE) == 0
    known = await store.subscriptions.get(order.id)
    assert known
    assert known.state is State.ACTIVE
    (delivery,) = await store.ledger.of_edition(order.id, DAY)
    assert delivery.state is DeliveryState.REFUSED


async def test_a_plan_that_could_not_be_posted_in_a_day_is_given_up(store: Store, courier: Courier, channel: Channel) -> None:
    await subscribe(store, weekdays=frozenset({2}))
    await list_numbered(store, 1)
    channel.fails = [Outcome.LATER]
    await courier.deliver_due(NOW)
    assert await courier.deliver_due(NOW + 2 * POLICY.too_late + MINUTE) == 0
    assert channel.messages == []
    assert await store.ledger.unsent(NOW + 3 * POLICY.too_late) == []
