"""Faults on cue: what goes wrong with which request."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What happens to a request. "Stored" means that Discord did its work before things went wrong."""

    REFUSE = "answer with a status, nothing stored"
    STORE_THEN_FAIL = "store, then answer with a status"
    STORE_THEN_DROP = "store, then close the connection without an answer"
    DROP = "close the connection, nothing stored"
    STORE_THEN_HANG = "store, then never answer"
    STORE_THEN_GARBLE = "store, then answer with half a body"
    BAN = "answer as something in front of Discord does: a 429 in HTML, without Via"


@dataclass(slots=True)
class Fault:
    """A fault for requests whose "METHOD /path" matches ``pattern``, ``times`` times.

    ``status`` and ``code`` are Discord's; ``retry_after_s`` and ``scope`` ("user", "global" or "shared") belong to a 429.
    """

    pattern: str
    kind: Kind
    times: int = 1
    status: int = 500
    code: int = 0
    retry_after_s: float = 0.2
    scope: str = "user"


@dataclass(slots=True)
class Cues:
    """The faults still to come, in order."""

    faults: list[Fault] = field(default_factory=list)

    def add(self, fault: Fault) -> None:
        self.faults.append(fault)

    def take(self, method: str, path: str) -> Fault | None:
        """The first fault meant for this request, used up by one."""
        for fault in self.faults:
            if fault.times > 0 and re.fullmatch(fault.pattern, f"{method} {path}"):
                fault.times -= 1
                return fault
        return None
