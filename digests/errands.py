"""What follows a message: it is published to followers, or a thread is opened under it; never in the way of posting."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta

from digests.languages import Languages
from digests.poster import Outcome, Poster, PostError, Stopped
from storage.outbox import Errand, FollowUp
from storage.store import Store

log = logging.getLogger(__name__)

# https://discord.com/developers/docs/resources/message#crosspost-message: ten an hour and channel.
PUBLISHED_PER_HOUR = 10
_HOUR = timedelta(hours=1)
_GIVEN_UP_AFTER = timedelta(days=1)


async def follow_up_due(store: Store, poster: Poster, now: datetime, languages: Languages | None = None) -> int:
    """Do the errands due; how many were done. What Discord does not want now is done later. Raises StorageError, Stopped,
    and PostError where Discord takes no requests from here. A thread is named in the language of its server.
    """
    done = 0
    for follow_up in await store.outbox.follow_ups(now):
        free_at = await _free_at(store, follow_up, now)
        if free_at > now:
            await store.outbox.postpone(follow_up, free_at, "ten were published in this hour")
            continue
        if follow_up.errand is Errand.DISCUSS and languages:
            follow_up = replace(follow_up, language=await languages.of_server(follow_up.guild_id))
        try:
            await poster.follow_up(follow_up)
        except PostError as error:
            await _not_done(store, follow_up, error, now)
            if error.outcome is Outcome.BLOCKED:
                raise
            continue
        await store.outbox.followed_up(follow_up, now)
        done += 1
    return done


async def _free_at(store: Store, follow_up: FollowUp, now: datetime) -> datetime:
    """When Discord allows it: for publishing, an hour after the tenth last one of the channel."""
    if follow_up.errand is not Errand.PUBLISH:
        return now
    lately = await store.outbox.done_since(follow_up.channel_id, Errand.PUBLISH, now - _HOUR)
    return lately[-PUBLISHED_PER_HOUR] + _HOUR if len(lately) >= PUBLISHED_PER_HOUR else now


async def _not_done(store: Store, follow_up: FollowUp, error: PostError, now: datetime) -> None:
    log.warning("not done, %s: %s of message %d: %s", error.outcome, follow_up.errand, follow_up.message_id, error)
    if error.outcome is Outcome.STOPPED:
        raise Stopped(str(error)) from error
    is_passing = error.outcome in {Outcome.LATER, Outcome.UNCERTAIN, Outcome.BLOCKED}
    if is_passing and now - follow_up.wanted_at < _GIVEN_UP_AFTER:
        await store.outbox.postpone(follow_up, now + max(error.after, timedelta(minutes=1)), str(error))
    else:
        await store.outbox.followed_up(follow_up, now, reason=str(error))
