"""What is offered while somebody types. Each key they press asks anew; only the newest question is worth an answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any, TypeVar

import discord
from discord import app_commands

from papers.categories import categories_like
from papers.expression import Key
from papers.language import _
from papers.paper import Paper
from papers.text import clean, clip
from search.asked import Unfinished, unfinished
from search.engine import SearchEngine
from search.harm import IndexUnavailable
from storage.engine import StorageError
from storage.papers import PaperStore
from views.errors import UserError
from views.limits import CHOICE, CHOICES, inert

T = TypeVar("T")
Choices = list[app_commands.Choice[str]]

log = logging.getLogger(__name__)


class Newest:
    """Of several questions that one person asks at the same time, the newest: it ends the work on those before it."""

    def __init__(self) -> None:
        self._asked: dict[int, asyncio.Task[Any]] = {}

    async def answer(self, person: int, work: Coroutine[Any, Any, list[T]]) -> list[T]:
        """What ``work`` gives; nothing, at once, when the same person asks again meanwhile."""
        async with asyncio.TaskGroup() as group:
            task = group.create_task(work)
            before = self._asked.get(person)
            self._asked[person] = task
            if before:
                before.cancel()
        if self._asked.get(person) is task:
            del self._asked[person]
        return [] if task.cancelled() else task.result()


class Completing:
    """Choices for the options that take a paper, and for a question. What fails offers nothing: the command says why."""

    def __init__(self, engine: SearchEngine, now: Callable[[], datetime]) -> None:
        self._engine = engine
        self._now = now
        self._newest = Newest()

    async def papers(self, interaction: discord.Interaction[Any], typed: str) -> Choices:
        """Papers to choose from while their title is typed."""
        return await self._newest.answer(interaction.user.id, _or_nothing(self._papers(typed)))

    async def question(self, interaction: discord.Interaction[Any], typed: str) -> Choices:
        """The question with the name completed that is being typed at its end; else itself, and papers with such titles."""
        return await self._newest.answer(interaction.user.id, _or_nothing(self._question(typed)))

    async def _papers(self, typed: str) -> Choices:
        found = await self._engine.complete(typed, CHOICES, self._now().date())
        return [_choice(paper.title, paper.id, paper) for paper in found]

    async def _question(self, typed: str) -> Choices:
        own = [app_commands.Choice(name=typed, value=typed)] if typed.strip() and len(typed) <= CHOICE else []
        name = unfinished(typed)
        if name:
            lines = dict.fromkeys(name.completed(each) for each in self._names(name))
            return [app_commands.Choice(name=line, value=line) for line in lines if len(line) <= CHOICE][:CHOICES] or own
        found = await self._engine.complete(typed, CHOICES - len(own), self._now().date())
        # First what was typed, so that whoever just presses Enter asks that.
        return [*own, *(_choice(paper.title, paper.id if paper.is_on_arxiv else paper.title, paper) for paper in found)]

    def _names(self, name: Unfinished) -> list[str]:
        match name.key:
            case Key.AUTHOR:
                return self._engine.complete_authors(name.begun, CHOICES)
            case Key.ORGANISATION:
                return self._engine.complete_organisations(name.begun, CHOICES)
        return categories_like(name.begun)[:CHOICES]


async def meant(engine: SearchEngine, papers: PaperStore, text: str) -> Paper | None:
    """The paper that an option names: chosen from the list, or typed as a title, an id or a link; None if it is not clear."""
    return await papers.get(text) or await engine.paper(text)


async def named(engine: SearchEngine, papers: PaperStore, text: str) -> Paper:
    """The same for a command that can do nothing without it. Raises UserError."""
    if found := await meant(engine, papers, text):
        return found
    problem = _("Paperboy knows no paper called “{name}”: choose one from the list, or give its arXiv id.")
    raise UserError(problem.format(name=inert(text, 200)))


def _choice(name: str, value: str, paper: Paper) -> app_commands.Choice[str]:
    return app_commands.Choice(name=clip(clean(name), CHOICE) or paper.id[:CHOICE], value=value[:CHOICE])


async def _or_nothing(work: Coroutine[Any, Any, Choices]) -> Choices:
    try:
        return await work
    except (IndexUnavailable, StorageError):
        return []
    except Exception:  # whatever it is, an error under the field while one types helps nobody
        log.exception("nothing could be offered")
        return []
