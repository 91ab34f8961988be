"""Delivery over the real database, with a channel that keeps what it was given and fails on cue."""

from __future__ import annotations

import asyncio
from datetime import time, timedelta

import pytest

from digests.deliver import Courier
from digests.editions import edition_on
from digests.planning import STALE_AFTER, WAIT_FOR_OTHERS, WAIT_FOR_SOURCES, Lists, Policy, preview, stale_days
from papers.subscription import Mode, OnQuietDay, State
from papers.topic import Topic
from storage.store import Store
from tests.digests.channel import Channel
from tests.digests.conftest import list_numbered, subscribe
from tests.factories import DAY, NOW, POLICY

MINUTE = timedelta(minutes=1)


async def test_a_due_edition_goes_out_once(store: Store, courier: Courier, channel: Channel) -> None:
    await subscribe(store, size=2)
    await list_numbered(store, 1, 2, 3)
    assert await courier.deliver_due(NOW - MINUTE) == 0
    assert await courier.deliver_due(NOW + 5 * MINUTE) == 1
    assert await courier.deliver_due(NOW + 6 * MINUTE) == 0
    assert channel.shown() == [["3", "2"]]


async def test_a_paper_reaches_a_channel_once_though_two_subscriptions_want_it(
    store: Store, courier: Courier, channel: Channel
) -> None:
    await subscribe(store, size=2)
    await subscribe(store, size=2, at=time(9, 30))
    await list_numbered(store, 1, 2, 3)
    await courier.deliver_due(NOW)
    await courier.deliver_due(NOW + 30 * MINUTE)
    assert channel.shown() == [["3", "2"], ["1"]]


async def test_two_editions_due_together_share_no_paper(store: Store, courier: Courier, channel: Channel) -> None:
    await subscribe(store, size=2)
    await subscribe(store, size=2)
    await list_numbered(store, 1, 2, 3)
    assert await courier.deliver_due(NOW) == 2
    assert channel.shown() == [["3", "2"], ["1"]]


async def test_a_quiet_day_is_said_or_kept_silent_as_the_subscription_wants(
    store: Store, courier: Courier, channel: Channel
) -> None:
    await subscribe(store, topic=Topic.parse("zebra"))
    await subscribe(store, topic=Topic.parse("zebra"), on_quiet_day=OnQuietDay.STAY_SILENT)
    await list_numbered(store, 1)
    assert await courier.deliver_due(NOW) == 1
    assert channel.shown() == [[]]
    assert await courier.deliver_due(NOW + MINUTE) == 0


async def test_an_edition_waits_for_a_list_that_was_never_read(store: Store, courier: Courier, channel: Channel) -> None:
    await subscribe(store)
    assert await courier.deliver_due(NOW) == 0
    await list_numbered(store, 1, fetched_at=NOW + MINUTE)
    assert await courier.deliver_due(NOW + MINUTE) == 1


async def test_an_edition_waits_a_while_for_a_list_that_is_stale(store: Store, courier: Courier, channel: Channel) -> None:
    await subscribe(store)
    await list_numbered(store, 1, fetched_at=NOW - STALE_AFTER - MINUTE)
    assert await courier.deliver_due(NOW) == 0
    assert await stale_days(store, NOW, POLICY) == {DAY}
    assert await courier.deliver_due(NOW + WAIT_FOR_SOURCES - MINUTE) == 0
    assert await courier.deliver_due(NOW + WAIT_FOR_SOURCES) == 1


async def test_a_fault_of_ours_in_one_edition_starves_no_other(
    store: Store, courier: Courier, channel: Channel, caplog: pytest.LogCaptureFixture
) -> None:
    await subscribe(store, channel_id=66)
    await subscribe(store)
    await list_numbered(store, 1)
    channel.fails = [RuntimeError("a bug in a view")]
    assert await courier.deliver_due(NOW) == 1
    assert "a bug in a view" in caplog.text


async def test_after_a_long_absence_old_editions_are_not_posted(store: Store, courier: Courier, channel: Channel) -> None:
    await subscribe(store, weekdays=frozenset({2}))
    await list_numbered(store, 1)
    assert await courier.deliver_due(NOW + POLICY.too_late + MINUTE) == 0


async def test_a_paused_subscription_posts_nothing(store: Store, courier: Courier, channel: Channel) -> None:
    order = await subscribe(store)
    await list_numbered(store, 1)
    await store.subscriptions.set_state(order.id, State.PAUSED, NOW)
    assert await courier.deliver_due(NOW) == 0


