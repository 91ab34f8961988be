"""/topic new · edit · list · remove: topics that a server has given a name, for moderators."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import discord
from discord import app_commands
from discord.ext import commands

from cogs.answering import answering, show
from cogs.options import topics_like
from cogs.places import manages_server
from digests.editions import papers_day
from digests.planning import Lists
from digests.replay import pace, replay
from papers.expression import EVERYTHING
from papers.form import LABELS, TopicForm, composed, decomposed
from papers.language import N_, _, ngettext
from papers.presets import PRESETS, preset
from papers.subscription import MAX_SIZE, Mode, Subscription
from papers.text import clean
from papers.topic import MAX_NAME_LENGTH, Topic, TopicError
from storage.store import Store
from views.buttons import plain
from views.errors import UserError
from views.limits import CHOICES, inert
from views.locales import number
from views.topics import listed, mistaken, saved, topic_form

MAX_TOPICS = 100
_SOURCES = ("huggingface",)  # whose papers the figures are of
_ROOM = 80  # of a button's custom_id for what was typed
_NOT_ALLOWED = N_("You need the permission “Manage Channels” for that: ask a moderator of this server.")
Name = app_commands.Range[str, 1, MAX_NAME_LENGTH]


@app_commands.guild_only()
@app_commands.default_permissions(manage_channels=True)
class Topics(commands.GroupCog, group_name="topic", group_description="Topics with a name, for this server’s subscriptions"):
    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self._saving = asyncio.Lock()  # between counting a server's topics and adding one

    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Discord's own check is only a hint, which servers can change: this one counts."""
        if not manages_server(interaction):
            raise app_commands.MissingPermissions(["manage_channels"])
        return True

    @app_commands.command()
    async def new(self, interaction: discord.Interaction[Any]) -> None:
        """Give a topic a name: words, what must not occur, and whose papers."""
        await interaction.response.send_modal(topic_form(TopicForm()))

    @app_commands.command()
    @app_commands.describe(name="Which one")
    async def edit(self, interaction: discord.Interaction[Any], name: Name) -> None:
        """Change a topic, and with it every subscription that follows it."""
        topic = await self._store.topics.get(interaction.guild_id or 0, name)
        if topic:
            await interaction.response.send_modal(topic_form(decomposed(topic), topic.name))
        else:  # a form is the first answer or none, so there was no "thinking" before
            await _refuse(interaction, _unknown(name))

    @app_commands.command(name="list")
    async def list_(self, interaction: discord.Interaction[Any]) -> None:
        """Show this server's topics, what each brings, and the presets."""
        async with answering(interaction, at_once=True):
            guild_id = interaction.guild_id or 0
            topics = await self._store.topics.of(guild_id)
            until = papers_day(Mode.LIVING, self._now())
            paces = await pace(Lists(self._store), [topic.expression for topic in topics], _SOURCES, until)
            orders = await self._store.subscriptions.of_guild(guild_id)
            rows = [(topic, a_day, _followers(orders, topic)) for topic, a_day in zip(topics, paces, strict=True)]
            await show(interaction, listed(rows, PRESETS))

    @app_commands.command()
    @app_commands.describe(name="Which one")
    async def remove(self, interaction: discord.Interaction[Any], name: Name) -> None:
        """Forget a topic's name; its subscriptions go on as they are."""
        async with answering(interaction):
            guild_id = interaction.guild_id or 0
            topic = await self._store.topics.get(guild_id, name)
            if topic is None:
                raise UserError(_unknown(name))
            kept = _followers(await self._store.subscriptions.of_guild(guild_id), topic)
            await self._store.topics.remove(guild_id, topic.name)
            text = _("Forgotten: **{topic}**.").format(topic=inert(topic.name, 80))
            if kept:
                rest = ngettext(
                    "{count} subscription keeps the topic as it is.", "{count} subscriptions keep the topic as it is.", kept
                )
                text += f" {rest.format(count=number(kept))}"
            await show(interaction, plain(text))

    @edit.autocomplete("name")
    @remove.autocomplete("name")
    async def _names(self, interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        if not manages_server(interaction):  # discord.py runs no checks before it completes
            return []
        found = topics_like(await self._store.topics.of(interaction.guild_id or 0), typed)
        return [app_commands.Choice(name=topic.name, value=topic.name) for topic in found[:CHOICES]]

    @commands.Cog.listener()
    async def on_topic_filled(self, interaction: discord.Interaction[Any], was: str, texts: Mapping[str, str]) -> None:
        """A form was sent, perhaps one that an earlier process had opened."""
        form = TopicForm(**{name: texts.get(name, "") for name in LABELS})
        async with answering(interaction):
            if not manages_server(interaction) or interaction.guild_id is None:
                raise UserError(_(_NOT_ALLOWED))
            try:
                topic = await self._save(interaction, form, was)
            except (UserError, TopicError) as error:
                typed = json.dumps({**asdict(form), "was": was})
                reference = await self._store.notes.shortened(typed, _ROOM, self._now())
                await show(interaction, mistaken(error, form, reference))
            else:
                await self._show_saved(interaction, topic)

    @commands.Cog.listener()
    async def on_topicform_pressed(self, interaction: discord.Interaction[Any], value: str) -> None:
        """ "Edit again": the form, with what was typed."""
        typed = await self._store.notes.whole(value)
        if not manages_server(interaction):
            await _refuse(interaction, _(_NOT_ALLOWED))
        elif typed is None:
            await _refuse(interaction, _("What was typed is no longer kept: `/topic new` begins anew."))
        else:
            values = json.loads(typed)
            was = values.pop("was")
            await interaction.response.send_modal(topic_form(TopicForm(**values), was))

    async def _save(self, interaction: discord.Interaction[Any], form: TopicForm, was: str) -> Topic:
        """Store what the form asks for. Raises UserError and TopicError."""
        guild_id = interaction.guild_id or 0
        topic = composed(form)
        if preset(topic.name) or topic.name.casefold() == EVERYTHING:
            raise UserError(_("“{name}” is the name of a preset: choose another.").format(name=inert(topic.name, 80)))
        async with self._saving:
            known = {each.name.casefold(): each.name for each in await self._store.topics.of(guild_id)}
            before = known.get(was.casefold())
            if topic.name.casefold() in known and topic.name.casefold() != was.casefold():
                problem = _("There is a topic “{name}” already: `/topic edit` changes it.")
                raise UserError(problem.format(name=inert(topic.name, 80)))
            if before is None and len(known) >= MAX_TOPICS:
                raise UserError(_("A server has at most {most} topics: `/topic remove` one first.").format(most=MAX_TOPICS))
            await self._store.topics.save(guild_id, topic, interaction.user.id, self._now(), before)
        return topic

    async def _show_saved(self, interaction: discord.Interaction[Any], topic: Topic) -> None:
        guild_id = interaction.guild_id or 0
        usual = Subscription(
            guild_id, interaction.channel_id or 0, topic, time(9), ZoneInfo("UTC"), size=MAX_SIZE, sources=_SOURCES
        )
        replayed = await replay(Lists(self._store), usual, papers_day(usual.mode, self._now(), usual.sources))
        followers = _followers(await self._store.subscriptions.of_guild(guild_id), topic)
        await show(interaction, saved(topic, replayed, followers))


def _followers(orders: Iterable[Subscription], topic: Topic) -> int:
    return sum(order.topic.name.casefold() == topic.name.casefold() for order in orders)


def _unknown(name: str) -> str:
    return _("This server has no topic “{name}”: `/topic list` shows them.").format(name=inert(clean(name), 80))


async def _refuse(interaction: discord.Interaction[Any], sentence: str) -> None:
    await interaction.response.send_message(view=plain(sentence), ephemeral=True)
