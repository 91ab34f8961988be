"""Keeps the gateway connection, and keeps within the sessions that Discord lets a bot begin: one too many resets its token.

https://discord.com/developers/docs/events/gateway#session-start-limit-object
"""

from __future__ import annotations

import asyncio
import logging
from types import SimpleNamespace

import aiohttp
import discord
from discord.http import Route

from digests.poster import Stopped

log = logging.getLogger(__name__)

_RESERVE = 0.2  # of the sessions is left alone: whoever used up the others may be at work still
_ANSWER_WITHIN_S = 15.0
_LEAST_WAIT_S, _LONGEST_WAIT_S = 1.0, 60.0


class SessionsSpent(Exception):
    """Only the reserve is left; there are new sessions in ``again_in_s``."""

    def __init__(self, remaining: int, total: int, again_in_s: float) -> None:
        super().__init__(f"only {remaining} of {total} session starts are left")
        self.again_in_s = max(again_in_s, _LEAST_WAIT_S)


async def stay_connected(client: discord.Client) -> None:
    """``client.connect()``, through what it does not survive by itself. Raises what it raises at a close without a way back."""
    failures = 0
    while not client.is_closed():
        try:
            await client.connect()
        except SessionsSpent as spent:
            log.error(
                "%s: no new one is begun for %.0f s, lest Discord reset the token. Digests go out, commands get no answer. "
                "Something makes connections fail, or another process runs with this token",
                spent,
                spent.again_in_s,
            )
            await asyncio.sleep(spent.again_in_s)
        except AttributeError as error:
            # Where the very first connection fails, discord.py 2.7.1 looks for an earlier session to go on with.
            if client.ws is not None or error.name != "sequence":
                raise
            wait_s = min(_LONGEST_WAIT_S, _LEAST_WAIT_S * 2 ** min(failures, 10))
            failures += 1
            log.warning("the gateway could not be reached yet: the next try comes in %.0f s", wait_s)
            await asyncio.sleep(wait_s)


def mind_the_budget(client: discord.Client, trace: aiohttp.TraceConfig) -> None:
    """From now on ``client.connect()`` raises SessionsSpent rather than open a connection that would begin one too many.

    ``trace`` is the client's ``http_trace``. discord.py's ``before_identify_hook`` comes too late: the connection is open by
    then, nobody reads it meanwhile, and after a minute it is given up.
    """

    async def starting(session: aiohttp.ClientSession, context: SimpleNamespace, params: aiohttp.TraceRequestStartParams) -> None:
        if params.url.scheme in {"ws", "wss"} and not _may_resume(client):
            await _check(client)

    trace.on_request_start.append(starting)


def _may_resume(client: discord.Client) -> bool:
    """Whether there is a session to go on with: that costs nothing."""
    return client.ws is not None and client.ws.session_id is not None


async def _check(client: discord.Client) -> None:
    """Raises SessionsSpent, and Stopped where the token is refused. Where Discord does not tell, one goes on."""
    try:
        async with asyncio.timeout(_ANSWER_WITHIN_S):
            told = await client.http.request(Route("GET", "/gateway/bot"))
        limit = told["session_start_limit"]
        remaining, total, reset_after_ms = int(limit["remaining"]), int(limit["total"]), float(limit["reset_after"])
    except discord.HTTPException as error:
        if error.status == 401:
            raise Stopped("Discord refuses our token") from error
        log.warning("how many sessions may be begun is unknown: %s", error)
    except (TimeoutError, discord.DiscordException, aiohttp.ClientError, OSError, ValueError, TypeError, KeyError) as error:
        log.warning("how many sessions may be begun is unknown: %s %s", type(error).__name__, error)
    else:
        log.info("%d of %d session starts are left", remaining, total)
        if remaining <= _RESERVE * total:
            raise SessionsSpent(remaining, total, reset_after_ms / 1_000)
