"""Digest → the message a channel gets."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

import discord

from digests.calendar import QuietDay
from digests.plan import Digest
from papers.language import N_, _, ngettext
from papers.paper import Paper
from papers.subscription import MAX_SIZE, Mode
from papers.text import clean, clip, counted
from papers.topic import Topic
from sources.announcements import holiday
from views.buttons import Press, layout, row
from views.limits import MESSAGE_TEXT, PLAIN_TEXT, THREAD_NAME, inert
from views.locales import listed, long_date
from views.paper import ACCENT, card_items, entry, paper_title, similar_button, summary_button
from views.summaries import Told

SOURCE_NAMES = {"huggingface": "Hugging Face", "arxiv": "arXiv"}
LIST_NAMES = {"huggingface": N_("Hugging Face Daily Papers"), "arxiv": "arXiv"}
_HEAD_AND_FOOT = 700  # characters kept for them in a post about one paper
_FOOT = 560  # and for what stands below the papers, a mention included


def digest_message(digest: Digest, mark: str, role_id: int | None = None) -> discord.ui.LayoutView:
    """One message: header, a section per paper, and a last line that accounts for the day.

    ``mark`` is written into its buttons, so that the message can be recognised later; without one it is a preview. A role to
    be mentioned is named above it all.
    """
    if not digest.papers:
        return _quiet_message(digest, mark)
    header, told = _header(digest), Told(digest.summaries, digest.edition.subscription.summaries)
    room = (MESSAGE_TEXT - len(header) - _FOOT) // len(digest.papers)
    items: list[discord.ui.Item[Any]] = [discord.ui.TextDisplay(header)]
    for paper in digest.papers:
        added_at, asked = digest.added.get(paper.id), _categories_asked(digest)
        items += [discord.ui.Separator(), entry(paper, room, mark, added_at, asked, body=told.below(paper))]
    if len(digest.papers) < MAX_SIZE:  # with all of them there are forty components without it
        items.append(discord.ui.Separator())
    items.append(row(*_buttons(digest, mark)))
    items.append(discord.ui.TextDisplay(_foot(digest, told.legend())))
    view = layout(*items, accent=ACCENT)
    return _with_mention(view, role_id) if role_id else view


def more_button(digest: Digest, *, disabled: bool = False) -> Press | None:
    """The rest of the day on the topic; None where there is none."""
    if digest.held_back <= 0:
        return None
    order = digest.edition.subscription
    label = more_label(digest.held_back, order.topic)
    return Press("more", f"o0:{digest.edition.papers_day}:{order.id}", label, disabled=disabled)


def more_label(papers: int, topic: Topic) -> str:
    """What that button says: "7 more on topic"."""
    if topic.is_everything:
        return ngettext("{count} more", "{count} more", papers).format(count=papers)
    return ngettext("{count} more on topic", "{count} more on topic", papers).format(count=papers)


def previewed(digest: Digest) -> discord.ui.LayoutView:
    """What an edition would post. One that becomes a post for each paper is shown as their list, and says so."""
    order = digest.edition.subscription
    view = digest_message(digest, "", order.role_id)
    if order.is_per_paper and digest.papers:
        view.add_item(discord.ui.TextDisplay("-# " + _("Each of these becomes a post of its own.")))
    return view


def paper_post(digest: Digest, paper: Paper, mark: str, role_id: int | None = None) -> discord.ui.LayoutView:
    """A forum post about one paper of the digest: its card, and a button to the rest of the day."""
    how_much = digest.edition.subscription.summaries
    items = card_items(paper, MESSAGE_TEXT - _HEAD_AND_FOOT, digest.summaries.get(paper.id), how_much)
    buttons = row(summary_button(paper), similar_button(paper), _day_button(digest, mark), _why_button(mark, _("Why this one?")))
    items += [buttons, discord.ui.TextDisplay(f"-# {_topic_line(digest)}")]
    view = layout(*items, accent=ACCENT)
    return _with_mention(view, role_id) if role_id else view


def post_title(digest: Digest, paper: Paper | None) -> str:
    """The name of a forum post: the paper's title, or the day and the topic."""
    if paper:
        return clip(clean(paper.title), THREAD_NAME) or paper.id
    return day_title(digest.edition.papers_day, digest.edition.subscription.topic)


