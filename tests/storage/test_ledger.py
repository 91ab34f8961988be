from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from papers.subscription import State, Subscription
from storage.editions import Delivery, DeliveryState, EditionOutcome, Plan
from storage.engine import StorageError
from storage.store import Store
from tests.factories import DAY, NOW, paper, subscription

LATER = NOW + timedelta(hours=1)


@pytest.fixture
async def order(store: Store) -> Subscription:
    await store.papers.save([paper(n) for n in range(1, 6)], "huggingface")
    return await store.subscriptions.add(subscription(), NOW)


def plan_of(order: Subscription, *numbers: int, **fields: object) -> Plan:
    plan = Plan(
        subscription_id=order.id,
        channel_id=order.channel_id,
        day=DAY,
        due_at=NOW,
        planned_at=NOW,
        paper_ids=[paper(n).id for n in numbers],
        listed=5,
        on_topic=4,
        shown_before=1,
        papers_day=DAY,
        outcome=EditionOutcome.POSTED,
        parts=[None],
    )
    return replace(plan, **fields)  # type: ignore[arg-type]


async def only_unsent(store: Store) -> Delivery:
    (delivery,) = await store.ledger.unsent(LATER)
    return delivery


async def test_a_plan_is_an_edition_a_delivery_and_what_was_seen(store: Store, order: Subscription) -> None:
    assert await store.ledger.plan(plan_of(order, 3, 1)) is not None
    delivery = await only_unsent(store)
    assert delivery.subscription == order
    assert delivery.paper_ids == ("2606.00003", "2606.00001")
    assert (delivery.edition.listed, delivery.edition.on_topic, delivery.edition.shown_before) == (5, 4, 1)
    assert (delivery.edition.day, delivery.due_at, delivery.state) == (DAY, NOW, DeliveryState.PLANNED)
    assert await store.ledger.seen(order.channel_id) == {"2606.00003", "2606.00001"}
    assert await store.ledger.days_planned(NOW) == {(order.id, DAY)}
    assert len(delivery.mark) <= 25  # Discord's limit for a nonce


async def test_a_local_date_has_one_edition(store: Store, order: Subscription) -> None:
    await store.ledger.plan(plan_of(order, 1))
    assert await store.ledger.plan(plan_of(order, 2)) is None
    assert (await only_unsent(store)).paper_ids == ("2606.00001",)
    assert await store.ledger.seen(order.channel_id) == {"2606.00001"}


async def test_a_paper_is_shown_in_a_channel_once_whichever_subscription_brings_it(store: Store, order: Subscription) -> None:
    other = await store.subscriptions.add(order, NOW)
    await store.ledger.plan(plan_of(order, 1, 2))
    assert await store.ledger.plan(plan_of(other, 2, 3)) is None
    assert await store.ledger.seen(order.channel_id) == {"2606.00001", "2606.00002"}


async def test_a_quiet_day_without_a_message_is_an_edition_all_the_same(store: Store, order: Subscription) -> None:
    await store.ledger.plan(plan_of(order, parts=[], outcome=EditionOutcome.EMPTY))
    assert await store.ledger.unsent(LATER) == []
    assert await store.ledger.days_planned(NOW) == {(order.id, DAY)}


async def test_an_unknown_paper_or_subscription_is_refused_whole(store: Store, order: Subscription) -> None:
    assert await store.ledger.plan(plan_of(order, 1, 99)) is None
    assert await store.ledger.plan(plan_of(replace(order, id=99), 1)) is None
    assert await store.ledger.seen(order.channel_id) == set()
    assert await store.ledger.days_planned(NOW) == set()


async def test_the_ledger_survives_a_restart(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/x.db"
    async with Store.open(url) as store:
        await store.papers.save([paper(1)], "huggingface")
        order = await store.subscriptions.add(subscription(), NOW)
        await store.ledger.plan(plan_of(order, 1))
        identity = store.identity
    async with Store.open(url) as store:
        assert (await only_unsent(store)).paper_ids == ("2606.00001",)
        assert store.identity == identity


async def test_subscriptions_are_paused_resumed_and_removed(store: Store, order: Subscription) -> None:
    later = NOW + timedelta(days=3)
    await store.subscriptions.set_state(order.id, State.PAUSED, NOW)
    assert await store.subscriptions.active() == []
    await store.subscriptions.set_state(order.id, State.ACTIVE, later)
    (active,) = await store.subscriptions.active()
    assert active.owed_since == later
    await store.subscriptions.set_state(order.id, State.REMOVED, later)
    assert await store.subscriptions.of_guild(order.guild_id) == []
    assert await store.subscriptions.get(order.id) == replace(order, state=State.REMOVED)


async def test_a_subscription_that_cannot_be_read_keeps_no_other_from_being_served(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """As when a zone has vanished from the time zone data."""
    async with Store.open(f"sqlite:///{tmp_path}/x.db") as store:
        await store.papers.save([paper(1)], "huggingface")
        lost, kept = [await store.subscriptions.add(subscription(), NOW) for _ in range(2)]
        await store.ledger.plan(plan_of(lost, 1))
    with closing(sqlite3.connect(tmp_path / "x.db")) as other, other:
        other.execute("UPDATE subscriptions SET zone = 'Atlantis/Capital' WHERE id = ?", (lost.id,))
    async with Store.open(f"sqlite:///{tmp_path}/x.db") as store:
        assert [order.subscription for order in await store.subscriptions.active()] == [kept]
        assert await store.ledger.unsent(LATER) == []
    assert f"subscription {lost.id} cannot be read" in caplog.text


async def test_a_naive_instant_is_refused(store: Store) -> None:
    with pytest.raises((StorageError, ValueError), match="naive"):
        await store.subscriptions.add(subscription(), NOW.replace(tzinfo=None))


async def test_a_long_question_is_kept_under_a_short_reference(store: Store) -> None:
    long = "a question " * 20
    assert await store.notes.shortened("short", 70, NOW) == "short"
    reference = await store.notes.shortened(long, 70, NOW)
    assert len(reference) <= 25
    assert await store.notes.shortened(long, 70, NOW) == reference
    assert await store.notes.whole(reference) == long
    assert await store.notes.whole("#unknown") is None
    hashed = await store.notes.shortened("#5 best papers", 70, NOW)
    assert await store.notes.whole(hashed) == "#5 best papers"


async def test_a_text_is_kept_under_a_name_and_the_last_one_counts(store: Store) -> None:
    await store.notes.keep("about 7", "2606.00001", NOW)
    await store.notes.keep("about 7", "2606.00002", NOW + timedelta(days=1))
    assert await store.notes.kept("about 7") == "2606.00002"
    assert await store.notes.kept("about 8") is None
