"""The papers that the next editions will show: a model may summarise them before their hour, which waits for none."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from digests.editions import Edition, next_edition
from digests.made import Ready
from digests.planning import Lists, Policy, owed, preview
from papers.paper import Paper
from papers.subscription import Mode, State, Subscription, Summaries
from storage.store import Store

AHEAD = timedelta(hours=2)  # before their hour their lists are fairly full
_MOST_EDITIONS = 500  # looked at in one round: those of one hour bring much the same papers
_MOST_PAPERS = 100  # asked for in one round


async def papers_ahead(store: Store, policy: Policy, now: datetime, ready: Ready) -> list[Paper]:
    """Those without a sentence of the source's own, or a summary that is ``ready``: of the editions due soonest first, then of
    the messages that can still be edited. Raises StorageError.
    """
    lists = Lists(store)
    wanted: dict[str, Paper] = {}
    for edition in await _to_come(store, now):
        wanted |= {paper.id: paper for paper in (await preview(lists, edition, policy)).papers}
        await asyncio.sleep(0)  # others wait for the loop
    wanted |= {paper.id: paper for paper in await _shown(lists, policy, now) if paper.id not in wanted}
    bare = [paper for paper in wanted.values() if paper.abstract and not paper.source_summary]
    known = await ready(bare) if bare else {}
    return [paper for paper in bare if paper.id not in known][:_MOST_PAPERS]


async def _to_come(store: Store, now: datetime) -> list[Edition]:
    """The editions due by now, or within AHEAD, that are not planned and show summaries; the earliest due first."""
    editions = [edition for edition, is_newest in await owed(store, now) if is_newest]
    planned = await store.ledger.days_planned(since=now - timedelta(days=2))
    days: dict[int, set[object]] = {}
    for subscription_id, day in planned:
        days.setdefault(subscription_id, set()).add(day)
    for order in await store.subscriptions.active():
        edition = next_edition(order.subscription, now)
        if edition.due_at - now <= AHEAD and edition.day not in days.get(order.subscription.id, ()):
            editions.append(edition)
        await asyncio.sleep(0)
    telling = [edition for edition in editions if _tells(edition.subscription)]
    return sorted(telling, key=lambda edition: edition.due_at)[:_MOST_EDITIONS]


async def _shown(lists: Lists, policy: Policy, now: datetime) -> list[Paper]:
    """The papers of messages that a better summary would change, the newest first."""
    papers: list[Paper] = []
    for edition, deliveries in (await lists.store.ledger.due_since(now - policy.grows_for))[::-1]:
        order = edition.subscription
        is_living = order.mode is Mode.LIVING and order.state is State.ACTIVE
        if is_living and _tells(order) and any(not delivery.is_final for delivery in deliveries):
            papers += await lists.chosen(edition, edition.paper_ids)
        await asyncio.sleep(0)
    return papers


def _tells(order: Subscription) -> bool:
    return order.summaries is not Summaries.NONE
