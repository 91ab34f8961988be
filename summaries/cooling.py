"""A while between two calls of a model for the same person."""

from __future__ import annotations

from collections.abc import Callable

from summaries.trouble import TooSoon

_REMEMBERED = 10_000  # people who asked last


class CoolDown:
    """``clock`` gives monotonic seconds."""

    def __init__(self, pause_s: float, clock: Callable[[], float]) -> None:
        self._pause_s = pause_s
        self._clock = clock
        self._asked_at: dict[int, float] = {}  # user → the clock's time of the last call, the latest at the end

    def left_s(self, user_id: int) -> float:
        """For how long there is no call for this person; 0.0 where there may be one."""
        asked_at = self._asked_at.get(user_id)
        return 0.0 if asked_at is None else max(0.0, asked_at + self._pause_s - self._clock())

    def begin(self, user_id: int) -> None:
        """A call is made for this person. Raises TooSoon."""
        if left_s := self.left_s(user_id):
            raise TooSoon(left_s)
        self._asked_at.pop(user_id, None)
        self._asked_at[user_id] = self._clock()
        if len(self._asked_at) > _REMEMBERED:
            del self._asked_at[next(iter(self._asked_at))]

    def forget(self, user_id: int) -> None:
        """There was no call after all."""
        self._asked_at.pop(user_id, None)
