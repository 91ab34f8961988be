"""One polite GET: a deadline, a cap on size, retries that heed Retry-After, the service's own rate headers, and ETags.

Where it may go is addresses.py's matter, when a host is left alone breaker.py's, what is remembered replies.py's.
"""

from __future__ import annotations

import asyncio
import email.utils
import logging
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TypeVar

import aiohttp
import stamina
from aiohttp.abc import AbstractResolver
from yarl import URL

from sources.addresses import Gate, Refused
from sources.base import Missing, SourceError, Unknown
from sources.breaker import Breaker
from sources.replies import Replies, Reply

log = logging.getLogger(__name__)

T = TypeVar("T")

USER_AGENT = f"Paperboy/{version('paperboy')} (a Discord bot for research papers)"
MAX_BYTES = 15 * 2**20
_LONG = 256 * 1024  # bytes: reading that many takes a few milliseconds, in which the loop would stand still
_MAX_REDIRECTS = 5
_RETRIED_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
_MISSING_STATUSES = frozenset({404, 410})
_RATE = re.compile(r"\br=(?P<left>\d+)\s*;\s*t=(?P<reset_s>\d+)")


class _TryAgain(Exception):
    """A failure that may pass; ``after_s`` is how long the service asked us to stay away."""

    def __init__(self, why: str, after_s: float | None = None) -> None:
        super().__init__(why)
        self.after_s = after_s


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait: ``timeout_s`` for one try, ``attempts`` tries, and at most ``longest_pause_s`` between two.

    A service that asks for a longer pause than that is left alone until the next refresh. ``spacing_s`` is the least time
    between an answer and the next request, also when it is tried again; ``cool_down_s`` is how long a service is left alone
    that wants fewer requests (HTTP 429) and does not say how long.
    """

    timeout_s: float = 20.0
    attempts: int = 4
    first_pause_s: float = 0.5
    longest_pause_s: float = 60.0
    spacing_s: float = 0.0
    cool_down_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an answer may be: ``most_bytes`` long after decompression, and from nowhere else where it ``stays``."""

    most_bytes: int = MAX_BYTES
    stays: bool = False


