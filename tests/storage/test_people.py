"""Deleting what is kept of a person or a server leaves the ledger whole, and everybody else's as it was."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from papers.subscription import Kind, State, Subscription
from papers.topic import Topic
from storage.editions import DeliveryState, EditionOutcome, Growth, Plan
from storage.people import Held
from storage.store import Store
from tests.factories import DAY, NOW, paper, subscription

ADA, BEN = 811111111111111111, 822222222222222222
GUILD, OTHER_GUILD = 911111111111111111, 922222222222222222


@pytest.fixture(autouse=True)
def whole_ledger(tmp_path: Path, store: Store) -> Iterator[None]:
    """Whatever a test deletes, no key is left that refers to nothing, and SQLite finds no fault."""
    yield
    with closing(sqlite3.connect(tmp_path / "test.db")) as connection:
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.fixture(autouse=True)
async def papers(store: Store) -> None:
    await store.papers.save([paper(n) for n in range(1, 9)], "huggingface")


def everything_in(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return "\n".join(f"{name}: {row}" for name in names for row in connection.execute(f"SELECT * FROM {name}"))  # noqa: S608


async def ordered(store: Store, *, user: int | None = None, made_by: int | None = None, **fields: object) -> Subscription:
    if user:
        fields = {"guild_id": 0, "channel_id": user + 1, "user_id": user, "kind": Kind.DIRECT, **fields}
        made_by = user
    return await store.subscriptions.add(subscription(**fields), NOW, made_by)


async def planned(store: Store, order: Subscription, *numbers: int, days: int = 0) -> int:
    plan = Plan(
        subscription_id=order.id,
        channel_id=order.channel_id,
        day=DAY + timedelta(days=days),
        due_at=NOW + timedelta(days=days),
        planned_at=NOW,
        papers_day=DAY,
        outcome=EditionOutcome.POSTED,
        paper_ids=[paper(n).id for n in numbers],
        parts=[None],
    )
    edition_id = await store.ledger.plan(plan)
    assert edition_id
    return edition_id


async def test_all_that_is_kept_of_a_person_is_counted_and_goes(store: Store, tmp_path: Path) -> None:
    follow = await ordered(store, user=ADA)
    ended = await ordered(store, user=ADA, topic=Topic.parse("video"))
    await store.subscriptions.set_state(ended.id, State.REMOVED, NOW)
    await planned(store, follow, 1, 2)
    await store.topics.save(ADA, Topic.parse("robot", "mine"), ADA, NOW)
    server = await ordered(store, guild_id=GUILD, made_by=ADA)
    await store.topics.save(GUILD, Topic.parse("agent", "agents"), ADA, NOW)
    assert await store.people.held(ADA) == Held(follows=1, ended=1, editions=1, unsent=1, topics=1, made=1, named=1)

    await store.people.forget(ADA)

    assert (await store.people.held(ADA)).is_nothing
    assert str(ADA) not in everything_in(tmp_path / "test.db")
    assert str(follow.channel_id) not in everything_in(tmp_path / "test.db")
    assert await store.subscriptions.of_guild(GUILD) == [server]
    assert [topic.name for topic in await store.topics.of(GUILD)] == ["agents"]


async def test_what_others_follow_and_have_seen_stays(store: Store) -> None:
    hers, his = await ordered(store, user=ADA), await ordered(store, user=BEN)
    server = await ordered(store, guild_id=GUILD, channel_id=GUILD + 1)
    for order in (hers, his, server):
        await planned(store, order, 1, 2)
    await store.people.forget(ADA)
    assert await store.subscriptions.of_user(BEN) == [his]
    assert {delivery.subscription.id for delivery in await store.ledger.unsent(NOW)} == {his.id, server.id}
    for order in (his, server):
        assert await store.ledger.seen(order.channel_id) == {paper(1).id, paper(2).id}
        assert (order.id, DAY) in await store.ledger.days_planned(NOW)


async def test_no_number_is_given_twice(store: Store) -> None:
    """Or an old message's button would speak of somebody else's, and a nonce of a message that is there already."""
    before = await ordered(store, user=ADA)
    edition_id = await planned(store, before, 1)
    (delivery,) = await store.ledger.unsent(NOW)
    for _ in range(3):
        await store.people.forget(ADA)
        after = await ordered(store, user=ADA)
        assert after.id > before.id
        assert await planned(store, after, 1) > edition_id
        (again,) = await store.ledger.unsent(NOW)
        assert again.id > delivery.id
        assert again.mark != delivery.mark
        before, edition_id, delivery = after, again.edition.id, again
    await store.people.forget(ADA)
    assert await store.subscriptions.active() == []
    assert await store.subscriptions.of_guild(0) == []


async def test_a_sender_at_work_finds_nothing_to_write_to(store: Store) -> None:
    order = await ordered(store, user=ADA)
    edition_id = await planned(store, order, 1)
    (delivery,) = await store.ledger.unsent(NOW)
    claimed = await store.outbox.claim(delivery, NOW)
    assert claimed
    await store.people.forget(ADA)
    follow = await ordered(store, user=BEN)
    await planned(store, follow, 1)
    assert not await store.outbox.sent(claimed, 77, NOW, shown="", is_final=False)
    assert not await store.outbox.put_off(claimed, None, "slow", may_exist=True)
    assert await store.outbox.claim(delivery, NOW) is None
    growth = Growth(edition_id, order.channel_id, NOW, [paper(2).id], [], 2, 2, 0, [])
    assert not await store.ledger.grow(growth)
    plan = Plan(order.id, order.channel_id, DAY, NOW, NOW, DAY, EditionOutcome.EMPTY)
    assert await store.ledger.plan(plan) is None
    (other,) = await store.ledger.unsent(NOW)
    assert (other.subscription.id, other.state) == (follow.id, DeliveryState.PLANNED)


async def test_deleting_nothing_writes_nothing(store: Store, tmp_path: Path) -> None:
    before = everything_in(tmp_path / "test.db")
    await store.people.forget(ADA)
    await store.guilds.purge(GUILD)
    assert everything_in(tmp_path / "test.db") == before


async def test_a_servers_data_goes_in_parts_and_nobody_elses(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.guilds._EDITIONS_AT_ONCE", 2)
    order = await ordered(store, guild_id=GUILD, channel_id=GUILD + 1, made_by=ADA)
    for day in range(5):
        await planned(store, order, day + 1, days=day)
    other = await ordered(store, guild_id=OTHER_GUILD, channel_id=OTHER_GUILD + 1)
    await planned(store, other, 1)
    follow = await ordered(store, user=BEN, besides=(order.channel_id,))
    for guild_id in (GUILD, OTHER_GUILD):
        await store.topics.save(guild_id, Topic.parse("agent", "agents"), ADA, NOW)
        await store.guilds.set_language(guild_id, "de")
        await store.summaries.settle(DAY, guild_id, tokens=5, micros=5)

    await store.guilds.purge(GUILD)

    assert str(GUILD) not in everything_in(tmp_path / "test.db")
    assert await store.guilds.known() == {OTHER_GUILD}
    assert await store.subscriptions.of_guild(OTHER_GUILD) == [other]
    assert await store.ledger.seen(other.channel_id) == {paper(1).id}
    assert await store.subscriptions.of_user(BEN) == [follow]
