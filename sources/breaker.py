"""A host that fails again and again is left alone for a while: it is not helped by being asked, nor are we.

stamina retries and does not break; the breakers on PyPI that know asyncio would be a dependency for the few lines below.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sources.base import Missing, SourceError

log = logging.getLogger(__name__)

FAILURES = 5
FIRST_PAUSE_S = 60.0
LONGEST_PAUSE_S = 30 * 60.0
_MOST_DOUBLINGS = 10


class Breaker:
    """Counts each host's failures in a row. From FAILURES on it is left alone, for a pause that doubles with each further one.

    After a pause one block may try; its success ends the count. ``clock`` gives monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures: dict[str, int] = {}
        self._alone_until: dict[str, float] = {}

    @contextmanager
    def watch(self, host: str) -> Iterator[None]:
        """A block that asks the host; a SourceError out of it is a failure. Raises SourceError at once during a pause.

        Something missing is an answer, so the host is well; a block that is cancelled says nothing either way.
        """
        left_s = self._alone_until.get(host, 0.0) - self._clock()
        if left_s > 0:
            raise SourceError(f"{host}: left alone for another {left_s:.0f} s after {self._failures[host]} failures in a row")
        try:
            yield
        except Missing:
            self._succeeded(host)
            raise
        except SourceError:
            self._failed(host)
            raise
        self._succeeded(host)

    def _succeeded(self, host: str) -> None:
        self._failures.pop(host, None)
        self._alone_until.pop(host, None)

    def _failed(self, host: str) -> None:
        failures = self._failures[host] = self._failures.get(host, 0) + 1
        if failures >= FAILURES:
            pause_s = min(FIRST_PAUSE_S * 2 ** min(failures - FAILURES, _MOST_DOUBLINGS), LONGEST_PAUSE_S)
            self._alone_until[host] = self._clock() + pause_s
            log.warning("%s failed %d times in a row and is left alone for %.0f s", host, failures, pause_s)
