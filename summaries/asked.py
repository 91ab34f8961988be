"""What a Summariser is told and tells besides summaries: who asks, the answer to a question, what was spent, whence a text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from papers.paper import Paper
from storage.summaries import Spent
from summaries.budget import Caps
from summaries.writer import Section


class Reader(Protocol):
    """Brings a paper's text, as sources/fulltext.py does. Raises SourceError."""

    async def read(self, paper: Paper) -> Sequence[Section]: ...


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, for the cool-down per person and the budget per server; ``guild_id`` is 0 in direct messages."""

    user_id: int
    guild_id: int


@dataclass(frozen=True, slots=True)
class Answer:
    """Each sentence with the number (from 0) of the passage it stands on; ``is_said`` is False where the paper does not say."""

    sentences: tuple[tuple[str, int | None], ...]
    is_said: bool
    model: str


@dataclass(frozen=True, slots=True)
class Spending:
    """What today's budget is and what of it is spent, by all together and by one server; ``resting_s`` is for how long the model
    is left alone after failures, 0.0 where it is not.
    """

    caps: Caps
    everyone: Spent
    server: Spent
    resting_s: float
