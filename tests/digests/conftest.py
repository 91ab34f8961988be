"""A courier over the real database, with a channel that keeps what it was given and fails on cue."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from digests.accounts import accounts
from digests.deliver import Courier
from digests.why import Account
from papers.paper import Paper
from papers.subscription import Subscription
from storage.store import Store
from tests.digests.channel import Channel
from tests.factories import DAY, NOW, POLICY, paper, subscription


@pytest.fixture
def channel() -> Channel:
    return Channel()


@pytest.fixture
def courier(store: Store, channel: Channel) -> Courier:
    return Courier(store, channel, POLICY)


async def subscribe(store: Store, days_ago: int = 0, **fields: object) -> Subscription:
    """One that was made an hour before NOW, or that and some days."""
    return await store.subscriptions.add(subscription(**fields), NOW - timedelta(days=days_ago, hours=1))


async def list_numbered(store: Store, *numbers: int, fetched_at: datetime = NOW) -> None:
    """Papers with as many votes as their number, on DAY's list."""
    await store.papers.save_day([paper(n, votes=n) for n in numbers], "huggingface", DAY, fetched_at)


async def told(store: Store, order: Subscription, number: int, now: datetime = NOW) -> Account:
    """The account of a paper by its number."""
    current = await store.subscriptions.get(order.id)
    assert current
    (found,) = await accounts(store, POLICY, [current], await store.papers.get(f"2606.{number:05}"), now)
    return found


async def list_papers(store: Store, *papers: Paper, day: date = DAY, source: str = "huggingface") -> None:
    await store.papers.save_day(papers, source, day, NOW)
