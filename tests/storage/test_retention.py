"""What is kept for how long: what is old goes, with all that hangs on it, and nothing that is still looked up."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from papers.subscription import Kind, State, Subscription
from storage.editions import EditionOutcome, Plan
from storage.engine import Database
from storage.retention import SHORTEST, Keep, Retention
from storage.schema import metadata
from storage.store import Store
from storage.summaries import StoredSummary
from tests.factories import DAY, NOW, paper, subscription

DAYS = timedelta(days=1)
KEEP = Keep(editions=400 * DAYS, personal=90 * DAYS, questions=180 * DAYS, summaries=400 * DAYS)


class Ages:
    """A store in which things can be put at any age before NOW."""

    def __init__(self, store: Store, database: Database) -> None:
        self.store = store
        self.database = database
        self.papers = 0

    async def order(self, **fields: Any) -> Subscription:
        return await self.store.subscriptions.add(subscription(**fields), NOW - 1_000 * DAYS, made_by=5)

    async def edition(
        self, order: Subscription, age: timedelta, *, is_sent: bool = True, listed: Sequence[date] = (), parts: int = 1
    ) -> str:
        """An edition that was due so long before NOW, with one paper; the paper's id."""
        self.papers += 1
        due_at = NOW - age
        brought = paper(self.papers, featured_on=(due_at.date(), *listed))
        await self.store.papers.save([brought], "huggingface")
        plan = Plan(
            subscription_id=order.id,
            channel_id=order.channel_id,
            day=due_at.date(),
            due_at=due_at,
            planned_at=due_at,
            papers_day=due_at.date(),
            outcome=EditionOutcome.POSTED,
            paper_ids=[brought.id],
            parts=[None] * parts,
        )
        assert await self.store.ledger.plan(plan) is not None
        for delivery in await self.store.ledger.of_edition(order.id, due_at.date()) if is_sent else ():
            claimed = await self.store.outbox.claim(delivery, due_at)
            assert claimed
            assert await self.store.outbox.sent(claimed, 7, due_at, shown="", is_final=True)
        return brought.id

    async def counts(self) -> dict[str, int]:
        async with self.database.reading() as connection:
            tables = metadata.sorted_tables
            return {t.name: await connection.scalar(select(func.count()).select_from(t)) or 0 for t in tables}


@pytest.fixture
async def ages(store: Store, tmp_path: Path) -> Any:
    async with Database.open(f"sqlite:///{tmp_path}/test.db") as database:
        yield Ages(store, database)


async def test_an_old_edition_goes_with_all_that_hangs_on_it_and_its_papers_stay(ages: Ages) -> None:
    order = await ages.order(kind=Kind.ANNOUNCEMENT)  # whose messages are followed up
    old = await ages.edition(order, 401 * DAYS)
    young = await ages.edition(order, 399 * DAYS)
    before = await ages.counts()
    assert (before["editions"], before["follow_ups"]) == (2, 2)
    assert (await ages.store.retention.forget(KEEP, NOW))["editions"] == 1
    after = await ages.counts()
    for table in ("editions", "edition_papers", "deliveries", "follow_ups", "seen"):
        assert (before[table], after[table]) == (2, 1), table
    assert after["papers"] == 2
    assert await ages.store.papers.get(old)
    assert await ages.store.ledger.seen(order.channel_id) == {young}
    assert await ages.store.subscriptions.get(order.id) == order


async def test_what_may_still_be_shown_again_or_is_on_its_way_stays(ages: Ages) -> None:
    order = await ages.order()
    again = await ages.edition(order, 500 * DAYS, listed=[DAY - 3 * DAYS])  # another source has it just now
    open_ = await ages.edition(await ages.order(channel_id=11), 500 * DAYS, is_sent=False)
    await ages.edition(order, 501 * DAYS)
    young = await ages.edition(await ages.order(channel_id=12), 1 * DAYS)
    assert (await ages.store.retention.forget(KEEP, NOW))["editions"] == 1
    assert await ages.store.ledger.seen(10, 11, 12) == {again, open_, young}
    assert len(await ages.store.ledger.unsent(NOW)) == 1
    later = NOW + 60 * DAYS
    assert (await ages.store.retention.forget(KEEP, later))["editions"] == 1


async def test_what_people_follow_alone_has_a_time_of_its_own(ages: Ages) -> None:
    mine = await ages.order(guild_id=0, channel_id=20, user_id=5, kind=Kind.DIRECT)
    servers = await ages.order()
    for order in (mine, servers):
        for age in (91, 89):
            await ages.edition(order, age * DAYS)
    assert (await ages.store.retention.forget(KEEP, NOW))["editions"] == 1
    assert len(await ages.store.ledger.days_planned(NOW - 500 * DAYS, mine.id)) == 1
    assert len(await ages.store.ledger.days_planned(NOW - 500 * DAYS, servers.id)) == 2


