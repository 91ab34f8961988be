"""What every source promises, and the one kind of error it raises."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from papers.paper import Paper


class SourceError(Exception):
    """A source gave no usable answer. The message says which source and why, for the log and the operator."""


class Missing(SourceError):
    """The service is well and has no such thing (HTTP 404 or 410)."""


class Unknown(Missing):
    """The service is well and says why it has no such thing."""


class Stale(SourceError):
    """The service is up, and what it shows is an earlier day's list."""


class Unasked(SourceError):
    """There was no reason to ask the service just now, and the message says why: it is neither well nor unwell."""


class Remembered(list[Paper]):
    """An answer for which the service was not asked just now: it says nothing of how it fares."""


class Source(Protocol):
    """A place papers come from."""

    @property
    def name(self) -> str:
        """Short and stable: it is a key in the store ("huggingface")."""
        ...

    async def papers(self, day: date) -> list[Paper]:
        """The papers featured on the UTC day ``day``; an empty list is an answer. Raises SourceError."""
        ...
