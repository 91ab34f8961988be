"""A subscription as a panel: its present state in selects and buttons that change it."""

from __future__ import annotations

from datetime import datetime

import discord

from papers.language import N_, _
from papers.subscription import DAY_NAMES, MAX_SIZE, Kind, Mode, OnQuietDay, State, Subscription, Summaries
from papers.topic import MAX_LENGTH
from views.buttons import Press, layout, row
from views.digest import SOURCE_NAMES
from views.forms import Field, Form
from views.limits import inert
from views.locales import clock, weekday
from views.selects import Choose
from views.subscriptions import ACCENT, gets, manner, next_edition, standing, up_to

SAVED = N_("Every change is saved at once and holds from the next edition on.")
_MODES = {
    Mode.LIVING.value: N_("living: late papers are added for a day"),
    Mode.ONE_SHOT.value: N_("one-shot: stays as it was posted"),
    Mode.YESTERDAY.value: N_("yesterday: the last working day’s whole list"),
}
_QUIET_DAYS = {
    OnQuietDay.SAY_SO.value: N_("on quiet days: say so in one small line"),
    OnQuietDay.STAY_SILENT.value: N_("on quiet days: post nothing"),
}
_SUMMARIES = {
    Summaries.NONE.value: N_("no summaries: titles and figures alone"),
    Summaries.SHORT.value: N_("short summaries: a sentence or two"),
    Summaries.FULL.value: N_("full summaries, as room allows"),
}
_BOTH = "huggingface arxiv"


def panel(
    order: Subscription, next_at: datetime, note: str = "", *, is_due: bool = False, is_removing: bool = False
) -> discord.ui.LayoutView:
    """What a subscription does now, and all that can be changed about it; 28 components of the 40.

    ``is_due`` tells that one more comes before that; ``is_removing`` asks once more before the subscription ends.
    """
    facts = f"### {_('Subscription on {topic}').format(topic=inert(order.topic.label, 200))}\n{gets(order)}\n"
    today = _("Due now: an edition comes within minutes.") + " " if is_due else ""
    facts += standing(order) or f"{today}{next_edition(next_at)}"
    facts += manner(order)
    days = {name: weekday(number) for number, name in enumerate(DAY_NAMES)}
    return layout(
        discord.ui.TextDisplay(facts),
        row(_select(order, "days", days, *(DAY_NAMES[day] for day in order.weekdays))),
        row(_select(order, "size", _sizes(), f"{order.size}")),
        row(_select(order, "mode", _said(_MODES), order.mode.value)),
        row(_select(order, "summaries", _said(_SUMMARIES), order.summaries.value)),
        row(_select(order, "quiet_days", _said(_QUIET_DAYS), order.on_quiet_day.value)),
        row(_select(order, "sources", _sources(), " ".join(sorted(order.sources, reverse=True)))),
        row(*_settings(order)),
        row(*(_sure(order) if is_removing else _actions(order))),
        discord.ui.TextDisplay(f"⚠ {note}" if note else f"-# {_(SAVED)}"),
        accent=ACCENT,
    )


def topic_form(order: Subscription) -> Form:
    hint = _("diffusion, world model -survey. Or: everything")
    field = Field("topic", _("Words and phrases, or a topic’s name"), order.topic.label, hint, MAX_LENGTH, is_long=True)
    return Form("panel", f"{order.id}:topic", _("What it is about"), field)


def time_form(order: Subscription) -> Form:
    return Form(
        "panel",
        f"{order.id}:time",
        _("When it posts"),
        Field("time", _("Local time"), clock(order.at), _("9:30 or 8 pm"), 20),
        Field("timezone", _("Time zone"), order.zone.key, _("a city, such as Europe/Berlin"), 60),
    )


def pause_form(order: Subscription) -> Form:
    hint = _("Monday, 24 Dec, 3 days; empty: until you resume it")
    return Form("panel", f"{order.id}:pause", _("Pause"), Field("until", _("Until when"), hint=hint, limit=40, is_required=False))


def _sources() -> dict[str, str]:
    each = {name: _("from {source}").format(source=SOURCE_NAMES[name]) for name in ("huggingface", "arxiv")}
    return each | {_BOTH: _("from Hugging Face and arXiv")}


def _sizes() -> dict[str, str]:
    return {f"{size}": up_to(size) for size in range(1, MAX_SIZE + 1)}


def _said(options: dict[str, str]) -> dict[str, str]:
    return {value: _(label) for value, label in options.items()}


def _select(order: Subscription, field: str, options: dict[str, str], *chosen: str) -> Choose:
    return Choose("panel", f"{order.id}:{field}", options, chosen, is_multiple=field == "days")


def _settings(order: Subscription) -> list[Press]:
    buttons = [
        _button(order, "topic", _("Topic …")),
        _button(order, "time", f"{clock(order.at)} {order.zone.key} …"),
        _toggle(order, "silent", _("Silent: on") if order.is_silent else _("Silent: off"), order.is_silent),
    ]
    if order.kind in {Kind.TEXT, Kind.ANNOUNCEMENT}:
        label = _("Discussion: on") if order.has_discussion else _("Discussion: off")
        buttons.append(_toggle(order, "discussion", label, order.has_discussion))
    if order.kind is Kind.FORUM:
        label = _("A post per paper: on") if order.is_per_paper else _("A post per paper: off")
        buttons.append(_toggle(order, "per_paper", label, order.is_per_paper))
    return buttons


def _actions(order: Subscription) -> list[Press]:
    if order.state is State.ACTIVE:
        first = _button(order, "pause", _("Pause …"))
    else:
        first = _button(order, "resume", _("Resume"), discord.ButtonStyle.success)
    return [
        first,
        _button(order, "preview", _("Preview")),
        _button(order, "remove", _("Remove"), discord.ButtonStyle.danger),
    ]


def _sure(order: Subscription) -> list[Press]:
    return [
        _button(order, "gone", _("Remove it for good"), discord.ButtonStyle.danger),
        _button(order, "keep", _("Keep it")),
    ]


def _toggle(order: Subscription, field: str, label: str, is_on: bool) -> Press:
    """The value says what a press brings about, so that two presses of an old panel do not undo each other."""
    style = discord.ButtonStyle.primary if is_on else discord.ButtonStyle.secondary
    return _button(order, f"{field}.{'off' if is_on else 'on'}", label, style)


def _button(order: Subscription, what: str, label: str, style: discord.ButtonStyle = discord.ButtonStyle.secondary) -> Press:
    return Press("panel", f"{order.id}:{what}", label, style=style)
