"""What a person follows alone: what it leaves out, and where it goes; over the real database."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from digests.deliver import Courier
from digests.editions import edition_at
from digests.planning import Lists, parts_of, preview
from papers.subscription import Kind, Mode, OnQuietDay, State, Subscription
from papers.topic import Topic
from storage.editions import DeliveryState, EditionOutcome
from storage.store import Store
from tests.digests.channel import Channel
from tests.digests.conftest import list_numbered, subscribe
from tests.factories import DAY, NOW, POLICY, paper

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ME, DIRECT, SERVERS = 77, 7_700, 10


async def follow(store: Store, **fields: Any) -> Subscription:
    values = {"guild_id": 0, "channel_id": DIRECT, "kind": Kind.DIRECT, "user_id": ME, "on_quiet_day": OnQuietDay.STAY_SILENT}
    return await subscribe(store, **{**values, **fields})


async def inbox(store: Store, user_id: int = ME) -> list[str]:
    """The last digits of the papers of each edition in the inbox, the newest edition first."""
    editions = await store.inbox.of_user(user_id, NOW - timedelta(days=14))
    return ["".join(paper_id[-1] for paper_id in edition.paper_ids) for edition in editions]


@pytest.mark.parametrize("besides", [(), (SERVERS,), (99,)])
async def test_what_a_chosen_channel_shows_is_left_out_even_at_the_same_hour(
    store: Store, courier: Courier, channel: Channel, besides: tuple[int, ...]
) -> None:
    mine = await follow(store, besides=besides)  # made first, and planned last all the same
    await subscribe(store, channel_id=SERVERS, size=2)
    await list_numbered(store, 1, 2, 3, 4)
    await courier.deliver_due(NOW)
    (delivery,) = await store.ledger.of_edition(mine.id, DAY)
    expected = [2, 1] if SERVERS in besides else [4, 3, 2, 1]
    assert list(delivery.paper_ids) == [f"2606.{n:05}" for n in expected]
    assert len(channel.messages) == 2


async def test_what_a_chosen_channel_shows_later_is_not_brought_late(store: Store, courier: Courier, channel: Channel) -> None:
    mine = await follow(store, besides=(SERVERS,))
    await subscribe(store, channel_id=SERVERS)
    await list_numbered(store, 1)
    await courier.deliver_due(NOW)
    await list_numbered(store, 1, 2)
    await courier.grow(NOW + HOUR)
    (edition, deliveries) = next(found for found in await store.ledger.due_since(NOW) if found[0].subscription.id == mine.id)
    assert (edition.outcome, edition.paper_ids, deliveries) == (EditionOutcome.EMPTY, (), [])
    assert channel.shown() == [["1", "2"]]


async def test_two_topics_of_one_person_bring_no_paper_twice(store: Store, courier: Courier, channel: Channel) -> None:
    await follow(store, topic=Topic.parse("paper"), size=2)
    await follow(store, topic=Topic.parse("thing"))
    await list_numbered(store, 1, 2, 3)
    await courier.deliver_due(NOW)
    assert channel.shown() == [["3", "2"], ["1"]]


async def test_an_edition_for_the_inbox_makes_no_message(store: Store, courier: Courier, channel: Channel) -> None:
    mine = await follow(store, kind=Kind.INBOX, on_quiet_day=OnQuietDay.SAY_SO)
    await list_numbered(store, 1, 2)
    digest = await preview(Lists(store), edition_at(mine, NOW), POLICY)
    assert (len(digest.papers), parts_of(digest)) == (2, [])
    assert await courier.deliver_due(NOW) == 0
    assert await store.ledger.of_edition(mine.id, DAY) == []
    ((edition, _),) = await store.ledger.due_since(NOW)
    assert edition.outcome is EditionOutcome.POSTED
    assert await inbox(store) == ["21"]
    assert await store.ledger.seen(DIRECT) == {"2606.00001", "2606.00002"}


async def test_a_quiet_day_leaves_no_empty_page_in_the_inbox_until_its_first_paper_comes(
    store: Store, courier: Courier, channel: Channel
) -> None:
    await follow(store, kind=Kind.INBOX, topic=Topic.parse("zebra"), on_quiet_day=OnQuietDay.SAY_SO)
    await list_numbered(store, 1)
    await courier.deliver_due(NOW)
    assert await inbox(store) == []
    await store.papers.save_day([paper(2, title="Zebra")], "huggingface", DAY, NOW)
    await courier.grow(NOW + HOUR)
    assert await inbox(store) == ["2"]
    ((edition, _),) = await store.ledger.due_since(NOW)
    assert edition.outcome is EditionOutcome.POSTED
    assert await courier.deliver_due(NOW + HOUR) == 0
    assert channel.messages == []


async def test_the_inbox_does_not_grow_where_the_edition_stays_as_it_is(store: Store, courier: Courier, channel: Channel) -> None:
    await follow(store, kind=Kind.INBOX, mode=Mode.ONE_SHOT)
    await list_numbered(store, 1)
    await courier.deliver_due(NOW)
    await list_numbered(store, 1, 2)
    await courier.grow(NOW + HOUR)
    assert await inbox(store) == ["1"]


async def test_a_closed_private_channel_is_not_a_channel_that_is_shut_out(
    store: Store, courier: Courier, channel: Channel
) -> None:
    mine = await follow(store)
    await list_numbered(store, 1)
    channel.closed = {DIRECT}
    assert [await courier.deliver_due(NOW + n * MINUTE) for n in range(3)] == [0, 0, 0]
    known = await store.subscriptions.get(mine.id)
    assert known
    assert (known.kind, known.state) == (Kind.INBOX, State.ACTIVE)
    (delivery,) = await store.ledger.of_edition(mine.id, DAY)
    assert (delivery.state, delivery.tries) == (DeliveryState.REFUSED, 1)
    assert await inbox(store) == ["1"]
    assert await store.ledger.unsent(NOW + HOUR) == []


async def test_only_the_person_whose_messages_are_closed_has_an_inbox(store: Store, courier: Courier, channel: Channel) -> None:
    await follow(store)
    other = await follow(store, user_id=ME + 1, channel_id=DIRECT + 1)
    await list_numbered(store, 1)
    channel.closed = {DIRECT}
    assert await courier.deliver_due(NOW) == 1
    assert (await inbox(store), await inbox(store, ME + 1)) == (["1"], [])
    assert await store.subscriptions.of_user(ME + 1) == [other]
    await store.inbox.reopen(ME + 1, 5)
    assert [order.kind for order in await store.subscriptions.of_user(ME)] == [Kind.INBOX]


async def test_what_was_removed_and_what_is_long_past_is_not_in_the_inbox(
    store: Store, courier: Courier, channel: Channel
) -> None:
    mine = await follow(store, kind=Kind.INBOX)
    await list_numbered(store, 1)
    await courier.deliver_due(NOW)
    assert await store.inbox.of_user(ME, NOW + MINUTE) == []
    await store.subscriptions.set_state(mine.id, State.REMOVED, NOW)
    assert await inbox(store) == []


async def test_a_persons_own_is_no_servers(store: Store) -> None:
    await follow(store, state=State.SHUT_OUT)
    assert await store.subscriptions.of_guild(0) == []
    assert await store.subscriptions.shut_out(0) == []
