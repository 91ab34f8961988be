"""/compare: facts side by side, what two papers share, and what only one says."""

from __future__ import annotations

import simcord

from bot.client import Paperboy
from sandbox.world import World
from tests.factories import paper
from tests.flows.conftest import shown, sole
from tests.flows.test_searching import learn
from tests.flows.test_sharing import labels

ONE = (
    "We propose Stripes, a counter of zebras in thermal video. Training needs forty thousand photographs of a savanna. "
    "World models of locomotion predict where each animal goes next."
)
OTHER = (
    "We propose Spots, a counter of okapis in thermal video. A microphone array listens for their calls at night. "
    "World models of locomotion predict where each animal goes next."
)


async def herd(world: World) -> None:
    await learn(
        world,
        paper(1, title="Counting zebras with world models", abstract=ONE, votes=7, authors=("Ada Lovelace", "Bo Li")),
        paper(2, title="Counting okapis with world models", abstract=OTHER, votes=9, authors=("Bo Li",), keywords=("okapi",)),
        *(paper(n, title=f"Tea {n}", abstract="How tea is made.") for n in range(3, 9)),
    )


async def test_facts_stand_side_by_side_then_what_they_share_and_what_one_says_alone(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor
) -> None:
    await herd(world)
    answer = await ben.slash(channel, "compare", paper="counting zebras with world models", other="arxiv.org/abs/2606.00002")
    first = next(r.json for r in world.env.http_requests if r.path.endswith("/callback"))
    assert isinstance(first, dict)
    assert first["type"] == 4
    assert answer.ephemeral
    lines = shown(answer).splitlines()
    assert lines[:3] == [
        "### Two papers compared",
        "Ⓐ **[Counting zebras with world models](https://arxiv.org/abs/2606.00001)**",
        "Ⓑ **[Counting okapis with world models](https://arxiv.org/abs/2606.00002)**",
    ]
    assert "**Votes** Ⓐ\u00a07 · Ⓑ\u00a09" in lines
    assert "**Published** both 8 Jun 2026" in lines
    assert "Authors: Bo Li" in lines
    words = next(line for line in lines if line.startswith("Words: "))
    assert "*world models*" in words
    alone = lines[lines.index("**Only Ⓐ says**") + 1 : lines.index("**Only Ⓑ says**")]
    assert "> Training needs forty thousand photographs of a savanna." in alone
    assert "> A microphone array listens for their calls at night." in lines
    assert not any("predict where each animal" in line for line in lines)  # both say it
    assert labels(answer.response) == {"Open Ⓐ", "Open Ⓑ", "Share here"}  # and no model to say it in words


async def test_its_buttons_live_on_and_it_is_shared_as_it_was_seen(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor, ben: simcord.MemberActor
) -> None:
    answer = await ben.slash(channel, "compare", paper="2606.09967", other="2606.10651")
    assert answer.response
    await world.env.restart_bot(Paperboy(world.app))
    await ben.click(answer.response, label="Share here")
    message = sole(channel)
    assert shown(message) == f"{shown(answer)}\n-# shared by <@{ben.id}>"
    opened = await ada.click(message, label="Open Ⓑ")
    assert opened.ephemeral
    assert "Keye-VL" in shown(opened).splitlines()[0]


async def test_long_ids_go_into_the_store(world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor) -> None:
    long = [paper(n, id=f"local/{'x' * 40}-{n}", title=f"Imported thing {n}") for n in (1, 2)]
    await learn(world, *long)
    answer = await ben.slash(channel, "compare", paper=long[0].id, other=long[1].id)
    assert answer.response
    assert "**Imported thing 1**" in shown(answer)
    await ben.click(answer.response, label="Share here")
    assert "Imported thing 2" in shown(sole(channel))


async def test_the_same_paper_twice_and_unknown_ones_are_said(channel: simcord.ChannelHandle, ben: simcord.MemberActor) -> None:
    same = shown(await ben.slash(channel, "compare", paper="2606.09967", other="https://arxiv.org/abs/2606.09967v2"))
    assert same == "Those are the same paper: choose two different ones."
    for options in ({"paper": "2606.09967", "other": "zzqq"}, {"paper": "zzqq", "other": "2606.09967"}):
        assert shown(await ben.slash(channel, "compare", **options)).startswith("Paperboy knows no paper called “zzqq”")


async def test_both_options_complete_titles(channel: simcord.ChannelHandle, ben: simcord.MemberActor) -> None:
    for option in ("paper", "other"):
        assert (await ben.autocomplete(channel, "compare", option, "abot e"))[0]["value"] == "2606.09967"


async def test_a_comparison_no_longer_kept_is_said(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor
) -> None:
    answer = await ben.slash(channel, "compare", paper="2606.09967", other="2606.10651")
    assert answer.response
    for item in answer.response._message.components[0]["components"][-1]["components"]:  # as from another installation
        if item["custom_id"].startswith("sharecompare:"):
            item["custom_id"] = "sharecompare:s0:#gone"
    told = await ben.click(answer.response, custom_id="sharecompare:s0:#gone")
    assert told.followups[0].content == "That comparison is no longer kept: please call `/compare` again."


async def test_hostile_papers_stay_inert(world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor) -> None:
    evil = "@everyone [x](https://evil.example) <@1> **b** okapis are counted by a microphone array at night tonight."
    fields = {
        "title": "# okapi @everyone",
        "abstract": evil,
        "authors": ("@here",),
        "organisation": "<@&1>",
        "keywords": ("**x**",),
    }
    await learn(world, paper(1, **fields), paper(2, **{**fields, "abstract": OTHER}))
    answer = await ben.slash(channel, "compare", paper="2606.00001", other="2606.00002")
    assert answer.response
    await ben.click(answer.response, label="Share here")
    text = shown(sole(channel))
    assert "@everyone" not in text.replace("\\@everyone", "")
    assert "](https://evil" not in text
    assert not sole(channel).mention_everyone