def day_title(day: date, topic: Topic) -> str:
    """The name of a thread about a day: "Wednesday 10 June: diffusion"."""
    titled = _("{day}: {topic}").format(day=long_date(day), topic=clean(topic.label))
    return clip(long_date(day) if topic.is_everything else titled, THREAD_NAME)


def plain_digest(digest: Digest) -> str:
    """The digest as a text without any layout, within 2,000 characters: for when Discord refuses the other."""
    if not digest.papers:
        return f"-# {_quiet_line(digest)}"
    text = _header(digest)
    for paper in digest.papers:
        line = f"\n{paper_title(paper, 200)}"
        if len(text) + len(line) > PLAIN_TEXT - 400:
            break
        text += line
    return f"{text}\n-# {account(digest)}"


def account(digest: Digest) -> str:
    """The day in figures: "24 listed · 6 on topic · 1 shown before · 5 shown"."""
    return " · ".join([*_figures(digest), _("{count} shown").format(count=len(digest.papers))])


def on_topic(topic: Topic) -> str:
    """ "on **diffusion**", or "on everything"."""
    return _("on everything") if topic.is_everything else _("on **{topic}**").format(topic=inert(topic.label, 200))


def moment(instant: datetime, style: str) -> str:
    """A Discord timestamp: everybody reads it in their own zone."""
    return f"<t:{int(instant.timestamp())}:{style}>"


def _categories_asked(digest: Digest) -> Collection[str] | None:
    """The arXiv categories that its readers asked for; None where they follow neither categories nor arXiv."""
    order = digest.edition.subscription
    return order.topic.categories if order.topic.categories or "arxiv" in order.sources else None


def _header(digest: Digest) -> str:
    mode = digest.edition.subscription.mode
    name = _("The whole day’s papers") if mode is Mode.YESTERDAY else _("The day’s papers")
    late = _("Late: this was due {when}").format(when=moment(digest.edition.due_at, "f")) if digest.is_late else ""
    below = f"\n-# {late}" if late else ""
    return f"## {name} · {long_date(digest.edition.papers_day)}\n-# {_topic_line(digest)} · {_('by votes')}{below}"


def _topic_line(digest: Digest) -> str:
    order = digest.edition.subscription
    return f"{on_topic(order.topic)} · {listed([_(LIST_NAMES.get(source, source)) for source in order.sources])}"


def _foot(digest: Digest, legend: str) -> str:
    """Where the summaries came from, the account of the day, then how it has grown and what is missing."""
    lines = [f"-# {legend}"] if legend else []
    lines.append(f"-# {account(digest)}")
    if digest.grown_at:
        lines.append(f"-# {_growth(digest)}")
    if digest.missing:
        lines.append(f"-# {_missing(digest)}")
    return "\n".join(lines)


def _growth(digest: Digest) -> str:
    """ "23 → 32 papers, updated 14:05"."""
    assert digest.grown_at  # noqa: S101
    papers = counted(digest.listed, "{count} paper", "{count} papers")
    if digest.listed_first != digest.listed:
        papers = f"{digest.listed_first} → {papers}"
    return _("{papers}, updated {when}").format(papers=papers, when=moment(digest.grown_at, "t"))


def _missing(digest: Digest) -> str:
    if digest.edition.subscription.mode is not Mode.LIVING:
        said = ngettext(
            "⚠ {sources} has not answered lately: the list may be incomplete.",
            "⚠ {sources} have not answered lately: the list may be incomplete.",
            len(digest.missing),
        )
    else:
        said = ngettext(
            "⚠ {sources} has not answered lately: the list may be incomplete; this message fills up when it does.",
            "⚠ {sources} have not answered lately: the list may be incomplete; this message fills up when they do.",
            len(digest.missing),
        )
    return said.format(sources=_silent(digest))


def _silent(digest: Digest) -> str:
    return ", ".join(SOURCE_NAMES.get(source, source) for source in digest.missing)


