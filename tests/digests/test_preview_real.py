"""Preview equals post: for every preset on every stored day, over the real database."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from bench.topics import folder_of_days, stored_days
from digests.deliver import Courier
from digests.editions import edition_on
from digests.plan import Digest
from digests.planning import Lists, preview
from papers.presets import PRESETS
from papers.subscription import Subscription
from storage.store import Store
from storage.subscriptions import Batch
from tests.digests.channel import Channel
from tests.factories import POLICY, subscription

READ_AT = time(11, 30, tzinfo=UTC)  # within the hour before the editions
DUE_AT = time(12, 0)
PARTS = 4  # of the days, each with channels of its own: so that several workers share them


@pytest.mark.parametrize("part", range(PARTS))
async def test_what_is_previewed_is_what_is_posted(store: Store, part: int) -> None:
    days = sorted(stored_days(folder_of_days()).items())
    days = days[len(days) * part // PARTS : len(days) * (part + 1) // PARTS]
    orders = await _a_subscription_for_each_preset(store, days[0][0])
    on_topic = papers_shown = 0
    for number, (day, papers) in enumerate(days):
        await store.papers.save_day(papers, "huggingface", day, datetime.combine(day, READ_AT))
        if number and day - days[number - 1][0] > timedelta(days=1):
            await _owe_nothing_before(store, orders, day)
        previews = await _previewed(store, orders, day)
        posts = await _posted(store, day)
        assert _told(posts) == _told(previews)
        assert {digest.listed for digest in posts} == {len(papers)}
        on_topic += sum(digest.on_topic for digest in posts)
        papers_shown += sum(len(digest.papers) for digest in posts)
    assert on_topic >= papers_shown > 10 * len(days)  # it is not nothing that is compared


async def _a_subscription_for_each_preset(store: Store, first_day: date) -> list[Subscription]:
    made_at = datetime.combine(first_day, READ_AT)
    orders = [subscription(topic=topic, channel_id=number, at=DUE_AT) for number, topic in enumerate(PRESETS, start=10)]
    await store.subscriptions.apply(Batch(orders[0].guild_id, added=orders), made_at, made_by=1)
    return await store.subscriptions.of_guild(orders[0].guild_id)


async def _owe_nothing_before(store: Store, orders: Iterable[Subscription], day: date) -> None:
    """No edition is due for the days between two stored ones."""
    noon = datetime.combine(day, DUE_AT, UTC)
    await store.subscriptions.apply(Batch(1, changed=[(order, noon) for order in orders]), noon, made_by=1)


async def _previewed(store: Store, orders: Iterable[Subscription], day: date) -> list[Digest]:
    lists = Lists(store)
    return [await preview(lists, edition_on(order, day), POLICY) for order in orders]


async def _posted(store: Store, day: date) -> list[Digest]:
    """What a round at the editions' hour brings to the channels."""
    channel = Channel()
    await Courier(store, channel, POLICY).deliver_due(datetime.combine(day, DUE_AT, UTC))
    return [digest for _, digest in channel.messages]


def _told(digests: Iterable[Digest]) -> dict[int, Digest]:
    """What each subscription's digest says, by the subscription's id: all but when it was planned."""
    return {digest.edition.subscription.id: replace(digest, planned_at=None, listed_first=0) for digest in digests}
