"""/ask: a question about one paper; "Ask a question" under every card, and the form that it opens."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from functools import partial
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from cogs.answering import answering, show
from cogs.completing import Choices, Completing, named
from cogs.growing import LONGEST_S, Growing, asker
from cogs.installs import usable_anywhere
from cogs.sharing import Sharing, may_share
from cogs.subjects import Subjects
from papers.language import N_, _
from papers.paper import Paper
from papers.text import clean
from search.analysis import stems, telling
from search.engine import SearchEngine
from search.passages import Passage, best, passages_in, passages_of
from sources.base import SourceError
from sources.fulltext import FullText, Section, Sections
from storage.papers import PaperStore
from summaries.asked import Answer
from summaries.summariser import Summariser
from views.ask import QUESTION, answer_page, growing_answer, passages_page, question_form
from views.errors import UserError
from views.pager import page_address
from views.paper import ACCENT, open_button
from views.sharing import as_shown

log = logging.getLogger(__name__)

_READ_WITHIN_S = 20.0
_SHOWN = 3  # passages without a model
_FOR_MODEL = 8  # and with one
_NO_MODEL = N_("No model is set up here.")
_FAILED = N_("The model gave no answer just now.")


class Ask(commands.Cog):
    def __init__(
        self,
        engine: SearchEngine,
        papers: PaperStore,
        summariser: Summariser,
        reader: FullText,
        completing: Completing,
        sharing: Sharing,
        subjects: Subjects,
    ) -> None:
        self._engine = engine
        self._papers = papers
        self._summariser = summariser
        self._reader = reader
        self._completing = completing
        self._sharing = sharing
        self._subjects = subjects

    @app_commands.command()
    @usable_anywhere
    @app_commands.describe(
        question="What you want to know of it",
        paper="A title, an arXiv id, or a link. Default: this thread’s paper, or the one you asked about last",
    )
    async def ask(
        self,
        interaction: discord.Interaction[Any],
        question: app_commands.Range[str, 1, QUESTION],
        paper: app_commands.Range[str, 1, 300] | None = None,
    ) -> None:
        """Ask one paper a question: the answer, and the passages it stands on."""
        async with answering(interaction, at_once=True):
            await self._answer(interaction, await self._meant(interaction, paper), question)

    @ask.autocomplete("paper")
    async def _titles(self, interaction: discord.Interaction[Any], typed: str) -> Choices:
        return await self._completing.papers(interaction, typed)

    @commands.Cog.listener()
    async def on_ask_pressed(self, interaction: discord.Interaction[Any], value: str) -> None:
        """A form must be Discord's first answer, so nothing is acknowledged before."""
        paper = await self._papers.get(page_address(value)[1])
        if paper is None:
            raise UserError(_("Paperboy no longer has that paper."))
        await interaction.response.send_modal(question_form(paper))

    @commands.Cog.listener()
    async def on_ask_filled(self, interaction: discord.Interaction[Any], value: str, texts: dict[str, str]) -> None:
        async with answering(interaction, at_once=True):
            await self._answer(interaction, await self._known(value), texts.get("question", ""))

    @commands.Cog.listener()
    async def on_shareanswer_pressed(self, interaction: discord.Interaction[Any], value: str) -> None:
        """A model would not give the same answer twice: what the asker saw is what is shared."""
        async with answering(interaction, same_message=True):
            paper = await self._known(page_address(value)[1])
            if interaction.message is None:
                raise UserError(_("That answer is no longer there: please ask again."))
            buttons = discord.ui.ActionRow[Any](open_button(paper))
            view = as_shown(interaction.message, interaction.user.id, buttons, accent=ACCENT)
            await self._subjects.shared(interaction, await self._sharing.post(interaction, view), paper)

    async def _meant(self, interaction: discord.Interaction[Any], text: str | None) -> Paper:
        """The paper that was named, or that is talked about here. Raises UserError."""
        if text is not None:
            return await named(self._engine, self._papers, text)
        if paper := await self._subjects.of(interaction):
            return paper
        raise UserError(
            _(
                "Which paper? Name it with the option `paper`; your next questions here are about the same one, and in a thread "
                "under a paper’s post it is that one."
            )
        )

    async def _known(self, paper_id: str) -> Paper:
        paper = await self._papers.get(paper_id)
        if paper is None:
            raise UserError(_("Paperboy no longer has that paper."))
        return paper

    async def _answer(self, interaction: discord.Interaction[Any], paper: Paper, asked: str) -> None:
        """The abstract's passages at once; then the whole paper's, and an answer, as far as they can be had."""
        question = clean(asked)
        if not question:
            raise UserError(_("Type what you want to know of the paper, in a few words."))
        self._subjects.asked(interaction, paper)
        page = partial(passages_page, paper, question, wanted=frozenset(telling(stems(question))))
        known = passages_of(paper.abstract)
        nearest = best(question, known, _SHOWN, paper.title)
        can_share = may_share(interaction)
        model = self._summariser
        if not model.has_model and not paper.is_on_arxiv:
            await show(interaction, page(nearest, said=_these(_(_NO_MODEL), is_whole=False), can_share=can_share))
            return
        asking = _("Asking {model} …").format(model=model.model_name)
        waiting = _("Reading the whole paper …") if paper.is_on_arxiv else asking
        so_far = _("{waiting} So far, these are from the abstract.").format(waiting=waiting)
        await show(interaction, page(nearest, said="", waiting=so_far))
        whole = await self._whole(paper)
        # A long paper takes half a second, in which the event loop has other things to do.
        limit = _FOR_MODEL if model.has_model else _SHOWN
        passages = await asyncio.to_thread(best, question, whole or known, limit, paper.title)
        growing = Growing(interaction, partial(growing_answer, paper, question, waiting=asking))
        why_not = await model.why_not(asker(interaction))
        answer = None if why_not or not passages else await self._asked(interaction, paper, question, passages, growing)
        if answer:
            view = answer_page(paper, question, answer, passages, is_whole=bool(whole), can_share=can_share)
        else:
            why = why_not or _(_FAILED if model.has_model else _NO_MODEL)
            view = page(passages[:_SHOWN], said=_these(why, is_whole=bool(whole)), can_share=can_share)
        await growing.end(view)

    async def _asked(
        self, interaction: discord.Interaction[Any], paper: Paper, question: str, passages: Sequence[Passage], growing: Growing
    ) -> Answer | None:
        """The model's answer; None without a model, and where it fails."""
        try:
            async with asyncio.timeout(LONGEST_S):
                return await self._summariser.answer(paper, question, passages, asker(interaction), growing.said)
        except TimeoutError:
            return None

    async def _whole(self, paper: Paper) -> list[Passage]:
        """The passages of the whole paper; none where it cannot be read in time."""
        if not paper.is_on_arxiv:
            return []
        try:
            async with asyncio.timeout(_READ_WITHIN_S):
                return await asyncio.to_thread(_passages, paper, await self._reader.read(paper))
        except (SourceError, TimeoutError) as error:
            log.info("a paper could not be read whole: %s", error, extra={"paper": paper.id})
            return []


def _these(why: str, *, is_whole: bool) -> str:
    """Why it is passages that are shown, and of what."""
    if is_whole:
        return _("{why} These are the passages of the whole paper that answer best.").format(why=why)
    return _("{why} These are the passages of the abstract that answer best.").format(why=why)


def _passages(paper: Paper, sections: Sections) -> list[Passage]:
    """Those of every section; the abstract first, where the text does not have it."""
    has_abstract = not paper.abstract or any("abstract" in section.title.lower() for section in sections)
    return passages_in(sections if has_abstract else (Section(_("Abstract"), paper.abstract), *sections))
