"""One delivery: claimed in the outbox, looked for where it may exist, posted, and what became of it noted."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from digests.plan import Digest
from digests.planning import Policy, fingerprint
from digests.poster import Outcome, Posted, Poster, PostError, Stopped, event, name
from papers.language import N_
from papers.subscription import State
from storage.editions import Delivery
from storage.store import Store

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]

BLOCKED_FOR = timedelta(minutes=10)
# What leaves so late may have left before: from a database that was since restored from an older copy. It is looked for.
UNPROVEN_AFTER = timedelta(minutes=10)
_FAILURES_IN_A_ROW = 5  # over all channels: then Discord is down, and is left alone for a while
_LONGEST_REST = timedelta(minutes=5)
_QUICK_TRIES = 3  # one in each round; after that the pauses double
_LONGEST_PAUSE = timedelta(minutes=15)
_FINAL = {Outcome.GONE, Outcome.REFUSED, Outcome.DELETED, Outcome.MALFORMED, Outcome.NEEDS_TAG}


class Sender:
    """``resting_until`` is until when nothing is sent, because Discord is down or takes no requests from here; ``failures`` is
    how many tries have failed in a row, over all channels.
    """

    def __init__(self, store: Store, poster: Poster, policy: Policy) -> None:
        self._store = store
        self._poster = poster
        self._policy = policy
        self.resting_until: datetime | None = None
        self.failures = 0

    async def go_on(self, delivery: Delivery, digest: Digest, clock: Clock) -> bool:
        """Take an unsent delivery one step on; True if its message is in the channel now. Raises StorageError, Stopped."""
        now = clock()
        if self.is_resting(now):
            return False
        claimed = await self._store.outbox.claim(delivery, now)
        if claimed is None:
            return False  # somebody else has it, or one before it is still on its way
        was_tried = claimed.first_tried_at != now
        is_owed = claimed.subscription.state is State.ACTIVE and not self.is_late(claimed, now)
        # What was tried is always looked for, and what leaves so late that an older copy of the database may have sent it. What
        # is not found is sent again under the same nonce: then even a request that is still on its way makes one message. How
        # long ago the first try was is not asked, since a clock that was set meanwhile would tell wrongly.
        is_looked_for = was_tried or (is_owed and now - claimed.owed_at > UNPROVEN_AFTER)
        try:
            posted = await self._look_for(claimed, now) if is_looked_for else None
            if posted is None and not is_owed:
                await self._give_up(claimed, was_tried=was_tried)
                return False
            is_fresh = posted is None and not was_tried
            posted = posted or await self._poster.post(claimed, digest)
        except PostError as error:
            await self._not_posted(claimed, error, clock(), may_exist=was_tried)
            return False
        self.failures = 0
        # What an earlier try has posted may show the digest as it was then.
        return await self._sent(claimed, posted, fingerprint(claimed, digest) if is_fresh else "", clock())

    async def _look_for(self, delivery: Delivery, now: datetime) -> Posted | None:
        since = min(delivery.first_tried_at or now, delivery.due_at, now)
        return await self._poster.find(delivery, since)

    async def _sent(self, delivery: Delivery, posted: Posted, shown: str, now: datetime) -> bool:
        noted = await self._store.outbox.sent(
            delivery, posted.message_id, now, thread_id=posted.thread_id, shown=shown, is_final=posted.is_final
        )
        if noted:
            said = f"edition posted: {name(delivery)}, {len(delivery.paper_ids)} papers, message {posted.message_id}"
            late_s = max(0.0, (now - delivery.owed_at).total_seconds())
            log.info(said, extra={**event(delivery, "posted"), "message_id": posted.message_id, "lateness_s": round(late_s, 3)})
        else:
            log.warning("edition posted, but another sender had taken it over: %s", name(delivery))
        return noted

    async def _give_up(self, delivery: Delivery, *, was_tried: bool) -> None:
        reason = N_("no longer wanted") if delivery.subscription.state is not State.ACTIVE else N_("too late")
        if delivery.subscription.state is State.SHUT_OUT:
            reason = N_("too late: the channel was closed to Paperboy")
        await self._store.outbox.expired(delivery, reason, was_shown=was_tried)
        outcome = "expired" if delivery.subscription.state is State.ACTIVE else "dropped"
        log.warning("edition given up, %s: %s", reason, name(delivery), extra=event(delivery, outcome))

    async def _not_posted(self, delivery: Delivery, error: PostError, now: datetime, *, may_exist: bool) -> None:
        became = "refused" if error.outcome in _FINAL else "put off"
        log.warning("edition not posted, %s: %s: %s", error.outcome, name(delivery), error, extra=event(delivery, became))
        outbox, order = self._store.outbox, delivery.subscription
        if order.user_id and error.outcome in {Outcome.CLOSED, Outcome.GONE}:
            await self._store.inbox.close(delivery, str(error))
            return
        if error.outcome in _FINAL:
            await outbox.refused(delivery, str(error), was_shown=may_exist or error.outcome is Outcome.DELETED)
        else:
            may_exist |= error.outcome is Outcome.UNCERTAIN
            pause = max(error.after, pause_after(delivery.tries))
            await outbox.put_off(delivery, now + pause if pause else None, str(error), may_exist=may_exist)
        match error.outcome:
            case Outcome.GONE:
                await self._store.subscriptions.stop(order.id, State.CLOSED, str(error))
            case Outcome.CLOSED:
                await self._store.subscriptions.stop(order.id, State.SHUT_OUT, str(error))
            case Outcome.NEEDS_TAG:
                await self._store.subscriptions.stop(order.id, State.ACTIVE, str(error))
            case Outcome.BLOCKED:
                self.block(error, now)
            case Outcome.STOPPED:
                raise Stopped(str(error)) from error
            case Outcome.UNCERTAIN:  # the others speak of one channel or server, not of Discord
                self._count_failure(error, now)

    def block(self, error: PostError, now: datetime) -> None:
        """Discord takes no requests from here: send nothing for a while."""
        self._rest_until(now + max(BLOCKED_FOR, error.after), error, kind="blocked")

    def _count_failure(self, error: PostError, now: datetime) -> None:
        self.failures += 1
        if self.failures >= _FAILURES_IN_A_ROW:
            rest = min(_LONGEST_REST, timedelta(minutes=2 ** min(self.failures - _FAILURES_IN_A_ROW, 10)))
            self._rest_until(now + rest, error)

    def _rest_until(self, until: datetime, why: PostError, kind: str = "rest") -> None:
        self.resting_until = until
        log.error("all sending stops until %s: %s", until, why, extra={"event": kind})

    def is_resting(self, now: datetime) -> bool:
        """Nothing is sent at present."""
        return self.resting_until is not None and now < self.resting_until

    def is_late(self, delivery: Delivery, now: datetime) -> bool:
        """Too late to post."""
        return now - delivery.owed_at > self._policy.too_late


def pause_after(tries: int) -> timedelta:
    """How long a delivery rests after so many tries: not at all at first, then longer and longer.

    A few seconds less than whole minutes, so that a round that comes every minute does not miss it by a moment.
    """
    if tries < _QUICK_TRIES:
        return timedelta(0)
    return min(_LONGEST_PAUSE, timedelta(minutes=2 ** min(tries - _QUICK_TRIES, 10))) - timedelta(seconds=10)
