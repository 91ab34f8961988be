"""Changes to stored subscriptions: what they leave alone, and that a batch of them is whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from papers.subscription import State
from papers.topic import Topic
from storage.engine import StorageError
from storage.store import Store
from storage.subscriptions import Batch
from tests.factories import NOW, subscription

HOUR = timedelta(hours=1)
BOTS = Topic.parse("robot", "Bots")


async def test_a_change_does_not_undo_what_a_round_or_a_person_did_meanwhile(store: Store) -> None:
    seen = await store.subscriptions.add(subscription(), NOW)
    await store.subscriptions.stop(seen.id, State.CLOSED, "Unknown Channel")
    await store.subscriptions.change(replace(seen, size=3))
    known = await store.subscriptions.get(seen.id)
    assert known == replace(seen, size=3, state=State.CLOSED)

    await store.subscriptions.set_state(seen.id, State.PAUSED, NOW, paused_until=NOW + HOUR)
    await store.subscriptions.change(replace(seen, size=4))
    assert await store.subscriptions.get(seen.id) == replace(seen, size=4, state=State.PAUSED, paused_until=NOW + HOUR)


@pytest.mark.parametrize(("owed_from", "owed_since"), [(None, NOW), (NOW - HOUR, NOW), (NOW + HOUR, NOW + HOUR)])
async def test_what_is_owed_is_only_ever_cut_short(store: Store, owed_from: object, owed_since: object) -> None:
    order = await store.subscriptions.add(subscription(), NOW)
    await store.subscriptions.change(order, owed_from)  # type: ignore[arg-type]
    assert await store.subscriptions.owed_since(order.id) == owed_since


async def test_a_batch_is_done_as_a_whole(store: Store) -> None:
    kept, changed, removed = [await store.subscriptions.add(subscription(size=n), NOW) for n in (1, 2, 3)]
    wanted = replace(changed, topic=BOTS)
    batch = Batch(1, topics=[BOTS], added=[subscription(size=4)], changed=[(wanted, None)], removed=[removed])
    await store.subscriptions.apply(batch, NOW, made_by=7)
    first, second, third = await store.subscriptions.of_guild(1)
    assert (first, second) == (kept, wanted)
    assert third.size == 4
    assert await store.topics.of(1) == [BOTS]
    assert await store.subscriptions.owed_since(third.id) == NOW


async def test_a_batch_of_which_one_part_fails_leaves_everything_as_it_was(store: Store) -> None:
    orders = [await store.subscriptions.add(subscription(size=n), NOW) for n in (1, 2)]
    too_large = subscription(role_id=2**70)  # more than the database takes, at the very end
    batch = Batch(1, topics=[BOTS], changed=[(replace(orders[0], size=8), None)], removed=[orders[1]], added=[too_large])
    with pytest.raises((StorageError, OverflowError)):
        await store.subscriptions.apply(batch, NOW, made_by=7)
    assert await store.subscriptions.of_guild(1) == orders
    assert await store.topics.of(1) == []


async def test_a_file_that_is_forgotten_is_gone(store: Store) -> None:
    reference = await store.notes.shortened("x" * 1000, 0, NOW)
    assert await store.notes.whole(reference) == "x" * 1000
    await store.notes.forget(reference)
    assert await store.notes.whole(reference) is None
