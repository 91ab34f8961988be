"""A Poster whose messages are a list: for what is decided before anything is sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from digests.plan import Digest
from digests.poster import Outcome, Posted, PostError
from storage.editions import Delivery
from storage.outbox import FollowUp


@dataclass
class Channel:
    """``fails`` are what to fail with, in turn: an uncertain post has posted. ``history_fails`` and ``edit_fails`` likewise for
    looking and editing.

    ``nonces_are_known`` is True within the minutes in which Discord recognises a repeated post.
    """

    messages: list[tuple[str, Digest]] = field(default_factory=list)
    fails: list[Outcome | Exception] = field(default_factory=list)
    history_fails: list[Outcome] = field(default_factory=list)
    edit_fails: list[Outcome] = field(default_factory=list)
    closed: set[int] = field(default_factory=set)  # ids of the channels that are closed to us
    history_is_open: bool = True
    nonces_are_known: bool = False
    edits: int = 0
    follow_ups: list[FollowUp] = field(default_factory=list)
    before_post: Callable[[], None] = lambda: None

    async def post(self, delivery: Delivery, digest: Digest) -> Posted:
        self.before_post()
        mark = delivery.mark
        if delivery.channel_id in self.closed:
            raise PostError("on cue", Outcome.CLOSED)
        failure = self.fails.pop(0) if self.fails else None
        if isinstance(failure, Exception):
            raise failure
        is_repeated = self.nonces_are_known and mark in self._marks()
        if failure in {None, Outcome.UNCERTAIN} and not is_repeated:
            self.messages.append((mark, digest))
        if failure:
            raise PostError("on cue", failure)
        return Posted(1 + self._marks().index(mark))

    async def find(self, delivery: Delivery, since: datetime) -> Posted | None:
        if self.history_fails:
            raise PostError("on cue", self.history_fails.pop(0))
        is_there = self.history_is_open and delivery.mark in self._marks()
        return Posted(1 + self._marks().index(delivery.mark)) if is_there else None

    async def edit(self, delivery: Delivery, digest: Digest) -> None:
        if self.edit_fails:
            raise PostError("on cue", self.edit_fails.pop(0))
        self.messages[(delivery.message_id or 0) - 1] = (delivery.mark, digest)
        self.edits += 1

    async def follow_up(self, follow_up: FollowUp) -> None:
        if self.fails:
            failure = self.fails.pop(0)
            assert isinstance(failure, Outcome)
            raise PostError("on cue", failure)
        self.follow_ups.append(follow_up)

    def _marks(self) -> list[str]:
        return [mark for mark, _ in self.messages]

    def shown(self) -> list[list[str]]:
        """The last digit of each paper's id, message by message."""
        return [[p.id[-1] for p in digest.papers] for _, digest in self.messages]
