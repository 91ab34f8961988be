"""papers × edition × already seen → Digest: which papers a channel gets. A preview and a post come from here alike."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from digests.editions import Edition
from papers.paper import Paper, best_first


@dataclass(frozen=True, slots=True)
class Digest:
    """An edition's papers, best first, and the account of its day: of ``listed`` papers ``on_topic`` fit the topic, and
    ``shown_before`` of those had been in this channel already.
    """

    edition: Edition
    papers: tuple[Paper, ...]
    listed: int
    on_topic: int
    shown_before: int

    @property
    def held_back(self) -> int:
        """How many on topic, unseen, did not fit the size."""
        return self.on_topic - self.shown_before - len(self.papers)


def plan(edition: Edition, papers: Iterable[Paper], seen: Collection[str]) -> Digest:
    """The best unseen papers on topic, at most ``subscription.size``: votes first, then the newer, then the higher id."""
    order = edition.subscription
    listed = list(papers)
    on_topic = [paper for paper in listed if order.topic.matches(paper)]
    fresh = [paper for paper in on_topic if paper.id not in seen]
    best = sorted(fresh, key=best_first, reverse=True)[: order.size]
    return Digest(edition, tuple(best), len(listed), len(on_topic), len(on_topic) - len(fresh))
