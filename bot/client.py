"""The discord.py Bot: intents, cogs, commands synced when they changed, and what happens to an error."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import sys
from contextlib import suppress
from datetime import timedelta
from typing import Any

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands
from yarl import URL

from bot.app import App
from bot.config import DiscordConfig
from bot.guilds import Connection
from bot.identifying import mind_the_budget
from bot.limiting import Limits, admitted
from bot.pacer import Pacer
from bot.posting import ChannelPoster
from bot.private import PrivateChannels
from bot.requests import Requests
from bot.telling import Teller
from bot.translating import Translator, discords_locale, payload
from bot.watching.serving import begin, ended, failed, is_of_component, on_behalf
from bot.watching.tally import Tally
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
from cogs.language import Language
from cogs.leaving import Leaving
from cogs.panel import Panel
from cogs.paper import Paper
from cogs.privacy import Privacy
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
from papers.language import language_of, speak
from views.buttons import Press
from views.catalogue import learn_all
from views.errors import UserError, sentence
from views.privacy import Notice
from views.selects import Choose

log = logging.getLogger(__name__)

discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False  # we do not speak: no need to miss its libraries

_SYNCED = "commands synced"
# "Unknown interaction" and "already acknowledged": Discord or another instance was faster; there is nobody to answer. Nor is
# there after 15 minutes: "unknown webhook", "invalid webhook token".
_TOO_LATE_TO_ANSWER = {10062, 40060, 10015, 50027}
_OFFERS_WITHIN_S = 2.0  # while one types; Discord waits for 3 s


class Tree(app_commands.CommandTree["Paperboy"]):
    async def interaction_check(self, interaction: discord.Interaction[Any], /) -> bool:
        """Everybody may ask, if not too often; each is answered in their language, for each interaction has a task of its own.

        Buttons, selects and forms ask this too, before their cogs hear of them.
        """
        begin(interaction)
        speak(language_of(interaction.locale))
        return await admitted(interaction, self.client.limits)

    async def _call(self, interaction: discord.Interaction[Any]) -> None:
        """discord.py's own: the one place that every autocompletion goes through. One that takes too long offers nothing."""
        if interaction.type is not discord.InteractionType.autocomplete:
            await super()._call(interaction)
            return
        try:
            async with asyncio.timeout(_OFFERS_WITHIN_S):
                await super()._call(interaction)
        except TimeoutError:
            failed(interaction, "late")
            with suppress(discord.DiscordException, aiohttp.ClientError, OSError):
                await interaction.response.autocomplete([])
        ended(interaction, "autocompletion", self.client.tally)

    async def on_error(self, interaction: discord.Interaction[Any], error: app_commands.AppCommandError, /) -> None:
        await report(interaction, error)
        name = interaction.command.qualified_name if interaction.command else "unknown"
        ended(interaction, name, self.client.tally)


