"""Digest → a message in a channel, a thread or a forum; and what follows it."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any

import discord

from bot.requests import Requests
from digests.plan import Digest
from digests.poster import Outcome, Posted, PostError
from digests.tags import tags_for
from papers.language import N_, speaking
from papers.paper import Paper
from papers.subscription import Kind
from storage.editions import Delivery
from storage.outbox import Errand, FollowUp
from views.digest import day_title, digest_message, paper_post, plain_digest, post_title

log = logging.getLogger(__name__)

_LOOK_AT = 500  # messages of the channel, once forwards from the time in question and once backwards
_CLOCK_WRONG_BY = timedelta(days=2)  # so far ahead our clock may have been: what was posted then is older than we think
_POSTS_LOOKED_AT = 25  # of a forum
_NOBODY = discord.AllowedMentions.none()
# "This message was published already", "a thread was opened for it already": an earlier try came through.
_DONE_BEFORE = {40033, 160004}


class ChannelPoster:
    """Posts through a logged-in client. It needs no gateway connection and no cache."""

    def __init__(self, client: discord.Client, requests: Requests) -> None:
        self._client = client
        self._requests = requests

    async def post(self, delivery: Delivery, digest: Digest) -> Posted:
        """Post the digest; the mark is the message's nonce, by which Discord knows a repeated request.

        One that Discord refuses as malformed is our fault: the operator is told, and readers get it as plain text.
        Raises PostError.
        """
        role_id = await self._mentioned(delivery)
        try:
            return await self._send(delivery, digest, role_id, view=_view(delivery, digest, role_id))
        except PostError as error:
            if error.outcome is not Outcome.MALFORMED:
                raise
            log.error("Discord refused a digest as malformed, it is sent as plain text: %s", error, extra={"event": "malformed"})
            with speaking(digest.language):
                text = plain_digest(digest)
            posted = await self._send(delivery, digest, None, content=text)
            return Posted(posted.message_id, posted.thread_id, is_final=True)

    async def find(self, delivery: Delivery, since: datetime) -> Posted | None:
        """The message that carries the mark in one of its buttons, among those since shortly before ``since``.

        What was tried may be older, by a clock of ours that was ahead: then those before are looked at, too.
        None also where the history is closed to us. Raises PostError where it could not be read just now.
        """
        since -= timedelta(minutes=1)
        try:
            if delivery.subscription.kind is Kind.FORUM:
                return await self._find_post(delivery, since)
            return await self._find_message(delivery, since)
        except PostError as error:
            if error.outcome in {Outcome.BLOCKED, Outcome.STOPPED}:
                raise
            if error.outcome not in {Outcome.CLOSED, Outcome.GONE}:
                raise PostError(str(error), Outcome.UNCERTAIN, error.after) from error
            log.warning("the history of channel %d cannot be read: %s", delivery.channel_id, error)
        return None

    async def edit(self, delivery: Delivery, digest: Digest) -> None:
        """Make the message show the digest as it is now; nobody is notified. Raises PostError.

        In a post or thread that was archived or locked it stays as it is.
        """
        view = _view(delivery, digest, await self._mentioned(delivery))
        channel = self._channel(delivery.thread_id or delivery.channel_id)
        async with self._requests.one(done_codes={50083, 160005}):
            await channel.get_partial_message(delivery.message_id or 0).edit(view=view, allowed_mentions=_NOBODY)

    async def follow_up(self, follow_up: FollowUp) -> None:
        """Publish a message, or open a thread under it. Raises PostError."""
        message = self._channel(follow_up.channel_id).get_partial_message(follow_up.message_id)
        async with self._requests.one(done_codes=_DONE_BEFORE):
            if follow_up.errand is Errand.PUBLISH:
                await message.publish()
            else:
                with speaking(follow_up.language):
                    title = day_title(follow_up.papers_day, follow_up.topic)
                await self._client.http.start_thread_with_message(
                    follow_up.channel_id, follow_up.message_id, name=title, auto_archive_duration=1440
                )

    async def _send(self, delivery: Delivery, digest: Digest, role_id: int | None, **message: Any) -> Posted:
        order = delivery.subscription
        message["silent"] = order.is_silent
        message["suppress_embeds"] = "content" in message
        message["allowed_mentions"] = discord.AllowedMentions(
            everyone=False, users=False, replied_user=False, roles=[discord.Object(role_id)] if role_id else False
        )
        if order.kind is Kind.FORUM:
            return await self._open_post(delivery, digest, message)
        async with self._requests.one():
            sent = await self._channel(delivery.channel_id).send(nonce=delivery.mark, **message)
        return Posted(sent.id)

    async def _open_post(self, delivery: Delivery, digest: Digest, message: dict[str, Any]) -> Posted:
        forum = self._client.get_channel(delivery.channel_id)
        if not isinstance(forum, discord.ForumChannel):
            async with self._requests.one():
                forum = await self._client.fetch_channel(delivery.channel_id)
        if not isinstance(forum, discord.ForumChannel):
            raise PostError(N_("the channel is no forum any more"), Outcome.REFUSED)
        paper = _paper(delivery, digest)
        tags = {tag.id: tag.name for tag in forum.available_tags if not tag.moderated}
        applied = [discord.Object(tag_id) for tag_id in tags_for(tags, delivery.subscription, paper)]
        with speaking(digest.language):
            title = post_title(digest, paper)
        async with self._requests.one():
            made = await forum.create_thread(name=title, applied_tags=applied, **message)  # type: ignore[arg-type]  # it reads their ids
        return Posted(made.message.id, made.thread.id)

    async def _find_message(self, delivery: Delivery, since: datetime) -> Posted | None:
        """Look forwards from ``since``; then, since our clock may have been wrong at an earlier try, backwards: from ``since``
        if all that came after it was seen, else from the newest message.
        """
        edge, oldest = (discord.utils.time_snowflake(instant) for instant in (since, since - _CLOCK_WRONG_BY))
        found, seen = await self._look_through(delivery, after=discord.Object(edge - 1), oldest_first=True)
        if found is None and _may_be_older(delivery):
            before = discord.Object(edge) if seen < _LOOK_AT else None
            found, further = await self._look_through(delivery, before=before, after=discord.Object(oldest), oldest_first=False)
            seen += further
        if not seen:
            # So Discord answers, too, where the history may not be read.
            log.warning(
                "channel %d shows no message: if an earlier try came through minutes ago, this makes a duplicate",
                delivery.channel_id,
            )
        return found

    async def _look_through(self, delivery: Delivery, **where: Any) -> tuple[Posted | None, int]:
        """The delivery's message in a stretch of its channel's history, and how many messages were looked at."""
        seen = 0
        async with self._requests.one():
            async for message in self._channel(delivery.channel_id).history(limit=_LOOK_AT, **where):
                seen += 1
                if message.author == self._client.user and _carries(message, delivery.mark):
                    return Posted(message.id), seen
        return None, seen

    async def _find_post(self, delivery: Delivery, since: datetime) -> Posted | None:
        """Of our posts in the forum since then, active or archived, the one whose first message carries the mark."""
        assert self._client.user  # noqa: S101
        if _may_be_older(delivery):
            since -= _CLOCK_WRONG_BY
        async with self._requests.one():
            active = await self._client.http.get_active_threads(delivery.subscription.guild_id)
        async with self._requests.one():
            archived = await self._client.http.get_public_archived_threads(delivery.channel_id)
        posts = {
            int(thread["id"]): thread
            for thread in [*active["threads"], *archived["threads"]]
            if int(thread["parent_id"]) == delivery.channel_id and int(thread["owner_id"]) == self._client.user.id
        }
        recent = sorted((key for key in posts if discord.utils.snowflake_time(key) >= since), reverse=True)
        for thread_id in recent[:_POSTS_LOOKED_AT]:
            async with self._requests.one(done_codes={10008}):  # its first message was deleted
                message = await self._channel(thread_id).fetch_message(thread_id)
                if _carries(message, delivery.mark):
                    return Posted(thread_id, thread_id)
        return None

    async def _mentioned(self, delivery: Delivery) -> int | None:
        """The subscription's role, if it is there and may be mentioned: a name that notifies nobody is only noise."""
        order = delivery.subscription
        if order.role_id is None:
            return None
        guild = self._client.get_guild(order.guild_id)
        if guild and not guild.unavailable:
            role, place = guild.get_role(order.role_id), guild.get_channel_or_thread(order.channel_id)
            may_mention_all = place is not None and place.permissions_for(guild.me).mention_everyone
            return order.role_id if role and (role.mentionable or may_mention_all) else None
        try:
            async with self._requests.one():
                roles = await self._client.http.get_roles(order.guild_id)
        except PostError as error:
            log.warning("the roles of server %d cannot be read, none is mentioned: %s", order.guild_id, error)
            return None
        return order.role_id if any(int(role["id"]) == order.role_id and role["mentionable"] for role in roles) else None

    def _channel(self, channel_id: int) -> discord.PartialMessageable:
        return self._client.get_partial_messageable(channel_id)


def _view(delivery: Delivery, digest: Digest, role_id: int | None) -> discord.ui.LayoutView:
    paper = _paper(delivery, digest)
    with speaking(digest.language):
        if paper:
            return paper_post(digest, paper, delivery.mark, role_id)
        return digest_message(digest, delivery.mark, role_id)


def _paper(delivery: Delivery, digest: Digest) -> Paper | None:
    """The one paper a delivery is about."""
    return next((paper for paper in digest.papers if paper.id == delivery.paper_id), None)


def _may_be_older(delivery: Delivery) -> bool:
    """An earlier claim may have posted it while our clock was ahead, and so before any time that we have noted."""
    return delivery.tries > 1


def _carries(message: discord.Message, mark: str) -> bool:
    view = discord.ui.LayoutView.from_message(message, timeout=None)
    return any((getattr(item, "custom_id", None) or "").split(":")[1:2] == [mark] for item in view.walk_children())
