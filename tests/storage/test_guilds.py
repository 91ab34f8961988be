from __future__ import annotations

from datetime import timedelta

import pytest

from papers.topic import Topic
from storage.store import Store
from tests.factories import NOW, subscription

DAY = timedelta(days=1)


async def test_the_language_of_a_servers_digests_is_kept_and_changed(store: Store) -> None:
    assert await store.guilds.language(1) == ""
    await store.guilds.set_language(1, "de")
    await store.guilds.set_language(2, "fr")
    await store.guilds.set_language(1, "")
    assert (await store.guilds.language(1), await store.guilds.language(2)) == ("", "fr")
    assert await store.guilds.languages() == {2: "fr"}


async def test_the_first_word_of_leaving_counts_until_it_is_back(store: Store) -> None:
    await store.guilds.set_language(1, "de")
    await store.guilds.left(1, NOW)
    await store.guilds.left(1, NOW + 9 * DAY)
    await store.guilds.all_left([2, 3], NOW + DAY)
    assert await store.guilds.gone_since(NOW) == [1]
    assert await store.guilds.gone_since(None) == [1, 2, 3]
    assert await store.guilds.language(1) == "de"
    await store.guilds.back(1)
    await store.guilds.back(7)
    assert await store.guilds.gone_since(NOW + 9 * DAY) == [2, 3]
    await store.guilds.left(1, NOW + 9 * DAY)
    assert await store.guilds.gone_since(NOW + 8 * DAY) == [2, 3]


@pytest.mark.parametrize("what", ["subscription", "topic", "language"])
async def test_every_server_that_something_is_kept_of_is_known(store: Store, what: str) -> None:
    await store.subscriptions.add(subscription(guild_id=0, user_id=5), NOW, made_by=5)
    await store.topics.save(5, Topic.parse("agent", "mine"), 5, NOW)  # a person is no server
    assert await store.guilds.known() == set()
    if what == "subscription":
        await store.subscriptions.add(subscription(guild_id=9), NOW, made_by=5)
    elif what == "topic":
        await store.topics.save(9, Topic.parse("agent", "ours"), 5, NOW)
    else:
        await store.guilds.set_language(9, "de")
    assert await store.guilds.known() == {9}
    await store.guilds.purge(9)
    assert await store.guilds.known() == set()
