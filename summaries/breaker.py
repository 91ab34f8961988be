"""A model that fails again and again is left alone for a while, and one that wants fewer questions for as long as it says."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from summaries.trouble import Busy, ModelError, Refused, Resting

log = logging.getLogger(__name__)

FAILURES = 3
FIRST_PAUSE_S = 60.0
LONGEST_PAUSE_S = 30 * 60.0
_MOST_DOUBLINGS = 10


class Breaker:
    """Counts failures in a row. From FAILURES on there is a pause, which doubles with each further one; after it, one call at a
    time may try, and its success ends the count. ``clock`` gives monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures = 0
        self._quiet_until = 0.0
        self._is_trying = False

    @property
    def left_s(self) -> float:
        """For how long there is no call; 0.0 when there may be one."""
        return max(0.0, self._quiet_until - self._clock())

    def resting(self) -> Resting:
        """What is to be said of a pause."""
        return Resting(self.left_s, is_busy=self._failures < FAILURES)

    @contextmanager
    def watch(self) -> Iterator[None]:
        """A block that calls the model. Raises Resting at once where it may not.

        A request that was refused as it is (Refused) and a block that is cancelled say nothing of how the model fares.
        """
        is_on_trial = self._failures >= FAILURES
        if self.left_s or (is_on_trial and self._is_trying):
            raise self.resting()
        self._is_trying = self._is_trying or is_on_trial
        try:
            yield
        except Refused:
            raise
        except Busy as busy:
            self._failed(busy.after_s or FIRST_PAUSE_S)
            raise
        except ModelError:
            self._failed(0.0)
            raise
        else:
            self._failures = 0
        finally:
            if is_on_trial:
                self._is_trying = False

    def _failed(self, pause_s: float) -> None:
        self._failures += 1
        if self._failures >= FAILURES:
            doubled = FIRST_PAUSE_S * 2 ** min(self._failures - FAILURES, _MOST_DOUBLINGS)
            pause_s = max(pause_s, min(doubled, LONGEST_PAUSE_S))
        if pause_s:
            self._quiet_until = max(self._quiet_until, self._clock() + pause_s)
            log.warning("the model is left alone for %.0f s after %d failures in a row", pause_s, self._failures)
