"""What the documentation's pictures show: each scene is played in the demo's world, as people would play it."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import simcord

from papers.paper import Paper
from papers.subscription import Summaries
from papers.topic import Topic
from sandbox.press import REPLIES
from sandbox.world import World
from sources.files import read_papers

Play = Callable[[World, simcord.ChannelHandle], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Scene:
    """``play`` brings messages into the channel ``place``, of which the last ``messages`` are pictured: ``wide``, and where it
    matters ``narrow``. With ``typed`` that is typed on the page afterwards, and the form that opens is pictured.
    """

    name: str
    play: Play
    wide: bool = True
    narrow: bool = False
    messages: int = 1
    typed: str = ""
    place: str = "reading-club"


def slash(command: str, **options: Any) -> Play:
    async def play(world: World, channel: simcord.ChannelHandle) -> object:
        return await world.moderator.slash(channel, command, **options)

    return play


def on_a_message(command: str, text: str) -> Play:
    """A message by somebody, and the command of its menu *Apps*."""

    async def play(world: World, channel: simcord.ChannelHandle) -> object:
        message = await world.reader.send(channel, text)
        return await world.moderator.context_menu(channel, command, message)

    return play


async def _nothing(world: World, channel: simcord.ChannelHandle) -> None:
    return None


_REPLAYED: dict[str, Any] = {
    "topic": "agent, world model -survey",
    "time": "09:30",
    "timezone": "Europe/Berlin",
    "days": "weekdays",
}


async def _pressed(world: World, channel: simcord.ChannelHandle, label: str) -> object:
    """A new subscription's replay, and one of its buttons pressed."""
    shown = (await world.moderator.slash(channel, "subscribe add", **_REPLAYED)).response
    if shown is None:
        raise RuntimeError("/subscribe add answered nothing")
    return await world.moderator.click(shown, label=label)


async def _replay(world: World, channel: simcord.ChannelHandle) -> object:
    return await _pressed(world, channel, "Narrower")


async def _german(world: World, channel: simcord.ChannelHandle) -> object:
    """A server whose digests are in German: what the first subscription would post."""
    guilds, orders = world.app.store.guilds, await world.app.store.subscriptions.of_guild(world.guild.id)
    await guilds.set_language(world.guild.id, "de")
    return await world.moderator.slash(channel, "subscribe preview", subscription=str(orders[0].id))


async def _panel(world: World, channel: simcord.ChannelHandle) -> object:
    orders = await world.app.store.subscriptions.of_guild(world.guild.id)
    return await world.moderator.slash(channel, "subscribe edit", subscription=str(orders[1].id))


async def _why(world: World, channel: simcord.ChannelHandle) -> object:
    return await world.moderator.slash(channel, "why", paper="2606.13681", channel=world.channels["agents"])


async def _status(world: World, channel: simcord.ChannelHandle) -> object:
    """One of five subscriptions is paused for the weekend: the one whose replay is pictured before."""
    await _pressed(world, channel, "Save")
    orders = await world.app.store.subscriptions.of_guild(world.guild.id)
    await world.moderator.slash(channel, "subscribe pause", subscription=str(orders[-1].id), until="Monday")
    return await world.moderator.slash(channel, "status")


_LINKS = "Anybody read https://arxiv.org/abs/2606.10651 and https://huggingface.co/papers/2606.09967 yet?"
_QUESTION = "how many issues are there and what is relevant in each issue?"

# Without a model, as most servers have it.
PLAIN = (
    Scene("search", slash("search", query="how do agents remember what they did"), narrow=True),
    Scene("search-correction", slash("search", query="video difusion models", sort="newest")),
    Scene("search-nothing", slash("search", query="video generation votes:>900 since:30d")),
    Scene("search-similar", slash("similar", paper="2606.07326"), narrow=True),
    Scene("search-find", on_a_message("Find this paper", _LINKS), messages=2),
    Scene("card", slash("paper", paper="2606.09967")),
    Scene("asking-passages", slash("ask", question=_QUESTION, paper="2606.07297")),
    Scene("asking-compare", slash("compare", paper="2606.13392", other="2606.09079")),
    Scene("replay", _replay, narrow=True),
    Scene("topic", _nothing, narrow=True, typed="/topic new"),
    Scene("panel", _panel, narrow=True),
    Scene("why", _why),
    Scene("status", _status, narrow=True),
    Scene("digest-german", _german),
)


