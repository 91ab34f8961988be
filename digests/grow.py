"""Living editions: the message grows as late papers and votes arrive, until a set hour.

Papers that are shown stay where they are. Late ones come after them, marked, as far as the subscription's size goes; the
rest is behind the message's button.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from datetime import datetime, timedelta

from digests.editions import Edition
from digests.plan import Digest, plan
from digests.planning import STALE_AFTER, Lists, Policy, assembled, fingerprint
from digests.poster import Outcome, Poster, PostError, Stopped, name
from papers.subscription import Mode, State
from storage.editions import Delivery, DeliveryState, EditionOutcome, Growth, StoredEdition
from storage.store import Store

log = logging.getLogger(__name__)

SPACING = timedelta(minutes=10)  # between two edits of a message
SPACING_OF_VOTES = timedelta(hours=1)  # where nothing but figures changed
_WORKERS = 8  # fewer than for posting, which must not wait behind edits


async def grow_due(store: Store, poster: Poster, policy: Policy, now: datetime) -> int:
    """Bring the living editions of the last day up to date; how many messages were edited. Raises StorageError, Stopped.

    New papers are written to the ledger first, and seen with them; an edit that fails is done the next time.
    """
    lists = Lists(store)
    edits: deque[tuple[Delivery, Digest]] = deque()
    for edition, deliveries in await store.ledger.due_since(now - policy.grows_for):
        order = edition.subscription
        if order.mode is not Mode.LIVING or order.state is not State.ACTIVE:
            continue
        growth = await growth_of(lists, edition, now)
        if growth and await store.ledger.grow(growth):
            log.info("edition grown: subscription %d, %s, %d more papers", order.id, edition.day, len(growth.paper_ids))
            deliveries = await store.ledger.of_edition(order.id, edition.day)
        for delivery in deliveries:
            digest = assembled(delivery.edition, await lists.chosen(edition.papers_day, delivery.paper_ids))
            if _is_to_be_edited(delivery, digest, now, ends_at=edition.due_at + policy.grows_for):
                edits.append((delivery, digest))
    async with asyncio.TaskGroup() as group:
        workers = [group.create_task(_work_off(store, poster, edits, now)) for _ in range(min(_WORKERS, len(edits)))]
    if any(worker.result() is None for worker in workers):
        raise Stopped("Discord refuses our token")
    return sum(worker.result() or 0 for worker in workers)


async def growth_of(lists: Lists, stored: StoredEdition, now: datetime) -> Growth | None:
    """What has come to an edition's day since it was planned or last grew; None if nothing has."""
    order = stored.subscription
    edition = Edition(order, stored.day, stored.due_at, stored.papers_day)
    missing = await lists.missing(stored.papers_day, stored.missing, stored.due_at - STALE_AFTER)
    papers = await lists.papers(stored.papers_day)
    figures = (len(papers), sum(map(order.topic.matches, papers)), missing)
    if figures == (stored.listed, stored.on_topic, stored.missing):
        return None  # a list only grows: nothing has come
    own = set(stored.paper_ids)
    seen = await lists.store.ledger.seen(order.channel_id)
    late = plan(edition, papers, seen | own, missing, room=max(0, order.size - len(own)))
    whole = plan(edition, papers, seen - own, missing)
    parts: Sequence[str | None] = ()
    if order.is_per_paper:
        parts = [paper.id for paper in late.papers]
    elif late.papers and stored.outcome is EditionOutcome.EMPTY:
        parts = [None]  # the day was quiet, and nothing was posted until now
    return Growth(
        edition_id=stored.id,
        channel_id=order.channel_id,
        grown_at=now,
        paper_ids=[paper.id for paper in late.papers],
        parts=parts,
        listed=late.listed,
        on_topic=late.on_topic,
        shown_before=whole.shown_before,
        missing=late.missing,
    )


def _is_to_be_edited(delivery: Delivery, digest: Digest, now: datetime, ends_at: datetime) -> bool:
    """Whether its message shows something else than it should, and was left alone for long enough."""
    if delivery.state is not DeliveryState.SENT or delivery.is_final or delivery.shown == fingerprint(delivery, digest):
        return False
    touched_at = delivery.edited_at or delivery.sent_at or delivery.due_at
    has_grown = digest.grown_at is not None and digest.grown_at > touched_at
    spacing = SPACING if has_grown else SPACING_OF_VOTES
    return now - touched_at >= spacing or now >= ends_at - SPACING


async def _work_off(store: Store, poster: Poster, edits: deque[tuple[Delivery, Digest]], now: datetime) -> int | None:
    """How many messages were edited; None if Discord refuses our token."""
    done = 0
    while edits:
        delivery, digest = edits.popleft()
        try:
            await poster.edit(delivery, digest)
        except PostError as error:
            log.warning("edition not edited, %s: %s: %s", error.outcome, name(delivery), error)
            if error.outcome is Outcome.STOPPED:
                edits.clear()
                return None
            if error.outcome is Outcome.BLOCKED:
                edits.clear()
            elif error.outcome is Outcome.CLOSED:
                await store.subscriptions.set_state(delivery.subscription.id, State.SHUT_OUT, now, trouble=str(error))
            elif error.outcome not in {Outcome.LATER, Outcome.UNCERTAIN}:
                await store.outbox.finish(delivery)  # a moderator deleted it, say
            continue
        await store.outbox.edited(delivery, fingerprint(delivery, digest), now)
        done += 1
    return done
