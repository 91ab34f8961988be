"""/subscribe edit: a private panel that shows a subscription and changes it, one thing at a press.

Nothing of a panel is in memory: its selects, buttons and forms carry the subscription's id and what they change.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import discord
from discord.ext import commands

from cogs.adding import chosen_topic, require_sources
from cogs.answering import answering, show
from cogs.options import zones_like
from cogs.orders import chosen_order, is_owed, next_at, pause, preview_of, resume
from cogs.places import found_place, require_both_may
from digests.deliver import Courier
from digests.editions import owed_after
from papers.language import _, speaking
from papers.order_values import revised
from papers.subscription import State, Subscription, SubscriptionError
from papers.topic import TopicError
from storage.store import Store
from views.buttons import plain
from views.digest import previewed
from views.errors import UserError, told
from views.forms import Form
from views.panel import panel, pause_form, time_form, topic_form
from views.subscriptions import in_words

_FIRST_ANSWER_WITHIN_S = 2.5
_FORMS: Mapping[str, Callable[[Subscription], Form]] = {"topic": topic_form, "time": time_form, "pause": pause_form}


class Panel(commands.Cog):
    def __init__(self, store: Store, courier: Courier, now: Callable[[], datetime]) -> None:
        self._store = store
        self._courier = courier
        self._now = now
        # By server: who changes two things at once finds both changed.
        self._changing: defaultdict[int | None, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def open(self, interaction: discord.Interaction[Any], subscription: str) -> None:
        async with answering(interaction, at_once=True):
            await self._show(interaction, await chosen_order(self._store, interaction, subscription))

    @commands.Cog.listener()
    async def on_panel_chosen(self, interaction: discord.Interaction[Any], value: str, values: list[str]) -> None:
        key, _, field = value.partition(":")
        changes: Mapping[str, Mapping[str, Any]] = {
            "days": {"days": ", ".join(values)},
            "size": {"size": int(values[0]) if values[0].isdecimal() else 0},
            "sources": {"sources": values[0].split()},
        }
        await self._change(interaction, key, changes.get(field, {field: values[0]}))

    @commands.Cog.listener()
    async def on_panel_pressed(self, interaction: discord.Interaction[Any], value: str) -> None:
        key, _, what = value.partition(":")
        field, _, wanted = what.partition(".")
        if wanted:
            await self._change(interaction, key, {field: wanted == "on"})
        elif what in _FORMS:
            await self._ask(interaction, key, _FORMS[what])
        elif what == "preview":
            await self._preview(interaction, key)
        else:
            await self._act(interaction, key, what)

    @commands.Cog.listener()
    async def on_panel_filled(self, interaction: discord.Interaction[Any], value: str, texts: dict[str, str]) -> None:
        key, _, what = value.partition(":")
        if what == "pause":
            await self._act(interaction, key, what, texts.get("until", ""))
        elif what == "time":
            await self._change(interaction, key, {**texts, "timezone": nearest_zone(texts.get("timezone", ""))})
        else:
            await self._change(interaction, key, texts)

    async def _change(self, interaction: discord.Interaction[Any], key: str, changes: Mapping[str, Any]) -> None:
        """Check and store, and show what then holds: where the change is refused, what held before, and why."""
        async with answering(interaction, same_message=True), self._changing[interaction.guild_id]:
            order = await chosen_order(self._store, interaction, key)
            note = ""
            try:
                order = await self._stored(interaction, order, changes)
            except (UserError, TopicError, SubscriptionError) as error:
                note = told(error)
            await self._show(interaction, order, note)

    async def _stored(
        self, interaction: discord.Interaction[Any], order: Subscription, changes: Mapping[str, Any]
    ) -> Subscription:
        if changes.get("topic") == order.topic.label:
            return order  # as the form was opened: the name may stand for nothing by now
        if "topic" in changes:
            topic = await chosen_topic(self._store, order.guild_id, changes["topic"])
            changes = {"topic": topic.text, "name": topic.name}
        changed = revised(order, changes)
        if changed == order:
            return order
        if changed.sources != order.sources:
            require_sources(changed.sources, self._courier.policy.sources)
        require_both_may(interaction, await found_place(interaction.guild, order.channel_id), changed)
        await self._store.subscriptions.change(changed, owed_after(order, changed, self._now()))
        return changed

    async def _act(self, interaction: discord.Interaction[Any], key: str, what: str, text: str = "") -> None:
        async with answering(interaction, same_message=True):
            order = await chosen_order(self._store, interaction, key)
            if what == "gone":
                await self._store.subscriptions.set_state(order.id, State.REMOVED, self._now())
                text = _("Removed: {channel} no longer gets {papers}.")
                await show(interaction, plain(text.format(channel=f"<#{order.channel_id}>", papers=in_words(order))))
                return
            if what == "pause":
                order = await pause(self._store, order, text, self._now())
            elif what == "resume":
                order = await resume(self._store, interaction, order, self._now())
            await self._show(interaction, order, is_removing=what == "remove")

    async def _preview(self, interaction: discord.Interaction[Any], key: str) -> None:
        async with answering(interaction, at_once=True):
            order = await chosen_order(self._store, interaction, key)
            digest = await preview_of(self._store, order, self._now(), self._courier)
            with speaking(digest.language):
                view = previewed(digest)
            await show(interaction, view)

    async def _ask(self, interaction: discord.Interaction[Any], key: str, form: Callable[[Subscription], Form]) -> None:
        """Open a form; Discord takes one as the first answer alone, so nothing can be acknowledged before."""
        async with asyncio.timeout(_FIRST_ANSWER_WITHIN_S):
            try:
                order = await chosen_order(self._store, interaction, key)
            except UserError as error:
                await interaction.response.send_message(told(error), ephemeral=True)
                return
            await interaction.response.send_modal(form(order))

    async def _show(
        self, interaction: discord.Interaction[Any], order: Subscription, note: str = "", *, is_removing: bool = False
    ) -> None:
        following = await next_at(self._store, order, self._now())
        is_due = await is_owed(self._store, order, self._now(), self._courier.policy)
        await show(interaction, panel(order, following, note, is_due=is_due, is_removing=is_removing))


def nearest_zone(typed: str) -> str:
    """The one time zone that was meant, if only one can be: a form completes nothing while it is typed."""
    found = zones_like(typed) if typed.strip() else []
    return found[0] if len(found) == 1 else typed
