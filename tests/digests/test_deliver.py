"""Delivery over the real database, with a channel that keeps what it was given and fails on cue."""

from __future__ import annotations

import asyncio
from datetime import datetime, time, timedelta

import pytest

from digests.deliver import Courier
from digests.editions import edition_on
from digests.plan import Digest
from digests.planning import STALE_AFTER, WAIT_FOR_SOURCES, Lists, preview, stale_days
from digests.poster import Outcome, Posted
from papers.subscription import OnQuietDay, State, Subscription
from papers.topic import Topic
from storage.editions import Delivery, DeliveryState
from storage.engine import StorageError
from storage.store import Store
from tests.digests.channel import Channel
from tests.factories import DAY, NOW, POLICY, paper, subscription

MINUTE = timedelta(minutes=1)
NONCE_WINDOW = timedelta(minutes=2)  # for so long Discord surely knows a nonce
LONG_AFTER = NONCE_WINDOW + MINUTE
MADE = NOW - timedelta(days=1)


@pytest.fixture
def channel() -> Channel:
    return Channel()


@pytest.fixture
def courier(store: Store, channel: Channel) -> Courier:
    return Courier(store, channel, POLICY)


async def subscribe(store: Store, **fields: object) -> Subscription:
    return await store.subscriptions.add(subscription(**fields), MADE)


async def list_papers(store: Store, *numbers: int, fetched_at: datetime = NOW) -> None:
    await store.papers.save_day([paper(n, votes=n) for n in numbers], "test", DAY, fetched_at)


async def test_a_due_edition_goes_out_once(store: Store, courier: Courier, channel: Channel) -> None:
    await subscribe(store, size=2)
    await list_papers(store, 1, 2, 3)
    assert await courier.deliver_due(NOW - MINUTE) == 0
    assert await courier.deliver_due(NOW + 5 * MINUTE) == 1
    assert await courier.deliver_due(NOW + 6 * MINUTE) == 0
    assert channel.shown() == [["3", "2"]]


async def test_a_paper_reaches_a_channel_once_though_two_subscriptions_want_it(
    store: Store, courier: Courier, channel: Channel
) -> None:
    await subscribe(store, size=2)
    await subscribe(store, size=2, at=time(9, 30))
    await list_papers(store, 1, 2, 3)
    await courier.deliver_due(NOW)
    await courier.deliver_due(NOW + 30 * MINUTE)
    assert channel.shown() == [["3", "2"], ["1"]]


async def test_two_editions_due_together_share_no_paper(store: Store, courier: Courier, channel: Channel) -> None:
    await subscribe(store, size=2)
    await subscribe(store, size=2)
    await list_papers(store, 1, 2, 3)
    assert await courier.deliver_due(NOW) == 2
    assert channel.shown() == [["3", "2"], ["1"]]


async def test_a_quiet_day_is_said_or_kept_silent_as_the_subscription_wants(
    store: Store, courier: Courier, channel: Channel
) -> None:
    await subscribe(store, topic=Topic.parse("zebra"))
    await subscribe(store, topic=Topic.parse("zebra"), on_quiet_day=OnQuietDay.STAY_SILENT)
    await list_papers(store, 1)
    assert await courier.deliver_due(NOW) == 1
    assert channel.shown() == [[]]
    assert await courier.deliver_due(NOW + MINUTE) == 0


async def test_an_edition_waits_for_a_list_that_was_never_read(store: Store, courier: Courier, channel: Channel) -> None:
    await subscribe(store)
    assert await courier.deliver_due(NOW) == 0
    await list_papers(store, 1, fetched_at=NOW + MINUTE)
    assert await courier.deliver_due(NOW + MINUTE) == 1


async def test_an_edition_waits_a_while_for_a_list_that_is_stale(store: Store, courier: Courier, channel: Channel) -> None:
    await subscribe(store)
    await list_papers(store, 1, fetched_at=NOW - STALE_AFTER - MINUTE)
    assert await courier.deliver_due(NOW) == 0
    assert await stale_days(store, NOW, POLICY) == {DAY}
    assert await courier.deliver_due(NOW + WAIT_FOR_SOURCES - MINUTE) == 0
    assert await courier.deliver_due(NOW + WAIT_FOR_SOURCES) == 1


