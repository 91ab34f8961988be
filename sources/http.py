"""One polite GET: a deadline, a cap on size, retries that heed Retry-After, ETags, and the service's own rate headers."""

from __future__ import annotations

import asyncio
import email.utils
import logging
import re
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version

import aiohttp
import stamina
from yarl import URL

from sources.base import SourceError

log = logging.getLogger(__name__)

USER_AGENT = f"Paperboy/{version('paperboy')} (a Discord bot for research papers)"
MAX_BYTES = 15 * 2**20
_REMEMBERED_REPLIES = 32
_RETRIED_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504})
_RATE = re.compile(r"\br=(?P<left>\d+)\s*;\s*t=(?P<reset_s>\d+)")


class _TryAgain(Exception):
    """A failure that may pass; ``after_s`` is how long the service asked us to stay away."""

    def __init__(self, why: str, after_s: float | None = None) -> None:
        super().__init__(why)
        self.after_s = after_s


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait: ``timeout_s`` for one try, ``attempts`` tries, and at most ``longest_pause_s`` between two.

    A service that asks for a longer pause than that is left alone until the next refresh.
    """

    timeout_s: float = 20.0
    attempts: int = 4
    first_pause_s: float = 0.5
    longest_pause_s: float = 60.0


class Http:
    """A session with the services. One instance serves all sources; one request at a time goes to a host."""

    def __init__(self, session: aiohttp.ClientSession, patience: Patience = Patience()) -> None:
        self._session = session
        self._patience = patience
        self._replies: OrderedDict[str, tuple[str, bytes]] = OrderedDict()  # url → (ETag, body)
        self._turns: dict[str, asyncio.Lock] = {}
        self._quiet_until: dict[str, float] = {}  # host → loop time before which it wants no request

    @classmethod
    @asynccontextmanager
    async def session(cls, patience: Patience = Patience()) -> AsyncIterator[Http]:
        """An Http whose connections are closed at the end of the block."""
        # aiohttp follows redirects and decompresses; cookies are of no use to us and one more thing to leak.
        async with aiohttp.ClientSession(
            headers={"User-Agent": USER_AGENT}, cookie_jar=aiohttp.DummyCookieJar(), raise_for_status=False
        ) as session:
            yield cls(session, patience)

    async def get(self, url: str, params: Mapping[str, str]) -> bytes:
        """The body behind ``url``, at most MAX_BYTES after decompression. Raises SourceError, never aiohttp's own.

        A reply that has not changed since it was last read (304) comes out of memory.
        """
        host = URL(url).host or ""
        try:
            async with self._turns.setdefault(host, asyncio.Lock()):
                async for attempt in stamina.retry_context(
                    on=self._pause,
                    attempts=self._patience.attempts,
                    timeout=None,
                    wait_initial=self._patience.first_pause_s,
                    wait_max=self._patience.longest_pause_s,
                    wait_jitter=self._patience.first_pause_s,
                ):
                    with attempt:
                        return await self._get_once(host, url, params)
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

    async def _get_once(self, host: str, url: str, params: Mapping[str, str]) -> bytes:
        await self._wait_for_host(host)
        address = str(URL(url).update_query(params))
        known = self._replies.get(address)
        try:
            async with (
                asyncio.timeout(self._patience.timeout_s),
                self._session.get(address, headers={"If-None-Match": known[0]} if known else {}) as reply,
            ):
                self._heed_rate(host, reply.headers)
                if reply.status == 304 and known:
                    return known[1]
                if reply.status in _RETRIED_STATUSES:
                    raise _TryAgain(f"HTTP {reply.status}", _retry_after_s(reply.headers))
                if reply.status != 200:
                    raise SourceError(f"{host}: HTTP {reply.status} for {address}")
                body = await _read(reply, host)
        except TimeoutError as error:
            raise _TryAgain(f"no whole answer within {self._patience.timeout_s:g} s") from error
        except (aiohttp.ClientError, OSError) as error:
            raise _TryAgain(f"{type(error).__name__}: {error}") from error
        self._remember(address, reply.headers.get("ETag"), body)
        return body

    async def _wait_for_host(self, host: str) -> None:
        pause_s = self._quiet_until.get(host, 0.0) - asyncio.get_running_loop().time()
        if pause_s > self._patience.longest_pause_s:
            raise SourceError(f"{host}: asked for a pause of another {pause_s:.0f} s")
        if pause_s > 0:
            await asyncio.sleep(pause_s)

    def _heed_rate(self, host: str, headers: Mapping[str, str]) -> None:
        """Stay away while nothing is left: ``RateLimit: "api";r=0;t=120``, or a Retry-After on any answer.

        https://huggingface.co/docs/hub/rate-limits
        """
        rate = _RATE.search(headers.get("RateLimit", ""))
        pause_s = float(rate["reset_s"]) if rate and rate["left"] == "0" else _retry_after_s(headers)
        if pause_s:
            log.info("%s wants a pause of %.0f s", host, pause_s)
            self._quiet_until[host] = asyncio.get_running_loop().time() + pause_s

    def _remember(self, address: str, etag: str | None, body: bytes) -> None:
        if etag:
            self._replies[address] = (etag, body)
            self._replies.move_to_end(address)
            if len(self._replies) > _REMEMBERED_REPLIES:
                self._replies.popitem(last=False)


async def _read(reply: aiohttp.ClientResponse, host: str) -> bytes:
    """The body, piece by piece, so that a reply without end (or a compressed one that swells) is met early."""
    body = bytearray()
    async for piece in reply.content.iter_chunked(64 * 1024):
        body += piece
        if len(body) > MAX_BYTES:
            raise SourceError(f"{host}: an answer of more than {MAX_BYTES // 2**20} MiB")
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
