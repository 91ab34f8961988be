"""Named topics, and the subscriptions that follow them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from papers.subscription import State
from papers.topic import Topic
from storage.store import Store
from tests.factories import NOW, subscription

SERVER, PERSON = 1, 7


async def test_a_topic_is_kept_by_its_owner_under_its_name(store: Store) -> None:
    await store.topics.save(SERVER, Topic.parse("rl", "Learning"), PERSON, NOW)
    await store.topics.save(PERSON, Topic.parse("rag", "learning"), PERSON, NOW)
    assert await store.topics.of(SERVER) == [Topic.parse("rl", "Learning")]
    assert await store.topics.get(SERVER, "LEARNING") == Topic.parse("rl", "Learning")
    assert await store.topics.get(SERVER, "other") is None
    await store.topics.remove(SERVER, "learning")
    assert await store.topics.of(SERVER) == []
    assert len(await store.topics.of(PERSON)) == 1


async def test_subscriptions_follow_their_topic_when_it_is_changed_or_renamed(store: Store) -> None:
    named = Topic.parse("rl", "Learning")
    await store.topics.save(SERVER, named, PERSON, NOW)
    followers = [await store.subscriptions.add(subscription(topic=topic), NOW) for topic in (named, named, Topic.parse("rl"))]
    elsewhere = await store.subscriptions.add(subscription(topic=named, guild_id=2), NOW)
    new = Topic.parse("rl, bandit", "Policies")
    assert await store.topics.save(SERVER, new, PERSON, NOW, was="Learning") == 2
    assert await store.topics.of(SERVER) == [new]
    found = [await store.subscriptions.get(order.id) for order in [*followers, elsewhere]]
    assert [order.topic for order in found if order] == [new, new, Topic.parse("rl"), named]


async def test_a_name_that_is_forgotten_is_forgotten_by_the_subscriptions_too(store: Store) -> None:
    films = Topic.parse("video, film", "Films")
    await store.topics.save(SERVER, films, PERSON, NOW)
    order = await store.subscriptions.add(subscription(topic=films), NOW)
    await store.topics.remove(SERVER, "FILMS")
    await store.topics.save(SERVER, Topic.parse("robots", "Films"), PERSON, NOW)
    known = await store.subscriptions.get(order.id)
    assert known
    assert known.topic == Topic.parse("video, film")


async def test_a_name_in_other_capitals_is_the_same_name(store: Store) -> None:
    learning = Topic.parse("rl", "Learning")
    await store.topics.save(SERVER, learning, PERSON, NOW)
    order = await store.subscriptions.add(subscription(topic=learning), NOW)
    assert await store.topics.save(SERVER, Topic.parse("rag", "LEARNING"), PERSON, NOW) == 1
    known = await store.subscriptions.get(order.id)
    assert known
    assert known.topic == Topic.parse("rag", "LEARNING")


@pytest.mark.parametrize(
    "text", ["rag (retrieval", 'LLM "agents', "diffusion :)", "robots or", "RL |", "votes: democracy", "cat: video"]
)
async def test_a_stored_topic_that_would_be_refused_today_goes_on(store: Store, tmp_path: Path, text: str) -> None:
    order = await store.subscriptions.add(subscription(), NOW)
    with closing(sqlite3.connect(tmp_path / "test.db")) as connection, connection:
        connection.execute("UPDATE subscriptions SET topic = ?", [text])
    (known,) = await store.subscriptions.active()
    assert known.subscription.id == order.id
    assert known.subscription.topic.phrases


async def test_a_pause_ends_by_itself_and_what_fell_into_it_is_not_owed(store: Store) -> None:
    order = await store.subscriptions.add(subscription(), NOW)
    end = NOW + timedelta(days=2)
    await store.subscriptions.set_state(order.id, State.PAUSED, NOW, paused_until=end)
    await store.subscriptions.resume_due(end - timedelta(seconds=1))
    assert await store.subscriptions.active() == []
    await store.subscriptions.resume_due(end + timedelta(hours=1))
    (again,) = await store.subscriptions.active()
    assert (again.subscription.state, again.subscription.paused_until, again.owed_since) == (State.ACTIVE, None, end)


async def test_a_pause_without_an_end_has_none(store: Store) -> None:
    order = await store.subscriptions.add(subscription(), NOW)
    await store.subscriptions.set_state(order.id, State.PAUSED, NOW)
    await store.subscriptions.resume_due(NOW + timedelta(days=999))
    assert await store.subscriptions.active() == []


async def test_what_a_person_follows_alone_is_theirs(store: Store) -> None:
    mine = await store.subscriptions.add(subscription(guild_id=0, user_id=PERSON, besides=(10, 11)), NOW)
    await store.subscriptions.add(subscription(), NOW)
    assert await store.subscriptions.of_user(PERSON) == [mine]
    assert mine.besides == (10, 11)