class Paperboy(commands.Bot):
    """The bot over an open App. It asks for the guilds intent alone, mentions nobody and keeps no messages."""

    def __init__(self, app: App) -> None:
        self.pacer = pacer = Pacer(app.config.discord.requests_per_second)
        self.tally = Tally()
        trace = pacer.trace()
        self.tally.listen_to(trace)
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
        self.limits = Limits(app.config.limits)
        requests = Requests(pacer)
        self.private = PrivateChannels(self, requests)
        locale = discords_locale(self, self.cache.locales)
        self.courier = Courier(app.store, ChannelPoster(self, requests), app.policy, app.summariser.ready, locale)
        self.teller = Teller(self, requests, app.store, self.courier.languages)
        self.leaving = Leaving(self, app.store, timedelta(days=app.config.privacy.removed_server_days), app.now)

    def _get_state(self, **options: Any) -> Connection:
        connection = Connection(dispatch=self.dispatch, handlers=self._handlers, hooks=self._hooks, http=self.http, **options)
        self.cache = connection
        return connection

    async def setup_hook(self) -> None:
        await asyncio.to_thread(learn_all)
        await self.tree.set_translator(Translator())
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
        zone = app.config.delivery.time_zone
        panel = Panel(app.store, self.courier, app.now)
        exchange = Exchange(app.store, self.courier, app.now, limit)
        await self.add_cog(Subscribe(app.store, self.courier, app.now, panel, exchange, limit, zone))
        await self.add_cog(Adding(app.store, self.courier, app.now, limit))
        await self.add_cog(panel)
        await self.add_cog(exchange)
        await self.add_cog(Topics(app.store, app.now))
        await self.add_cog(Why(app.engine, app.store, app.policy, completing, app.now))
        await self.add_cog(StatusCog(app.store, self.courier, app.summariser, app.now))
        await self.add_cog(
            Follow(app.store, self.private, app.policy.sources, app.now, app.config.limits.follows_per_person, zone)
        )
        await self.add_cog(Inbox(app.store, self.private, self.courier, app.now))
        await self.add_cog(Language(app.store, self.courier.languages))
        await self.add_cog(Access(self, app.store))
        await self.add_cog(self.leaving)
        await self.add_cog(Privacy(app.store.people, notice_of(app), subjects.forget))
        await self.add_cog(Forms())
        self.add_dynamic_items(Press, Choose)
        await self._sync_changed_commands()

    def dispatch(self, event_name: str, /, *args: Any, **kwargs: Any) -> None:
        if event_name == "guild_available" and self.cache.is_telling:
            return  # with a new session it is every server's, and "ready" follows
        self.tally.dispatched(event_name)
        with on_behalf(args):
            super().dispatch(event_name, *args, **kwargs)

    async def _run_event(self, coro: Any, event_name: str, *args: Any, **kwargs: Any) -> None:
        """discord.py's own; nothing public tells when a listener has ended."""
        await super()._run_event(coro, event_name, *args, **kwargs)
        if is_of_component(event_name):
            ended(args[0], event_name.removeprefix("on_"), self.tally)

    async def on_app_command_completion(self, interaction: discord.Interaction[Any], command: Any) -> None:
        ended(interaction, command.qualified_name, self.tally)

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        """A listener failed; where it was serving a button, its presser is told."""
        error = sys.exc_info()[1]
        if error and args and isinstance(args[0], discord.Interaction):
            await report(args[0], error)
        else:
            log.error("error in %s", event_method, exc_info=error)

    async def _sync_changed_commands(self) -> None:
        """Discord allows 200 command changes a day, and a sync takes effect at once: once per change is enough."""
        offered = json.dumps(await payload(self.tree), sort_keys=True)
        synced = f"{self.application_id} {hashlib.sha256(offered.encode()).hexdigest()}"
        if await self.app.store.notes.note(_SYNCED) != synced:
            await self.tree.sync()
            await self.app.store.notes.write(_SYNCED, synced)
            log.info("commands synced")


def notice_of(app: App) -> Notice:
    """What the settings say of privacy."""
    privacy = app.config.privacy
    return Notice(
        policy_url=privacy.policy_url,
        terms_url=privacy.terms_url,
        removed_server_days=privacy.removed_server_days,
        keep=app.config.keeping.kept,
        model=app.summariser.model_name,
    )


async def report(interaction: discord.Interaction[Any], error: BaseException) -> None:
    """Tell the person one sentence, and the log the whole, both with the same reference."""
    reference = begin(interaction)
    cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
    if isinstance(cause, app_commands.TransformerError) and cause.__cause__:
        cause = cause.__cause__  # what an option could not be read for
    if isinstance(cause, discord.HTTPException) and cause.code in _TOO_LATE_TO_ANSWER:
        failed(interaction, "late")
        log.warning("an interaction could not be answered: %s", cause)
        return
    is_theirs = isinstance(cause, app_commands.CheckFailure | UserError)
    failed(interaction, "refused" if is_theirs else "failed")
    if not is_theirs:
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
