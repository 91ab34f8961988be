"""What a search found → pages, and what there is instead where it found nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import discord

from papers.language import N_, _, ngettext
from papers.paper import Paper, is_arxiv_id
from papers.text import clean, clip, counted, in_short
from search.results import Hit, Results, Sort
from views.buttons import Press, layout, plain, row
from views.limits import BUTTON_LABEL, MESSAGE_TEXT, inert
from views.pager import PAGE_SIZE, page_address, page_buttons, page_count, page_flags, page_value
from views.paper import ACCENT, entry, extracted, short_body, short_date
from views.selects import Choose
from views.sharing import share_button, signature
from views.snippet import highlighted

HEAD = 800  # characters kept for the head
_ASKED = 160  # … of which each text that was typed takes so many
_FLAGS = {Sort.NEWEST: "n", Sort.VOTES: "v"}
_AS_TYPED = "t"
_ORDERS = {
    Sort.RELEVANCE: N_("by relevance; newer and more voted first among equals"),
    Sort.NEWEST: N_("newest first"),
    Sort.VOTES: N_("most votes first"),
}
_WAYS_OUT = 4


@dataclass(frozen=True, slots=True)
class Asked:
    """What the buttons of a search carry: ``reference`` stands for its line of text, ``page`` counts from 0."""

    reference: str
    sort: Sort = Sort.RELEVANCE
    as_typed: bool = False
    page: int = 0

    @classmethod
    def in_button(cls, value: str) -> Asked:
        """As a pressed button has it, whatever its value."""
        page, reference = page_address(value)
        flags = page_flags(value)
        sort = next((sort for sort, letter in _FLAGS.items() if letter in flags), Sort.RELEVANCE)
        return cls(reference, sort, _AS_TYPED in flags, page)

    @property
    def flags(self) -> str:
        return _FLAGS.get(self.sort, "") + (_AS_TYPED if self.as_typed else "")

    def value(self, sign: str) -> str:
        return page_value(sign, self.page, self.reference, self.flags)


def results_page(
    results: Results, asked: Asked, ways_out: Mapping[str, str] | None = None, *, can_share: bool = False
) -> discord.ui.LayoutView:
    """The page of a search that ``results.hits`` are.

    ``ways_out`` has, for each condition in ``results.nearly``, the reference of the question without it.
    """
    if not results.hits:
        return _nothing_found(results, asked, ways_out or {})
    share = share_button("search", asked.value("s")) if can_share else None
    buttons = page_buttons("search", asked.page, page_count(results.reachable), asked.reference, asked.flags, last=share)
    return layout(*_list(results, asked), *([buttons] if buttons else []), accent=ACCENT)


def shared_results(results: Results, asked: Asked, user_id: int) -> discord.ui.LayoutView:
    """The same as a message to all. Its page stays; who wants the others gets them privately."""
    items = _list(results, asked)
    if results.reachable > len(results.hits):
        label = counted(results.reachable, "All {count} results", "All {count} results")
        items.append(row(Press("search", replace(asked, page=0).value("o"), label)))
    return layout(*items, signature(user_id), accent=ACCENT)


def similar_choice(papers: Sequence[Paper]) -> discord.ui.ActionRow[Any]:
    """A select that leads to the papers like one of these, privately."""
    titles = {paper.id: clip(clean(paper.title), 100) or paper.id for paper in papers}
    return row(Choose("similar", "", titles, hint=_("Papers similar to …")))


def _list(results: Results, asked: Asked) -> list[discord.ui.Item[Any]]:
    items: list[discord.ui.Item[Any]] = [discord.ui.TextDisplay(_head(results, asked))]
    if results.corrected:
        label = _("Search “{typed}” instead")
        typed = clip(results.text, BUTTON_LABEL - len(label.format(typed="")))
        items.append(row(Press("search", replace(asked, as_typed=True, page=0).value("t"), label.format(typed=typed))))
    room = (MESSAGE_TEXT - HEAD) // PAGE_SIZE
    for hit in results.hits:
        items += [discord.ui.Separator(), _entry(hit, room)]
    return [*items, discord.ui.Separator(), similar_choice([hit.paper for hit in results.hits])]


def _entry(hit: Hit, room: int) -> discord.ui.Section[Any]:
    def found(left: int) -> str:
        return highlighted(hit.snippet, hit.marks, left) if hit.snippet else short_body(hit.paper, left)

    more = [short_date(hit.paper), "" if hit.snippet else extracted(hit.paper)]
    return entry(hit.paper, room, body=found, more=" · ".join(filter(None, more)))


def _head(results: Results, asked: Asked) -> str:
    if results.corrected:
        head = _("### Showing results for **{question}**").format(question=inert(results.corrected, _ASKED))
    else:
        head = _("### Results for “{question}”").format(question=inert(results.text, _ASKED))
    if results.note:
        head += f"\n-# {inert(results.note, _ASKED)}"
    total, reachable = results.total, results.reachable
    if results.is_least:
        papers = counted(total, "at least {count} paper", "at least {count} papers")
    else:
        papers = counted(total, "{count} paper", "{count} papers")
    if total > reachable:
        papers = _("{papers}, the best {count} of them here").format(papers=papers, count=reachable)
    facts = [papers]
    if total > 1:
        facts.append(_(_ORDERS[asked.sort]))
    if asked.as_typed:
        facts.append(_("as typed"))
    return f"{head}\n-# {' · '.join(facts)}"


def _nothing_found(results: Results, asked: Asked, ways_out: Mapping[str, str]) -> discord.ui.LayoutView:
    if results.unknown_id:
        return unknown_paper(results.unknown_id)
    shown = inert(results.text, _ASKED)
    if not shown:
        return plain(_("Type a few words to search for."))
    text = _("Nothing found for “{question}”.").format(question=shown)
    if results.note:
        text += f"\n-# {inert(results.note, _ASKED)}"
    buttons: dict[str, Press] = {}
    for nearly in results.nearly[:_WAYS_OUT]:
        condition = inert(nearly.without, 80)
        there = ngettext(
            "Without **{condition}** there is {count} paper.",
            "Without **{condition}** there are {count} papers.",
            nearly.total,
        )
        text += f"\n{there.format(condition=condition, count=in_short(nearly.total))}"
        if nearly.without in ways_out:
            value = replace(asked, reference=ways_out[nearly.without], page=0).value("w")
            label = _("Search without {condition}")
            without = clip(nearly.without, BUTTON_LABEL - len(label.format(condition="")))
            buttons[value] = Press("search", value, label.format(condition=without))
    if not results.nearly:
        text += "\n-# " + _("Fewer or other words may help; `/today` shows the newest papers.")
    return layout(discord.ui.TextDisplay(text), *([row(*buttons.values())] if buttons else []))


def unknown_paper(identifier: str) -> discord.ui.LayoutView:
    """Kindly, that a paper with an arXiv id is not here, and where it is."""
    text = _(
        "Paperboy has not read arXiv {id}: it reads what Hugging Face Daily Papers features "
        "and what is announced in the categories that are followed here."
    ).format(id=inert(identifier, 64))
    if not is_arxiv_id(identifier):
        return plain(text)
    link: discord.ui.Button[Any] = discord.ui.Button(label=_("Read it on arXiv"), url=f"https://arxiv.org/abs/{identifier}")
    return layout(discord.ui.TextDisplay(text), row(link))
