"""Living editions: the message grows as late papers, votes and better summaries arrive, until a set hour.

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
from digests.made import Made, nothing_ready
from digests.plan import Digest, plan
from digests.planning import STALE_AFTER, Lists, Policy, assembled, fingerprint, seen_by
from digests.poster import Outcome, Poster, PostError, Stopped, name
from papers.subscription import Kind, Mode, State, Subscription
from storage.editions import Delivery, DeliveryState, EditionOutcome, Growth, StoredEdition
from storage.engine import StorageError
from storage.store import Store

log = logging.getLogger(__name__)

SPACING = timedelta(minutes=10)  # between two edits of a message
SPACING_OF_VOTES = timedelta(hours=1)  # where nothing but figures changed
_WORKERS = 8  # fewer than for posting, which must not wait behind edits


async def grow_due(store: Store, poster: Poster, policy: Policy, now: datetime, made: Made | None = None) -> int:
    """Bring the living editions of the last day up to date; how many messages were edited. Raises StorageError, Stopped,
    and PostError where Discord takes no requests from here.

    New papers are written to the ledger first, and seen with them; an edit that fails is done the next time. What models made
    of the papers meanwhile, and the language to write it in, ``made`` tells.
    """
    lists, made = Lists(store), made or Made(nothing_ready)
    edits: deque[tuple[Delivery, Digest]] = deque()
    for edition, deliveries in await store.ledger.due_since(now - policy.grows_for):
        order = edition.subscription
        if order.mode is not Mode.LIVING or order.state is not State.ACTIVE or _is_over(order, deliveries):
            continue
        if not await made.knows_language_of(order):
            continue
        growth = await growth_of(lists, edition, now)
        if growth and await store.ledger.grow(growth):
            log.info("edition grown: subscription %d, %s, %d more papers", order.id, edition.day, len(growth.paper_ids))
            deliveries = await store.ledger.of_edition(order.id, edition.day)
        for delivery in deliveries:
            digest = await made.into(assembled(delivery.edition, await lists.chosen(edition, delivery.paper_ids)))
            if _is_to_be_edited(delivery, digest, now, ends_at=edition.due_at + policy.grows_for):
                edits.append((delivery, digest))
        await asyncio.sleep(0)  # there may be thousands, and others wait for the loop
    failures: list[Exception] = []
    async with asyncio.TaskGroup() as group:
        count = min(_WORKERS, len(edits))
        workers = [group.create_task(_work_off(store, poster, edits, failures, now)) for _ in range(count)]
    if failures:
        raise failures[0]
    return sum(worker.result() for worker in workers)


async def growth_of(lists: Lists, stored: StoredEdition, now: datetime) -> Growth | None:
    """What has come to an edition's day since it was planned or last grew; None if nothing has."""
    order = stored.subscription
    edition = Edition(order, stored.day, stored.due_at, stored.papers_day)
    missing = await lists.missing(stored.papers_day, stored.missing, stored.due_at - STALE_AFTER)
    shelf = await lists.shelf(stored.papers_day, order.sources)
    figures = (len(shelf.papers), shelf.mask(order.topic.expression).bit_count(), missing)
    if figures == (stored.listed, stored.on_topic, stored.missing):
        return None  # a list only grows: nothing has come
    own = set(stored.paper_ids)
    seen = await seen_by(lists.store, order)
    late = plan(edition, shelf, seen | own, missing, room=max(0, order.size - len(own)))
    whole = plan(edition, shelf, seen - own, missing)
    parts: Sequence[str | None] = ()
    if order.is_per_paper:
        parts = [paper.id for paper in late.papers]
    elif late.papers and stored.outcome is EditionOutcome.EMPTY:
        parts = [] if order.kind is Kind.INBOX else [None]  # the day was quiet, and nothing was posted until now
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


def _is_over(order: Subscription, deliveries: Sequence[Delivery]) -> bool:
    """No message of the edition will show anything new: what came late would be seen without being shown."""
    gone = {DeliveryState.REFUSED, DeliveryState.EXPIRED}
    if order.kind is Kind.INBOX and all(delivery.state is DeliveryState.REFUSED for delivery in deliveries):
        return False  # `/inbox` shows it
    return bool(deliveries) and all(delivery.is_final or delivery.state in gone for delivery in deliveries)


def _is_to_be_edited(delivery: Delivery, digest: Digest, now: datetime, ends_at: datetime) -> bool:
    """Whether its message shows something else than it should, and was left alone for long enough."""
    wanted = fingerprint(delivery, digest)
    if delivery.state is not DeliveryState.SENT or delivery.is_final or delivery.shown == wanted:
        return False
    touched_at = delivery.edited_at or delivery.sent_at or delivery.due_at
    has_grown = digest.grown_at is not None and digest.grown_at > touched_at
    spacing = SPACING if has_grown or digest.has_better_summaries(delivery.shown, wanted) else SPACING_OF_VOTES
    return now - touched_at >= spacing or now >= ends_at - SPACING


async def _work_off(
    store: Store, poster: Poster, edits: deque[tuple[Delivery, Digest]], failures: list[Exception], now: datetime
) -> int:
    """How many messages were edited. What concerns all the others ends the work and is among the ``failures``."""
    done = 0
    while edits and not failures:
        delivery, digest = edits.popleft()
        try:
            done += await _edit(store, poster, delivery, digest, now)
        except (StorageError, Stopped, PostError) as error:
            failures.append(error)
        except Exception:
            log.exception("edition not edited: %s", name(delivery))
    return done


async def _edit(store: Store, poster: Poster, delivery: Delivery, digest: Digest, now: datetime) -> bool:
    """Whether the message shows the digest now."""
    try:
        await poster.edit(delivery, digest)
    except PostError as error:
        log.warning("edition not edited, %s: %s: %s", error.outcome, name(delivery), error)
        match error.outcome:
            case Outcome.STOPPED:
                raise Stopped(str(error)) from error
            case Outcome.BLOCKED:
                raise
            case Outcome.CLOSED | Outcome.GONE if delivery.subscription.user_id:
                await store.inbox.close(delivery, str(error))
            case Outcome.CLOSED:
                await store.subscriptions.stop(delivery.subscription.id, State.SHUT_OUT, str(error))
            case Outcome.LATER | Outcome.UNCERTAIN:
                pass  # the next time
            case _:
                await store.outbox.finish(delivery)  # a moderator deleted it, say
        return False
    await store.outbox.edited(delivery, fingerprint(delivery, digest), now)
    return True