async def test_what_was_planned_before_a_crash_is_posted_after_it(store: Store, channel: Channel) -> None:
    await subscribe(store)
    await list_papers(store, 1)
    channel.fails = [Outcome.LATER]
    assert await Courier(store, channel, POLICY).deliver_due(NOW) == 0
    await list_papers(store, 2, fetched_at=NOW + MINUTE)  # what comes later does not change a plan
    assert await Courier(store, channel, POLICY).deliver_due(NOW + MINUTE) == 1
    assert channel.shown() == [["1"]]


@pytest.mark.parametrize(("later", "history_is_open"), [(MINUTE, False), (LONG_AFTER, True)], ids=["by its nonce", "by its mark"])
async def test_a_post_whose_answer_was_lost_is_recognised(
    store: Store, channel: Channel, later: timedelta, history_is_open: bool
) -> None:
    channel.history_is_open, channel.nonces_are_known = history_is_open, later <= NONCE_WINDOW
    channel.fails = [Outcome.UNCERTAIN]
    order = await subscribe(store)
    await list_papers(store, 1)
    assert await Courier(store, channel, POLICY).deliver_due(NOW) == 0
    assert await Courier(store, channel, POLICY).deliver_due(NOW + later) == 1
    assert len(channel.messages) == 1
    (delivery,) = await store.ledger.of_edition(order.id, DAY)
    assert (delivery.state, delivery.message_id) == (DeliveryState.SENT, 1)


async def test_nothing_is_posted_again_while_it_cannot_be_looked_for(store: Store, courier: Courier, channel: Channel) -> None:
    channel.fails = [Outcome.UNCERTAIN]
    channel.history_fails = [Outcome.UNCERTAIN] * 2
    await subscribe(store)
    await list_papers(store, 1)
    assert await courier.deliver_due(NOW) == 0
    assert [await courier.deliver_due(NOW + LONG_AFTER + n * MINUTE) for n in range(3)] == [0, 0, 1]
    assert len(channel.messages) == 1


async def test_a_later_refusal_does_not_forget_an_earlier_uncertain_try(store: Store, courier: Courier, channel: Channel) -> None:
    channel.fails = [Outcome.UNCERTAIN, Outcome.LATER]
    channel.history_is_open = False
    await subscribe(store)
    await list_papers(store, 1)
    await courier.deliver_due(NOW)
    await courier.deliver_due(NOW + LONG_AFTER)
    channel.history_is_open = True
    assert await courier.deliver_due(NOW + LONG_AFTER + MINUTE) == 1
    assert len(channel.messages) == 1


async def test_a_fault_of_ours_in_one_edition_starves_no_other(
    store: Store, courier: Courier, channel: Channel, caplog: pytest.LogCaptureFixture
) -> None:
    await subscribe(store, channel_id=66)
    await subscribe(store)
    await list_papers(store, 1)
    channel.fails = [RuntimeError("a bug in a view")]
    assert await courier.deliver_due(NOW) == 1
    assert "a bug in a view" in caplog.text


