"""Who uses commands without end is asked to wait; nobody else is."""

from __future__ import annotations

from typing import Any

import discord
import pytest
import simcord
from hypothesis import given
from hypothesis import strategies as st

from bot.config import LimitsConfig
from bot.limiting import COMMANDS, VERBS, Limits, Wait, Work
from sandbox.world import World
from tests.flows.conftest import followed, shown
from views.waiting import Crowd

START = 1_000.0


class Clock:
    """In seconds."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


def limit(world: World, clock: Clock, **settings: Any) -> None:
    world.bot.limits = Limits(LimitsConfig.model_validate(settings), clock)


async def test_one_person_too_often_is_told_when_to_try_again(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor, ben: simcord.MemberActor, clock: Clock
) -> None:
    limit(world, clock, searches_per_minute=[2, 100, 100])
    for _ in range(2):
        assert "diffusion" in shown(await ben.slash(channel, "search", query="diffusion"))
    clock.at += 48
    refused = await ben.slash(channel, "search", query="diffusion")
    assert refused.ephemeral
    assert shown(refused) == "That was a lot in one minute: please try again in 12 seconds."
    assert "diffusion" in shown(await ada.slash(channel, "search", query="diffusion"))
    clock.at += 13
    assert "diffusion" in shown(await ben.slash(channel, "search", query="diffusion"))


async def test_a_server_and_all_together_have_their_limits(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor, ben: simcord.MemberActor, clock: Clock
) -> None:
    limit(world, clock, searches_per_minute=[1, 1, 2])
    await ada.slash(channel, "search", query="diffusion")
    assert shown(await ben.slash(channel, "search", query="diffusion")).startswith("This server’s members have asked for a lot")
    assert "That was a lot" in shown(await ada.user.slash("status"))  # her own is used up, in private too
    assert "diffusion" in shown(await ben.user.slash("search", query="diffusion"))  # in private it is no server's
    assert "more to do just now" in shown(await world.env.create_user("cleo").slash("search", query="diffusion"))


async def test_a_button_counts_as_what_it_does(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor, clock: Clock
) -> None:
    limit(world, clock, searches_per_minute=[2, 100, 100], changes_per_minute=[1, 100, 100])
    answer = await ben.slash(channel, "search", query="model")
    assert answer.response
    await ben.click(answer.response, label="▶")
    second = shown(answer)
    pressed = await ben.click(answer.response, label="▶")
    assert "That was a lot" in shown(pressed)
    assert shown(answer) == second  # the message that the button is in stays as it is
    await ben.slash(channel, "follow add", topic="video")  # another kind of work
    assert "That was a lot" in shown(await ben.slash(channel, "follow add", topic="robot"))
    assert len(await followed(world, ben)) == 1


async def test_a_form_counts_too(world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor, clock: Clock) -> None:
    limit(world, clock, changes_per_minute=[1, 100, 100])
    opened = await ada.slash(channel, "topic new")
    assert opened.modal
    answer = await ada.submit_modal(opened, {"name": "Agents", "about": "agent"})
    assert "That was a lot" in shown(answer)
    assert await world.app.store.topics.of(world.guild.id) == []


async def test_suggestions_beyond_the_limit_are_none_and_no_sentence(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor, clock: Clock
) -> None:
    limit(world, clock, searches_per_minute=[1, 100, 100])
    for _ in range(10):
        assert await ben.autocomplete(channel, "search", "query", "diff")
    assert await ben.autocomplete(channel, "search", "query", "diff") == []
    assert "diffusion" in shown(await ben.slash(channel, "search", query="diffusion"))


async def test_every_name_that_the_limits_know_exists(world: World) -> None:
    commands = {command.qualified_name for command in world.bot.tree.walk_commands()}
    commands |= {command.name for command in world.bot.tree.get_commands(type=discord.AppCommandType.message)}
    assert set(COMMANDS) <= commands
    heard = {event.removeprefix("on_").rpartition("_")[0] for event in world.bot.extra_events}
    assert set(VERBS) <= heard


async def test_what_changes_or_summarises_is_counted_as_that(world: World) -> None:
    """A new command or button that does one of these belongs in the lists of bot/limiting.py, or here."""
    looks_up = {"paper", "search", "similar", "today", "why", "status", "inbox", "privacy", "Find this paper"}
    names = {command.name for command in world.bot.tree.get_commands(type=discord.AppCommandType.chat_input)}
    names |= {command.name for command in world.bot.tree.get_commands(type=discord.AppCommandType.message)}
    assert names - set(COMMANDS) == looks_up
    reads = {"why", "search", "inbox", "found", "today", "more", "day", "similar", "open"}
    drafts = {"draftnarrow", "draftwiden", "draftterm", "draftdrop"}  # of what is not saved yet
    events = {name.removeprefix("on_") for name in world.bot.extra_events}
    verbs = {name.rpartition("_")[0] for name in events if name.endswith(("_pressed", "_chosen", "_filled"))}
    assert verbs - set(VERBS) == reads | drafts


def test_who_was_refused_is_not_counted() -> None:
    clock = Clock()
    limits = Limits(LimitsConfig.model_validate({"searches_per_minute": [1, 2, 2]}), clock)
    assert limits.taken(Work.LOOKS_UP, 1, 9) is None
    for _ in range(5):
        assert limits.taken(Work.LOOKS_UP, 1, 9) == Wait(Crowd.PERSON, 60)
    assert limits.taken(Work.LOOKS_UP, 2, 9) is None  # the server's second


@given(st.lists(st.tuples(st.integers(1, 40), st.integers(1, 9), st.floats(0, 30)), max_size=200))
def test_no_minute_brings_more_than_twice_the_limit_and_memory_is_bounded(asked: list[tuple[int, int, float]]) -> None:
    """Twice, as a bucket is filled at once: the end of one minute and the beginning of the next may meet."""
    clock = Clock()
    limits = Limits(LimitsConfig.model_validate({"searches_per_minute": [3, 10, 20]}), clock, most=100)
    served: list[tuple[float, int]] = []
    for user_id, guild_id, pause_s in asked:
        clock.at += pause_s
        wait = limits.taken(Work.LOOKS_UP, user_id, guild_id)
        if wait is None:
            served.append((clock.at, user_id))
        else:
            assert 0 < wait.seconds <= 60
        assert len(limits) <= 100
    for at, user_id in served:
        minute = [person for then, person in served if at <= then < at + 60]
        assert len(minute) <= 2 * 20
        assert minute.count(user_id) <= 2 * 3


def test_memory_holds_no_more_people_than_it_may() -> None:
    limits = Limits(LimitsConfig(), Clock(), most=50)
    for user_id in range(1, 1_000):
        assert limits.taken(Work.LOOKS_UP, user_id, None) is None
    assert len(limits) == 50
