"""The best summary there is of a paper: stored, made by a model now, or the next rung with a note on why."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Hashable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from papers.language import N_, _
from papers.paper import Paper
from search.passages import Passage
from sources.base import SourceError
from storage.engine import StorageError
from storage.summaries import NOBODY, StoredSummary, SummaryStore
from summaries import ladder
from summaries.ahead import Ahead
from summaries.asked import Answer, Asker, Reader, Spending
from summaries.budget import Budget, Caps
from summaries.cooling import CoolDown
from summaries.flights import PAUSE_S, Flights, Heard, Said
from summaries.languages import ENGLISH, LANGUAGES
from summaries.model import Model
from summaries.prompts import TEXT_LIMIT
from summaries.summary import Depth, Origin, Summary
from summaries.trouble import ModelError, Resting, TooSoon
from summaries.trouble import Spent as BudgetSpent
from summaries.writer import Section, Writer

log = logging.getLogger(__name__)

T = TypeVar("T")

_AHEAD_SHARE = 0.5  # of the day's budget: the rest is for people who ask
_NO_MODEL_FULL = N_("Without a model only the abstract is read.")
_NO_MODEL_LANGUAGE = N_("Without a model summaries are in English.")
_NO_TEXT = N_("The paper’s text cannot be read just now, so this is made from its abstract.")
_NO_ABSTRACT = N_("The paper came without an abstract.")


class Summariser:
    """Without a model there is only the ladder's quick part. ``now`` is the present instant in UTC, ``clock`` monotonic seconds.

    ``cool_down_s`` is between two calls for the same person; ``pause_s`` between two tellings of the text so far. Methods raise
    StorageError, and nothing else of their own.
    """

    def __init__(
        self,
        store: SummaryStore,
        now: Callable[[], datetime],
        model: Model | None = None,
        caps: Caps | None = None,
        reader: Reader | None = None,
        *,
        cool_down_s: float = 10.0,
        clock: Callable[[], float] = time.monotonic,
        pause_s: float = PAUSE_S,
    ) -> None:
        self._store = store
        self._now = now
        self._model = model
        self._reader = reader
        self._budget = Budget(store, caps or Caps(), now)
        self._writer = Writer(model, self._budget) if model else None
        self._cool_down = CoolDown(cool_down_s, clock)
        self._ahead = Ahead(clock)
        self._flights: Flights[Any] = Flights(pause_s)

    @classmethod
    @asynccontextmanager
    async def open(cls, *arguments: Any, **options: Any) -> AsyncIterator[Summariser]:
        """A Summariser whose calls end with the block."""
        summariser = cls(*arguments, **options)
        try:
            yield summariser
        finally:
            await summariser.close()

    async def close(self) -> None:
        await self._flights.close()
        if self._model:
            await self._model.close()

    @property
    def has_model(self) -> bool:
        return self._model is not None

    @property
    def model_name(self) -> str:
        """Empty without a model."""
        return self._model.server.name if self._model else ""

    async def ready(self, papers: Sequence[Paper]) -> dict[str, Summary]:
        """What the model made of these papers' abstracts so far, by id; no call."""
        if not self._model or not papers:
            return {}
        found = await self._store.short([paper.id for paper in papers], self.model_name)
        return {paper: _shown(stored) for paper, stored in found.items()}

    async def summary(
        self,
        paper: Paper,
        *,
        depth: Depth = Depth.ABSTRACT,
        language: str = ENGLISH,
        who: Asker | None = None,
        said: Said | None = None,
    ) -> Summary | None:
        """The best there is: the source's own where that is all that is asked for, else stored, else made now, else the next rung
        with a note. None for a paper with nothing to summarise.

        ``language`` is one of LANGUAGES, else English is taken. ``said`` gets the text so far while it comes in.
        """
        language = language if language in LANGUAGES else ENGLISH
        if depth is Depth.ABSTRACT and language == ENGLISH and paper.source_summary:
            return ladder.summary(paper, TEXT_LIMIT)
        if not self._writer:
            note = _NO_MODEL_FULL if depth is Depth.FULL else _NO_MODEL_LANGUAGE if language != ENGLISH else ""
            return _rung(paper, note and _(note))
        if stored := await self._stored(paper, depth, language):
            return stored
        try:
            made = await self._made(paper, depth, language, who.guild_id if who else NOBODY, said, who=who)
            return replace(made, note=made.note and _(made.note))  # who asked first may speak another language
        except ModelError as error:
            return await self._next_rung(paper, depth, error.note)

    async def answer(
        self, paper: Paper, question: str, passages: Sequence[Passage], who: Asker, said: Said | None = None
    ) -> Answer | None:
        """What the passages say to a question, each sentence checked against the one it stands on.

        None without a model and where it fails: then the passages themselves are the answer, and ``why_not`` may say more.
        """
        writer = self._writer
        if not writer or not passages:
            return None
        key = ("answer", paper.id, question, tuple(passages))
        try:
            found = await self._once(key, lambda heard: writer.answer(paper, question, passages, who.guild_id, heard), who, said)
        except ModelError:
            return None
        return Answer(tuple(found), is_said=bool(found), model=self.model_name)

    async def compare(self, one: Paper, other: Paper, who: Asker) -> str | None:
        """A few sentences on how two papers differ; None without a model, and where it fails."""
        writer = self._writer
        if not writer or not (one.abstract and other.abstract):
            return None
        try:
            return await self._once(("compare", one.id, other.id), lambda _: writer.compare(one, other, who.guild_id), who)
        except ModelError:
            return None

    async def prepare(self, papers: Sequence[Paper], until: datetime, guild_id: int = NOBODY) -> None:
        """Make the short summaries that are missing, a few at a time, as far as the time and the budget go.

        For a server it is the server's budget; for nobody in particular, as for digests, half of the day's, and the rest is for
        who asks. Never raises: what is not made, the ladder has another rung for.
        """
        left_s = (until - self._now()).total_seconds()
        if not self._writer or left_s <= 0:
            return
        share = 1.0 if guild_id else _AHEAD_SHARE
        try:
            ready = await self.ready(papers)
            missing = [paper for paper in self._ahead.wanting(papers) if paper.id not in ready]
            await self._ahead.make(
                missing, lambda paper: self._made(paper, Depth.ABSTRACT, ENGLISH, guild_id, share=share), left_s
            )
        except StorageError:
            log.exception("summaries cannot be made ahead")

    async def why_not(self, who: Asker) -> str:
        """One sentence on why the model would not be asked for this person now; empty where it would, and without a model."""
        if not self._model:
            return ""
        if self._model.breaker.left_s:
            return self._model.breaker.resting().note
        spent = await self._budget.refusal(who.guild_id)
        if spent:
            return spent.note
        left_s = self._cool_down.left_s(who.user_id)
        return TooSoon(left_s).note if left_s else ""

    async def spending(self, guild_id: int) -> Spending | None:
        """Of today; None without a model."""
        if not self._model:
            return None
        everyone, server = await self._budget.spent(), await self._budget.spent(guild_id)
        return Spending(self._budget.caps, everyone, server, self._model.breaker.left_s)

    async def _made(
        self,
        paper: Paper,
        depth: Depth,
        language: str,
        guild_id: int,
        said: Said | None = None,
        *,
        who: Asker | None = None,
        share: float = 1.0,
    ) -> Summary:
        """Made by the model now, or by the call that is going on. Raises ModelError."""

        async def work(heard: Heard) -> Summary:
            # It may be that a call has ended since the caller looked.
            return await self._stored(paper, depth, language) or await self._make(paper, depth, language, guild_id, heard, share)

        return await self._once(("summary", paper.id, paper.version, depth, language), work, who, said)

    async def _make(self, paper: Paper, depth: Depth, language: str, guild_id: int, heard: Heard, share: float) -> Summary:
        assert self._writer  # noqa: S101

        async def tell(text: str) -> None:
            heard(lambda: text)

        if depth is Depth.FULL:
            heard(lambda: _("Reading the paper …"))
            sections = await self._read(paper)
            if not sections:
                found = await self._made(paper, Depth.ABSTRACT, language, guild_id, tell)
                return replace(found, note=_NO_TEXT)
            text, parts = await self._writer.full(paper, sections, language, guild_id, heard)
        elif paper.abstract:
            text, parts = await self._writer.short(paper, language, guild_id, heard, share)
        else:
            raise NothingToRead("no abstract")
        key = (paper.id, paper.version or 0, depth.value, language, self.model_name)
        made = StoredSummary(*key, text, parts, self._now())
        await self._store.save(made)
        return _shown(made)

    async def _read(self, paper: Paper) -> Sequence[Section]:
        """The paper's text; none where it cannot be read."""
        if not self._reader:
            return ()
        try:
            return await self._reader.read(paper)
        except SourceError as error:
            log.info("the text of %s cannot be read: %s", paper.id, error)
            return ()

    async def _once(
        self, key: Hashable, work: Callable[[Heard], Coroutine[Any, Any, T]], who: Asker | None, said: Said | None = None
    ) -> T:
        """``work``, or what another asker has it do right now, which costs this one no cool-down. Raises ModelError."""
        if who and not self._flights.has(key):
            self._cool_down.begin(who.user_id)
        try:
            found: T = await self._flights.join(key, work, said)
        except (Resting, BudgetSpent):  # nothing was asked
            if who:
                self._cool_down.forget(who.user_id)
            raise
        return found

    async def _stored(self, paper: Paper, depth: Depth, language: str) -> Summary | None:
        found = await self._store.get(paper.id, paper.version or 0, depth.value, language, self.model_name)
        return _shown(found) if found else None

    async def _next_rung(self, paper: Paper, depth: Depth, note: str) -> Summary | None:
        """What there is without a call: for a whole paper, what was made of its abstract."""
        if depth is Depth.FULL and not paper.source_summary and (made := await self._stored(paper, Depth.ABSTRACT, ENGLISH)):
            return replace(made, note=note)
        return _rung(paper, note)


class NothingToRead(ModelError):
    """A paper without an abstract, of which no text was asked for or read."""

    said = _NO_ABSTRACT


def _rung(paper: Paper, note: str) -> Summary | None:
    found = ladder.summary(paper, TEXT_LIMIT)
    return replace(found, note=note) if found else None


def _shown(stored: StoredSummary) -> Summary:
    return Summary(stored.text, Origin.MODEL, stored.model, Depth(stored.kind), stored.sections)
