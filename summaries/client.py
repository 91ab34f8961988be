"""The one place that knows the client library, and that is imported only when a model is first asked: it takes a second to load.

The library retries nothing here: a deadline, a budget and a breaker are about every single request.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, cast

import httpx2
import openai

from summaries.server import Server
from summaries.trouble import Busy, Forbidden, Late, ModelError, Refused, Unusable

_MOST_BYTES = 4 * 2**20  # of one answer: each word comes with some 300 bytes around it
_NO_KEY = "none"  # what local servers are told; the library wants something


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of an answer: some text, perhaps empty; ``used`` are the tokens of question and answer, with the last one."""

    text: str = ""
    used: tuple[int, int] | None = None
    is_cut: bool = False  # the server stopped at the most tokens asked for


class Client:
    """Connections to one server, kept open between requests."""

    def __init__(self, server: Server) -> None:
        self._openai = openai.AsyncOpenAI(
            base_url=server.url,
            api_key=server.key or _NO_KEY,
            timeout=openai.Timeout(server.timeout_s, connect=server.connect_timeout_s),
            max_retries=0,
            # Whatever the environment says for other programs is not for this server.
            default_headers={
                "OpenAI-Organization": cast(str, openai.omit),
                "OpenAI-Project": cast(str, openai.omit),
                "Accept-Encoding": "identity",
            },
            # It heeds no proxy of the environment, as all of Paperboy, and carries the key to no other address.
            http_client=openai.DefaultAsyncHttpxClient(transport=_Bounded(), trust_env=False, follow_redirects=False),
        )
        self._create: Any = self._openai.chat.completions.create  # loads what it needs, here and not in the event loop

    async def close(self) -> None:
        await self._openai.close()

    async def stream(self, parameters: Mapping[str, Any]) -> AsyncGenerator[Piece, None]:
        """The answer, piece by piece; one without text where the server only shows that it is at work.

        Raises ModelError, never the library's own.
        """
        try:
            async with await self._create(**parameters, stream=True) as chunks:
                async for chunk in chunks:
                    yield _piece(chunk)
        except (openai.OpenAIError, httpx2.HTTPError, httpx2.StreamError) as error:
            _translate(error)
        except (ValueError, TypeError, AttributeError, LookupError) as error:  # what it makes of nonsense
            raise Unusable(f"nonsense in the stream: {type(error).__name__}") from error


def _piece(chunk: Any) -> Piece:
    """What is of use in a chunk. The library checks no types: anything may stand anywhere."""
    usage = getattr(chunk, "usage", None)
    used = (getattr(usage, "prompt_tokens", None), getattr(usage, "completion_tokens", None))
    is_told = all(isinstance(count, int) and 0 <= count < 10**8 for count in used)
    choices = getattr(chunk, "choices", None)
    first = choices[0] if isinstance(choices, list) and choices else None
    text = getattr(getattr(first, "delta", None), "content", None)
    return Piece(
        text=text if isinstance(text, str) else "",
        used=cast(tuple[int, int], used) if is_told else None,
        is_cut=getattr(first, "finish_reason", None) == "length",
    )


def _translate(error: Exception) -> NoReturn:
    if isinstance(error, openai.APITimeoutError | httpx2.TimeoutException):
        raise Late("no answer in time") from error
    if isinstance(error, openai.RateLimitError):
        raise Busy("HTTP 429", _retry_after_s(error.response.headers)) from error
    if isinstance(error, openai.AuthenticationError | openai.PermissionDeniedError | openai.NotFoundError):
        raise Forbidden(f"HTTP {error.status_code}") from error
    if isinstance(error, openai.BadRequestError | openai.UnprocessableEntityError):
        raise Refused(str(error.message)[:500]) from error
    if isinstance(error, openai.APIStatusError):
        after_s = _retry_after_s(error.response.headers)
        raise (Busy if after_s else ModelError)(f"HTTP {error.status_code}", *([after_s] if after_s else [])) from error
    if isinstance(error, TooLong):
        raise Unusable("an answer of megabytes") from error
    raise ModelError(type(error.__cause__ or error).__name__) from error


def _retry_after_s(headers: Mapping[str, str]) -> float:
    """Seconds, at most a day; 0.0 where it does not say, or says so as a date, which no model's server does."""
    value = headers.get("retry-after", "").strip()
    return min(float(value), 86_400.0) if value.replace(".", "", 1).isdigit() and value.isascii() else 0.0


class TooLong(httpx2.StreamError):
    """An answer without end."""


class _Bounded(httpx2.AsyncHTTPTransport):
    """Reads so much of an answer and no more: the library would keep a line that does not end, or an error's body, whole."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        reply = await super().handle_async_request(request)
        body = _Counted(cast(httpx2.AsyncByteStream, reply.stream))
        return httpx2.Response(reply.status_code, headers=reply.headers, stream=body, extensions=reply.extensions)


class _Counted(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = _MOST_BYTES
        async for piece in self._stream:
            left -= len(piece)
            if left < 0:
                raise TooLong(f"more than {_MOST_BYTES} bytes")
            yield piece

    async def aclose(self) -> None:
        await self._stream.aclose()
