"""Which editions are owed, whether their list was read, and what each brings: written to the ledger, one by one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from digests.editions import Edition, due
from digests.plan import Digest, plan
from papers.paper import Paper
from papers.shelf import Shelf
from papers.subscription import Kind, Mode, OnQuietDay, Subscription
from storage.editions import Delivery, EditionOutcome, Plan, StoredEdition
from storage.engine import StorageError
from storage.store import Store

log = logging.getLogger(__name__)

# A list last read this long before an edition's hour is asked for again first; if the sources stay silent, the edition
# goes out with what there is after a while.
STALE_AFTER = timedelta(hours=1)
WAIT_FOR_SOURCES = timedelta(hours=2)
WAIT_FOR_OTHERS = timedelta(minutes=10)  # of a living edition that has one source's list already
_FORTNIGHT = timedelta(days=16)  # a little more than editions are looked back for


@dataclass(frozen=True, slots=True)
class Policy:
    """The operator's choices. ``sources`` are the names of those asked; what is later than ``too_late`` is not posted."""

    sources: tuple[str, ...]
    too_late: timedelta = timedelta(hours=12)
    grows_for: timedelta = timedelta(hours=24)


@dataclass(slots=True)
class Lists:
    """The days' lists as they are in the store, each read once: for planning many editions at one moment."""

    store: Store
    _shelves: dict[tuple[date, tuple[str, ...]], Shelf] = field(default_factory=dict)
    _fetched: dict[date, Mapping[str, datetime]] = field(default_factory=dict)

    async def shelf(self, day: date, sources: tuple[str, ...]) -> Shelf:
        """What the sources listed for the day."""
        if (day, sources) not in self._shelves:
            papers = await self.store.papers.featured(day, sources)
            # Some milliseconds for each hundred, and arXiv may announce a thousand.
            self._shelves[day, sources] = await asyncio.to_thread(Shelf, papers)
        return self._shelves[day, sources]

    async def chosen(self, stored: StoredEdition, ids: Sequence[str]) -> list[Paper]:
        """Papers of an edition, in the order asked for."""
        known = (await self.shelf(stored.papers_day, stored.subscription.sources)).by_id
        if all(paper_id in known for paper_id in ids):
            return [known[paper_id] for paper_id in ids]
        return await self.store.papers.get_many(ids)

    async def fetched(self, day: date) -> Mapping[str, datetime]:
        """When each source last answered for the day."""
        if day not in self._fetched:
            self._fetched[day] = await self.store.papers.fetched(day)
        return self._fetched[day]

    async def missing(self, day: date, sources: Collection[str], since: datetime) -> tuple[str, ...]:
        """The sources that have not answered for the day since an instant."""
        fetched = await self.fetched(day)
        return tuple(source for source in sources if source not in fetched or fetched[source] < since)


async def plan_due(store: Store, now: datetime, policy: Policy) -> None:
    """Plan the editions whose time has come, each once, the earliest due first; what was missed for too long expires.

    What was paused until now goes on first: it owes what has been due since.
    """
    await store.subscriptions.resume_due(now)
    lists = Lists(store)
    for edition, is_newest in await owed(store, now):
        try:
            if not is_newest or now - edition.due_at > policy.too_late:
                await _expire(store, edition, now, is_newest=is_newest)
            elif await _is_ready(lists, edition, now, policy):
                await plan_edition(lists, edition, now, policy)
        except StorageError:
            raise
        except Exception:
            # A fault of ours in one edition must not keep the others from their channels.
            log.exception("edition not planned: subscription %d, %s", edition.subscription.id, edition.day)


async def stale_days(store: Store, now: datetime, policy: Policy) -> set[date]:
    """The UTC days whose lists editions are waiting for."""
    lists = Lists(store)
    return {
        edition.papers_day
        for edition, is_newest in await owed(store, now)
        if is_newest and not await _is_ready(lists, edition, now, policy)
    }


async def owed(store: Store, now: datetime) -> list[tuple[Edition, bool]]:
    """The editions whose time has come and that are not planned, the earliest due first; and whether each is its
    subscription's newest.
    """
    planned = await store.ledger.days_planned(since=now - _FORTNIGHT)
    found = []
    for order in await store.subscriptions.active():
        editions = due(order.subscription, order.owed_since, now)
        found += [(e, e is editions[0]) for e in editions if (e.subscription.id, e.day) not in planned]
        await asyncio.sleep(0)  # there may be thousands, and others wait for the loop
    # A channel's goes before those of people who do not want again what it shows.
    return sorted(found, key=lambda owed: (owed[0].due_at, owed[0].subscription.user_id is not None))


async def plan_edition(lists: Lists, edition: Edition, now: datetime, policy: Policy) -> bool:
    """Plan one edition and write it down; False if its day had one already."""
    digest = await preview(lists, edition, policy)
    parts = parts_of(digest)
    is_something = bool(parts or digest.papers)  # what goes to an inbox makes no message
    bare = _bare_plan(edition, now, EditionOutcome.POSTED if is_something else EditionOutcome.EMPTY)
    whole = replace(
        bare,
        reason="" if is_something else f"{digest.quiet}",
        paper_ids=[paper.id for paper in digest.papers],
        parts=parts,
        listed=digest.listed,
        on_topic=digest.on_topic,
        shown_before=digest.shown_before,
        missing=digest.missing,
    )
    edition_id = await lists.store.ledger.plan(whole)
    if edition_id is not None:
        said = f"edition planned: subscription {bare.subscription_id}, {edition.day}, {len(digest.papers)} papers"
        became = "planned" if parts else "kept" if digest.papers else "empty"  # kept: for an inbox
        log.info(said, extra={**_event(edition, became), "papers": len(digest.papers)})
    return edition_id is not None


