"""The options of `/subscribe add`, as people see them while they type: what each is for, its choices and its default."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import discord
from discord import app_commands

from cogs.places import tags_of
from papers.language import _
from papers.presets import presets_like
from papers.subscription import MAX_SIZE, Mode, OnQuietDay, Summaries, zone_names
from papers.text import words
from papers.topic import Topic
from storage.store import Store
from views.limits import CHOICE, CHOICES
from views.places import place_of

# Discord shows at most 100 characters of each, in this order.
DESCRIPTIONS = {
    "topic": "A topic from the list, or words such as: diffusion, world model -survey. Or: everything",
    "channel": "A channel, a thread or a forum. Default: this channel",
    "time": "Local time, such as 9:30 or 8 pm. Default: 09:00",
    "timezone": "Whose local time: type a city. Default: as in the server’s last subscription, else Paperboy’s own",
    "days": "weekdays, daily, or a list such as Mon, Wed, Fri. Default: weekdays",
    "size": f"How many papers at most, 1 to {MAX_SIZE}. Default: 5",
    "quiet_days": "On a day without a paper on the topic. Default: say so",
    "mode": "Which list, and does it grow after it is posted? Default: living",
    "summaries": "What stands below each title. Default: short",
    "mention": "A role to notify; it must be one that anybody may mention. Default: none",
    "silent": "Post without notifying anybody. Default: no",
    "discussion": "Open a thread under each edition to talk about it. Default: no",
    "posts": "Forums only: one post for each edition, or for each paper? Default: edition",
    "tag": "Forums only: the tag where none fits by its name. Default: none",
    "source": "Whose papers. Default: Hugging Face’s daily papers",
}
QUIET_DAYS = [
    app_commands.Choice(name="say so: post one small line", value=OnQuietDay.SAY_SO.value),
    app_commands.Choice(name="stay silent: post nothing", value=OnQuietDay.STAY_SILENT.value),
]
MODES = [
    app_commands.Choice(name="living: today’s list; late papers are added for a day", value=Mode.LIVING.value),
    app_commands.Choice(name="one-shot: today’s list so far; it stays as posted", value=Mode.ONE_SHOT.value),
    app_commands.Choice(name="yesterday: the last working day’s whole list", value=Mode.YESTERDAY.value),
]
SUMMARIES = [
    app_commands.Choice(name="none: titles and figures alone", value=Summaries.NONE.value),
    app_commands.Choice(name="short: a sentence or two", value=Summaries.SHORT.value),
    app_commands.Choice(name="full: the whole short summary, as room allows", value=Summaries.FULL.value),
]
POSTS = [
    app_commands.Choice(name="edition: one post a day, with all its papers", value="edition"),
    app_commands.Choice(name="paper: one post for each paper", value="paper"),
]

HUGGING_FACE = "huggingface"
_BOTH = "both"
SOURCES = [
    app_commands.Choice(name="Hugging Face: what its readers have chosen", value=HUGGING_FACE),
    app_commands.Choice(name="arXiv: what was announced in the topic’s categories", value="arxiv"),
    app_commands.Choice(name="both", value=_BOTH),
]


def sources_of(choice: str) -> tuple[str, ...]:
    return (HUGGING_FACE, "arxiv") if choice == _BOTH else (choice,)


async def complete_topic(interaction: discord.Interaction[Any], store: Store, typed: str) -> list[app_commands.Choice[str]]:
    """The server's named topics, then presets, then what was typed, for a topic of its own."""
    if not interaction.permissions.manage_channels:  # discord.py runs no checks before it completes
        return []
    named = topics_like(await store.topics.of(interaction.guild_id or 0), typed)
    own = [typed.strip()] if 0 < len(typed.strip()) <= CHOICE else []
    labels = {each: each for each in own}
    labels |= {topic.name: _("{topic} · preset").format(topic=topic.label) for topic in presets_like(typed)}
    labels |= {topic.name: _("{topic} · this server’s").format(topic=topic.name) for topic in named}
    names = [topic.name for topic in [*named, *presets_like(typed)]]
    offered = list(dict.fromkeys(names))[: CHOICES - len(own)]
    return [app_commands.Choice(name=labels[each][:CHOICE], value=each) for each in dict.fromkeys(offered + own)]


def topics_like(topics: Iterable[Topic], typed: str) -> list[Topic]:
    """The topics of which each typed word begins a word of the name."""
    wanted = words(typed)
    return [each for each in topics if all(any(word.startswith(part) for word in words(each.name)) for part in wanted)]


async def complete_zone(_asker: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
    return [app_commands.Choice(name=zone, value=zone) for zone in zones_like(typed)[:CHOICES]]


async def complete_tag(interaction: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
    """The tags of the forum that was chosen already, or that the person is in."""
    chosen = getattr(interaction.namespace, "channel", None)
    place = place_of(interaction.guild, chosen.id if chosen else interaction.channel_id or 0)
    wanted = "".join(words(typed))
    names = [tag.name for tag in tags_of(place) if wanted in "".join(words(tag.name))]
    return [app_commands.Choice(name=name[:CHOICE], value=name[:CHOICE]) for name in names[:CHOICES]]


def zones_like(typed: str) -> list[str]:
    """Time zones for what was typed so far: those with a part that begins with it first, then those that contain it."""
    wanted = "".join(words(typed))
    parts = {zone: words(zone) for zone in zone_names()}
    begun = [zone for zone in parts if "".join(parts[zone]).startswith(wanted) or "".join(parts[zone][1:]).startswith(wanted)]
    return begun + [zone for zone in parts if zone not in begun and wanted in "".join(parts[zone])]
