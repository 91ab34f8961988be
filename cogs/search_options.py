"""The options of `/search`: other ways to type what the question can say by itself."""

from __future__ import annotations

from typing import Any

import discord
from discord import app_commands

from cogs.adding import chosen_topic
from cogs.completing import Choices
from cogs.options import topics_like
from papers.expression import All, quoted
from papers.language import N_, _
from papers.presets import presets_like
from papers.text import clean
from search.asked import since as since_condition
from search.asked import with_conditions
from search.results import Sort
from storage.engine import StorageError
from storage.store import Store
from views.errors import UserError
from views.limits import CHOICE, CHOICES, inert

SORTS = [
    app_commands.Choice(name="relevance: the best answers first", value=Sort.RELEVANCE.value),
    app_commands.Choice(name="newest: of the answers, the newest first", value=Sort.NEWEST.value),
    app_commands.Choice(name="votes: of the answers, those with most votes first", value=Sort.VOTES.value),
]
_SPANS = {N_("a day"): "1d", N_("a week"): "7d", N_("a month"): "1m", N_("a year"): "1y"}


async def question_of(
    store: Store, interaction: discord.Interaction[Any], query: str, since: str | None, topic: str | None
) -> str:
    """The whole question as one line. Raises UserError and TopicError for an option that cannot be read."""
    conditions = []
    if since:
        condition = since_condition(since)
        if condition is None:
            problem = _("“{typed}” is no date: say `7d`, `2 weeks`, `3 months`, `2026` or `2026-01-31`.")
            raise UserError(problem.format(typed=inert(since, 60)))
        conditions.append(condition)
    if topic:
        wanted = (await chosen_topic(store, interaction.guild_id or 0, topic)).expression
        if wanted != All():
            conditions.append(quoted(wanted))
    return with_conditions(clean(query), conditions)


async def complete_topic(store: Store, interaction: discord.Interaction[Any], typed: str) -> Choices:
    """The server's named topics, then presets, then what was typed: for everybody, as nothing is changed by it."""
    try:
        named = topics_like(await store.topics.of(interaction.guild_id or 0), typed)
    except StorageError:
        named = []
    labels = {topic.name: topic.label for topic in [*named, *presets_like(typed)]}
    own = [typed.strip()] if 0 < len(typed.strip()) <= CHOICE else []
    offered = list(labels)[: CHOICES - len(own)]
    return [app_commands.Choice(name=labels.get(each, each)[:CHOICE], value=each) for each in dict.fromkeys([*offered, *own])]


def complete_since(typed: str) -> Choices:
    """A few spans of time, and what was typed, if it is one."""
    begun = typed.casefold().strip()
    names = {_(name): span for name, span in _SPANS.items()}
    spans = [app_commands.Choice(name=name, value=span) for name, span in names.items() if begun in name.casefold()]
    own = since_condition(typed) if typed.strip() else None
    if own and not spans:
        return [app_commands.Choice(name=clean(typed)[:CHOICE], value=own.partition(":")[2])]
    return spans
