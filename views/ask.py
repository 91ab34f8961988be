"""A question about one paper → an answer whose sentences show what they stand on, or the passages that answer best."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import discord

from papers.language import N_, _
from papers.paper import Paper
from papers.text import clean
from search.passages import Passage
from search.snippet import places
from summaries.asked import Answer
from views.buttons import Press, layout, row
from views.forms import Field, Form
from views.limits import MESSAGE_TEXT, inert
from views.paper import ACCENT, open_button, paper_title
from views.sharing import SIGNATURE_ROOM, mark_of, share_button
from views.snippet import highlighted
from views.summary import so_far

QUESTION = 300  # characters, at most
_TITLE = 320
_ASKED = 330
_FOOT = 300
_PASSAGES = 3
_SECTION = 100
_QUOTES = 6
_SIGNS = "¹²³⁴⁵⁶⁷⁸⁹"
_ROOM = MESSAGE_TEXT - _TITLE - _ASKED - _FOOT - SIGNATURE_ROOM - 60
DOES_NOT_SAY = N_("The paper does not say.")


def passages_page(
    paper: Paper,
    question: str,
    found: Sequence[Passage],
    wanted: Collection[str],
    *,
    said: str,
    waiting: str = "",
    can_share: bool = False,
) -> discord.ui.LayoutView:
    """The passages that answer best, with the words of the question (their stems are ``wanted``) in bold.

    ``said`` is one sentence on why it is these and no answer. While there is something to wait for there is nothing to press.
    """
    items = _head(paper, question)
    for passage in found[:_PASSAGES]:
        items.append(_quote(passage, _ROOM // _PASSAGES, wanted))
    if not (found or waiting):
        items.append(discord.ui.TextDisplay(_("Nothing in what Paperboy has of that paper answers it.")))
    items.append(_foot(waiting, said))
    return layout(*items, *([] if waiting else [_buttons(paper, question, can_share=can_share and bool(found))]), accent=ACCENT)


def answer_page(
    paper: Paper, question: str, answer: Answer, passages: Sequence[Passage], *, is_whole: bool, can_share: bool = False
) -> discord.ui.LayoutView:
    """A model's answer: each sentence with the number of the passage it stands on, and below them those passages.

    The whole paper was read (``is_whole``), or its abstract.
    """
    items = _head(paper, question)
    numbers = _numbers(answer, len(passages))
    text = " ".join(f"{inert(sentence, 400)}{_sign(numbers, passage)}" for sentence, passage in answer.sentences)
    if not answer.is_said:
        text = _(DOES_NOT_SAY) if not text or text.startswith(DOES_NOT_SAY[:-1]) else f"{_(DOES_NOT_SAY)} {text}"
    items.append(discord.ui.TextDisplay(_cut(text.strip() or _(DOES_NOT_SAY), _ROOM // 2)))
    room = _ROOM // 2 // max(1, len(numbers))
    items += [_quote(passages[passage], room, (), _SIGNS[number]) for passage, number in numbers.items()]
    of_whole = _("Answered by {model}, from the whole paper; it may be wrong, the quotes are the paper’s.")
    of_abstract = _("Answered by {model}, from the abstract; it may be wrong, the quotes are the paper’s.")
    items.append(_foot("", (of_whole if is_whole else of_abstract).format(model=inert(answer.model, 80))))
    return layout(*items, _buttons(paper, question, can_share=can_share), accent=ACCENT)


def growing_answer(paper: Paper, question: str, text: str, waiting: str) -> discord.ui.LayoutView:
    """What a model has said so far."""
    return layout(*_head(paper, question), so_far(text), _foot(waiting, ""), accent=ACCENT)


def question_form(paper: Paper) -> Form:
    """Where another question about the same paper is typed."""
    field = Field("question", _("Your question"), hint=_("What data was it trained on?"), limit=QUESTION, is_long=True)
    return Form("ask", paper.id, _("Ask: {title}").format(title=clean(paper.title)), field)


def _head(paper: Paper, question: str) -> list[discord.ui.Item[Any]]:
    whom = _("asked of {paper}").format(paper=paper_title(paper, _TITLE))
    head = f"### {_('“{question}”').format(question=inert(question, _ASKED))}\n-# {whom}"
    return [discord.ui.TextDisplay(head), discord.ui.Separator()]


def _quote(passage: Passage, room: int, wanted: Collection[str], sign: str = "") -> discord.ui.TextDisplay[Any]:
    """A passage as a quotation, and where in the paper it stands; all within ``room`` characters."""
    where = f"-# {f'{sign} ' if sign else ''}{inert(passage.section, _SECTION) or _('Somewhere in the paper')}"
    text = highlighted(passage.text, places(passage.text, wanted), room - len(where) - 4)
    return discord.ui.TextDisplay(f"> {text}\n{where}")


def _foot(waiting: str, said: str) -> discord.ui.TextDisplay[Any]:
    return discord.ui.TextDisplay(f"-# ⏳ {inert(waiting, 200)}" if waiting else f"-# {said}")


def _buttons(paper: Paper, question: str, *, can_share: bool) -> discord.ui.ActionRow[Any]:
    share = [share_button("answer", f"{mark_of(question)}:{paper.id}")] if can_share else []
    return row(Press("ask", f"o0:{paper.id}", _("Ask another question")), open_button(paper), *share)


def _numbers(answer: Answer, passages: int) -> dict[int, int]:
    """The passages that sentences stand on, each with its number from 0, in the order of the sentences."""
    used = [number for _, number in answer.sentences if number is not None and 0 <= number < passages]
    return {passage: number for number, passage in enumerate(list(dict.fromkeys(used))[:_QUOTES])}


def _sign(numbers: dict[int, int], passage: int | None) -> str:
    return _SIGNS[numbers[passage]] if passage in numbers else ""


def _cut(text: str, room: int) -> str:
    """Our own markup within ``room`` characters, cut between two words: nothing that is escaped is cut apart."""
    return text if len(text) <= room else f"{text[: text.rfind(' ', 0, room - 1)]} …"