def _digest(summaries: Summaries, size: int, topic: str = "") -> Play:
    """What the first subscription would post, with a model's summary of one paper, which somebody had asked for before."""

    async def play(world: World, channel: simcord.ChannelHandle) -> object:
        store = world.app.store.subscriptions
        order = (await store.of_guild(world.guild.id))[0]
        changed = replace(order, size=size, summaries=summaries, topic=Topic.parse(topic) if topic else order.topic)
        await store.change(changed)
        await world.moderator.slash(channel, "summary", paper="2606.13376")
        return await world.moderator.slash(channel, "subscribe preview", subscription=str(order.id))

    return play


WITH_A_MODEL = (
    Scene("asking-summary", slash("summary", paper="2606.07297", depth="full")),
    Scene("asking-answer", slash("ask", question=_QUESTION, paper="2606.07297"), narrow=True),
    Scene("summaries", _digest(Summaries.SHORT, 8)),
    Scene("summaries-full", _digest(Summaries.FULL, 3, "video, image generation, search agents"), wide=False, narrow=True),
)


async def _morning(world: World, channel: simcord.ChannelHandle) -> None:
    """The day's first edition at eight, and what it has grown to forty minutes later: two papers came late."""
    day = world.app.now().date()
    papers = [each for each in read_papers(REPLIES / f"{day}.json") if isinstance(each, Paper)]
    early = [each for number, each in enumerate(papers, 1) if number % 4]
    for minutes, known in ((20, early), (40, papers)):
        await world.env.advance_time(timedelta(minutes=minutes).total_seconds())
        await world.app.store.papers.save_day(known, "huggingface", day, world.app.now())
        await world.bot.courier.deliver_due(world.app.now())
        await world.bot.courier.grow(world.app.now())


MORNING = (Scene("digest", _morning, place="daily-papers"),)


def says(asked: dict[str, Any]) -> str:
    """A model's answers about the papers pictured, as a good one gives them; each number stands in the paper."""
    request = asked["messages"][1]["content"]
    if '"sentences"' in request:
        return json.dumps({"is_said": True, "sentences": [{"text": text, "passage": 1} for text in _ANSWER]})
    if '"tldr"' in request:
        return json.dumps(next((told for name, told in _SUMMARIES.items() if name in request), _NOTHING))
    return json.dumps({"text": ""})


_ANSWER = (
    "It has 848 issues, taken from 203 open-source projects in 10 languages.",
    "For each issue, the runs that ended in a correct patch are taken, and the regions they opened are recorded.",
)
_NOTHING = dict.fromkeys(("tldr", "new", "how", "results", "limits", "for_whom"), "")
_SUMMARIES = {
    "SWE-Explore": _NOTHING
    | {
        "tldr": "SWE-Explore tests coding agents on finding the lines of a repository that a repair needs, with 848 issues "
        "from 203 projects in 10 languages.",
        "new": "The search for the place of a repair is measured by itself, not by the final patch.",
        "how": "An explorer ranks regions of code within a set number of lines; relevant are the lines that successful runs "
        "really read.",
        "limits": "An issue is kept only if several agents have solved it.",
        "for_whom": "Those who build coding agents and want to know where they fail.",
    },
    "MoVerse": _NOTHING
    | {
        "tldr": "From one narrow photo MoVerse builds a world of 3D Gaussians that a video renderer shows at 8 FPS on one "
        "RTX 4090.",
        "new": "Building the world and showing it are kept apart.",
        "how": "Topology-aware diffusion widens the photo to a 360° panorama, which is lifted into a lasting scaffold; a "
        "bidirectional teacher is distilled into a causal student.",
        "results": "Roaming runs at 8 FPS on one NVIDIA RTX 4090.",
    },
}
