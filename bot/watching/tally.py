"""What happened since the start, counted as it happens: editions, requests, commands. /metrics shows it.

Nothing here knows Prometheus, and nothing elsewhere knows of this: what the folders to the left tell comes as fields of their log
records (``extra={"event": …}``), what Discord answers through the client's HTTP trace.
"""

from __future__ import annotations

import logging
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from types import SimpleNamespace
from typing import Any

import aiohttp

_LATENESS_S = (5, 15, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 14_400, 43_200)
_HANDLING_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_OUTCOMES = ("posted", "kept", "empty", "expired", "refused", "dropped")  # an edition's, for good
SCOPES = ("user", "global", "shared", "cloudflare", "other")  # of a 429
_TELLERS = ("digests", "bot.posting")  # loggers whose records tell of events


@dataclass(slots=True)
class Spread:
    """How values, in seconds, are spread: ``counts`` are of those up to each bound, and last of those beyond all."""

    bounds: tuple[float, ...]
    counts: list[int] = field(init=False)
    total: float = 0.0

    def __post_init__(self) -> None:
        self.counts = [0] * (len(self.bounds) + 1)

    def add(self, value: float) -> None:
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def copy(self) -> Spread:
        copied = Spread(self.bounds, self.total)
        copied.counts = self.counts[:]
        return copied


class Tally(logging.Handler):
    """``happened`` counts the events that may need a person ("malformed", "blocked", "expired"); see bot/watching/alarm.py."""

    def __init__(self) -> None:
        super().__init__()
        self.editions: Counter[str] = Counter(dict.fromkeys(_OUTCOMES, 0))
        self.lateness = Spread(_LATENESS_S)
        self.limited: Counter[str] = Counter(dict.fromkeys(SCOPES, 0))
        self.answers: Counter[str] = Counter()
        self.commands: dict[tuple[str, str], Spread] = {}
        self.happened: Counter[str] = Counter()
        self.is_connected = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Until the end of the block, the records of events are counted, whatever level is written to the log."""
        tellers = [logging.getLogger(name) for name in _TELLERS]
        levels = [teller.level for teller in tellers]
        for teller in tellers:
            teller.addHandler(self)
            if not teller.isEnabledFor(logging.INFO):
                teller.setLevel(logging.INFO)
        try:
            yield
        finally:
            for teller, level in zip(tellers, levels, strict=True):
                teller.removeHandler(self)
                teller.setLevel(level)

    def emit(self, record: logging.LogRecord) -> None:
        """Count what a log record tells of, if it tells of an event."""
        event, fields = getattr(record, "event", None), vars(record)
        if event == "edition" and fields.get("outcome") in _OUTCOMES:
            self.editions[fields["outcome"]] += 1
            if isinstance(late_s := fields.get("lateness_s"), int | float):
                self.lateness.add(late_s)
            self.happened["expired"] += fields["outcome"] == "expired"
        elif event in {"malformed", "blocked"}:
            self.happened[event] += 1

    def listen_to(self, trace: aiohttp.TraceConfig) -> None:
        """Count the answers to a client's requests. Before any other listener, for those may raise."""

        async def ended(session: aiohttp.ClientSession, context: SimpleNamespace, params: aiohttp.TraceRequestEndParams) -> None:
            self.answered(params.response.status, params.response.headers)

        trace.on_request_end.insert(0, ended)

    def answered(self, status: int, headers: Any) -> None:
        """Discord answered a request. A 101, which opens the gateway's connection, is not counted."""
        if status < 200:
            return
        self.answers[f"{status // 100}xx"] += 1
        if status == 429:
            scope = headers.get("X-RateLimit-Scope", "other") if headers.get("Via") else "cloudflare"
            self.limited[scope if scope in SCOPES else "other"] += 1

    def dispatched(self, event: str) -> None:
        """discord.py told of an event of that name: some are the gateway's state."""
        if event in {"ready", "resumed"}:
            self.is_connected = True
        elif event == "disconnect":
            self.is_connected = False

    def served(self, what: str, outcome: str, began_at: float) -> None:
        """An interaction was handled, to its end; ``what`` is one of our commands or the event of a button."""
        self.commands.setdefault((what, outcome), Spread(_HANDLING_S)).add(monotonic() - began_at)
