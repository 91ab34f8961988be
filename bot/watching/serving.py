"""One interaction on its way through the bot: what it is called in the log, when it came, and what became of it."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

import discord

from bot.watching.logs import REQUEST
from bot.watching.tally import Tally

log = logging.getLogger(__name__)

_REFERENCE, _BEGAN, _OUTCOME = "reference", "began at", "outcome"
_OF_COMPONENTS = ("_pressed", "_chosen", "_filled")  # how views' events of a button, a select and a form end


def begin(interaction: discord.Interaction[Any]) -> str:
    """The interaction's reference, which from now on is in the log lines of the present task and those that it starts."""
    interaction.extras.setdefault(_BEGAN, monotonic())
    reference: str = interaction.extras.setdefault(_REFERENCE, secrets.token_hex(4))
    REQUEST.set(reference)
    return reference


@contextmanager
def on_behalf(arguments: tuple[Any, ...]) -> Iterator[None]:
    """Tasks that are started in the block for an event about an interaction have its reference in their lines."""
    before = REQUEST.get()
    if arguments and isinstance(arguments[0], discord.Interaction):
        begin(arguments[0])
    try:
        yield
    finally:
        REQUEST.set(before)


def failed(interaction: discord.Interaction[Any], outcome: str) -> None:
    """It did not end as it should: "refused" for what the person can mend, "late" where nobody waits any more, or "failed"."""
    interaction.extras[_OUTCOME] = outcome


def is_of_component(event: str) -> bool:
    """Whether an event is the press of a button, a choice, or a form that was filled in."""
    return event.endswith(_OF_COMPONENTS)


def ended(interaction: discord.Interaction[Any], what: str, tally: Tally) -> None:
    """It was handled, to its end."""
    outcome = interaction.extras.get(_OUTCOME, "ok")
    began_at = interaction.extras.get(_BEGAN, monotonic())
    tally.served(what, outcome, began_at)
    took_s = round(monotonic() - began_at, 3)
    fields = {"event": "interaction", "command": what, "outcome": outcome, "took_s": took_s, "interaction": interaction.id}
    log.debug("%s: %s after %.3f s", what, outcome, took_s, extra=fields)
