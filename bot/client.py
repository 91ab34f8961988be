"""The discord.py Bot: intents, cogs, commands synced when they changed, and what happens to an error."""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
import sys
from typing import Any

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands
from yarl import URL

from bot.app import App
from bot.config import DiscordConfig
from bot.identifying import mind_the_budget
from bot.pacer import Pacer
from bot.posting import ChannelPoster
from bot.private import PrivateChannels
from bot.requests import Requests
from bot.telling import Teller
from cogs.access import Access
from cogs.adding import Adding
from cogs.ask import Ask
from cogs.compare import Compare
from cogs.completing import Completing
from cogs.exchange import Exchange
from cogs.find import Find
from cogs.follow import Follow
from cogs.forms import Forms
from cogs.inbox import Inbox
from cogs.panel import Panel
from cogs.paper import Paper
from cogs.search import Search
from cogs.sharing import Sharing
from cogs.similar import Similar
from cogs.status import StatusCog
from cogs.subjects import Subjects
from cogs.subscribe import Subscribe
from cogs.summary import Summaries
from cogs.today import Today
from cogs.topics import Topics
from cogs.why import Why
from digests.deliver import Courier
from views.buttons import Press
from views.errors import UserError, sentence
from views.selects import Choose

log = logging.getLogger(__name__)

discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # we do not speak: no need to miss its libraries

_SYNCED = "commands synced"
# "Unknown interaction" and "already acknowledged": Discord or another instance was faster; there is nobody to answer.
_TOO_LATE_TO_ANSWER = {10062, 40060}


class Tree(app_commands.CommandTree["Paperboy"]):
    async def on_error(self, interaction: discord.Interaction[Any], error: app_commands.AppCommandError, /) -> None:
        await report(interaction, error)


class Paperboy(commands.Bot):
    """The bot over an open App. It asks for the guilds intent alone, mentions nobody and keeps no messages."""

    def __init__(self, app: App) -> None:
        pacer = Pacer(app.config.discord.requests_per_second)
        trace = pacer.trace()
        super().__init__(
            command_prefix=(),
            help_command=None,
            tree_cls=Tree,
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
            allowed_installs=app_commands.AppInstallationType(guild=True, user=False),  # cogs/installs.py names the others
            http_trace=trace,
            max_ratelimit_timeout=30,  # a longer pause is the schedule's to wait for, not a request's
        )
        mind_the_budget(self, trace)
        self.app = app
        requests = Requests(pacer)
        self.private = PrivateChannels(self, requests)
        self.courier = Courier(app.store, ChannelPoster(self, requests), app.policy, app.summariser.ready)
        self.teller = Teller(self, requests, app.store)

    async def setup_hook(self) -> None:
        app = self.app
        completing, sharing, subjects = Completing(app.engine, app.now), Sharing(app.now), Subjects(app.store, app.now)
        await self.add_cog(Search(app.engine, app.store, completing, sharing, app.now))
        await self.add_cog(
            Paper(app.engine, app.store.papers, app.store.notes, completing, sharing, subjects, app.summariser.ready, app.now)
        )
        await self.add_cog(Similar(app.engine, app.store.papers, completing, sharing))
        find = Find(app.engine, app.store, sharing, app.now)
        await self.add_cog(find)
        self.tree.add_command(find.menu)
        summaries = Summaries(app.engine, app.store, app.summariser, completing, sharing, subjects, app.now)
        await self.add_cog(summaries)
        self.tree.add_command(summaries.menu)
        await self.add_cog(Ask(app.engine, app.store.papers, app.summariser, app.reader, completing, sharing, subjects))
        await self.add_cog(Compare(app.engine, app.store, app.summariser, completing, sharing, app.now))
        await self.add_cog(Today(app.store, app.now))
        limit = app.config.limits.subscriptions_per_server
        panel = Panel(app.store, self.courier, app.now)
        exchange = Exchange(app.store, self.courier, app.now, limit)
        await self.add_cog(Subscribe(app.store, self.courier, app.now, panel, exchange, limit))
        await self.add_cog(Adding(app.store, self.courier, app.now, limit))
        await self.add_cog(panel)
        await self.add_cog(exchange)
        await self.add_cog(Topics(app.store, app.now))
        await self.add_cog(Why(app.engine, app.store, app.policy, completing, app.now))
        await self.add_cog(StatusCog(app.store, self.courier, app.summariser, app.now))
        await self.add_cog(Follow(app.store, self.private, app.policy.sources, app.now, app.config.limits.follows_per_person))
        await self.add_cog(Inbox(app.store, self.private, self.courier, app.now))
        await self.add_cog(Access(app.store))
        await self.add_cog(Forms())
        self.add_dynamic_items(Press, Choose)
        await self._sync_changed_commands()

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        """A listener failed; where it was serving a button, its presser is told."""
        error = sys.exc_info()[1]
        if error and args and isinstance(args[0], discord.Interaction):
            await report(args[0], error)
        else:
            log.error("error in %s", event_method, exc_info=error)

    async def _sync_changed_commands(self) -> None:
        """Discord allows 200 command changes a day, and a sync takes effect at once: once per change is enough."""
        payload = json.dumps([command.to_dict(self.tree) for command in self.tree.get_commands()], sort_keys=True)
        synced = f"{self.application_id} {hashlib.sha256(payload.encode()).hexdigest()}"
        if await self.app.store.notes.note(_SYNCED) != synced:
            await self.tree.sync()
            await self.app.store.notes.write(_SYNCED, synced)
            log.info("commands synced")


async def report(interaction: discord.Interaction[Any], error: BaseException) -> None:
    """Tell the person one sentence, and the log the whole, both with the same reference."""
    reference = secrets.token_hex(4)
    cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
    if isinstance(cause, app_commands.TransformerError) and cause.__cause__:
        cause = cause.__cause__  # what an option could not be read for
    if isinstance(cause, discord.HTTPException) and cause.code in _TOO_LATE_TO_ANSWER:
        log.warning("an interaction could not be answered: %s", cause)
        return
    if not isinstance(cause, app_commands.CheckFailure | UserError):
        log.error("error %s in interaction %d", reference, interaction.id, exc_info=cause)
    text = sentence(cause, reference)
    try:
        if interaction.response.is_done():
            await interaction.followup.send(text, ephemeral=True)
        else:
            await interaction.response.send_message(text, ephemeral=True)
    except (discord.DiscordException, aiohttp.ClientError, OSError) as unsent:
        log.warning("the person could not be told of error %s: %s", reference, unsent)


def use_addresses(config: DiscordConfig) -> None:
    """Talk to another endpoint that speaks Discord's protocol. discord.py has its addresses in these two places only."""
    if config.api_url:
        discord.http.Route.BASE = config.api_url
    if config.gateway_url:
        discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY = URL(config.gateway_url)
