"""What is offered while people type; and only the newest of what one person types is worked for."""

from __future__ import annotations

import asyncio

import pytest
import simcord

from cogs.completing import Newest
from sandbox.world import World
from tests.factories import paper
from tests.flows.test_searching import learn, zebras


async def test_a_question_offers_itself_first_then_titles(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor
) -> None:
    await learn(world, *zebras())
    choices = await ben.autocomplete(channel, "search", "query", "zebra str")
    assert choices[0] == {"name": "zebra str", "value": "zebra str"}
    assert choices[1]["name"].startswith("Zebra stripes number")
    assert choices[1]["value"].startswith("2606.0000")
    assert len(await ben.autocomplete(channel, "search", "query", "")) <= 25


async def test_an_unfinished_author_or_organisation_is_completed_within_the_question(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor
) -> None:
    await learn(world, *(paper(n, title="Zebra", authors=("Zoë Okapi-Muñoz",), organisation="Savanna Lab") for n in (1, 2)))
    choices = await ben.autocomplete(channel, "search", "query", "stripes -author:oka")
    assert {"name": 'stripes -author:"Zoë Okapi-Muñoz"', "value": 'stripes -author:"Zoë Okapi-Muñoz"'} in choices
    choices = await ben.autocomplete(channel, "search", "query", 'zebra org:"sav')
    assert choices[0]["value"] == 'zebra org:"Savanna Lab"'


async def test_a_category_is_completed_by_either_part(channel: simcord.ChannelHandle, ben: simcord.MemberActor) -> None:
    values = [choice["value"] for choice in await ben.autocomplete(channel, "search", "query", "robots cat:ro")]
    assert values == ["robots cat:cs.RO"]
    values = [choice["value"] for choice in await ben.autocomplete(channel, "search", "query", "cat:cs.c")]
    assert "cat:cs.CV" in values
    assert len(await ben.autocomplete(channel, "search", "query", "cat:")) == 25


async def test_choices_fit_discord_whatever_the_titles(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor
) -> None:
    await learn(world, *(paper(n, title="Zebra " + "very " * 60 + str(n), authors=("Oka " * 40,)) for n in range(1, 40)))
    for command, option, typed in (
        ("search", "query", "zebra ve"),
        ("search", "query", "x " * 45 + "author:oka"),
        ("search", "query", "zebra " * 80),
        ("paper", "paper", "zebra ve"),
        ("similar", "paper", "zebra ve"),
        ("why", "paper", "zebra ve"),
        ("search", "topic", "x" * 200),
    ):
        choices = await ben.autocomplete(channel, command, option, typed)
        assert len(choices) <= 25
        assert all(1 <= len(choice[part]) <= 100 for choice in choices for part in ("name", "value"))


async def test_a_fault_offers_nothing_and_is_no_error(
    world: World,
    channel: simcord.ChannelHandle,
    ben: simcord.MemberActor,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(world.app.engine, "complete", broken)
    assert await ben.autocomplete(channel, "paper", "paper", "zeb") == []
    assert "boom" in caplog.text
    assert not world.env.errors


async def test_a_newer_question_of_the_same_person_ends_the_older_at_once() -> None:
    newest, done = Newest(), []

    async def slow() -> list[str]:
        await asyncio.get_running_loop().create_future()
        return ["never"]

    async def quick(text: str) -> list[str]:
        done.append(text)
        return [text]

    older = asyncio.ensure_future(newest.answer(1, slow()))
    others = asyncio.ensure_future(newest.answer(2, quick("somebody else's")))
    await asyncio.sleep(0)
    assert await newest.answer(1, quick("new")) == ["new"]
    assert await older == []
    assert await others == ["somebody else's"]
    # Of several that arrive together, those before the last do no work at all.
    answers = await asyncio.gather(*(newest.answer(1, quick(text)) for text in ("z", "ze", "zeb")))
    assert answers == [[], [], ["zeb"]]
    assert done == ["somebody else's", "new", "zeb"]


async def test_whoever_waits_for_choices_can_be_cancelled() -> None:
    newest = Newest()
    waiting = asyncio.ensure_future(newest.answer(1, asyncio.sleep(3600, ["never"])))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
