"""What a model is asked to write, from the question to the checked answer, within the budget: one repair try, no more."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol, TypeVar

from papers.language import _
from papers.paper import Paper
from search.passages import Passage
from summaries import prompts, reply
from summaries.budget import Budget
from summaries.flights import Heard
from summaries.model import Model
from summaries.server import Message, fitting, tokens, tokens_of
from summaries.trouble import Late, Unusable

log = logging.getLogger(__name__)

T = TypeVar("T")

SUMMARY_TOKENS = 900
NOTES_TOKENS = 350
ANSWER_TOKENS = 500
COMPARED_TOKENS = 400
FULL_S = 10 * 60.0  # for a whole paper: Discord takes answers for fifteen minutes
PIECES = 16  # of a paper; what is beyond them is appendices
_REPAIRED_TOKENS = 400  # of an unusable reply, shown to the model again
_PROMPT_TOKENS = 900 + _REPAIRED_TOKENS  # what is around the text in a question
_LEAST_ROOM = 500


class Section(Protocol):
    """A section of a paper's text, as sources/fulltext.py reads it."""

    @property
    def title(self) -> str: ...

    @property
    def text(self) -> str: ...


class Writer:
    """Every method raises ModelError (Spent where the budget does not allow it) and StorageError."""

    def __init__(self, model: Model, budget: Budget) -> None:
        self._model = model
        self._budget = budget

    async def short(
        self, paper: Paper, language: str, guild_id: int, heard: Heard, share: float = 1.0
    ) -> tuple[str, reply.Sections]:
        """The TL;DR and the sections, from title and abstract. ``share`` is the part of the budget that is open to it."""
        text = fitting(paper.abstract, self._room(SUMMARY_TOKENS))
        return await self._summary(paper, text, text, language, guild_id, heard, share)

    async def full(
        self, paper: Paper, sections: Sequence[Section], language: str, guild_id: int, heard: Heard
    ) -> tuple[str, reply.Sections]:
        """The same from the paper's text: at once where it fits the model's window, else from notes on its pieces."""
        whole = "\n\n".join(f"{each.title}\n{each.text}" for each in sections)
        try:
            async with asyncio.timeout(FULL_S):
                if tokens(whole) <= self._room(SUMMARY_TOKENS):
                    return await self._summary(paper, whole, whole, language, guild_id, heard)
                notes = await self._notes(paper, sections, guild_id, heard)
                heard(lambda: _("Putting it together …"))
                return await self._summary(paper, notes, whole, language, guild_id, heard)
        except TimeoutError as error:
            raise Late("a whole paper took too long") from error

    async def answer(
        self, paper: Paper, question: str, passages: Sequence[Passage], guild_id: int, heard: Heard
    ) -> tuple[tuple[str, int], ...]:
        """Sentences with the passages (from 0) that they stand on; none where the passages do not say."""
        messages = prompts.question(paper, question, passages)
        return await self._asked(
            messages,
            ANSWER_TOKENS,
            prompts.ANSWER_SCHEMA,
            lambda said, _: reply.answer_in(said, passages),
            guild_id,
            heard=heard,
        )

    async def compare(self, one: Paper, other: Paper, guild_id: int) -> str:
        """A few sentences on how two papers differ, from their abstracts."""
        texts = [f"{paper.title}. {paper.abstract}" for paper in (one, other)]
        messages = prompts.compare(one, other)
        return await self._asked(
            messages, COMPARED_TOKENS, prompts.COMPARED_SCHEMA, lambda said, _: reply.compared_in(said, texts), guild_id
        )

    async def _summary(
        self, paper: Paper, shown: str, whole: str, language: str, guild_id: int, heard: Heard, share: float = 1.0
    ) -> tuple[str, reply.Sections]:
        """From ``shown``, checked against the ``whole`` it was made of."""
        known = f"{paper.title}. {whole}"
        return await self._asked(
            prompts.summary(paper.title, shown, language),
            SUMMARY_TOKENS,
            prompts.SUMMARY_SCHEMA,
            lambda said, is_last: reply.summary_in(said, known, language, is_last=is_last),
            guild_id,
            heard=heard,
            share=share,
        )

    async def _notes(self, paper: Paper, sections: Sequence[Section], guild_id: int, heard: Heard) -> str:
        """Notes on one piece after the other, together no longer than a question may be."""
        pieces = pieces_of(sections, self._room(NOTES_TOKENS))
        asked = [prompts.notes(paper.title, text, number, len(pieces)) for number, text in enumerate(pieces, 1)]
        most_tokens = NOTES_TOKENS + self._model.server.thinking_tokens
        found = []
        # All of it is reserved at once: a paper half read is of use to nobody.
        async with self._budget.reserved(sum(map(tokens_of, asked)), most_tokens * len(asked), guild_id) as bill:
            for number, messages in enumerate(asked, 1):
                heard(partial(_progress, number, len(asked)))
                said = await self._model.ask(messages, most_tokens, bill, schema=prompts.NOTES_SCHEMA)
                try:
                    found.append(reply.notes_in(said))
                except Unusable as error:
                    log.info("no notes on part %d of %s: %s", number, paper.id, error)
        notes = [text for text in found if text]
        if not notes:
            raise Unusable("no part of the paper gave notes")
        room = self._room(SUMMARY_TOKENS) // len(notes)
        return "\n\n".join(fitting(text, room) for text in notes)

    async def _asked(
        self,
        messages: tuple[Message, ...],
        most_tokens: int,
        schema: Mapping[str, Any],
        read: Callable[[str, bool], T],
        guild_id: int,
        *,
        heard: Heard | None = None,
        share: float = 1.0,
    ) -> T:
        """What ``read`` makes of the reply; of a second one, which is told what was wrong, where the first is unusable."""

        def hear(said: str) -> None:
            if heard:
                heard(lambda: reply.so_far(said))

        most = most_tokens + self._model.server.thinking_tokens

        async def once(asked: tuple[Message, ...]) -> str:
            async with self._budget.reserved(tokens_of(asked), most, guild_id, share) as bill:
                return await self._model.ask(asked, most, bill, schema=schema, heard=hear)

        said = await once(messages)
        try:
            return await asyncio.to_thread(read, said, False)  # a whole paper's words take their time
        except Unusable as error:
            log.info("the model is asked once more: %s", error)
            again = prompts.repair(messages, fitting(said, _REPAIRED_TOKENS), str(error))
        return await asyncio.to_thread(read, await once(again), True)

    def _room(self, most_tokens: int) -> int:
        """The tokens of a text that fit the model's window beside the question and the answer."""
        server = self._model.server
        return max(_LEAST_ROOM, server.window_tokens - server.thinking_tokens - most_tokens - _PROMPT_TOKENS)


def _progress(number: int, count: int) -> str:
    return _("Reading part {number} of {count} …").format(number=number, count=count)


def pieces_of(sections: Sequence[Section], most_tokens: int) -> list[str]:
    """A paper's text in at most PIECES pieces of so many tokens at most, split where sections end, as far as they fit."""
    pieces = [""]
    for section in sections:
        rest = f"{section.title}\n{section.text}\n\n"
        if tokens(pieces[-1] + rest) > most_tokens and pieces[-1]:
            pieces.append("")
        while rest:
            taken = fitting(rest, max(0, most_tokens - tokens(pieces[-1])))
            pieces[-1] += taken
            rest = rest[len(taken) :]
            if rest:
                pieces.append("")
    return [piece for piece in pieces if piece.strip()][:PIECES]
