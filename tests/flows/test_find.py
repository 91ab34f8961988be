"""Apps → Find this paper, on what people, bots and Paperboy itself write."""

from __future__ import annotations

import discord
import pytest
import simcord

from bot.client import Paperboy
from cogs.find import text_of
from sandbox.world import World
from tests.flows.conftest import buttons, deliver, shown
from tests.flows.test_searching import learn, titles, zebras

MENU = "Find this paper"


@pytest.mark.parametrize(
    "text",
    [
        "look: https://arxiv.org/pdf/2606.09967v2.pdf",
        "https://huggingface.co/papers/2606.09967 is fine",
        "<https://www.alphaxiv.org/abs/2606.09967>",
        "have you read 2606.09967 yet?",
        "ABot-Earth 0.5: Generative 3D Earth Model",
    ],
)
async def test_one_paper_is_its_card_privately(
    channel: simcord.ChannelHandle, ada: simcord.MemberActor, ben: simcord.MemberActor, text: str
) -> None:
    answer = await ben.context_menu(channel, MENU, await ada.send(channel, text))
    assert answer.ephemeral
    assert "ABot-Earth 0.5" in shown(answer).splitlines()[0]
    assert "> **Abstract.**" in shown(answer)


async def test_several_papers_are_a_list_in_the_messages_order(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor, ben: simcord.MemberActor
) -> None:
    await learn(world, *zebras())
    order = [5, 2, 7, 1, 3, 4, 6]
    message = await ada.send(channel, " ".join(f"https://arxiv.org/abs/2606.{n:05}" for n in order))
    answer = await ben.context_menu(channel, MENU, message)
    assert shown(answer).startswith("### The 7 papers in that message")
    found = titles(answer)
    await world.env.restart_bot(Paperboy(world.app))
    assert answer.response
    await ben.click(answer.response, label="▶")
    found += titles(answer)
    assert [int(line.split("number ")[1].split("]")[0]) for line in found] == order


async def test_embeds_and_paperboys_own_digests_are_read_too(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor
) -> None:
    embed = discord.Embed(title="News", description="see https://arxiv.org/abs/2606.09967")
    embed.add_field(name="more", value="nothing")
    sent = await world.bot.get_partial_messageable(channel.id).send(embed=embed)
    assert "ABot-Earth" in shown(await ben.context_menu(channel, MENU, sent))
    view = discord.ui.View().add_item(discord.ui.Button(label="Read", url="https://arxiv.org/abs/2606.09967"))
    linked = await world.bot.get_partial_messageable(channel.id).send("A paper", view=view)
    assert "ABot-Earth" in shown(await ben.context_menu(channel, MENU, linked))
    await deliver(world)
    message = channel.last_message
    assert message
    assert "The 5 papers in that message" in shown(await ben.context_menu(channel, MENU, message))


async def test_a_paper_that_was_not_read_is_a_link_away(
    channel: simcord.ChannelHandle, ada: simcord.MemberActor, ben: simcord.MemberActor
) -> None:
    answer = await ben.context_menu(channel, MENU, await ada.send(channel, "https://arxiv.org/abs/1706.03762"))
    assert shown(answer).startswith("Paperboy has not read arXiv 1706.03762")
    assert "https://arxiv.org/abs/1706.03762" in buttons(answer)


@pytest.mark.parametrize("text", ["good morning", "2024.12 was cold", "@everyone **x** [a](https://evil.example)"])
async def test_where_there_is_none_it_is_said_kindly(
    channel: simcord.ChannelHandle, ada: simcord.MemberActor, ben: simcord.MemberActor, text: str
) -> None:
    told = shown(await ben.context_menu(channel, MENU, await ada.send(channel, text)))
    assert told.startswith("No paper that Paperboy has read is named in that message")
    assert "`/search`" in told


async def test_a_list_no_longer_kept_is_said(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor, ben: simcord.MemberActor
) -> None:
    await learn(world, *zebras())
    message = await ada.send(channel, " ".join(f"2606.{n:05}" for n in range(1, 8)))
    answer = await ben.context_menu(channel, MENU, message)
    (turn,) = [key for key in buttons(answer) if key.startswith("found:n1:#")]
    await world.app.store.notes.forget(turn.removeprefix("found:n1:"))
    assert answer.response
    told = await ben.click(answer.response, custom_id=turn)
    assert "call *Find this paper* on the message again" in shown(told)


async def test_it_is_there_for_people_who_installed_it_alone(world: World) -> None:
    menu = world.bot.tree.get_command(MENU, type=discord.AppCommandType.message)
    assert menu
    made = menu.to_dict(world.bot.tree)
    assert (made["integration_types"], made["contexts"]) == ([0, 1], [0, 1, 2])


async def test_an_endless_message_is_read_to_a_point(channel: simcord.ChannelHandle, ada: simcord.MemberActor) -> None:
    message = await ada.send(channel, "x" * 2_000)
    message.embeds = [discord.Embed(title="t" * 256, description="d" * 4_000)] * 10
    assert len(text_of(message)) == 12_000
