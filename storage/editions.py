"""What the ledger is made of: editions as they were planned and have grown, and their deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from papers.subscription import Subscription


class EditionOutcome(StrEnum):
    """What became of an edition when it was planned."""

    POSTED = "posted"  # it has deliveries; how they fare is told there
    EMPTY = "empty"  # there was nothing to post, and the subscription stays silent then
    EXPIRED = "expired"  # it was missed for too long


class DeliveryState(StrEnum):
    """planned → sending (committed before the request leaves) → sent; the others are told by their comments."""

    PLANNED = "planned"
    SENDING = "sending"
    SENT = "sent"
    RETRY = "retry"  # certainly not posted; again later
    UNCERTAIN = "uncertain"  # perhaps posted: to be looked for, then again
    REFUSED = "refused"  # by Discord, or deleted by a moderator
    EXPIRED = "expired"  # too late, or no longer wanted


OPEN = (DeliveryState.PLANNED, DeliveryState.SENDING, DeliveryState.RETRY, DeliveryState.UNCERTAIN)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is written when an edition is planned. Instants are aware, in UTC; ``day`` is the subscription's local date.

    ``parts`` are its deliveries, each with the id of the one paper it is about, or None for a whole digest.
    """

    subscription_id: int
    channel_id: int
    day: date
    due_at: datetime
    planned_at: datetime
    papers_day: date
    outcome: EditionOutcome
    reason: str = ""
    paper_ids: Sequence[str] = ()
    parts: Sequence[str | None] = ()
    listed: int = 0
    on_topic: int = 0
    shown_before: int = 0
    missing: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Growth:
    """What late papers change in an edition: those it brings besides, and the account of its day as it is now."""

    edition_id: int
    channel_id: int
    grown_at: datetime
    paper_ids: Sequence[str]
    parts: Sequence[str | None]
    listed: int
    on_topic: int
    shown_before: int
    missing: Sequence[str]


@dataclass(frozen=True, slots=True)
class StoredEdition:
    """An edition as it was planned, and as it has grown since.

    ``papers`` are ids in the order of the message, each with the instant it was added at if it was late.
    """

    id: int
    subscription: Subscription
    day: date
    due_at: datetime
    planned_at: datetime
    papers_day: date
    outcome: EditionOutcome
    listed: int
    listed_first: int
    on_topic: int
    shown_before: int
    missing: tuple[str, ...]
    grown_at: datetime | None
    papers: tuple[tuple[str, datetime | None], ...]

    @property
    def paper_ids(self) -> tuple[str, ...]:
        return tuple(paper_id for paper_id, _ in self.papers)


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message of an edition on its way to its channel; ``mark`` is its nonce and what to recognise it by.

    ``fence`` is the number of the claim under which it was read; ``shown`` the fingerprint of what the message shows.
    """

    id: int
    edition: StoredEdition
    part: int
    channel_id: int
    mark: str
    paper_id: str | None
    state: DeliveryState
    first_tried_at: datetime | None
    tries: int
    retry_at: datetime | None
    fence: int
    leased_until: datetime | None
    message_id: int | None
    thread_id: int | None
    sent_at: datetime | None
    shown: str
    edited_at: datetime | None
    is_final: bool
    reason: str

    @property
    def subscription(self) -> Subscription:
        return self.edition.subscription

    @property
    def due_at(self) -> datetime:
        return self.edition.due_at

    @property
    def owed_at(self) -> datetime:
        """From when on it was to be sent: the edition's hour, or when the first of its papers came, if all came late."""
        added = [added_at for paper_id, added_at in self.edition.papers if paper_id in self.paper_ids]
        times = [added_at for added_at in added if added_at]
        return min(times) if times and len(times) == len(added) else self.due_at

    @property
    def paper_ids(self) -> tuple[str, ...]:
        return (self.paper_id,) if self.paper_id else self.edition.paper_ids

    @property
    def is_open(self) -> bool:
        return self.state in OPEN