async def test_what_cannot_be_noted_is_not_posted(
    store: Store, courier: Courier, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row B4: a full disk, say. Nothing leaves, and it goes on when there is room again."""

    async def full(*_: object) -> None:
        raise StorageError("database or disk is full")

    for number in range(30):
        await subscribe(store, channel_id=number)
    await list_papers(store, 1)
    with monkeypatch.context() as patch:
        patch.setattr(store.outbox, "claim", full)
        with pytest.raises(StorageError, match="disk is full"):
            await courier.deliver_due(NOW)
    assert channel.messages == []
    assert await courier.deliver_due(NOW + MINUTE) == 30


async def test_what_is_no_longer_wanted_is_looked_for_but_not_posted(store: Store, courier: Courier, channel: Channel) -> None:
    order = await subscribe(store)
    await list_papers(store, 1)
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
    await list_papers(store, 1)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(Courier(store, slow, POLICY).deliver_due(NOW), 0.5)
    assert await Courier(store, channel, POLICY).deliver_due(NOW + LONG_AFTER) == 1
    assert len(channel.messages) == 1


async def test_a_closed_channel_pauses_its_subscription_and_others_go_on(
    store: Store, courier: Courier, channel: Channel
) -> None:
    closed = await subscribe(store, channel_id=66)
    await subscribe(store)
    await list_papers(store, 1)
    channel.closed = {66}
    assert await courier.deliver_due(NOW) == 1
    paused = await store.subscriptions.get(closed.id)
    assert paused
    assert paused.state is State.SHUT_OUT
    assert await courier.deliver_due(NOW + MINUTE) == 0
    assert len(channel.messages) == 1


async def test_a_refused_message_pauses_nobody(store: Store, courier: Courier, channel: Channel) -> None:
    order = await subscribe(store)
    await list_papers(store, 1)
    channel.fails = [Outcome.REFUSED]
    assert await courier.deliver_due(NOW) == 0
    assert await courier.deliver_due(NOW + MINUTE) == 0
    known = await store.subscriptions.get(order.id)
    assert known
    assert known.state is State.ACTIVE
    (delivery,) = await store.ledger.of_edition(order.id, DAY)
    assert delivery.state is DeliveryState.REFUSED


async def test_after_a_long_absence_old_editions_are_not_posted(store: Store, courier: Courier, channel: Channel) -> None:
    await subscribe(store, weekdays=frozenset({2}))
    await list_papers(store, 1)
    assert await courier.deliver_due(NOW + POLICY.too_late + MINUTE) == 0


async def test_a_plan_that_could_not_be_posted_in_a_day_is_given_up(store: Store, courier: Courier, channel: Channel) -> None:
    await subscribe(store, weekdays=frozenset({2}))
    await list_papers(store, 1)
    channel.fails = [Outcome.LATER]
    await courier.deliver_due(NOW)
    assert await courier.deliver_due(NOW + 2 * POLICY.too_late + MINUTE) == 0
    assert channel.messages == []
    assert await store.ledger.unsent(NOW + 3 * POLICY.too_late) == []


async def test_a_paused_subscription_posts_nothing(store: Store, courier: Courier, channel: Channel) -> None:
    order = await subscribe(store)
    await list_papers(store, 1)
    await store.subscriptions.set_state(order.id, State.PAUSED, NOW)
    assert await courier.deliver_due(NOW) == 0


async def test_posting_now_brings_todays_edition_forward(store: Store, courier: Courier, channel: Channel) -> None:
    order = await subscribe(store)
    await list_papers(store, 1)
    early = NOW - timedelta(hours=2)
    (first,) = await courier.post_now(order, early)
    (again,) = await courier.post_now(order, early + MINUTE)
    assert first.message_id == again.message_id == 1
    assert await courier.deliver_due(NOW) == 0
    assert len(channel.messages) == 1


async def test_posting_now_before_there_is_anything_spends_no_edition(store: Store, courier: Courier, channel: Channel) -> None:
    order = await subscribe(store)
    assert await courier.post_now(order, NOW - timedelta(hours=2)) == []
    await list_papers(store, 1)
    assert await courier.deliver_due(NOW) == 1


async def test_posting_now_and_the_schedule_do_not_meet(store: Store, courier: Courier, channel: Channel) -> None:
    order = await subscribe(store)
    await list_papers(store, 1)
    await asyncio.gather(*(courier.post_now(order, NOW) for _ in range(3)), *(courier.deliver_due(NOW) for _ in range(3)))
    assert len(channel.messages) == 1


async def test_a_preview_is_what_is_posted(store: Store, courier: Courier, channel: Channel) -> None:
    order = await subscribe(store, size=3)
    await list_papers(store, *range(1, 9))
    promised = await preview(Lists(store), edition_on(order, DAY), POLICY)
    await courier.deliver_due(NOW)
    assert channel.messages[0][1].papers == promised.papers
    posted = channel.messages[0][1]
    assert (posted.listed, posted.on_topic, posted.shown_before) == (promised.listed, promised.on_topic, promised.shown_before)


async def test_b2_told_to_stop_it_takes_nothing_more_up(store: Store, courier: Courier, channel: Channel) -> None:
    for number in range(60):
        await subscribe(store, channel_id=number)
    await list_papers(store, 1)

    def stop_after_three() -> None:
        if len(channel.messages) == 3:
            courier.stop()

    channel.before_post = stop_after_three
    sent = await courier.deliver_due(NOW)
    assert 3 <= sent < 60
    left = await Courier(store, channel, POLICY).deliver_due(NOW + MINUTE)
    assert sent + left == 60
    assert len(channel.messages) == 60
