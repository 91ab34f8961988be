"""Logging: a line an event on standard error, as text for people or as JSON; without secrets, and never in the bot's way.

What is logged goes into a queue, and a thread writes it: a terminal that was stopped, or a pipe that nobody reads, holds up that
thread alone. When the queue is full, lines are left out and counted.
"""

from __future__ import annotations

import contextlib
import copy
import io
import json
import logging
import math
import os
import re
import sys
import threading
import time
from collections.abc import Collection, Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from queue import Full, Queue
from typing import Any, Literal

from bot.watching.redaction import Redactor

log = logging.getLogger(__name__)

Format = Literal["text", "json"]

# The interaction that is being served, as it is named in the log and to the person if it fails; empty outside of any.
REQUEST: ContextVar[str] = ContextVar("request", default="")

WAITING = 5_000  # lines, until some are left out
_LONGEST = 32_768  # characters of a line
_LAST_LINES_WITHIN_S = 0.5  # at the end, of a sink that takes them
_TRY_AGAIN_S = 0.05
# At DEBUG these print whole requests and events, and with them what people typed: that is not ours to keep.
_NEVER_DEBUG = ("discord", "aiohttp", "asyncio")
_TALKATIVE = ("apscheduler", "alembic", "stamina", "sqlalchemy", "aiosqlite", "openai", "httpx2", "httpcore2")
_OF_EVERY_RECORD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "request", "taskName"}
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")


class Lines(logging.Formatter):
    """A record as text: the time in UTC, level, logger, the interaction if any, and what was said. Further lines are indented,
    so that none can pass for another record.
    """

    def __init__(self, redact: Redactor) -> None:
        super().__init__()
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        of = getattr(record, "request", "")
        head = f"{_time(record)} {record.levelname:<7} {record.name}{f' [{of}]' if of else ''}: "
        whole = "\n".join(filter(None, (record.getMessage(), _trace(record))))
        return _clipped(head + _CONTROL.sub(_escaped, self._redact(whole)).replace("\n", "\n    "))


class JsonLines(logging.Formatter):
    """A record as one JSON object: time, level, logger, message, request, exception, and what else is known of the event."""

    def __init__(self, redact: Redactor) -> None:
        super().__init__()
        self._redact = redact

    def format(self, record: logging.LogRecord) -> str:
        known = {"time": _time(record), "level": record.levelname.lower(), "logger": record.name}
        known["message"] = _clipped(self._redact(record.getMessage()))
        known["request"] = getattr(record, "request", "")
        known["exception"] = _clipped(self._redact(_trace(record)))
        extra = {name: value for name, value in vars(record).items() if name not in _OF_EVERY_RECORD}
        fields = {name: value for name, value in known.items() if value} | {
            name: value for name, value in self._safe(extra).items() if name not in known
        }
        return json.dumps(fields, ensure_ascii=False, default=str)

    def _safe(self, extra: dict[str, Any]) -> dict[str, Any]:
        safe = self._redact.value(extra)
        return safe if isinstance(safe, dict) else {}


