"""What the doctor finds: a thing, how it is with it, and what to do where it is not well."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """How it is with a thing, as it is printed. ``NOTE`` is worth knowing, and nothing is wrong."""

    WELL = "ok"
    OFF = "off"
    NOTE = "note"
    WRONG = "WRONG"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing; ``said`` ends with what to do where it is not well."""

    thing: str
    state: State
    said: str

    def __str__(self) -> str:
        return f"{self.thing:<11} {self.state:<6} {self.said}"


async def within(seconds: float, thing: str, look: Coroutine[Any, Any, list[Finding]]) -> list[Finding]:
    """What a look finds, or that it took too long."""
    try:
        async with asyncio.timeout(seconds):
            return await look
    except TimeoutError:
        return [Finding(thing, State.WRONG, f"no answer within {seconds:g} s: try again, and look at what it waits for")]


def safe(text: str, most: int = 80) -> str:
    """A name or message from outside as it may stand on a terminal: one line, no control characters, not too long."""
    shown = "".join(character for character in text if character.isprintable())
    return shown if len(shown) <= most else shown[: most - 1] + "…"
