"""Why a paper came to a channel, or did not: the stages it went through, and the one that decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import IntEnum, StrEnum

from digests.editions import Edition, edition_on
from digests.plan import ranked
from digests.planning import Policy
from papers.expression import Phrase, Votes
from papers.language import N_
from papers.obstacle import Obstacle, held, obstacle
from papers.paper import Paper
from papers.shelf import Shelf
from papers.subscription import Mode, State, Subscription
from storage.editions import Delivery, DeliveryState, EditionOutcome, StoredEdition

_RECENT = timedelta(days=1)  # a list of an earlier day is not waited for
_DAYS_AFTER = range(-1, 5)  # the local dates, counted from a UTC day, whose editions can bring its list


class Check(IntEnum):
    """What a paper goes through, in order."""

    FETCHED = 1
    LISTED = 2
    UNSEEN = 3
    ON_TOPIC = 4
    VOTES = 5
    EDITION = 6
    SIZE = 7
    SENT = 8


class Stage(StrEnum):
    """Where it ended, or how far it has come. The values are English texts, for a view to translate."""

    NOT_FETCHED = N_("not fetched")
    NOT_LISTED = N_("no source listed it")
    OTHER_SOURCE = N_("another source listed it")
    SEEN_BEFORE = N_("shown before")
    OFF_TOPIC = N_("off topic")
    UNDER_VOTES = N_("too few votes")
    NO_EDITION = N_("no edition brings its day")
    PAUSED = N_("paused")
    NOT_YET_DUE = N_("not yet due")
    EXPIRED = N_("missed")
    CAME_LATE = N_("came late")
    BEYOND_SIZE = N_("beyond the size")
    WAITING = N_("on its way")
    REFUSED = N_("refused")
    POSTED = N_("posted")


_DECIDED_AT = {
    Stage.NOT_FETCHED: Check.FETCHED,
    Stage.NOT_LISTED: Check.LISTED,
    Stage.OTHER_SOURCE: Check.LISTED,
    Stage.SEEN_BEFORE: Check.UNSEEN,
    Stage.OFF_TOPIC: Check.ON_TOPIC,
    Stage.UNDER_VOTES: Check.VOTES,
    Stage.NO_EDITION: Check.EDITION,
    Stage.PAUSED: Check.EDITION,
    Stage.NOT_YET_DUE: Check.EDITION,
    Stage.EXPIRED: Check.EDITION,
    Stage.CAME_LATE: Check.SIZE,
    Stage.BEYOND_SIZE: Check.SIZE,
    Stage.WAITING: Check.SENT,
    Stage.REFUSED: Check.SENT,
    Stage.POSTED: Check.SENT,
}


@dataclass(frozen=True, slots=True)
class Account:
    """What became of a paper with a subscription; ``paper`` is None for one that is not in the store.

    ``day`` is the UTC day whose list it is about; ``sources`` listed it, ``missing`` have not answered. ``held`` are the
    phrases that put it on topic, ``obstacle`` is what kept it off. ``edition`` is the one that brings that list, ``delivery``
    the message that it is in. Of ``on_topic`` papers ``shown`` are in the edition, and ``behind`` the button; ``place`` (from
    1) is the paper's among those to come. NO_EDITION has an edition only where the subscription was made, or resumed, after
    it was due.
    """

    order: Subscription
    stage: Stage
    paper: Paper | None = None
    day: date | None = None
    sources: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    held: tuple[Phrase, ...] = ()
    obstacle: Obstacle | None = None
    edition: Edition | None = None
    delivery: Delivery | None = None
    on_topic: int = 0
    shown: int = 0
    behind: int = 0
    place: int = 0

    @property
    def decided_at(self) -> Check:
        return _DECIDED_AT[self.stage]

    @property
    def passed(self) -> tuple[Check, ...]:
        """What it passed before, in order."""
        return tuple(check for check in Check if check < self.decided_at)


@dataclass(frozen=True, slots=True)
class Day:
    """A UTC day as a subscription has it: what its sources listed, which of them have not answered, and the edition of that
    list with its deliveries, if it was planned. ``planned`` are the local dates that have an edition of whatever list.
    """

    day: date
    shelf: Shelf
    missing: tuple[str, ...] = ()
    stored: StoredEdition | None = None
    deliveries: Sequence[Delivery] = ()
    planned: Set[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Case:
    """A subscription whose editions are owed from ``owed_since`` on, the ids its channel has ``seen``, and (by id) the
    deliveries that brought papers there.
    """

    order: Subscription
    owed_since: datetime
    now: datetime
    policy: Policy
    seen: Set[str] = frozenset()
    brought: Mapping[str, Delivery] = field(default_factory=dict)


def why(case: Case, paper: Paper, day: Day) -> Account:
    """The account of a paper that the day's list has."""
    about = Account(case.order, Stage.POSTED, paper, day.day)
    return _brought(case, about, day) or _off_topic(about, paper) or _not_sent(case, _on_topic(about, paper), day)


def unlisted(case: Case, paper: Paper | None, missing: Sequence[str]) -> Account:
    """The account of a paper that none of the subscription's sources has listed; ``missing`` have not answered of late."""
    about = Account(case.order, Stage.NOT_FETCHED, paper, missing=tuple(missing))
    delivery = case.brought.get(paper.id) if paper else None
    if delivery:  # it was listed by a source that the subscription has no longer
        return _by_delivery(about, delivery)
    if paper is None or (missing and _is_recent(paper, case.now)):
        return about
    if not paper.listed_by:
        return replace(about, stage=Stage.NOT_LISTED)
    return replace(about, stage=Stage.OTHER_SOURCE, sources=paper.listed_by, day=paper.featured_on[-1])


