"""One request to Discord: its turn, its deadline, and what its errors mean for a delivery.

https://discord.com/developers/docs/topics/opcodes-and-status-codes
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta

import aiohttp
import discord

from bot.pacer import BudgetSpent, Pacer, TokenRefused
from digests.poster import Outcome, PostError

TIMEOUT_S = 15.0

_MEANINGS = {
    Outcome.GONE: {
        10003,  # unknown channel
        10004,  # unknown guild
        10015,  # unknown webhook
    },
    Outcome.CLOSED: {
        50001,  # missing access
        50007,  # cannot send messages to this user: private messages are closed, or we are blocked
        50278,  # … who shares no server with us
        50013,  # missing permissions
        50083,  # archived thread
        160005,  # locked thread
    },
    Outcome.LATER: {
        20028,  # the write limit of the channel
        20029,  # the write limit of the server
        40003,  # private channels are opened too fast
        40004,  # sending is switched off for now
        40006,  # the feature is switched off for now
        40062,  # the service is limited for now
        130000,  # the API is overloaded
        160006,  # too many active threads
    },
    Outcome.DELETED: {10008},  # unknown message
    Outcome.MALFORMED: {50035},  # invalid form body
    Outcome.NEEDS_TAG: {40067},  # a tag is required in this forum
}
_BY_CODE = {code: outcome for outcome, codes in _MEANINGS.items() for code in codes}


class Requests:
    """Requests of the sender's, at the pacer's pace."""

    def __init__(self, pacer: Pacer, timeout_s: float = TIMEOUT_S) -> None:
        self._pacer = pacer
        self._timeout_s = timeout_s

    @asynccontextmanager
    async def one(self, done_codes: Collection[int] = ()) -> AsyncIterator[None]:
        """A turn and a deadline for the request in the block. Raises PostError; with ``done_codes`` it is as good as done."""
        try:
            turn = await self._pacer.turn()
        except BudgetSpent as spent:
            raise PostError(str(spent), Outcome.BLOCKED, timedelta(seconds=spent.again_in_s)) from spent
        except TokenRefused as refused:
            raise PostError(str(refused), Outcome.STOPPED) from refused
        try:
            with as_post_error(done_codes):
                async with asyncio.timeout(self._timeout_s):
                    yield
        finally:
            turn.end()


@contextmanager
def as_post_error(done_codes: Collection[int] = ()) -> Iterator[None]:
    """The errors of one request inside the block as PostError; those with ``done_codes`` end it as if all were well."""
    try:
        yield
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        raise PostError(f"no answer ({type(error).__name__})", Outcome.UNCERTAIN) from error
    except discord.RateLimited as error:
        after = timedelta(seconds=error.retry_after)
        raise PostError(f"a pause of {error.retry_after:.0f} s", Outcome.LATER, after) from error
    except discord.HTTPException as error:
        if error.code not in done_codes:
            raise PostError(f"{error.status} {error.code} {error.text[:200]}", outcome_of(error)) from error
    except (ValueError, TypeError, KeyError) as error:
        # discord.py met an answer that is none of Discord's: cut short, or of another type.
        raise PostError(f"a garbled answer ({type(error).__name__})", Outcome.UNCERTAIN) from error


def outcome_of(error: discord.HTTPException) -> Outcome:
    """What an answer of Discord's means for the message it was about."""
    if error.status >= 500:
        return Outcome.UNCERTAIN
    if error.status == 401:
        return Outcome.STOPPED
    if error.status == 429 and not error.response.headers.get("Via"):
        return Outcome.BLOCKED  # Cloudflare, in front of Discord: https://discord.com/developers/docs/topics/rate-limits
    if error.code in _BY_CODE:
        return _BY_CODE[error.code]
    # A 403 or 404 without a code is no answer of Discord's own, but of something in front of it.
    return Outcome.LATER if error.status == 429 or not error.code else Outcome.REFUSED
