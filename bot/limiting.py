"""How often commands may be used: by one person, by one server's members, by all together. A button counts as what it does.

The buckets are discord.py's own. What reads a paper or searches costs next to nothing, so the limits are wide: they are for
who presses without end, and for a server that would take all there is.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from time import monotonic
from typing import Any

import aiohttp
import discord
from discord.app_commands import Cooldown

from bot.config import LimitsConfig
from views.waiting import Crowd, too_often

log = logging.getLogger(__name__)

_MINUTE_S = 60.0
_MOST = 20_000  # buckets of people and servers, 0.3 kB each; the one that was used longest ago makes room
_KEYSTROKES = 10  # suggestions asked for while one question is typed


class Work(StrEnum):
    """What a command, a button or a form has us do."""

    LOOKS_UP = "looks up"
    SUMMARISES = "summarises"
    CHANGES = "changes"  # what is stored, or what others see
    COMPLETES = "completes"


# Whatever is not named here looks something up. A whole name goes before that of its group.
COMMANDS = {
    "summary": Work.SUMMARISES,
    "ask": Work.SUMMARISES,
    "compare": Work.SUMMARISES,
    "Summarise papers here": Work.SUMMARISES,
    "subscribe": Work.CHANGES,
    "subscribe list": Work.LOOKS_UP,
    "subscribe preview": Work.LOOKS_UP,
    "subscribe export": Work.LOOKS_UP,
    "topic": Work.CHANGES,
    "topic list": Work.LOOKS_UP,
    "follow": Work.CHANGES,
    "follow list": Work.LOOKS_UP,
    "language": Work.CHANGES,
    "delete-my-data": Work.CHANGES,
}
VERBS = {
    **dict.fromkeys(("summary", "summaries", "ask", "comparewords"), Work.SUMMARISES),
    **dict.fromkeys(("panel", "draftsave", "topic", "topicform", "exchange", "post", "follow", "reopen"), Work.CHANGES),
    **dict.fromkeys(("forgetme", "sharesearch", "sharefound", "sharesimilar", "sharecard"), Work.CHANGES),
    **dict.fromkeys(("sharesummary", "sharesummaries", "shareanswer", "sharecompare"), Work.CHANGES),
}


@dataclass(frozen=True, slots=True)
class Wait:
    """``crowd`` has used up its minute; it may go on in ``seconds``."""

    crowd: Crowd
    seconds: float


class Limits:
    """Three buckets for each kind of work. ``clock`` is in seconds, and never 0."""

    def __init__(self, settings: LimitsConfig, clock: Callable[[], float] = monotonic, most: int = _MOST) -> None:
        searches = settings.searches_per_minute
        self._rates: Mapping[Work, tuple[int, int, int]] = {
            Work.LOOKS_UP: searches,
            Work.SUMMARISES: settings.summaries_per_minute,
            Work.CHANGES: settings.changes_per_minute,
            Work.COMPLETES: (searches[0] * _KEYSTROKES, searches[1] * _KEYSTROKES, searches[2] * _KEYSTROKES),
        }
        self._all = {work: Cooldown(rates[2], _MINUTE_S) for work, rates in self._rates.items()}
        self._some: OrderedDict[tuple[Work, Crowd, int], Cooldown] = OrderedDict()
        self._clock = clock
        self._most = most

    def __len__(self) -> int:
        """How many people's and servers' buckets there are."""
        return len(self._some)

    def taken(self, work: Work, user_id: int, guild_id: int | None) -> Wait | None:
        """Count one more, of a person in a server or (None) in private; or how long to wait, and then nothing is counted."""
        now = self._clock()
        own, servers, _ = self._rates[work]
        crowds = {Crowd.PERSON: self._bucket((work, Crowd.PERSON, user_id), own)}
        if guild_id:
            crowds[Crowd.SERVER] = self._bucket((work, Crowd.SERVER, guild_id), servers)
        crowds[Crowd.ALL] = self._all[work]
        waits = [Wait(crowd, left) for crowd, bucket in crowds.items() if (left := bucket.get_retry_after(now)) > 0]
        if waits:
            return max(waits, key=lambda wait: wait.seconds)
        for bucket in crowds.values():
            bucket.update_rate_limit(now)
        return None

    def _bucket(self, key: tuple[Work, Crowd, int], rate: int) -> Cooldown:
        bucket = self._some.get(key)
        if bucket is None:
            bucket = self._some[key] = Cooldown(rate, _MINUTE_S)
            if len(self._some) > self._most:
                self._some.popitem(last=False)
        else:
            self._some.move_to_end(key)
        return bucket


async def admitted(interaction: discord.Interaction[Any], limits: Limits) -> bool:
    """Whether it may be served. If not, it was answered: with a sentence, or with no suggestions."""
    wait = limits.taken(work_of(interaction), interaction.user.id, interaction.guild_id)
    if wait is None:
        return True
    log.debug("interaction %d refused: too many of %s", interaction.id, wait.crowd)
    try:
        if interaction.type is discord.InteractionType.autocomplete:
            await interaction.response.autocomplete([])
        else:
            await interaction.response.send_message(too_often(wait.crowd, wait.seconds), ephemeral=True)
    except (discord.DiscordException, aiohttp.ClientError, OSError) as error:
        log.debug("interaction %d could not be told so: %s", interaction.id, error)
    return False


def work_of(interaction: discord.Interaction[Any]) -> Work:
    """What kind of work it asks for."""
    if interaction.type is discord.InteractionType.autocomplete:
        return Work.COMPLETES
    if interaction.type is discord.InteractionType.application_command:
        name = interaction.command.qualified_name if interaction.command else ""
        return COMMANDS.get(name) or COMMANDS.get(name.partition(" ")[0], Work.LOOKS_UP)
    verb = (interaction.custom_id or "").removeprefix("=").partition(":")[0]
    return VERBS.get(verb, Work.LOOKS_UP)
