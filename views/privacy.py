"""What is kept of people and servers, and for how long; what of one person; and its deletion."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import discord

from papers.language import _, ngettext
from papers.text import counted
from storage.people import Held
from storage.retention import Keep
from views.buttons import Press, layout, plain, row
from views.limits import BUTTON_LABEL, inert
from views.paper import ACCENT

VERB = "forgetme"
ASK, NOW, NO = "ask", "now", "no"
_DANGER = discord.ButtonStyle.danger


@dataclass(frozen=True, slots=True)
class Notice:
    """What the operator's settings say of privacy. Addresses are "" where there are none; ``model`` is "" without one."""

    policy_url: str
    terms_url: str
    removed_server_days: int
    keep: Keep
    model: str


def notice_page(notice: Notice, held: Held) -> discord.ui.LayoutView:
    """Everything that is stored, by whom it is about, and how much of it is about the reader."""
    sections = {
        _("Of you"): _of_you(notice),
        _("Of nobody in particular"): _of_nobody(notice),
        _("Of servers"): _of_servers(notice),
        _("Elsewhere"): _elsewhere(notice),
    }
    intro = _("Ids and choices, so that it can do what it was told to. No names and no messages: it cannot even read those.")
    text = f"### {_('What Paperboy keeps')}\n{intro}\n"
    text += "\n".join(f"**{head}**\n{_list(lines)}" for head, lines in sections.items())
    links = [(_("Privacy policy"), notice.policy_url), (_("Terms"), notice.terms_url)]
    buttons: list[discord.ui.Item[Any]] = [discord.ui.Button(label=label[:BUTTON_LABEL], url=url) for label, url in links if url]
    if not held.is_nothing:
        buttons.append(Press(VERB, ASK, _("Delete my data…")))
    shown: list[discord.ui.Item[Any]] = [discord.ui.TextDisplay(text), discord.ui.Separator(), discord.ui.TextDisplay(_now(held))]
    return layout(*shown, *([row(*buttons)] if buttons else []), accent=ACCENT)


def confirm_page(held: Held) -> discord.ui.LayoutView:
    """What would go, and what would stay, with the button that does it."""
    if held.is_nothing:
        return plain(_("Nothing is kept of you: there is nothing to delete."))
    text = f"### {_('Delete your data?')}\n{_list(_counts(held))}\n"
    if held.follows:
        text += _("What you follow ends, and nothing more comes of it.") + " "
    if held.made or held.named:
        text += _("What you set up for a server stays, without your id.") + " "
    text += _("This takes effect at once and cannot be undone.")
    buttons = row(Press(VERB, NOW, _("Delete now"), style=_DANGER), Press(VERB, NO, _("Keep it")))
    return layout(discord.ui.TextDisplay(text), buttons, accent=ACCENT)


def deleted_page() -> discord.ui.LayoutView:
    """It is done."""
    done = _("Nothing of you is kept any more.")
    rest = _(
        "Messages that you got stay in your private channel, which is Discord’s. A copy that the operator made of the database "
        "before has the data until it is deleted."
    )
    return plain(f"### {_('Deleted')}\n{done}\n-# {rest}")


def kept_page() -> discord.ui.LayoutView:
    """The person thought better of it."""
    return plain(_("Nothing was deleted."))


def _of_you(notice: Notice) -> list[str]:
    follow = _(
        "What you follow alone (`/follow`), until you delete it: your id, your private channel’s, topic, days, hour, time zone "
        "and language; and what came of it, {how_long}."
    )
    memory = _(
        "In memory alone, until Paperboy is started anew at the latest: how often you used commands in the last minute, and for "
        "two hours the paper you last asked about in a channel."
    )
    return [
        follow.format(how_long=_for(notice.keep.personal)),
        _("Your id beside the subscriptions and named topics of servers that you made."),
        memory,
    ]


def _of_nobody(notice: Notice) -> list[str]:
    typed = _(
        "What was typed, where it is too long for a button, drafts of subscriptions, and which paper a thread is about: without "
        "whose it was, {how_long} after it was last used."
    )
    written = _("What a model wrote about a paper, {how_long}.")
    return [typed.format(how_long=_for(notice.keep.questions)), written.format(how_long=_for(notice.keep.summaries))]


def _of_servers(notice: Notice) -> list[str]:
    ids = _(
        "Subscriptions with the ids of their channels and roles, named topics, the language; the ids of messages that were "
        "posted, and how much a day’s summaries took, {how_long}."
    )
    days = notice.removed_server_days
    gone = ngettext(
        "All of it goes {count} day after Paperboy was removed from the server.",
        "All of it goes {count} days after Paperboy was removed from the server.",
        days,
    )
    return [ids.format(how_long=_for(notice.keep.editions)), gone.format(count=days)]


def _elsewhere(notice: Notice) -> list[str]:
    lines = [_("Hugging Face and arXiv are asked for papers; neither learns who wants them, or what was searched for.")]
    if notice.model:
        asked = _(
            "What you ask about papers, and their texts, go to the operator’s language model ({name}), without your name or id."
        )
        lines.append(asked.format(name=inert(notice.model, 60)))
    logged = _(
        "The operator’s log has ids of servers, channels and requests, and yours where something failed for you; no questions."
    )
    return [*lines, logged]


def _now(held: Held) -> str:
    """How much of the reader there is."""
    head = _("Of you there is now")
    if held.is_nothing:
        return f"**{head}:** {_('nothing')}"
    how = _("`/delete-my-data` deletes it at once.")
    return f"**{head}**\n{_list(_counts(held))}\n-# {how}"


def _counts(held: Held) -> list[str]:
    """A line for each kind of thing that there is."""
    lines = []
    if held.follows:
        lines.append(counted(held.follows, "{count} topic that you follow", "{count} topics that you follow"))
    if held.ended:
        lines.append(counted(held.ended, "{count} topic that you followed before", "{count} topics that you followed before"))
    if held.editions:
        text = counted(held.editions, "{count} edition that was made for you", "{count} editions that were made for you")
        if held.unsent:
            text += " " + _("({number} of them not sent yet)").format(number=held.unsent)
        lines.append(text)
    if held.topics:
        lines.append(counted(held.topics, "{count} topic that you gave a name", "{count} topics that you gave names"))
    if held.made:
        lines.append(
            counted(
                held.made,
                "your id beside {count} subscription of a server",
                "your id beside {count} subscriptions of servers",
            )
        )
    if held.named:
        lines.append(
            counted(
                held.named, "your id beside {count} named topic of a server", "your id beside {count} named topics of servers"
            )
        )
    return lines


def _for(time: timedelta | None) -> str:
    if time is None:
        return _("without an end")
    return ngettext("for {count} day", "for {count} days", time.days).format(count=time.days)


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)
