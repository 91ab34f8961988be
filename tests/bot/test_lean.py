"""Servers that sleep (bot/guilds.py) know all that discord.py's own know, as far as Paperboy reads it; over the wire gateway."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import discord
import pytest

from bench.servers import guild_id, posted_in, server
from bot.guilds import Connection, Server
from bot.translating import discords_locale
from sandbox.wire.channels import FORUM, GUILD_ID, PUBLIC_THREAD, TEXT, tag
from sandbox.wire.rest import TOKEN
from sandbox.wire.state import BOT_ID, Channel
from tests.sandbox.conftest import Bot, Wire, connected, wire

__all__ = ["wire"]  # a fixture


class LeanBot(Bot):
    def _get_state(self, **options: Any) -> Connection:
        return Connection(dispatch=self.dispatch, handlers=self._handlers, hooks=self._hooks, http=self.http, **options)


@asynccontextmanager
async def seen_by(kind: type[Bot]) -> AsyncIterator[Bot]:
    async with kind() as client:
        await client.login(TOKEN)
        async with connected(client):
            yield client


def known(guild: discord.Guild) -> dict[str, Any]:
    """What Paperboy reads of a server."""
    me, everyone = guild.me, guild.default_role
    places = [place for place in [*guild.channels, *guild.threads] if not isinstance(place, discord.CategoryChannel)]
    return {
        "name": guild.name,
        "locale": guild.preferred_locale,
        "system": guild.system_channel and guild.system_channel.id,
        "updates": guild.public_updates_channel and guild.public_updates_channel.id,
        "roles": [(role.id, role.name, role.permissions, role.mentionable, role.position) for role in guild.roles],
        "mine": [role.id for role in me.roles],
        "places": [(place.id, type(place), place.name, place.mention) for place in places],
        "allowed": [(place.permissions_for(me), place.permissions_for(everyone)) for place in places if place.type.value != 11],
        "in threads": [thread.permissions_for(me) for thread in guild.threads],
        "parents": [thread.parent_id for thread in guild.threads],
        "tags": [[each.name for each in forum.available_tags] for forum in guild.forums],
    }


@pytest.fixture
def crowd(wire: Wire) -> Channel:
    """Two servers beside the wire's own, which has a forum with a thread in it, and a channel."""
    wire.gateway.others = [server(number) for number in range(2)]
    forum = wire.world.add_channel("forum", FORUM, tags=[tag(11, "vision")])
    wire.world.add_channel("talk", PUBLIC_THREAD, parent_id=forum.id, owner_id=BOT_ID)
    return wire.world.add_channel("daily-papers", TEXT, can_send=False)


async def test_a_sleeping_server_knows_what_discordpys_own_knows(wire: Wire, crowd: Channel) -> None:
    async with seen_by(Bot) as plain:
        expected = {guild.id: known(guild) for guild in plain.guilds}
    async with seen_by(LeanBot) as lean:
        assert all(isinstance(guild, Server) and guild.is_asleep for guild in lean.guilds)
        assert {guild.id: known(guild) for guild in lean.guilds} == expected
    assert len(expected) == 3


async def test_what_is_looked_for_by_its_id_alone_wakes_no_other_server(wire: Wire, crowd: Channel) -> None:
    async with seen_by(LeanBot) as client:
        found = client.get_channel(posted_in(1))
        assert isinstance(found, discord.TextChannel)
        assert found.guild.id == guild_id(1)
        assert client.get_channel(4) is None
        awake = [guild.id for guild in client.guilds if isinstance(guild, Server) and not guild.is_asleep]
        assert awake == [guild_id(1)]


async def test_what_changes_is_seen_by_a_server_that_slept(wire: Wire, crowd: Channel) -> None:
    async with seen_by(LeanBot) as client:
        guild = client.get_guild(GUILD_ID)
        assert isinstance(guild, Server)
        crowd.can_send = True
        await wire.gateway.announce_channel(crowd)
        await client.seen("guild_channel_update")
        place = guild.get_channel(crowd.id)
        assert place is not None
        assert place.permissions_for(guild.me).send_messages
        new = wire.world.add_channel("new")
        await wire.gateway.announce_creation(new)
        await client.seen("guild_channel_create")
        assert client.get_channel(new.id) is not None
        await wire.gateway.announce_deletion(crowd)
        await client.seen("guild_channel_delete")
        assert guild.get_channel(crowd.id) is None


async def test_after_an_outage_a_server_sleeps_anew_and_has_only_what_is_there(wire: Wire, crowd: Channel) -> None:
    async with seen_by(LeanBot) as client:
        guild = client.get_guild(GUILD_ID)
        assert isinstance(guild, Server)
        assert guild.get_channel(crowd.id) is not None
        await wire.gateway.lose_guild()
        await client.seen("guild_unavailable")
        del wire.world.channels[crowd.id]
        await wire.gateway.bring_guild_back()
        await client.seen("guild_available", 4)
        assert client.get_guild(GUILD_ID) is guild
        assert guild.is_asleep
        assert guild.get_channel(crowd.id) is None
        assert len(guild.forums) == 1


async def test_a_server_that_changes_its_name_keeps_its_channels(wire: Wire, crowd: Channel) -> None:
    async with seen_by(LeanBot) as client:
        told = {name: value for name, value in server(0).items() if name not in {"channels", "threads", "members"}}
        await wire.gateway.dispatch("GUILD_UPDATE", {**told, "name": "New"})
        await client.seen("guild_update")
        guild = client.get_guild(guild_id(0))
        assert guild is not None
        assert guild.name == "New"
        assert guild.get_channel(posted_in(0)) is not None
        assert len(guild.roles) == 9


async def test_a_server_s_locale_is_known_through_an_outage_and_a_new_session(wire: Wire, crowd: Channel) -> None:
    async with seen_by(LeanBot) as client:
        assert isinstance(client._connection, Connection)
        locale = discords_locale(client, client._connection.locales)
        assert locale(GUILD_ID) == "en-US"
        told = {name: value for name, value in server(0).items() if name not in {"channels", "threads", "members"}}
        await wire.gateway.dispatch("GUILD_UPDATE", {**told, "preferred_locale": "de"})
        await client.seen("guild_update")
        assert locale(guild_id(0)) == "de"
        guild = client.get_guild(guild_id(0))
        assert guild is not None
        guild.unavailable = True
        assert locale(guild_id(0)) == "de"
        assert locale(5) == ""


async def test_the_copy_that_listeners_get_of_a_changed_server_takes_none_of_its_channels(wire: Wire, crowd: Channel) -> None:
    async with seen_by(LeanBot) as client:
        told = {name: value for name, value in server(0).items() if name not in {"channels", "threads", "members"}}
        copies: list[discord.Guild] = []
        client.dispatch = lambda event, *arguments: copies.extend(arguments[:1] if event == "guild_update" else ())  # type: ignore[method-assign]
        client._connection.dispatch = client.dispatch
        client._connection.parse_guild_update({**told, "name": "New"})
        (old,) = copies
        assert len(old.channels) > 0
        guild = client.get_guild(guild_id(0))
        assert guild is not None
        channel = guild.get_channel(posted_in(0))
        assert channel is not None
        assert channel.guild is guild