class Http:
    """A session with the services; one request at a time goes to a host.

    With ``service`` all hosts it is asked for are one service under several names: turns, pauses and failures are that
    service's, not each host's. ``clock`` gives monotonic seconds.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        gate: Gate,
        patience: Patience = Patience(),
        clock: Callable[[], float] = time.monotonic,
        service: str = "",
    ) -> None:
        self._session = session
        self._gate = gate
        self._patience = patience
        self._clock = clock
        self._service = service
        self._breaker = Breaker(clock)
        self._replies = Replies()
        self._turns: dict[str, asyncio.Lock] = {}
        self._quiet_until: dict[str, float] = {}  # host → the clock's time before which it wants no request
        self._answered_at: dict[str, float] = {}

    @classmethod
    @asynccontextmanager
    async def session(
        cls,
        patience: Patience = Patience(),
        names: AbstractResolver | None = None,
        clock: Callable[[], float] = time.monotonic,
        service: str = "",
        agent: str = USER_AGENT,
    ) -> AsyncIterator[Http]:
        """An Http whose connections are closed at the end of the block. ``names`` looks names up instead of the system;
        ``agent`` is what it calls itself.
        """
        gate = Gate(names)
        # aiohttp follows redirects and decompresses; cookies are of no use to us and one more thing to leak. It heeds no proxy
        # of the environment unless told to: a proxy would look names up where the gate cannot see.
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(resolver=gate),
            headers={"User-Agent": agent},
            cookie_jar=aiohttp.DummyCookieJar(),
            raise_for_status=False,
            trust_env=False,
        ) as session:
            yield cls(session, gate, patience, clock, service)

    def allow(self, url: str) -> None:
        """The service at ``url`` is one of the settings': it may be asked even where its address is private."""
        self._gate.allow(url)

    async def get(
        self,
        url: str,
        params: Mapping[str, str],
        read: Callable[[bytes], T],
        explain: Callable[[bytes], str] | None = None,
        bounds: Bounds = Bounds(),
    ) -> T:
        """What ``read`` makes of the body behind ``url``, which keeps within ``bounds``.

        Raises SourceError, never aiohttp's own; ``read`` raises it too, for a body it cannot make sense of, and works in a
        thread where the body is long. A body that has not changed since it was last read (304) comes out of memory.
        ``explain`` makes a sentence of the body of a refusal (400), which is raised as Missing then.
        """
        host = self._service or URL(url).host or ""
        address = str(URL(url).update_query(params))
        async with self._turns.setdefault(host, asyncio.Lock()):
            self._pause_left_s(host)
            with self._breaker.watch(host):
                reply = await self._get(host, address, explain, bounds)
                value = await asyncio.to_thread(read, reply.body) if len(reply.body) > _LONG else read(reply.body)
                self._replies.keep(address, reply)  # now that it could be read, or every later 304 would bring it back
                return value

    async def _get(self, host: str, address: str, explain: Callable[[bytes], str] | None, bounds: Bounds) -> Reply:
        try:
            async for attempt in stamina.retry_context(
                on=self._pause,
                attempts=self._patience.attempts,
                timeout=None,
                wait_initial=self._patience.first_pause_s,
                wait_max=self._patience.longest_pause_s,
                wait_jitter=self._patience.first_pause_s,
            ):
                with attempt:
                    return await self._get_once(host, address, explain, bounds)
        except _TryAgain as error:
            raise SourceError(f"{host}: {error}") from error
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _pause(self, error: Exception) -> bool | float:
        """Whether to try again, or after how many seconds; stamina asks."""
        if not isinstance(error, _TryAgain):
            return False
        if error.after_s is None:
            return True
        return error.after_s if error.after_s <= self._patience.longest_pause_s else False

    async def _get_once(self, host: str, address: str, explain: Callable[[bytes], str] | None, bounds: Bounds) -> Reply:
        await asyncio.sleep(max(0.0, self._pause_left_s(host), self._spacing_left_s(host)))
        known = self._replies.get(address)
        try:
            async with (
                asyncio.timeout(self._patience.timeout_s),
                self._session.get(
                    address,
                    headers=known.conditions() if known else {},
                    max_redirects=_MAX_REDIRECTS + 1,  # aiohttp's is the number that it refuses
                    middlewares=(self._gate.hops_from(URL(address), stays=bounds.stays),),
                ) as reply,
            ):
                return await self._judged(host, reply, known, explain, bounds)
        except TimeoutError as error:
            raise _TryAgain(f"no whole answer within {self._patience.timeout_s:g} s") from error
        except (Refused, aiohttp.InvalidURL, aiohttp.TooManyRedirects) as error:
            raise SourceError(f"{host}: this is not followed: {type(error).__name__}: {error}") from error
        except (aiohttp.ClientError, OSError) as error:
            raise _TryAgain(f"{type(error).__name__}: {error}") from error
        finally:
            self._answered_at[host] = self._clock()

    async def _judged(
        self,
        host: str,
        reply: aiohttp.ClientResponse,
        known: Reply | None,
        explain: Callable[[bytes], str] | None,
        bounds: Bounds,
    ) -> Reply:
        """The whole reply, or the one known already. Raises _TryAgain or SourceError by its status."""
        too_many_s = self._patience.cool_down_s if reply.status == 429 and self._patience.cool_down_s else None
        self._heed_rate(host, reply.headers, too_many_s)
        if reply.status == 304 and known:
            return known.with_headers(reply.headers)
        if reply.status in _RETRIED_STATUSES:
            after_s = _retry_after_s(reply.headers)
            raise _TryAgain(f"HTTP {reply.status}", too_many_s if after_s is None else after_s)
        if reply.status == 400 and explain:
            raise Unknown(f"{host}: {explain(await _read(reply, host, bounds.most_bytes))}")
        if reply.status != 200:
            kind = Missing if reply.status in _MISSING_STATUSES else SourceError
            raise kind(f"{host}: HTTP {reply.status} for {reply.url}")
        return Reply(await _read(reply, host, bounds.most_bytes)).with_headers(reply.headers)

    def _pause_left_s(self, host: str) -> float:
        """How long the host still wants no request, if at all. Raises SourceError where that is too long to sit out."""
        pause_s = self._quiet_until.get(host, 0.0) - self._clock()
        if pause_s > self._patience.longest_pause_s:
            raise SourceError(f"{host}: asked for a pause of another {pause_s:.0f} s")
        return pause_s

    def _spacing_left_s(self, host: str) -> float:
        """How long it is until the host may be asked again."""
        answered_at = self._answered_at.get(host)
        return 0.0 if answered_at is None else answered_at + self._patience.spacing_s - self._clock()

    def _heed_rate(self, host: str, headers: Mapping[str, str], otherwise_s: float | None) -> None:
        """Stay away while nothing is left: ``RateLimit: "api";r=0;t=120``, or a Retry-After on any answer, or else as given.

        https://huggingface.co/docs/hub/rate-limits
        """
        rate = _RATE.search(headers.get("RateLimit", ""))
        pause_s = float(rate["reset_s"]) if rate and rate["left"] == "0" else _retry_after_s(headers)
        pause_s = otherwise_s if pause_s is None else pause_s
        if pause_s:
            log.info("%s wants a pause of %.0f s", host, pause_s)
            self._quiet_until[host] = self._clock() + pause_s


async def _read(reply: aiohttp.ClientResponse, host: str, most_bytes: int) -> bytes:
    """The body, piece by piece, so that a reply without end (or a compressed one that swells) is met early."""
    body = bytearray()
    async for piece in reply.content.iter_chunked(64 * 1024):
        body += piece
        if len(body) > most_bytes:
            raise SourceError(f"{host}: an answer of more than {most_bytes // 2**20} MiB")
        await asyncio.sleep(0)  # pieces that are here already, as a small bomb's all are, come without a turn of the loop
    return bytes(body)


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds from a Retry-After header, which is a number of seconds or an HTTP date (RFC 9110, 10.2.3)."""
    value = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"\d{1,7}(\.\d+)?", value):
        return float(value)
    try:
        moment = email.utils.parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())
