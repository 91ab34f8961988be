"""A subscription as a panel: its present state in selects and buttons that change it."""

from __future__ import annotations

from datetime import datetime

import discord

from papers.subscription import DAY_NAMES, MAX_SIZE, Kind, Mode, OnQuietDay, State, Subscription, Summaries
from papers.topic import MAX_LENGTH
from views.buttons import Press, layout, row
from views.digest import SOURCE_NAMES, moment
from views.forms import Field, Form
from views.limits import inert
from views.selects import Choose
from views.subscriptions import ACCENT, in_words, manner, standing

SAVED = "-# Every change is saved at once and holds from the next edition on."
_SIZES = {f"{size}": "one paper" if size == 1 else f"up to {size} papers" for size in range(1, MAX_SIZE + 1)}
_MODES = {
    Mode.LIVING.value: "living: late papers are added for a day",
    Mode.ONE_SHOT.value: "one-shot: stays as it was posted",
    Mode.YESTERDAY.value: "yesterday: the last working day’s whole list",
}
_QUIET_DAYS = {
    OnQuietDay.SAY_SO.value: "on quiet days: say so in one small line",
    OnQuietDay.STAY_SILENT.value: "on quiet days: post nothing",
}
_SUMMARIES = {
    Summaries.NONE.value: "no summaries: titles and figures alone",
    Summaries.SHORT.value: "short summaries: a sentence or two",
    Summaries.FULL.value: "full summaries, as room allows",
}
_BOTH = "huggingface arxiv"


def panel(
    order: Subscription, next_at: datetime, note: str = "", *, is_due: bool = False, is_removing: bool = False
) -> discord.ui.LayoutView:
    """What a subscription does now, and all that can be changed about it; 28 components of the 40.

    ``is_due`` tells that one more comes before that; ``is_removing`` asks once more before the subscription ends.
    """
    facts = f"### Subscription on {inert(order.topic.label, 200)}\n<#{order.channel_id}> gets {in_words(order)}.\n"
    today = "Due now: an edition comes within minutes. " if is_due else ""
    facts += standing(order) or f"{today}The next edition comes {moment(next_at, 'F')} ({moment(next_at, 'R')})."
    facts += manner(order)
    return layout(
        discord.ui.TextDisplay(facts),
        row(_select(order, "days", dict(zip(DAY_NAMES, DAY_NAMES, strict=True)), *(DAY_NAMES[day] for day in order.weekdays))),
        row(_select(order, "size", _SIZES, f"{order.size}")),
        row(_select(order, "mode", _MODES, order.mode.value)),
        row(_select(order, "summaries", _SUMMARIES, order.summaries.value)),
        row(_select(order, "quiet_days", _QUIET_DAYS, order.on_quiet_day.value)),
        row(_select(order, "sources", _sources(), " ".join(sorted(order.sources, reverse=True)))),
        row(*_settings(order)),
        row(*(_sure(order) if is_removing else _actions(order))),
        discord.ui.TextDisplay(f"⚠ {note}" if note else SAVED),
        accent=ACCENT,
    )


def topic_form(order: Subscription) -> Form:
    hint = "diffusion, world model -survey. Or: everything"
    field = Field("topic", "Words and phrases, or a topic’s name", order.topic.label, hint, MAX_LENGTH, is_long=True)
    return Form("panel", f"{order.id}:topic", "What it is about", field)


def time_form(order: Subscription) -> Form:
    return Form(
        "panel",
        f"{order.id}:time",
        "When it posts",
        Field("time", "Local time", f"{order.at:%H:%M}", "9:30 or 8 pm", 20),
        Field("timezone", "Time zone", order.zone.key, "a city, such as Europe/Berlin", 60),
    )


def pause_form(order: Subscription) -> Form:
    hint = "Monday, 24 Dec, 3 days; empty: until you resume it"
    return Form("panel", f"{order.id}:pause", "Pause", Field("until", "Until when", hint=hint, limit=40, is_required=False))


def _sources() -> dict[str, str]:
    return {name: f"from {SOURCE_NAMES[name]}" for name in ("huggingface", "arxiv")} | {_BOTH: "from Hugging Face and arXiv"}


def _select(order: Subscription, field: str, options: dict[str, str], *chosen: str) -> Choose:
    return Choose("panel", f"{order.id}:{field}", options, chosen, is_multiple=field == "days")


def _settings(order: Subscription) -> list[Press]:
    buttons = [
        _button(order, "topic", "Topic …"),
        _button(order, "time", f"{order.at:%H:%M} {order.zone.key} …"),
        _toggle(order, "silent", "Silent", order.is_silent),
    ]
    if order.kind in {Kind.TEXT, Kind.ANNOUNCEMENT}:
        buttons.append(_toggle(order, "discussion", "Discussion", order.has_discussion))
    if order.kind is Kind.FORUM:
        buttons.append(_toggle(order, "per_paper", "A post per paper", order.is_per_paper))
    return buttons


def _actions(order: Subscription) -> list[Press]:
    is_paused = order.state is not State.ACTIVE
    return [
        _button(order, "resume", "Resume", discord.ButtonStyle.success) if is_paused else _button(order, "pause", "Pause …"),
        _button(order, "preview", "Preview"),
        _button(order, "remove", "Remove", discord.ButtonStyle.danger),
    ]


def _sure(order: Subscription) -> list[Press]:
    return [
        _button(order, "gone", "Remove it for good", discord.ButtonStyle.danger),
        _button(order, "keep", "Keep it"),
    ]


def _toggle(order: Subscription, field: str, label: str, is_on: bool) -> Press:
    """The value says what a press brings about, so that two presses of an old panel do not undo each other."""
    style = discord.ButtonStyle.primary if is_on else discord.ButtonStyle.secondary
    return _button(order, f"{field}.{'off' if is_on else 'on'}", f"{label}: {'on' if is_on else 'off'}", style)


def _button(order: Subscription, what: str, label: str, style: discord.ButtonStyle = discord.ButtonStyle.secondary) -> Press:
    return Press("panel", f"{order.id}:{what}", label, style=style)
