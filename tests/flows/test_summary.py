"""/summary and its buttons where no model is set up; and the summaries of the papers in a message."""

from __future__ import annotations

from typing import Any

import discord
import pytest
import simcord

from bot.client import Paperboy
from sandbox.world import World
from tests.factories import paper
from tests.flows.conftest import deliver, shown, sole
from tests.flows.test_searching import learn, titles
from tests.flows.test_sharing import labels

KNOWN = "2606.09967"
MENU = "Summarise papers here"
ABSTRACT = (
    "Zebras are hard to count from the air. However, existing counters fail at night. We propose Stripes, a counter of zebras. "
    "It combines a thermal camera with a detector trained on stripes. Experiments show that it counts 95% of the animals."
)


async def test_the_sources_own_sentence_comes_with_the_first_answer(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor
) -> None:
    answer = await ben.slash(channel, "summary", paper="ABot-Erth 0.5: Generative 3D Earth Modl")
    first = next(r.json for r in world.env.http_requests if r.path.endswith("/callback"))
    assert isinstance(first, dict)
    assert first["type"] == 4  # a message, with no "thinking" before
    assert answer.ephemeral
    assert shown(answer).splitlines()[2].startswith("ABot-Earth 0.5 turns satellite images into")
    assert shown(answer).endswith("-# Summary from Hugging Face")
    assert labels(answer.response) == {"Open", "Ask a question", "Share here"}


async def test_without_it_the_abstract_is_extracted_from(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor
) -> None:
    await learn(world, paper(77, title="Counting zebras", abstract=ABSTRACT))
    answer = shown(await ben.slash(channel, "summary", paper="2606.00077"))
    assert "a counter of zebras" in answer
    assert answer.endswith("-# Summary extracted from the abstract")


async def test_in_full_it_says_that_there_is_no_model_and_sorts_the_abstract(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor
) -> None:
    await learn(world, paper(77, title="Counting zebras", abstract=ABSTRACT))
    answer = shown(await ben.slash(channel, "summary", paper="2606.00077", depth="full"))
    assert "**What is new**\nWe propose Stripes, a counter of zebras." in answer
    assert "**Results**\nExperiments show that it counts 95% of the animals." in answer
    assert answer.endswith("-# Without a model only the abstract is read.")


async def test_another_language_is_said_to_need_a_model(channel: simcord.ChannelHandle, ben: simcord.MemberActor) -> None:
    answer = shown(await ben.slash(channel, "summary", paper=KNOWN, language="de"))
    assert answer.endswith("-# Without a model summaries are in English.")


async def test_a_paper_without_abstract_and_an_unknown_one_are_said(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor
) -> None:
    await learn(world, paper(77, title="Counting zebras", abstract=""))
    bare = await ben.slash(channel, "summary", paper="2606.00077")
    assert "No abstract yet" in shown(bare)
    assert "Share here" not in labels(bare.response)
    assert shown(await ben.slash(channel, "summary", paper="qq @everyone")).startswith(
        "Paperboy knows no paper called “qq \\@everyone”"
    )


async def test_a_card_and_a_shared_card_lead_to_it_after_a_restart(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor
) -> None:
    card = await ben.slash(channel, "paper", paper=KNOWN)
    assert card.response
    await ben.click(card.response, label="Share here")
    await world.env.restart_bot(Paperboy(world.app))
    for message in (card.response, sole(channel)):
        answer = await ben.click(message, label="Summary")
        assert answer.ephemeral
        assert "turns satellite images into" in shown(answer)


async def test_shared_it_is_what_its_asker_saw(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor, ben: simcord.MemberActor
) -> None:
    answer = await ben.slash(channel, "summary", paper=KNOWN, depth="full")
    assert answer.response
    await world.env.restart_bot(Paperboy(world.app))
    await ben.click(answer.response, label="Share here")
    message = sole(channel)
    assert shown(message) == f"{shown(answer)}\n-# shared by <@{ben.id}>"
    assert labels(message) == {"Open", "Ask a question"}
    opened = await ada.click(message, label="Open")
    assert opened.ephemeral
    assert "> **Abstract.**" in shown(opened)


async def test_a_messages_papers_are_summed_up_in_pages(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor, ben: simcord.MemberActor
) -> None:
    many = [paper(n, title=f"Zebra number {n}", abstract=ABSTRACT.replace("95", str(n))) for n in range(1, 13)]
    await learn(world, *many)
    message = await ada.send(channel, " ".join(f"https://arxiv.org/abs/2606.{n:05}" for n in range(1, 13)))
    answer = await ben.context_menu(channel, MENU, message)
    assert answer.ephemeral
    assert shown(answer).startswith("### The 10 papers in that message, in short")
    assert shown(answer).count("-# extracted from the abstract") == 5
    found = titles(answer)
    await world.env.restart_bot(Paperboy(world.app))
    assert answer.response
    await ben.click(answer.response, label="▶")
    assert [*found, *titles(answer)] == [f"**[Zebra number {n}](https://arxiv.org/abs/2606.{n:05})**" for n in range(1, 11)]
    await ben.click(answer.response, label="Share here")
    shared = channel.last_message
    assert shared
    assert shown(shared).count("**[Zebra number") == 5
    rest = await ada.click(shared, label="All 10 papers")
    assert rest.ephemeral
    assert titles(rest) == found


async def test_a_messages_only_paper_is_summed_up_whole(
    channel: simcord.ChannelHandle, ada: simcord.MemberActor, ben: simcord.MemberActor
) -> None:
    message = await ada.send(channel, f"https://arxiv.org/abs/{KNOWN}")
    answer = await ben.context_menu(channel, MENU, message)
    assert shown(answer).endswith("-# Summary from Hugging Face")


async def test_a_digests_papers_are_summed_up(world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor) -> None:
    await deliver(world)
    message = channel.last_message
    assert message
    assert "The 5 papers in that message, in short" in shown(await ben.context_menu(channel, MENU, message))


@pytest.mark.parametrize(
    ("text", "told"), [("good morning", "No paper that Paperboy has read"), ("arXiv:1706.03762", "has not read arXiv 1706.03762")]
)
async def test_a_message_without_papers_is_said_to_be_one(
    channel: simcord.ChannelHandle, ada: simcord.MemberActor, ben: simcord.MemberActor, text: str, told: str
) -> None:
    assert told in shown(await ben.context_menu(channel, MENU, await ada.send(channel, text)))


async def test_it_is_there_for_people_who_installed_it_alone(world: World) -> None:
    tree = world.bot.tree
    made: list[Any] = [tree.get_command(MENU, type=discord.AppCommandType.message)]
    made += [tree.get_command(name) for name in ("summary", "ask", "compare")]
    for command in made:
        told = command.to_dict(tree)
        assert (told["integration_types"], told["contexts"]) == ([0, 1], [0, 1, 2])


async def test_hostile_text_stays_inert(world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor) -> None:
    evil = "We propose @everyone [x](https://evil.example) <@1> **b** # as a method of measuring okapis. " * 3
    await learn(world, paper(77, title="okapi @everyone [x](https://evil.example)", abstract=evil))
    answer = await ben.slash(channel, "summary", paper="2606.00077", depth="full")
    assert answer.response
    await ben.click(answer.response, label="Share here")
    text = shown(sole(channel))
    assert "@everyone" not in text.replace("\\@everyone", "")
    assert "](https://evil" not in text
    assert not sole(channel).mention_everyone
