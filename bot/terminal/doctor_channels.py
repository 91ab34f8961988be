"""The doctor's look at the channels that subscriptions post into: what Paperboy lacks there, over REST, without connecting."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby, islice
from typing import Any

import aiohttp
import discord

from bot.terminal.findings import Finding, State, safe
from papers.subscription import Kind, Subscription
from views.places import missing_permissions, place_of

_MOST_SERVERS = 20  # three requests each
_MOST_THREADS = 20  # one request each
_GIVE = "give them to Paperboy’s role in the channel’s settings, under Permissions"


async def channels(orders: Iterable[Subscription], secret: str) -> list[Finding]:
    """What is missing in the channels of these subscriptions; a line for each that lacks something."""
    by_server = sorted(orders, key=lambda order: order.guild_id)
    servers = [(guild_id, list(group)) for guild_id, group in groupby(by_server, lambda order: order.guild_id)]
    if not servers:
        return [Finding("channels", State.OFF, "nothing is subscribed yet: /subscribe add in Discord does it")]
    findings: list[Finding] = []
    looked_at = servers[:_MOST_SERVERS]
    try:
        async with discord.Client(intents=discord.Intents.none(), max_ratelimit_timeout=30) as client:
            await client.login(secret)
            for guild_id, of_one in looked_at:
                findings += await _server(client, guild_id, of_one)
    except discord.LoginFailure:
        return [Finding("channels", State.OFF, "not looked at, as Discord refuses the token")]
    except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
        return [Finding("channels", State.NOTE, f"could not be looked at ({safe(str(error))}): try again")]
    if not findings:
        count = len({order.channel_id for _, of_one in looked_at for order in of_one})
        said = f"{count} on {len(looked_at)} server{'' if len(looked_at) == 1 else 's'}: Paperboy may do there what it needs to"
        findings.append(Finding("channels", State.WELL, said))
    if len(servers) > _MOST_SERVERS:
        findings.append(Finding("channels", State.NOTE, f"the first {_MOST_SERVERS} of {len(servers)} servers were looked at"))
    return findings


async def _server(client: discord.Client, guild_id: int, orders: Sequence[Subscription]) -> list[Finding]:
    try:
        guild = await _guild(client, guild_id, {order.channel_id for order in orders if order.kind is Kind.THREAD})
    except (discord.NotFound, discord.Forbidden):
        return [
            Finding("channels", State.WRONG, f"Paperboy is not in server {guild_id} any more: invite it again (paperboy init)")
        ]
    lacking: dict[int, Finding] = {}
    for order in orders:
        place = place_of(guild, order.channel_id)
        where = f"#{safe(place.name, 40)}" if place else f"channel {order.channel_id}"
        if place is None:
            said = f"{where} of {safe(guild.name, 40)} is gone or hidden: /subscribe remove, or let Paperboy see it"
            lacking[order.channel_id] = Finding("channels", State.WRONG, said)
        elif missing := missing_permissions(place, order):
            names = ", ".join(f"“{name}”" for name in missing)
            said = f"{where} of {safe(guild.name, 40)} lacks {names}: {_GIVE}"
            lacking[order.channel_id] = Finding("channels", State.WRONG, said)
    return list(lacking.values())


async def _guild(client: discord.Client, guild_id: int, thread_ids: Iterable[int]) -> discord.Guild:
    """The server as the bot's cache would have it: with its roles, its channels, the bot as a member, and those threads."""
    assert client.user  # noqa: S101 (it is logged in)
    http: Any = client.http
    told = await http.get_guild(guild_id, with_counts=False)
    places = await http.get_all_guild_channels(guild_id)
    me = await http.get_member(guild_id, client.user.id)
    threads = []
    for thread_id in islice(thread_ids, _MOST_THREADS):
        try:
            threads.append(await http.get_channel(thread_id))
        except (discord.NotFound, discord.Forbidden):
            continue
    state: Any = client._connection  # what discord.py's own fetch_guild builds a server with
    data: Any = {**told, "channels": places, "members": [me], "threads": threads}
    return discord.Guild(data=data, state=state)
