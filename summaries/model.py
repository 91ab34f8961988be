"""A model behind an OpenAI-compatible server: one question, one answer, with deadlines, a size it may not pass and a breaker."""

from __future__ import annotations

import asyncio
import importlib
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Any

from papers.text import clean
from summaries.breaker import Breaker
from summaries.budget import Bill
from summaries.dialect import Dialect
from summaries.server import Message, Server, tokens, tokens_of
from summaries.trouble import Forbidden, Late, ModelError, Refused

if TYPE_CHECKING:
    from summaries.client import Client

log = logging.getLogger(__name__)

_CHARACTERS_A_TOKEN = 8  # more than any text has: an answer that long heeds no limit
_USAGE_BEYOND = 4  # a count so many times our own is no count


class Model:
    """``clock`` gives monotonic seconds. The client library is loaded with the first question, in a thread."""

    def __init__(self, server: Server, clock: Callable[[], float] = time.monotonic) -> None:
        self.server = server
        self.breaker = Breaker(clock)
        self._dialect = Dialect()
        self._client: Client | None = None
        self._opening = asyncio.Lock()
        self._turns = asyncio.Semaphore(server.at_once)

    async def close(self) -> None:
        if self._client:
            await self._client.close()

    async def ask(
        self,
        messages: tuple[Message, ...],
        most_tokens: int,
        bill: Bill,
        *,
        schema: Mapping[str, Any] | None = None,
        heard: Callable[[str], None] | None = None,
    ) -> str:
        """The answer, of about ``most_tokens`` at most, however much the server sends; as JSON where there is a schema.

        ``heard`` gets the text so far, with each piece. What was used goes on the bill, also where nothing came of it. Raises
        ModelError.
        """
        async with self._turn():
            with self.breaker.watch():
                try:
                    return await self._ask(messages, most_tokens, bill, schema, heard or (lambda _: None))
                except ModelError as error:
                    self._tell(error)
                    raise

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self.server.timeout_s):
                await self._turns.acquire()
        except TimeoutError as error:
            raise Late("others’ questions took too long") from error
        try:
            yield
        finally:
            self._turns.release()

    async def _ask(
        self,
        messages: tuple[Message, ...],
        most_tokens: int,
        bill: Bill,
        schema: Mapping[str, Any] | None,
        heard: Callable[[str], None],
    ) -> str:
        client = await self._opened()
        said = [{"role": message.role, "content": message.content} for message in messages]
        dialect: Dialect | None = self._dialect
        while dialect:
            parameters = {"model": self.server.name, "messages": said, **dialect.parameters(most_tokens, schema)}
            meter = _Meter(bill, tokens_of(messages))
            try:
                text = await self._listen(client, parameters, most_tokens, meter, heard)
            except Refused as refused:
                simpler = dialect.simpler(str(refused), has_schema=schema is not None)
                if simpler is None:
                    raise
                dialect = simpler
            else:
                self._dialect = dialect
                return text
        raise AssertionError("unreachable: a dialect returns or raises")

    async def _listen(
        self, client: Client, parameters: Mapping[str, Any], most_tokens: int, meter: _Meter, heard: Callable[[str], None]
    ) -> str:
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + self.server.timeout_s
        try:
            async with (
                asyncio.timeout_at(min(ends_at, loop.time() + self.server.first_word_s)) as deadline,
                aclosing(client.stream(parameters)) as pieces,
            ):
                async for piece in pieces:
                    deadline.reschedule(ends_at)
                    meter.add(piece.text, piece.used)
                    if piece.is_cut:
                        log.info(
                            "an answer was cut off after %d tokens; models that think first need thinking_tokens", most_tokens
                        )
                    if len(meter.text) > most_tokens * _CHARACTERS_A_TOKEN:
                        log.info("the model said more than it was asked for, and was cut off")
                        break
                    if piece.text:
                        heard(meter.text)
        except TimeoutError as error:
            raise Late("no answer in time") from error
        except ModelError as error:
            meter.is_free = not meter.has_begun and not isinstance(error, Late)
            raise
        finally:
            meter.close()
        return meter.text

    async def _opened(self) -> Client:
        async with self._opening:
            if self._client is None:
                self._client = await asyncio.to_thread(_open, self.server)
            return self._client

    def _tell(self, error: ModelError) -> None:
        """The operator's part: what is set up wrongly is an error, all else passes."""
        level = logging.ERROR if isinstance(error, Forbidden | Refused) else logging.WARNING
        why = clean(str(error))  # a refusal is in the server's own words, and may quote what it was sent
        if self.server.key:
            why = why.replace(self.server.key, "…")
        log.log(level, "no answer of the model: %s: %s", type(error).__name__, why)


class _Meter:
    """Collects an answer, and puts on the bill what it used: as the server counts, or as far as we can tell."""

    def __init__(self, bill: Bill, tokens_in: int) -> None:
        self.is_free = False  # refused before anything was done
        self.has_begun = False
        self._bill = bill
        self._tokens_in = tokens_in
        self._used: tuple[int, int] | None = None
        self.text = ""

    def add(self, text: str, used: tuple[int, int] | None) -> None:
        self.has_begun = True
        self.text += text
        if used and 0 < used[0] <= self._tokens_in * _USAGE_BEYOND:
            self._used = used

    def close(self) -> None:
        if not self.is_free:
            self._bill.add(*(self._used or (self._tokens_in, tokens(self.text))))


def _open(server: Server) -> Client:
    """Loads the library, which takes a second: not in the event loop. Raises Forbidden where it is not installed."""
    try:
        library = importlib.import_module("summaries.client")
    except ImportError as error:
        raise Forbidden(f"a model needs the extra “model” (pip install 'paperboy[model]'): {error}") from error
    client: Client = library.Client(server)
    return client
