"""/similar, and the way to it from every card and list."""

from __future__ import annotations

from typing import Any

import simcord

from bot.client import Paperboy
from papers.paper import Paper
from sandbox.world import World
from tests.factories import paper
from tests.flows.conftest import buttons, deliver, shown
from tests.flows.test_searching import learn, titles


def family() -> list[Paper]:
    """Eight papers on the same thing, and one on another."""
    abstract = "Latent planning with a world model of zebra locomotion. We learn a world model for latent planning."
    alike = [paper(n, title=f"Zebra locomotion by latent planning {n}", abstract=abstract) for n in range(1, 9)]
    return [*alike, paper(9, title="Tea", abstract="How tea is made.")]


async def test_it_tells_what_each_shares_with_the_paper_in_pages(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor
) -> None:
    await learn(world, *family())
    answer = await ben.slash(channel, "similar", paper="2606.00001")
    assert answer.ephemeral
    assert shown(answer).startswith("### Similar to **[Zebra locomotion by latent planning 1](")
    assert shown(answer).count("-# shares *") == 5
    first = titles(answer)
    assert answer.response
    await world.env.restart_bot(Paperboy(world.app))
    await ben.click(answer.response, label="▶")
    assert len(set(first[:5]) | set(titles(answer))) >= 7
    assert not any("planning 1]" in line for line in [*first, *titles(answer)])


async def test_its_option_completes_titles(world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor) -> None:
    await learn(world, *family())
    choices = await ben.autocomplete(channel, "similar", "paper", "zebra loc")
    assert choices
    assert all(choice["name"].startswith("Zebra locomotion") for choice in choices)
    assert shown(await ben.slash(channel, "similar", paper=choices[0]["value"])).startswith("### Similar to")
    assert "knows no paper called “qqqq”" in shown(await ben.slash(channel, "similar", paper="qqqq"))


async def test_a_card_and_a_list_lead_to_it(world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor) -> None:
    await learn(world, *family())
    card = await ben.slash(channel, "paper", paper="2606.00001")
    assert card.response
    by_button = await ben.click(card.response, label="Similar papers")
    assert by_button.ephemeral
    listed = await ben.slash(channel, "search", query="zebra locomotion")
    assert listed.response
    by_choice = await ben.select(listed.response, ["2606.00001"])
    assert by_choice.ephemeral
    assert shown(by_choice) == shown(by_button)
    assert shown(by_button).startswith("### Similar to")


async def test_the_card_of_a_digests_paper_leads_to_it(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor
) -> None:
    await deliver(world)
    message = channel.last_message
    assert message
    card = await ben.click(message, custom_id=next(iter(buttons(message))))
    assert card.response
    assert shown(await ben.click(card.response, label="Similar papers")).startswith("### Similar to")


async def test_a_paper_that_is_gone_is_said(channel: simcord.ChannelHandle, ben: simcord.MemberActor) -> None:
    card = await ben.slash(channel, "paper", paper="2606.09967")
    assert card.response
    components: Any = card.response._message.components  # as a message of another installation
    for component in _walk(components):
        if component.get("custom_id") == "similar:o0:2606.09967":
            component["custom_id"] = "similar:o0:9999.99999"
    told = await ben.click(card.response, custom_id="similar:o0:9999.99999")
    assert shown(told) == "Paperboy no longer has that paper."


def _walk(components: list) -> list:  # type: ignore[type-arg]
    found = []
    for component in components:
        inner = [*component.get("components", []), *filter(None, [component.get("accessory")])]
        found += [component, *_walk(inner)]
    return found
