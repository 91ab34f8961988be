"""A server's subscriptions as commands and buttons name them, and what may be done with one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import discord

from cogs.places import found_place, require_both_may, require_manager
from digests.deliver import Courier
from digests.editions import due, edition_at, next_edition
from digests.plan import Digest
from digests.planning import Lists, Policy, assembled, preview
from papers.language import N_, _
from papers.pause import parse_until
from papers.subscription import State, Subscription
from storage.store import Store
from views.errors import UserError

_GONE = N_("That channel is gone: `/subscribe remove` ends its subscription, `/subscribe add` makes another.")


async def chosen_order(store: Store, interaction: discord.Interaction[Any], value: str) -> Subscription:
    """The subscription an option or a button names, if it is this server's and its channel the person's to manage.

    The server is the interaction's own, never a part of what was sent. Raises UserError.
    """
    order = await store.subscriptions.get(int(value)) if value.isdecimal() and len(value) < 19 else None
    if order is None or interaction.guild_id is None or order.guild_id != interaction.guild_id or order.state is State.REMOVED:
        raise UserError(_("This server has no such subscription: choose one from the list."))
    require_manager(interaction, await found_place(interaction.guild, order.channel_id))
    return order


async def next_at(store: Store, order: Subscription, now: datetime) -> datetime:
    """When the next edition comes that is not planned already; for one that is paused until a date, from then on."""
    planned = await store.ledger.days_planned(since=now - timedelta(days=2), of=order.id)
    start = max(now, order.paused_until) if order.paused_until else now
    return next_edition(order, start, {day for key, day in planned if key == order.id}).due_at


async def is_owed(store: Store, order: Subscription, now: datetime, policy: Policy) -> bool:
    """Whether an edition is due that the next round plans, if its list is read."""
    since = await store.subscriptions.owed_since(order.id)
    if order.state is not State.ACTIVE or since is None:
        return False
    planned = await store.ledger.days_planned(since=now - timedelta(days=2), of=order.id)
    newest = next(iter(due(order, since, now)), None)
    return newest is not None and (order.id, newest.day) not in planned and now - newest.due_at <= policy.too_late


async def preview_of(store: Store, order: Subscription, now: datetime, courier: Courier) -> Digest:
    """What it would post if its hour were now, or what it has posted today."""
    return await courier.summarised(await _planned_or_posted(store, order, now, courier.policy))


async def _planned_or_posted(store: Store, order: Subscription, now: datetime, policy: Policy) -> Digest:
    edition = edition_at(order, now)
    posted = await store.ledger.of_edition(order.id, edition.day)
    if posted:
        return assembled(posted[0].edition, await store.papers.get_many(posted[0].edition.paper_ids))
    return await preview(Lists(store), edition, policy)


async def pause(store: Store, order: Subscription, until: str, now: datetime) -> Subscription:
    """Pause it until a date as people write it, or, for an empty text, until a person resumes it.

    Raises UserError and SubscriptionError.
    """
    if order.state is State.CLOSED:
        raise UserError(_(_GONE))
    ends = parse_until(until, now, order.zone) if until.strip() else None
    await store.subscriptions.set_state(order.id, State.PAUSED, now, ends)
    return replace(order, state=State.PAUSED, paused_until=ends)


async def resume(store: Store, interaction: discord.Interaction[Any], order: Subscription, now: datetime) -> Subscription:
    """What a person paused owes nothing for that time; what was shut out owes all that is not too late. Raises UserError."""
    if order.state is State.CLOSED:
        raise UserError(_(_GONE))
    require_both_may(interaction, await found_place(interaction.guild, order.channel_id), order)
    if order.state is State.SHUT_OUT:
        await store.subscriptions.readmit(order.id)
    elif order.state is not State.ACTIVE:  # one that runs goes on owing what it owes
        await store.subscriptions.set_state(order.id, State.ACTIVE, now)
    return replace(order, state=State.ACTIVE, paused_until=None)