def parts_of(digest: Digest) -> list[str | None]:
    """The messages an edition makes: one, one for each paper, or none on a quiet day that is kept silent and for an inbox."""
    order = digest.edition.subscription
    if order.kind is Kind.INBOX:
        return []
    if order.is_per_paper:
        return [paper.id for paper in digest.papers]
    return [None] if digest.papers or order.on_quiet_day is OnQuietDay.SAY_SO else []


async def preview(lists: Lists, edition: Edition, policy: Policy) -> Digest:
    """What the edition would bring if it were planned now."""
    order = edition.subscription
    # Without any source that is read here, none will answer: the edition says so.
    asked = _asked(order, policy) or order.sources
    missing = await lists.missing(edition.papers_day, asked, edition.due_at - STALE_AFTER)
    shelf = await lists.shelf(edition.papers_day, order.sources)
    return plan(edition, shelf, await seen_by(lists.store, order), missing)


async def seen_by(store: Store, order: Subscription) -> set[str]:
    """The ids of the papers that a subscription does not bring (again): its channel, or one besides, has had them."""
    # What a person had in the inbox before there was a private channel with them was noted under their own id.
    own = [order.user_id] if order.user_id else []
    return await store.ledger.seen(order.channel_id, *order.besides, *own)


def assembled(stored: StoredEdition, papers: Collection[Paper]) -> Digest:
    """What an edition, or a message of it about these papers, shows as it was planned and has grown since."""
    return Digest(
        edition=Edition(stored.subscription, stored.day, stored.due_at, stored.papers_day),
        papers=tuple(papers),
        listed=stored.listed,
        on_topic=stored.on_topic,
        shown_before=stored.shown_before,
        missing=stored.missing,
        planned_at=stored.planned_at,
        listed_first=stored.listed_first,
        grown_at=stored.grown_at,
        added={paper_id: added_at for paper_id, added_at in stored.papers if added_at},
    )


def fingerprint(delivery: Delivery, digest: Digest) -> str:
    """The same for two digests of which the delivery's message shows the same."""
    return digest.fingerprint(is_about_one=delivery.paper_id is not None)


async def _is_ready(lists: Lists, edition: Edition, now: datetime, policy: Policy) -> bool:
    """Whether the day's list was read lately enough to tell "no papers" from "not read", or was waited for long enough.

    Before any source has answered at all, only a message that can grow goes out: another would be empty for ever.
    """
    asked = _asked(edition.subscription, policy)
    if not await lists.missing(edition.papers_day, asked, edition.due_at - STALE_AFTER):
        return True
    if now < edition.due_at + WAIT_FOR_OTHERS:
        return False
    is_partly_read = len(await lists.missing(edition.papers_day, asked, edition.due_at - STALE_AFTER)) < len(asked)
    if is_partly_read and edition.subscription.mode is Mode.LIVING:
        return True  # the rest is added when it comes
    if now < edition.due_at + WAIT_FOR_SOURCES:
        return False
    return edition.subscription.mode is Mode.LIVING or bool(set(asked) & (await lists.fetched(edition.papers_day)).keys())


def _asked(order: Subscription, policy: Policy) -> tuple[str, ...]:
    """The subscription's sources that the operator has Paperboy read."""
    return tuple(source for source in order.sources if source in policy.sources)


async def _expire(store: Store, edition: Edition, now: datetime, *, is_newest: bool) -> None:
    """Of a fortnight behind a closed channel only the newest counts as lost: the others would not have come in any case."""
    reason = f"missed by {_hours(now - edition.due_at)}: too late to post"
    if await store.ledger.plan(replace(_bare_plan(edition, now, EditionOutcome.EXPIRED), reason=reason)) is not None:
        said = f"edition expired: subscription {edition.subscription.id}, {edition.day}, {reason}"
        log.warning(said, extra=_event(edition, "expired" if is_newest else "dropped"))


def _bare_plan(edition: Edition, now: datetime, outcome: EditionOutcome) -> Plan:
    """One that brings nothing."""
    return Plan(
        subscription_id=edition.subscription.id,
        channel_id=edition.subscription.channel_id,
        day=edition.day,
        due_at=edition.due_at,
        planned_at=now,
        papers_day=edition.papers_day,
        outcome=outcome,
    )


def _event(edition: Edition, outcome: str) -> dict[str, object]:
    """What became of an edition, as fields of a log record; bot/watching/tally.py counts by them."""
    order = edition.subscription
    return {"event": "edition", "outcome": outcome, "subscription": order.id, "day": edition.day.isoformat()}


def _hours(late: timedelta) -> str:
    return f"{late / timedelta(hours=1):.0f} h"
