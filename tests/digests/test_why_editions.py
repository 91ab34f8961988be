"""Why a paper came or did not, where its edition decides: one to come, late, full, paused, missed or refused."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from digests.deliver import Courier
from digests.planning import WAIT_FOR_SOURCES
from digests.poster import Outcome
from digests.why import Check, Stage
from papers.subscription import Kind, Mode, State
from storage.store import Store
from tests.digests.channel import Channel
from tests.digests.conftest import list_numbered, list_papers, subscribe, told
from tests.factories import DAY, NOW, POLICY, paper, subscription

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
TOMORROW = DAY + timedelta(days=1)


async def test_an_edition_that_is_still_to_come_is_foretold(store: Store) -> None:
    order = await subscribe(store, size=2)
    await list_numbered(store, 1, 2, 3)
    early = NOW - MINUTE
    best, last = await told(store, order, 3, early), await told(store, order, 1, early)
    assert best.edition
    assert (best.stage, best.edition.due_at, best.place) == (Stage.NOT_YET_DUE, NOW, 1)
    assert (last.stage, last.place, last.on_topic, last.shown) == (Stage.NOT_YET_DUE, 3, 3, 2)


async def test_what_is_due_or_on_its_way_waits(store: Store, courier: Courier, channel: Channel) -> None:
    order = await subscribe(store)
    await list_numbered(store, 1)
    assert (await told(store, order, 1)).stage is Stage.WAITING
    channel.fails = [Outcome.LATER]
    await courier.deliver_due(NOW)
    found = await told(store, order, 1)
    assert found.delivery
    assert (found.stage, found.delivery.tries) == (Stage.WAITING, 1)
    await courier.deliver_due(NOW + MINUTE)
    assert (await told(store, order, 1)).stage is Stage.POSTED


async def test_a_late_paper_waits_where_the_edition_grows_and_came_late_elsewhere(store: Store, courier: Courier) -> None:
    living = await subscribe(store)
    fixed = await subscribe(store, channel_id=20, mode=Mode.ONE_SHOT)
    await list_numbered(store, 1)
    await courier.deliver_due(NOW)
    await list_numbered(store, 1, 2)
    assert (await told(store, living, 2)).stage is Stage.WAITING
    assert (await told(store, fixed, 2)).stage is Stage.CAME_LATE
    assert (await told(store, living, 2, NOW + POLICY.grows_for)).stage is Stage.CAME_LATE


async def test_a_paper_that_came_to_a_full_edition_without_a_button_came_late(store: Store, courier: Courier) -> None:
    order = await subscribe(store, size=1, mode=Mode.ONE_SHOT)
    await list_numbered(store, 1)
    await courier.deliver_due(NOW)
    await list_numbered(store, 1, 2)
    assert (await told(store, order, 2)).stage is Stage.CAME_LATE


@pytest.mark.parametrize("state", [State.PAUSED, State.SHUT_OUT, State.CLOSED])
async def test_a_subscription_that_does_not_post_is_paused(store: Store, state: State) -> None:
    order = await subscribe(store)
    await list_numbered(store, 1)
    await store.subscriptions.set_state(order.id, state, NOW)
    found = await told(store, order, 1, NOW + MINUTE)
    assert (found.stage, found.order.state) == (Stage.PAUSED, state)
    assert found.passed[-1] is Check.VOTES


async def test_a_pause_that_ends_before_the_edition_does_not_keep_it_back(store: Store) -> None:
    order = await subscribe(store)
    await list_numbered(store, 1)
    await store.subscriptions.set_state(order.id, State.PAUSED, NOW, paused_until=NOW - MINUTE)
    assert (await told(store, order, 1, NOW - HOUR)).stage is Stage.NOT_YET_DUE
    await store.subscriptions.set_state(order.id, State.PAUSED, NOW, paused_until=NOW + MINUTE)
    assert (await told(store, order, 1, NOW - HOUR)).stage is Stage.PAUSED


async def test_what_waits_in_front_of_a_closed_channel_is_paused(store: Store, courier: Courier, channel: Channel) -> None:
    order = await subscribe(store)
    await list_numbered(store, 1)
    channel.closed = {order.channel_id}
    await courier.deliver_due(NOW)
    found = await told(store, order, 1)
    assert (found.stage, found.order.state) == (Stage.PAUSED, State.SHUT_OUT)


async def test_an_edition_that_was_missed_is_expired(store: Store, courier: Courier) -> None:
    order = await subscribe(store)
    await list_numbered(store, 1)
    late = NOW + POLICY.too_late + MINUTE
    assert (await told(store, order, 1, late)).stage is Stage.EXPIRED
    await courier.deliver_due(late)
    assert (await told(store, order, 1, late)).stage is Stage.EXPIRED


async def test_a_message_that_was_refused_is_told_of(store: Store, courier: Courier, channel: Channel) -> None:
    order = await subscribe(store)
    await list_numbered(store, 1)
    channel.fails = [Outcome.REFUSED]
    await courier.deliver_due(NOW)
    found = await told(store, order, 1)
    assert found.delivery
    assert (found.stage, found.delivery.reason) == (Stage.REFUSED, "on cue")


async def test_what_closed_private_messages_refused_is_in_the_inbox(store: Store, courier: Courier, channel: Channel) -> None:
    mine = await subscribe(store, guild_id=0, user_id=5, channel_id=50, kind=Kind.DIRECT)
    await list_numbered(store, 1)
    channel.closed = {50}
    await courier.deliver_due(NOW)
    found = await told(store, mine, 1)
    assert (found.stage, found.order.kind) == (Stage.POSTED, Kind.INBOX)
    await list_papers(store, paper(2, featured_on=(TOMORROW,)), day=TOMORROW)
    later = NOW + timedelta(days=1) + WAIT_FOR_SOURCES
    assert (await told(store, mine, 2, later)).stage is Stage.WAITING
    await courier.deliver_due(later)
    assert (await told(store, mine, 2, later)).stage is Stage.POSTED


async def test_a_day_without_an_edition_brings_nothing(store: Store) -> None:
    weekly = await subscribe(store, weekdays=frozenset({4}))
    made_later = await subscribe(store, channel_id=20, at=time(7, 0))
    await list_numbered(store, 1)
    assert (await told(store, weekly, 1)).stage is Stage.NO_EDITION
    found = await told(store, made_later, 1)
    assert (found.stage, found.edition is not None) == (Stage.NO_EDITION, True)


async def test_a_day_whose_edition_came_early_with_another_list_brings_nothing_more(store: Store, courier: Courier) -> None:
    order = await subscribe(store, days_ago=1)
    yesterday = DAY - timedelta(days=1)
    await list_papers(store, paper(2, featured_on=(yesterday,)), day=yesterday)
    await courier.post_now(order, NOW - 7 * HOUR)
    await list_numbered(store, 1)
    assert (await told(store, order, 1)).stage is Stage.NO_EDITION


async def test_of_two_days_the_one_it_came_furthest_on_is_told(store: Store, courier: Courier) -> None:
    order = await subscribe(store, size=1, weekdays=frozenset({3}))
    await list_papers(store, paper(1))
    await list_papers(store, paper(1, featured_on=(DAY, TOMORROW)), day=TOMORROW)
    found = await told(store, order, 1)
    assert (found.stage, found.day) == (Stage.NOT_YET_DUE, TOMORROW)


async def test_a_paper_of_a_source_that_was_dropped_stays_posted(store: Store, courier: Courier) -> None:
    order = await subscribe(store, sources=("huggingface", "arxiv"))
    await list_papers(store, paper(2))
    await list_papers(store, paper(1), source="arxiv")
    await courier.deliver_due(NOW)
    await store.subscriptions.change(subscription(id=order.id))
    assert (await told(store, order, 1)).stage is Stage.POSTED
