"""A Summariser with the real store, asking the stand-in over a real socket; the clocks are the test's."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from papers.paper import Paper
from sandbox.model import KEY, NAME, Fault, ModelServer
from sources.base import SourceError
from storage.store import Store
from summaries.asked import Asker, Reader
from summaries.budget import Caps
from summaries.model import Model
from summaries.server import Server
from summaries.summariser import Summariser
from tests.factories import NOW, paper

ADA, BEN = Asker(1, 100), Asker(2, 200)
ABSTRACT = (
    "Large language models forget what they read at the beginning. "
    "We present Ribbon, a memory that keeps 4,096 summaries of earlier text. "
    "On 12 benchmarks Ribbon improves recall by 7.5% over the strongest baseline and halves the memory used."
)
LAST = ABSTRACT.split(". ")[-1]
RIBBON = paper(1, title="Ribbon: Remembering Long Texts", abstract=ABSTRACT)


@dataclass(frozen=True)
class Section:
    title: str
    text: str


@dataclass
class Texts:
    """A reader of full texts."""

    sections: Sequence[Section] = ()
    reads: int = 0

    async def read(self, paper: Paper) -> Sequence[Section]:
        self.reads += 1
        if not self.sections:
            raise SourceError("no text")
        return self.sections


@dataclass
class Asking:
    server: ModelServer
    summariser: Summariser
    store: Store
    now: datetime = NOW
    clock_s: float = 0.0

    @property
    def calls(self) -> int:
        return len(self.server.requests)

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.clock_s += seconds

    async def spent(self) -> tuple[int, int, int]:
        """Tokens, micros and calls of today."""
        found = await self.store.summaries.spent(self.now.date())
        return found.tokens, found.micros, found.calls


@asynccontextmanager
async def asking(
    store: Store,
    faults: Iterable[Fault] = (),
    *,
    refuses: Iterable[str] = (),
    caps: Caps | None = None,
    reader: Reader | None = None,
    key: str = KEY,
    cool_down_s: float = 0.0,
    **settings: Any,
) -> AsyncIterator[Asking]:
    server = ModelServer(faults, refuses)
    it: Asking
    async with server.running() as url:
        chosen = replace(Server(url, NAME, key, timeout_s=20, first_word_s=20), **settings)
        model = Model(chosen, lambda: it.clock_s)
        opened = Summariser.open(
            store.summaries,
            lambda: it.now,
            model,
            caps,
            reader,
            cool_down_s=cool_down_s,
            clock=lambda: it.clock_s,
            pause_s=0.0,
        )
        async with opened as summariser:
            it = Asking(server, summariser, store)
            yield it