async def test_without_a_number_everything_is_kept_for_ever(ages: Ages) -> None:
    order = await ages.order()
    await ages.edition(order, 4_000 * DAYS)
    await ages.store.notes.shortened("a question" * 50, 10, NOW - 4_000 * DAYS)
    before = await ages.counts()
    assert not any((await ages.store.retention.forget(Keep(), NOW)).values())
    assert await ages.counts() == before


async def test_questions_summaries_and_costs_go_at_their_time(ages: Ages) -> None:
    store = ages.store
    old, young = [await store.notes.shortened(f"{n}" * 50, 10, NOW - n * DAYS) for n in (181, 179)]
    for age in (401, 399):
        summary = StoredSummary(f"p{age}", 1, "abstract", "en", "m", "text", (), NOW - age * DAYS)
        await store.summaries.save(summary)
        await store.summaries.spend(
            (NOW - age * DAYS).date(), 1, 10, 10, most_tokens=100, most_micros=100, most_tokens_server=100
        )
    forgotten = await store.retention.forget(KEEP, NOW)
    assert (forgotten["questions"], forgotten["summaries"]) == (1, 1)
    assert (await store.notes.whole(old), await store.notes.whole(young)) == (None, "179" * 50)
    assert await store.summaries.get("p401", 1, "abstract", "en", "m") is None
    assert await store.summaries.get("p399", 1, "abstract", "en", "m")
    assert (await ages.counts())["spend"] == 1


async def test_a_removed_subscription_goes_after_its_last_edition_but_its_number_is_not_given_out_again(ages: Ages) -> None:
    first, second, last = [await ages.order(channel_id=channel) for channel in (10, 11, 12)]
    await ages.edition(second, 399 * DAYS)
    for order in (first, second, last):
        await ages.store.subscriptions.set_state(order.id, State.REMOVED, NOW)
    await ages.edition(last, 1 * DAYS)
    assert (await ages.store.retention.forget(KEEP, NOW))["subscriptions"] == 1
    assert await ages.store.subscriptions.get(first.id) is None
    assert await ages.store.subscriptions.get(second.id)
    assert (await ages.store.retention.forget(KEEP, NOW + 2 * DAYS))["subscriptions"] == 1
    assert (await ages.order()).id == last.id + 1


async def test_no_number_is_given_twice(ages: Ages) -> None:
    """Neither to an edition nor to a delivery, whichever of them is the newest of its kind."""
    order = await ages.order()
    await ages.edition(order, 600 * DAYS)
    with_newest_delivery = await ages.edition(order, 500 * DAYS)
    inbox = await ages.order(guild_id=0, channel_id=20, user_id=5, kind=Kind.INBOX)
    newest = await ages.edition(inbox, 500 * DAYS, parts=0)
    assert (await ages.store.retention.forget(KEEP, NOW))["editions"] == 1
    assert await ages.store.ledger.seen(10, 20) == {with_newest_delivery, newest}


async def test_it_is_done_once_a_night_or_when_there_was_none(ages: Ages) -> None:
    order = await ages.order()

    async def at(now: datetime) -> int:
        await ages.edition(order, (450 + ages.papers) * DAYS)
        await ages.edition(order, (100 + ages.papers) * DAYS)
        return (await Retention(ages.database).nightly(KEEP, now)).get("editions", 0)

    morning = NOW.replace(hour=2)
    assert await at(morning) == 0
    assert await at(morning + timedelta(hours=1)) == 2
    assert await at(morning + timedelta(hours=9)) == 0
    assert await at(morning + timedelta(hours=22)) == 0  # past midnight, and not yet night
    assert await at(morning + 3 * DAYS + timedelta(hours=12)) == 3
    a_year_on = morning + 365 * DAYS + timedelta(hours=12)
    assert await at(a_year_on) == 0  # the clock may be wrong
    assert await at(a_year_on + DAYS) > 0


async def test_others_write_while_it_deletes(ages: Ages, monkeypatch: pytest.MonkeyPatch) -> None:
    """Deleted is a little in each transaction: a writer that comes meanwhile has its turn between two of them."""
    order = await ages.order()
    monkeypatch.setattr("storage.retention._BATCH", 4)
    for age in range(450, 466):
        await ages.edition(order, age * DAYS)
    await ages.edition(order, 1 * DAYS)
    forgetting = asyncio.create_task(ages.store.retention.forget(KEEP, NOW))
    written = 0
    while not forgetting.done():
        await ages.store.notes.write("k", str(written))
        written += 1
        await asyncio.sleep(0)
    assert forgetting.result()["editions"] == 16
    assert written >= 4  # after each of its transactions at the least


def test_the_shortest_time_covers_all_that_is_looked_up_of_the_past() -> None:
    """Those are the numbers of the modules named there."""
    from digests import accounts, planning
    from views.follow import INBOX_DAYS

    assert SHORTEST > 2 * planning._FORTNIGHT
    assert SHORTEST > 2 * accounts._PLANNED_SINCE
    assert SHORTEST > 2 * INBOX_DAYS * DAYS