def _not_read(digest: Digest) -> str:
    if digest.edition.subscription.mode is not Mode.LIVING:
        said = ngettext(
            "No papers of {day} yet: {sources} has not answered lately.",
            "No papers of {day} yet: {sources} have not answered lately.",
            len(digest.missing),
        )
    else:
        said = ngettext(
            "No papers of {day} yet: {sources} has not answered lately; this message fills up when it does.",
            "No papers of {day} yet: {sources} have not answered lately; this message fills up when they do.",
            len(digest.missing),
        )
    return said.format(day=long_date(digest.edition.papers_day), sources=_silent(digest))


def _quiet_message(digest: Digest, mark: str) -> discord.ui.LayoutView:
    items: list[discord.ui.Item[Any]] = [discord.ui.TextDisplay(f"-# {_quiet_line(digest)}")]
    if digest.grown_at:
        items.append(discord.ui.TextDisplay(f"-# {_growth(digest)}"))
    if digest.missing and digest.quiet in {QuietDay.OFF_TOPIC, QuietDay.SHOWN_BEFORE}:
        items.append(discord.ui.TextDisplay(f"-# {_missing(digest)}"))
    # The button is what the message is recognised by.
    return layout(*items, row(_day_button(digest, mark), _why_button(mark, _("Why none?"))))


def _quiet_line(digest: Digest) -> str:
    """What was quiet about the day, in words."""
    topic, papers_day = on_topic(digest.edition.subscription.topic), digest.edition.papers_day
    day, figures = long_date(papers_day), " · ".join(_figures(digest))  # that none is shown goes without saying
    match digest.quiet:
        case QuietDay.WEEKEND:
            return _("No papers on {day}: Hugging Face features none at weekends.").format(day=day)
        case QuietDay.HOLIDAY:
            said = _("No papers are listed for {day}: arXiv announced none ({holiday}).")
            return said.format(day=day, holiday=_(holiday(papers_day) or ""))
        case QuietDay.NOT_READ:
            return _not_read(digest)
        case QuietDay.SHOWN_BEFORE:
            said = _("Nothing new {on_topic} on {day}: all of it was shown here before ({figures}).")
            return said.format(on_topic=topic, day=day, figures=figures)
        case QuietDay.OFF_TOPIC:
            return _("No papers {on_topic} on {day} ({figures}).").format(on_topic=topic, day=day, figures=figures)
    return _("No papers are listed for {day}.").format(day=day)


def _figures(digest: Digest) -> list[str]:
    """The day's, but for how many are shown."""
    figures = [_("{count} listed").format(count=digest.listed)]
    if not digest.edition.subscription.topic.is_everything:
        figures.append(_("{count} on topic").format(count=digest.on_topic))
    if digest.shown_before:
        figures.append(_("{count} shown before").format(count=digest.shown_before))
    return figures


def _buttons(digest: Digest, mark: str) -> list[discord.ui.Item[Any]]:
    """At most three, for the sake of the forty components."""
    order = digest.edition.subscription
    # A preview has no mark: its papers are not shown yet, so "more" could not tell which to leave out.
    more = more_button(digest, disabled=not mark)
    buttons: list[discord.ui.Item[Any]] = [more] if more else []
    if mark and order.user_id is None:
        buttons.append(Press("follow", f"{mark}:{order.id}", _("Follow this topic")))
    return [*buttons, _why_button(mark, _("Why these?"))]


def _why_button(mark: str, label: str) -> Press:
    """The account of the day. The mark names the edition; a preview has none yet."""
    return Press("why", mark, label, disabled=not mark)


def _day_button(digest: Digest, mark: str) -> Press:
    label = _("The whole day") if digest.listed else _("The newest papers")
    return Press("day", f"{mark}:{digest.edition.papers_day if digest.listed else ''}", label)


def _with_mention(view: discord.ui.LayoutView, role_id: int) -> discord.ui.LayoutView:
    whole = layout(discord.ui.TextDisplay(f"<@&{role_id}>"))
    for item in list(view.children):
        view.remove_item(item)
        whole.add_item(item)
    return whole
