"""Reads from the store what digests/why.py decides by: the accounts of one paper, or of an edition's whole day."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from digests.plan import Digest, ranked
from digests.planning import Lists, Policy, assembled, seen_by
from digests.why import Account, Case, Day, unlisted, why
from papers.paper import Paper
from papers.subscription import Subscription
from storage.editions import StoredEdition
from storage.store import Store

_DAYS_LOOKED_AT = 5  # of those on which a paper was listed, the newest
_PLANNED_SINCE = timedelta(days=16)  # before the present: for which local dates it is asked whether they had an edition


@dataclass(frozen=True, slots=True)
class DayAccount:
    """An edition as it is shown, and what became of each paper on topic that is not in it, best first."""

    digest: Digest
    others: tuple[Account, ...]


async def accounts(
    store: Store, policy: Policy, orders: Sequence[Subscription], paper: Paper | None, now: datetime
) -> list[Account]:
    """What became of a paper (None for an unknown one) with each subscription. Raises StorageError."""
    lists = Lists(store)
    return [await _account(lists, policy, order, paper, now) for order in orders]


async def day_account(store: Store, policy: Policy, stored: StoredEdition, now: datetime) -> DayAccount:
    """The account of an edition's day. Raises StorageError."""
    lists = Lists(store)
    order = stored.subscription
    day = await _day(lists, policy, order, stored.papers_day, now)
    on_topic = ranked(day.shelf.matching(order.topic.expression), order.topic)
    others = [paper for paper in on_topic if paper.id not in stored.paper_ids]
    case = await _case(store, policy, order, [paper.id for paper in others], now)
    digest = assembled(stored, await lists.chosen(stored, stored.paper_ids))
    # Half a millisecond each, and arXiv announces hundreds.
    return DayAccount(digest, await asyncio.to_thread(lambda: tuple(why(case, paper, day) for paper in others)))


async def _account(lists: Lists, policy: Policy, order: Subscription, paper: Paper | None, now: datetime) -> Account:
    """Of several days on whose lists the paper was, that on which it came furthest; of those the newest."""
    case = await _case(lists.store, policy, order, [paper.id] if paper else [], now)
    found = []
    for date_ in paper.featured_on[: -_DAYS_LOOKED_AT - 1 : -1] if paper else ():
        day = await _day(lists, policy, order, date_, now)
        if paper and paper.id in day.shelf.by_id:
            sources = [source for source in order.sources if paper.id in (await lists.shelf(date_, (source,))).by_id]
            found.append(replace(why(case, paper, day), sources=tuple(sources)))
    if found:
        return max(found, key=lambda account: account.decided_at)
    newest = paper.featured_on[-1] if paper and paper.featured_on else now.date()
    return unlisted(case, paper, (await _day(lists, policy, order, newest, now)).missing)


async def _case(store: Store, policy: Policy, order: Subscription, paper_ids: Sequence[str], now: datetime) -> Case:
    own = [order.user_id] if order.user_id else []  # as with what was seen
    return Case(
        order=order,
        owed_since=await store.subscriptions.owed_since(order.id) or now,
        now=now,
        policy=policy,
        seen=await seen_by(store, order),
        brought=await store.ledger.bringing([order.channel_id, *order.besides, *own], paper_ids),
    )


async def _day(lists: Lists, policy: Policy, order: Subscription, day: date, now: datetime) -> Day:
    fetched = await lists.fetched(day)
    editions = await lists.store.ledger.about(order.id, day)
    stored, deliveries = editions[-1] if editions else (None, [])
    planned = await lists.store.ledger.days_planned(since=now - _PLANNED_SINCE, of=order.id)
    return Day(
        day=day,
        shelf=await lists.shelf(day, order.sources),
        missing=tuple(source for source in order.sources if source in policy.sources and source not in fetched),
        stored=stored,
        deliveries=deliveries,
        planned={date_ for _, date_ in planned},
    )