async def test_posting_now_brings_todays_edition_forward(store: Store, courier: Courier, channel: Channel) -> None:
    order = await subscribe(store)
    await list_numbered(store, 1)
    early = NOW - timedelta(hours=2)
    (first,) = await courier.post_now(order, early)
    (again,) = await courier.post_now(order, early + MINUTE)
    assert first.message_id == again.message_id == 1
    assert await courier.deliver_due(NOW) == 0
    assert len(channel.messages) == 1


async def test_posting_now_before_there_is_anything_spends_no_edition(store: Store, courier: Courier, channel: Channel) -> None:
    order = await subscribe(store)
    assert await courier.post_now(order, NOW - timedelta(hours=2)) == []
    await list_numbered(store, 1)
    assert await courier.deliver_due(NOW) == 1


async def test_posting_now_and_the_schedule_do_not_meet(store: Store, courier: Courier, channel: Channel) -> None:
    order = await subscribe(store)
    await list_numbered(store, 1)
    await asyncio.gather(*(courier.post_now(order, NOW) for _ in range(3)), *(courier.deliver_due(NOW) for _ in range(3)))
    assert len(channel.messages) == 1


async def test_a_preview_is_what_is_posted(store: Store, courier: Courier, channel: Channel) -> None:
    order = await subscribe(store, size=3)
    await list_numbered(store, *range(1, 9))
    promised = await preview(Lists(store), edition_on(order, DAY), POLICY)
    await courier.deliver_due(NOW)
    assert channel.messages[0][1].papers == promised.papers
    posted = channel.messages[0][1]
    assert (posted.listed, posted.on_topic, posted.shown_before) == (promised.listed, promised.on_topic, promised.shown_before)


async def test_b2_told_to_stop_it_takes_nothing_more_up(store: Store, courier: Courier, channel: Channel) -> None:
    for number in range(60):
        await subscribe(store, channel_id=number)
    await list_numbered(store, 1)

    def stop_after_three() -> None:
        if len(channel.messages) == 3:
            courier.stop()

    channel.before_post = stop_after_three
    sent = await courier.deliver_due(NOW)
    assert 3 <= sent < 60
    left = await Courier(store, channel, POLICY).deliver_due(NOW + MINUTE)
    assert sent + left == 60
    assert len(channel.messages) == 60


async def test_a_fault_of_ours_in_planning_one_edition_keeps_no_other_back(
    store: Store, courier: Courier, channel: Channel, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await subscribe(store, channel_id=66)
    await subscribe(store)
    await list_numbered(store, 1)
    seen = store.ledger.seen

    async def seen_but_for_one(channel_id: int) -> set[str]:
        if channel_id == 66:
            raise RuntimeError("a bug in planning")
        return await seen(channel_id)

    with monkeypatch.context() as patch:
        patch.setattr(store.ledger, "seen", seen_but_for_one)
        assert await courier.deliver_due(NOW) == 1
    assert "a bug in planning" in caplog.text
    assert await courier.deliver_due(NOW + MINUTE) == 1  # nothing is lost


@pytest.mark.parametrize(("mode", "goes_after"), [(Mode.LIVING, WAIT_FOR_OTHERS), (Mode.ONE_SHOT, WAIT_FOR_SOURCES)])
async def test_one_silent_source_of_two_holds_up_for_long_only_what_cannot_grow(
    store: Store, channel: Channel, mode: Mode, goes_after: timedelta
) -> None:
    courier = Courier(store, channel, Policy(("huggingface", "arxiv")))
    await subscribe(store, sources=("huggingface", "arxiv"), mode=mode)
    await list_numbered(store, 1)
    assert await courier.deliver_due(NOW) == 0
    assert await courier.deliver_due(NOW + goes_after - MINUTE) == 0
    assert await courier.deliver_due(NOW + goes_after) == 1
    assert channel.messages[0][1].missing == ("arxiv",)


async def test_a_subscription_to_a_source_that_is_not_read_here_says_so(store: Store, courier: Courier, channel: Channel) -> None:
    await subscribe(store, sources=("arxiv",))
    assert await courier.deliver_due(NOW) == 1
    assert (channel.messages[0][1].missing, channel.shown()) == (("arxiv",), [[]])
