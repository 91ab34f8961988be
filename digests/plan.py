"""papers × edition × already seen → Digest: which papers a channel gets. A preview and a post come from here alike."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from digests.calendar import QuietDay, quiet_kind
from digests.editions import Edition
from papers.language import ENGLISH, speaking
from papers.paper import Paper, best_first
from papers.shelf import Shelf
from papers.subscription import Summaries
from papers.topic import Topic
from summaries.summary import Summary

# An edition planned so long after its hour says so; the schedule itself is never more than a minute or two behind.
LATE_AFTER = timedelta(minutes=30)
_FINGERPRINT = 32  # characters
_OF_PAPERS = 24  # of them, where models' summaries are shown: the rest is of those


@dataclass(frozen=True, slots=True)
class Digest:
    """An edition's papers in the order they are shown, and the account of its day.

    Of ``listed`` papers ``on_topic`` fit the topic, and ``shown_before`` of those had been in this channel already.
    ``missing`` names the sources that had not answered. A digest that has grown since ``planned_at`` had ``listed_first``
    papers listed then, changed last at ``grown_at``, and has when it ``added`` which paper (by id). ``summaries`` are what models
    made (by id) of those papers that have no sentence of their source's. ``language`` is what it is written in.
    """

    edition: Edition
    papers: tuple[Paper, ...]
    listed: int
    on_topic: int
    shown_before: int
    missing: tuple[str, ...] = ()
    planned_at: datetime | None = None
    listed_first: int = 0
    grown_at: datetime | None = None
    added: Mapping[str, datetime] = field(default_factory=dict)
    summaries: Mapping[str, Summary] = field(default_factory=dict)
    language: str = ENGLISH

    @property
    def held_back(self) -> int:
        """How many on topic, unseen, did not fit the size."""
        return max(0, self.on_topic - self.shown_before - len(self.papers))

    @property
    def is_late(self) -> bool:
        return self.planned_at is not None and self.planned_at - self.edition.due_at > LATE_AFTER

    @property
    def quiet(self) -> QuietDay | None:
        """Why it brings nothing; None if it brings something."""
        if self.papers:
            return None
        day = self.edition.papers_day
        return quiet_kind(day, self.listed, self.on_topic, self.shown_before, is_read=not self.missing)

    def fingerprint(self, *, is_about_one: bool = False) -> str:
        """The same for two digests that show the same, which a post about one paper does by that alone: whether to edit it.

        Without a model's summary, with the usual length of them, and in English, it is what it was before there were such:
        what was posted then is not edited for an upgrade.
        """
        how_much = self.edition.subscription.summaries
        day = (self.listed, self.on_topic, self.shown_before, self.missing, self.grown_at)
        shown: tuple[object, ...] = (self.papers, () if is_about_one else day)
        if how_much is Summaries.NONE:
            shown = (tuple(_untold(paper, is_about_one=is_about_one) for paper in self.papers), shown[1])
        elif how_much is Summaries.FULL:
            shown = (*shown, how_much.value)
        if self.language != ENGLISH:
            shown = (*shown, self.language)
        of_papers = _hashed(shown)
        made = [(paper.id, self.summaries[paper.id]) for paper in self.papers if paper.id in self.summaries]
        if not made or how_much is Summaries.NONE:
            return of_papers
        with speaking(ENGLISH):  # the same, whoever asks
            told = [(key, each.text, each.label, each.sections if how_much is Summaries.FULL else ()) for key, each in made]
        return of_papers[:_OF_PAPERS] + _hashed(told)[_OF_PAPERS:]

    def has_better_summaries(self, before: str, now: str) -> bool:
        """Whether models' summaries tell its fingerprint from the one before, and not figures alone."""
        return bool(self.summaries) and before[_OF_PAPERS:] != now[_OF_PAPERS:]


def _untold(paper: Paper, *, is_about_one: bool) -> Paper:
    """Without what no summary is shown of; a post about one paper has its abstract all the same."""
    return replace(paper, source_summary="", abstract=paper.abstract if is_about_one else "")


def _hashed(value: object) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()[:_FINGERPRINT]


def plan(
    edition: Edition, papers: Iterable[Paper] | Shelf, seen: Collection[str], missing: Iterable[str] = (), room: int | None = None
) -> Digest:
    """The best unseen papers on topic, at most ``subscription.size`` (or ``room``): votes first, then those whose titles
    are on topic, then the newer, then the higher id.
    """
    order = edition.subscription
    shelf = papers if isinstance(papers, Shelf) else Shelf(papers)
    on_topic = shelf.matching(order.topic.expression)
    fresh = [paper for paper in on_topic if paper.id not in seen]
    best = ranked(fresh, order.topic)[: order.size if room is None else room]
    return Digest(edition, tuple(best), len(shelf.papers), len(on_topic), len(on_topic) - len(fresh), tuple(missing))


def ranked(papers: Iterable[Paper], topic: Topic) -> list[Paper]:
    """The best for a topic first."""
    phrases = topic.phrases

    def key(paper: Paper) -> tuple[int, int, tuple[int, datetime, str]]:
        return paper.votes, sum(phrase.is_in(paper.title) for phrase in phrases), best_first(paper)

    return sorted(papers, key=key, reverse=True)
