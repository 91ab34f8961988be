"""How much of each paper a digest tells: chosen where the other settings are, and kept to wherever a digest is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import simcord

from papers.paper import Paper
from papers.subscription import Subscription, Summaries
from sandbox.world import World
from summaries.summary import Origin, Summary
from tests.flows.conftest import buttons, close_private_messages, deliver, follow, followed, posts, shown, sole, subscribe, texts

SAID = "A model says this."


async def stored(world: World) -> list[Subscription]:
    return await world.app.store.subscriptions.of_guild(world.guild.id)


async def has_made(world: World) -> list[Paper]:
    """A model has summarised every paper of the day; those of them that have no sentence of their source's."""
    papers = await world.app.store.papers.featured(world.app.now().date())

    async def ready(papers: Sequence[Paper]) -> Mapping[str, Summary]:
        return {paper.id: Summary(SAID, Origin.MODEL, "some-model", sections=(("How", "By trees."),)) for paper in papers}

    world.bot.courier._ready = ready
    return [paper for paper in papers if not paper.source_summary]


def sentences(text: str) -> list[str]:
    """What stands below the titles of a digest: neither a title nor small print."""
    return [line for line in text.splitlines() if not line.startswith(("-#", "##", "**["))]


async def test_it_is_chosen_when_a_subscription_is_added(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor
) -> None:
    answer = await ada.slash(channel, "subscribe add", topic="agent", summaries="none")
    assert "no summaries" in shown(answer)
    await ada.click(answer.response, label="Save")  # type: ignore[arg-type]
    await subscribe(ada, channel, topic="video", summaries="full")
    await subscribe(ada, channel, topic="robot")
    assert [order.summaries for order in (await stored(world))[-3:]] == [Summaries.NONE, Summaries.FULL, Summaries.SHORT]
    listed = shown(await ada.slash(channel, "subscribe list"))
    assert (listed.count("no summaries"), listed.count("full summaries")) == (1, 1)


async def test_a_preview_and_the_post_tell_as_much_as_was_asked_for(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor
) -> None:
    first = (await stored(world))[0]
    bare = await has_made(world)
    orders = {}
    for how_much in Summaries:
        place = world.guild.create_text_channel(f"{how_much}")
        order = replace(first, id=0, channel_id=place.id, summaries=how_much, size=8)
        orders[how_much] = (place, await world.app.store.subscriptions.add(order, world.app.now()))
    previews = {
        how_much: shown(await ada.slash(channel, "subscribe preview", subscription=f"{order.id}"))
        for how_much, (_, order) in orders.items()
    }
    await deliver(world)
    for how_much, (place, _) in orders.items():
        (body,) = posts(world, place)
        assert "\n".join(texts(body["components"])) == previews[how_much]
    assert bare
    assert sentences(previews[Summaries.NONE]) == []
    assert "Summaries" not in previews[Summaries.NONE]
    assert len(sentences(previews[Summaries.SHORT])) == 8
    assert SAID in previews[Summaries.SHORT]
    assert "By trees." not in previews[Summaries.SHORT]
    assert "**How.** By trees." in previews[Summaries.FULL]
    assert f"{_count(bare, previews[Summaries.SHORT])} by some-model, from the abstract" in previews[Summaries.SHORT]


async def test_a_file_carries_it_and_one_from_before_there_was_such_a_setting_means_short(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor
) -> None:
    first = (await stored(world))[0]
    await world.app.store.subscriptions.change(replace(first, summaries=Summaries.FULL))
    exported = await ada.slash(channel, "subscribe export")
    (file,) = exported.response.attachments  # type: ignore[union-attr]
    text = (await file.read()).decode()
    assert text.count('summaries = "full"') == 1
    assert text.count('summaries = "short"') == len(await stored(world)) - 1

    async def handed_in(changed: str) -> simcord.InteractionResult:
        return await ada.slash(channel, "subscribe import", file=("subscriptions.toml", changed.encode()))

    assert "Nothing to change" in shown(await handed_in(text))
    assert "“summaries” is one of “none”, “short”, “full”." in shown(await handed_in(text.replace('"full"', '"long"')))
    old = "\n".join(line for line in text.splitlines() if not line.startswith("summaries"))
    answer = await handed_in(old)
    assert "summaries full → short" in shown(answer)
    await ada.click(answer.response, label="Apply")  # type: ignore[arg-type]
    assert {order.summaries for order in await stored(world)} == {Summaries.SHORT}


async def test_who_follows_alone_chooses_too_and_finds_it_in_the_inbox(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor
) -> None:
    await has_made(world)
    order = await follow(world, ben, topic="everything", time="8:00", summaries="none")
    assert "no summaries" in shown(await ben.slash(channel, "follow list"))
    changed = await ben.slash(channel, "follow edit", follow=f"{order.id}", summaries="full", size=8)
    assert "full summaries" in shown(changed)
    assert (await followed(world, ben))[0].summaries is Summaries.FULL
    close_private_messages(world, ben)
    await deliver(world)
    inbox = shown(await ben.slash(channel, "inbox"))
    assert SAID in inbox
    assert "**How.** By trees." in inbox


async def test_who_follows_a_digest_gets_it_told_alike(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor
) -> None:
    await world.app.store.subscriptions.change(replace((await stored(world))[0], summaries=Summaries.NONE))
    await deliver(world)
    message = sole(channel)
    await ben.click(message, custom_id=next(key for key in buttons(message) if key.startswith("follow:")))
    assert (await followed(world, ben))[0].summaries is Summaries.NONE


def _count(bare: Iterable[Paper], text: str) -> int:
    return sum(f"/{paper.id})" in text for paper in bare)
