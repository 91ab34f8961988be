"""/subscribe export and import: a server's subscriptions and named topics as one file, out and in.

A file that was handed in is kept in the store until it is applied or dropped, and every button leads back to it. What a
button shows and what its press would do are compared by a mark: nothing is done that was not shown.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import discord
from discord.ext import commands

from cogs.adding import require_sources
from cogs.answering import answering, show
from cogs.places import (
    found_place,
    manages_server,
    may_manage,
    mentionable_id,
    require_both_may,
    require_manager,
    tag_id_of,
    tags_of,
)
from cogs.topics import MAX_TOPICS
from digests.deliver import Courier
from digests.editions import owed_after
from papers.exchange import MAX_BYTES, Difference, difference, file_values, honest, read_file
from papers.expression import EVERYTHING
from papers.language import _
from papers.order_values import values_of
from papers.presets import preset
from papers.subscription import Subscription, SubscriptionError
from papers.topic import TopicError
from storage.store import Store
from storage.subscriptions import Batch
from views.buttons import plain
from views.errors import UserError
from views.exchange import Refused, applied, as_toml, compared, exported
from views.limits import inert
from views.places import Place, kind_of, place_of

_READ_WITHIN_S = 10.0
_REFERENCE = 26  # characters of a button's custom_id for the file: so little that it is always kept in the store
_SENTENCE = 500


@dataclass(frozen=True, slots=True)
class _Found:
    """What a file would change now, as far as the person and Paperboy may; ``total`` and ``least`` are how many subscriptions
    there would be, without and with what is missing removed.
    """

    difference: Difference
    refused: tuple[Refused, ...]
    total: int

    @property
    def least(self) -> int:
        return self.total - len(self.difference.missing)

    @property
    def mark(self) -> str:
        found = self.difference
        orders = [found.added, [wanted for _, wanted in found.changed], found.missing, [each.order for each in self.refused]]
        told = [[(order.id, values_of(order)) for order in group] for group in orders]
        topics = [(topic.name, topic.text) for topic in found.topics]
        return hashlib.sha256(repr((told, topics)).encode()).hexdigest()[:16]


class Exchange(commands.Cog):
    """At most ``limit`` subscriptions a server."""

    def __init__(self, store: Store, courier: Courier, now: Callable[[], datetime], limit: int) -> None:
        self._store = store
        self._courier = courier
        self._now = now
        self._limit = limit
        # By server: who presses Apply twice has it done once.
        self._applying: defaultdict[int | None, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def give(self, interaction: discord.Interaction[Any]) -> None:
        """Answer with the file."""
        async with answering(interaction):
            guild = _guild(interaction)
            orders = await self._store.subscriptions.of_guild(guild.id)
            places = {order.channel_id: place_of(guild, order.channel_id) for order in orders}
            orders = [order for order in orders if may_manage(interaction, places[order.channel_id])]
            topics = await self._store.topics.of(guild.id)
            if not (orders or topics):
                raise UserError(_("There are no subscriptions yet that you may manage: `/subscribe add` makes one."))
            names = {key: place.name for key, place in places.items() if place}
            text = as_toml(file_values(topics, orders, names), guild.name, self._now())
            view, file = exported(text, len(orders), len(topics))
            await interaction.edit_original_response(
                view=view, attachments=[file], allowed_mentions=discord.AllowedMentions.none()
            )

    async def take(self, interaction: discord.Interaction[Any], file: discord.Attachment) -> None:
        """Answer with what the file would change."""
        async with answering(interaction):
            text = await _text_of(file)
            found = await self._found(interaction, text)
            reference = await self._store.notes.shortened(text, 0, self._now())
            await self._show(interaction, found, reference)

    @commands.Cog.listener()
    async def on_exchange_pressed(self, interaction: discord.Interaction[Any], value: str) -> None:
        what, mark, reference = (*value.split(":", 2), "", "")[:3]
        async with answering(interaction, same_message=True), self._applying[interaction.guild_id]:
            require_manager(interaction, None)
            if what == "drop":
                await self._store.notes.forget(reference)
                await show(interaction, plain(_("Nothing was changed.")))
                return
            text = await self._store.notes.whole(reference)
            if text is None:
                raise UserError(_("That file is no longer kept: hand it in again with `/subscribe import`."))
            found = await self._found(interaction, text)
            is_removing = what in {"with", "purge"}
            if what in {"with", "without"}:
                await self._show(interaction, found, reference, is_removing=is_removing)
            elif found.mark != mark:
                note = _("Something has changed meanwhile: look again before you apply it.")
                await self._show(interaction, found, reference, note, is_removing=is_removing)
            else:
                await self._apply(interaction, found, is_removing=is_removing)
                await self._store.notes.forget(reference)

    async def _apply(self, interaction: discord.Interaction[Any], found: _Found, *, is_removing: bool) -> None:
        number = found.least if is_removing else found.total
        if number > self._limit:
            raise UserError(self._too_many(number))
        now = self._now()
        changes = found.difference
        batch = Batch(
            _guild(interaction).id,
            topics=changes.topics,
            added=changes.added,
            changed=[(wanted, owed_after(was, wanted, now)) for was, wanted in changes.changed],
            removed=changes.missing if is_removing else (),
        )
        await self._store.subscriptions.apply(batch, now, made_by=interaction.user.id)
        await show(interaction, applied(changes, is_removing=is_removing))

    async def _show(
        self, interaction: discord.Interaction[Any], found: _Found, reference: str, note: str = "", *, is_removing: bool = False
    ) -> None:
        number = found.least if is_removing else found.total
        may_apply = number <= self._limit
        note = note or ("" if may_apply else self._too_many(number))
        view = compared(
            found.difference, found.refused, reference, found.mark, note, is_removing=is_removing, may_apply=may_apply
        )
        await show(interaction, view)

    def _too_many(self, number: int) -> str:
        text = _("A server has at most {most} subscriptions, and this would make {number}: remove some first.")
        return text.format(most=self._limit, number=number)

    async def _found(self, interaction: discord.Interaction[Any], text: str) -> _Found:
        """What the file would change for this person now. Raises UserError for a file that cannot be used."""
        guild = _guild(interaction)
        orders = await self._store.subscriptions.of_guild(guild.id)
        topics = await self._store.topics.of(guild.id)
        kinds = {place.id: kind_of(place) for place in _places(guild)}
        try:
            # In a thread of its own, since a large file takes a fifth of a second.
            contents = await asyncio.to_thread(read_file, text, guild.id, kinds, self._limit)
        except (SubscriptionError, TopicError) as error:
            raise UserError(inert(f"{error}", _SENTENCE)) from None  # the file's words, which may be anybody's
        for topic in contents.topics:
            if preset(topic.name) or topic.name.casefold() == EVERYTHING:
                problem = _("“{name}” is the name of a preset: choose another in the file.")
                raise UserError(problem.format(name=inert(topic.name, 80)))
        found = difference(honest(contents, [*topics, *(order.topic for order in orders)]), orders, topics)
        if found.topics and not manages_server(interaction):
            raise UserError(_("The file changes named topics: that needs “Manage Channels” in the whole server."))
        new_names = {topic.name.casefold() for topic in found.topics} - {topic.name.casefold() for topic in topics}
        if len(topics) + len(new_names) > MAX_TOPICS:
            raise UserError(_("A server has at most {most} topics: `/topic remove` some first.").format(most=MAX_TOPICS))
        return await self._allowed(interaction, found, len(orders))

    async def _allowed(self, interaction: discord.Interaction[Any], found: Difference, stored: int) -> _Found:
        """The difference without what the person, or Paperboy, may not do."""
        refused: list[Refused] = []
        added: list[Subscription] = []
        for order in found.added:
            # Only channels that are known already are looked for elsewhere: a file could name thousands.
            why = self._refusal(interaction, place_of(interaction.guild, order.channel_id), order, None)
            (refused.append(Refused(order, why)) if why else added.append(order))
        changed: list[tuple[Subscription, Subscription]] = []
        for was, wanted in found.changed:
            place = await found_place(interaction.guild, was.channel_id)
            why = self._refusal(interaction, place, wanted, was)
            (refused.append(Refused(was, why)) if why else changed.append((was, wanted)))
        missing = [order for order in found.missing if await _may_manage(interaction, order)]
        left = replace(found, added=tuple(added), changed=tuple(changed), missing=tuple(missing))
        return _Found(left, tuple(refused), stored + len(added))

    def _refusal(
        self, interaction: discord.Interaction[Any], place: Place | None, order: Subscription, was: Subscription | None
    ) -> str:
        """Why an entry cannot be taken; empty where it can."""
        if place is None:
            return _("this server has no such channel, or Paperboy cannot see it.")
        try:
            require_both_may(interaction, place, order)
            if was is None or was.sources != order.sources:
                require_sources(order.sources, self._courier.policy.sources)
            if order.role_id and not (was and was.role_id == order.role_id):
                role = place.guild.get_role(order.role_id)
                if role is None:
                    return _("this server has no such role to mention.")
                mentionable_id(role, place)
            if order.tag_id is None:
                tag_id_of(place, None)
            elif order.tag_id not in {tag.id for tag in tags_of(place)} and not (was and was.tag_id == order.tag_id):
                return _("{channel} has no such tag.").format(channel=place.mention)
        except UserError as error:
            return f"{error}"
        return ""


def _guild(interaction: discord.Interaction[Any]) -> discord.Guild:
    if interaction.guild is None:
        raise UserError(_("That works in a server, not in a private message."))
    return interaction.guild


def _places(guild: discord.Guild) -> list[Place]:
    return [place for each in [*guild.channels, *guild.threads] if (place := place_of(guild, each.id))]


async def _may_manage(interaction: discord.Interaction[Any], order: Subscription) -> bool:
    try:
        require_manager(interaction, await found_place(interaction.guild, order.channel_id))
    except UserError:
        return False
    return True


async def _text_of(file: discord.Attachment) -> str:
    """What is in the file, read from Discord, where it lies. Raises UserError."""
    if file.size > MAX_BYTES:
        raise UserError(_("That file is too large: Paperboy reads up to {most} KiB.").format(most=MAX_BYTES // 1024))
    try:
        async with asyncio.timeout(_READ_WITHIN_S):
            content = await file.read()
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UserError(_("That file is no text in UTF-8: hand in one as `/subscribe export` writes it.")) from None
    except (discord.DiscordException, OSError, TimeoutError) as error:
        raise UserError(_("Discord did not hand the file over: please try again.")) from error