class Sink(logging.Handler):
    """A queue of records and the thread that writes them to a file descriptor. ``dropped`` counts what was left out."""

    def __init__(self, descriptor: int | None, waiting: int = WAITING) -> None:
        super().__init__()
        self.dropped = 0
        self._descriptor = descriptor
        self._ends_at = math.inf  # on the monotonic clock; what hung until after that writes nothing more
        self._queue: Queue[logging.LogRecord | None] = Queue(waiting)
        self._thread = threading.Thread(target=self._write_all, name="log", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Queue it, as it is now: its arguments may change, and the interaction is known here alone."""
        try:
            self._queue.put_nowait(_fixed(record))
        except Full:
            self.dropped += 1
        except Exception:  # a record that cannot be printed must not end what it tells of
            self.dropped += 1

    def close(self) -> None:
        """Write what is waiting, if the sink takes it; a sink that does not is left to itself."""
        self._ends_at = time.monotonic() + _LAST_LINES_WITHIN_S
        with contextlib.suppress(Full):
            self._queue.put(None, timeout=_LAST_LINES_WITHIN_S)
        self._thread.join(timeout=_LAST_LINES_WITHIN_S)
        super().close()

    def _write_all(self) -> None:
        told = 0
        while (record := self._queue.get()) is not None and time.monotonic() < self._ends_at:
            if self.dropped > told and self._queue.empty():
                told = self._tell_dropped(told)
            self._write_record(record)

    def _tell_dropped(self, told: int) -> int:
        dropped = self.dropped
        said = {"name": __name__, "levelno": logging.WARNING, "levelname": "WARNING"}
        said["msg"] = f"{dropped - told} log lines were left out: nobody read them in time"
        self._write_record(logging.makeLogRecord(said))
        return dropped

    def _write_record(self, record: logging.LogRecord) -> None:
        try:
            self._write((self.format(record) + "\n").encode("utf-8", "backslashreplace"))
        except Exception:  # the sink is gone, or full; the bot goes on without it
            self.dropped += 1

    def _write(self, line: bytes) -> None:
        """Straight to the system: Python's own streams have locks that a thread which hangs in them never gives back."""
        while line and self._descriptor is not None:
            try:
                line = line[os.write(self._descriptor, line) :]
            except BlockingIOError:
                time.sleep(_TRY_AGAIN_S)


def set_up(level: str) -> None:
    """For a command of the terminal: lines of that level ("debug" … "error") and above to standard error, as they come."""
    handler = logging.StreamHandler()
    handler.setFormatter(Lines(Redactor()))
    _install(handler, level)


@contextlib.contextmanager
def logging_to_stderr(level: str, form: Format, secrets: Collection[str] = ()) -> Iterator[Sink]:
    """For as long as the bot runs: the same without waiting for whoever reads, and without ``secrets``."""
    with _own_stderr() as descriptor, to_descriptor(descriptor, level, form, secrets) as sink:
        yield sink


@contextlib.contextmanager
def to_descriptor(
    descriptor: int | None, level: str, form: Format, secrets: Collection[str] = (), waiting: int = WAITING
) -> Iterator[Sink]:
    """The same to any file descriptor; None for nowhere."""
    redact = Redactor(secrets)
    sink = Sink(descriptor, waiting)
    sink.setFormatter(JsonLines(redact) if form == "json" else Lines(redact))
    root = logging.getLogger()
    before = root.handlers[:]
    _install(sink, level)
    try:
        with _uncaught():
            yield sink
    finally:
        root.handlers[:] = before
        sink.close()


def _install(handler: logging.Handler, level: str) -> None:
    root = logging.getLogger()
    root.handlers[:] = [handler]
    handler.setLevel(level.upper())  # a logger may be set to tell more: bot/watching/tally.py
    root.setLevel(level.upper())
    for least, names in ((logging.INFO, _NEVER_DEBUG), (logging.WARNING, _TALKATIVE)):
        for name in names:
            logging.getLogger(name).setLevel(max(least, root.level))


@contextlib.contextmanager
def _own_stderr() -> Iterator[int | None]:
    """Standard error under a number of its own. Where it is closed, its number may be a database's by now: nothing is written."""
    try:
        descriptor = os.dup(sys.stderr.fileno())
    except (AttributeError, OSError, ValueError, io.UnsupportedOperation):
        yield None
        return
    # It stays open at the end: a thread that still hangs in it would write to whatever gets its number next.
    yield descriptor


@contextlib.contextmanager
def _uncaught() -> Iterator[None]:
    """What no block catches is logged too, in a thread as in a destructor, rather than printed with whatever it holds."""
    before = threading.excepthook, sys.unraisablehook

    def in_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value:
            log.critical("uncaught in thread %s", getattr(args.thread, "name", "?"), exc_info=args.exc_value)

    def in_destructor(args: sys.UnraisableHookArgs) -> None:
        log.error("uncaught: %s", args.err_msg or "an exception was ignored", exc_info=args.exc_value)

    threading.excepthook, sys.unraisablehook = in_thread, in_destructor
    try:
        yield
    finally:
        threading.excepthook, sys.unraisablehook = before


def _fixed(record: logging.LogRecord) -> logging.LogRecord:
    """A copy that stays as it is."""
    fixed = copy.copy(record)
    fixed.request = REQUEST.get()
    fixed.msg, fixed.args = record.getMessage(), None
    if record.exc_info and not record.exc_text:
        fixed.exc_text = logging.Formatter().formatException(record.exc_info)
    fixed.exc_info = None
    return fixed


def _trace(record: logging.LogRecord) -> str:
    """Traceback and stack, if there are any."""
    text = record.exc_text or (logging.Formatter().formatException(record.exc_info) if record.exc_info else "")
    return "\n".join(filter(None, (text, record.stack_info)))


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def _escaped(found: re.Match[str]) -> str:
    return f"\\x{ord(found[0]):02x}"


def _clipped(text: str) -> str:
    """Cut after redacting: half a secret has no shape."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} … ({len(text):,} characters)"