def _is_recent(paper: Paper, now: datetime) -> bool:
    return not paper.featured_on or paper.featured_on[-1] >= now.date() - _RECENT


def _brought(case: Case, about: Account, day: Day) -> Account | None:
    """The account of a paper that is in a message, or was meant to be."""
    assert about.paper  # noqa: S101
    key = about.paper.id
    if key in case.brought:
        return _by_delivery(about, case.brought[key])
    if day.stored and key in day.stored.paper_ids:
        about = replace(_on_topic(about, about.paper), edition=_edition(day.stored), shown=len(day.stored.papers))
        failed = next((delivery for delivery in day.deliveries if key in delivery.paper_ids), None)
        return _by_delivery(about, failed, is_seen=False) if failed else about
    return replace(about, stage=Stage.SEEN_BEFORE) if key in case.seen else None


def _by_delivery(about: Account, delivery: Delivery, *, is_seen: bool = True) -> Account:
    is_own = delivery.subscription.id == about.order.id
    about = replace(about, delivery=delivery, edition=_edition(delivery.edition))
    if not is_own:
        return replace(about, stage=Stage.SEEN_BEFORE)
    about = replace(about, day=delivery.edition.papers_day, shown=len(delivery.edition.papers))
    if about.paper:
        about = _on_topic(about, about.paper)
    # What a person's closed private messages refused is seen all the same: it is in their inbox.
    is_in_inbox = is_seen and about.order.user_id is not None and delivery.state is DeliveryState.REFUSED
    if delivery.state is DeliveryState.SENT or is_in_inbox:
        return replace(about, stage=Stage.POSTED)
    if delivery.is_open:
        return replace(about, stage=Stage.WAITING if about.order.state is State.ACTIVE else Stage.PAUSED)
    return replace(about, stage=Stage.EXPIRED if delivery.state is DeliveryState.EXPIRED else Stage.REFUSED)


def _on_topic(about: Account, paper: Paper) -> Account:
    return replace(about, held=held(about.order.topic.expression, paper))


def _off_topic(about: Account, paper: Paper) -> Account | None:
    found = obstacle(about.order.topic.expression, paper)
    if found is None:
        return None
    asks_for_more = isinstance(found.part, Votes) and paper.votes <= found.part.number and found.part.sign not in {"<", "<="}
    stage = Stage.UNDER_VOTES if asks_for_more and not found.is_excluded else Stage.OFF_TOPIC
    return replace(_on_topic(about, paper), stage=stage, obstacle=found)


def _not_sent(case: Case, about: Account, day: Day) -> Account:
    """The account of an unseen paper on topic."""
    if day.stored is None:
        return _not_planned(case, about, day)
    about = replace(
        about,
        edition=_edition(day.stored),
        on_topic=day.stored.on_topic,
        shown=len(day.stored.papers),
        behind=day.stored.on_topic - day.stored.shown_before - len(day.stored.papers),
    )
    if day.stored.outcome is EditionOutcome.EXPIRED:
        return replace(about, stage=Stage.EXPIRED)
    is_open = case.order.mode is Mode.LIVING and case.now < day.stored.due_at + case.policy.grows_for
    is_full = about.shown >= case.order.size
    if is_open and not is_full:
        return replace(about, stage=Stage.WAITING if case.order.state is State.ACTIVE else Stage.PAUSED)
    return replace(about, stage=Stage.BEYOND_SIZE if is_full and about.behind > 0 else Stage.CAME_LATE)


def _not_planned(case: Case, about: Account, day: Day) -> Account:
    edition = _edition_of(case, day)
    if edition is None or edition.day in day.planned:
        return replace(about, stage=Stage.NO_EDITION)
    about = replace(about, edition=edition)
    if edition.due_at < min(case.owed_since, case.now):
        return replace(about, stage=Stage.NO_EDITION)
    if _is_paused(case.order, edition.due_at):
        return replace(about, stage=Stage.PAUSED)
    if edition.due_at <= case.now:
        is_late = case.now - edition.due_at > case.policy.too_late
        return replace(about, stage=Stage.EXPIRED if is_late else Stage.WAITING, missing=day.missing)
    to_come = [p.id for p in ranked(day.shelf.matching(case.order.topic.expression), case.order.topic) if p.id not in case.seen]
    place = to_come.index(about.paper.id) + 1 if about.paper and about.paper.id in to_come else 0
    return replace(about, stage=Stage.NOT_YET_DUE, on_topic=len(to_come), shown=case.order.size, place=place)


def _edition_of(case: Case, day: Day) -> Edition | None:
    """The edition that would bring the day's list: the next to come, or the last that was due."""
    dates = [day.day + timedelta(days=distance) for distance in _DAYS_AFTER]
    editions = [edition_on(case.order, date_) for date_ in dates if date_.weekday() in case.order.weekdays]
    bringing = [edition for edition in editions if edition.papers_day == day.day]
    return next((edition for edition in bringing if edition.due_at > case.now), bringing[-1] if bringing else None)


def _is_paused(order: Subscription, due_at: datetime) -> bool:
    """Whether the subscription will not post then, as things are."""
    if order.state is State.PAUSED and order.paused_until is not None:
        return due_at < order.paused_until
    return order.state is not State.ACTIVE


def _edition(stored: StoredEdition) -> Edition:
    return Edition(stored.subscription, stored.day, stored.due_at, stored.papers_day)
