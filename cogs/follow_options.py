"""The options of `/follow`, as people see them while they type."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from discord import app_commands

from cogs.options import sources_of
from papers.subscription import MAX_SIZE, OnQuietDay, State, Summaries, parse_days, parse_time, parse_zone

DESCRIPTIONS = {
    "topic": "A topic from the list, or words such as: diffusion, world model -survey. Or: everything",
    "time": "Your local time, such as 9:30 or 8 pm. Default: 09:00",
    "timezone": "Type a city. Default: as in what you followed last, else Paperboy’s own",
    "days": "weekdays, daily, or a list such as Mon, Wed, Fri. Default: weekdays",
    "size": f"How many papers at most, 1 to {MAX_SIZE}. Default: 5",
    "quiet_days": "On a day without a paper on the topic. Default: stay silent",
    "summaries": "What stands below each title. Default: short",
    "source": "Whose papers. Default: Hugging Face’s daily papers",
    "besides": "A channel with digests: what it has shown is left out. Default: none",
}
EDITED = {
    **{name: text.partition(" Default:")[0] for name, text in DESCRIPTIONS.items()},
    "follow": "Which one",
    "besides": "Leave out what this channel has shown; given once more, it is no longer left out",
    "pause": "Stop for a while, or go on",
}
PAUSE = [
    app_commands.Choice(name="pause", value=State.PAUSED.value),
    app_commands.Choice(name="resume", value=State.ACTIVE.value),
]

READ: dict[str, Callable[[str], Any]] = {
    "at": parse_time,
    "zone": parse_zone,
    "weekdays": parse_days,
    "on_quiet_day": OnQuietDay,
    "summaries": Summaries,
    "sources": sources_of,
}
