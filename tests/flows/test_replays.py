"""What a moderator sees between `/subscribe add` and Save, and what its buttons do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import discord
import pytest
import simcord

from bot.app import App
from bot.client import Paperboy
from papers.subscription import Subscription
from papers.topic import MAX_LENGTH
from sandbox.world import ORDERS, World
from tests.flows.conftest import buttons, deliver, shown, sole, subscribe


async def saved(world: World) -> Sequence[Subscription]:
    """What the server has besides what the world began with."""
    return (await world.app.store.subscriptions.of_guild(world.guild.id))[len(ORDERS) :]


async def press(who: simcord.MemberActor, answer: simcord.InteractionResult, label: str) -> simcord.InteractionResult:
    """Press the button whose label begins so."""
    key = next(key for key, button in buttons(answer).items() if button["label"].startswith(label))
    assert answer.response
    return await who.click(answer.response, custom_id=key)


async def test_from_an_invitation_to_a_correct_first_post_in_three_interactions(world: World) -> None:
    guild = world.env.create_guild("Fresh")
    role = guild.create_role("Mods", permissions=discord.Permissions(manage_channels=True))
    mod = guild.add_member(world.env.create_user("mod"), roles=[role])
    place = guild.create_text_channel("papers")
    answer = await mod.slash(place, "subscribe add", topic="diffusion")
    interactions = 1
    for label in ("Save", "Post one now"):
        await press(mod, answer, label)
        interactions += 1
    assert interactions < 4
    (post,) = [message for message in place.history() if not message.flags.ephemeral]
    text = shown(post)
    assert text.startswith("## The day’s papers · Wednesday 10 June\n-# on **diffusion**")
    (order,) = await world.app.store.subscriptions.of_guild(guild.id)
    listed = await world.app.store.papers.featured(world.app.now().date())
    titles = {paper.arxiv_url for paper in listed if order.topic.matches(paper)}
    assert titles
    assert {url for url in (paper.arxiv_url for paper in listed) if url in text} == titles


async def test_nothing_is_saved_before_save_is_pressed(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor
) -> None:
    answer = await ada.slash(channel, "subscribe add", topic="agent, tool use", size=3)
    assert answer.ephemeral
    text = shown(answer)
    assert text.startswith(f"### Not saved yet\n<#{channel.id}> would get up to 3 papers on **agent, tool use**")
    assert "About 3 a day over the last 2 days with papers (the busiest had 3)" in text
    assert "On Wednesday 10 June these three:\n- **[" in text
    assert [button["label"] for button in buttons(answer).values()] == ["Save", "Narrower", "Wider", "Cancel"]
    assert await saved(world) == []
    await press(ada, answer, "Cancel")
    assert shown(answer) == "Nothing was saved."
    assert await saved(world) == []


async def test_the_replays_newest_day_is_what_is_posted(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor
) -> None:
    place = world.guild.create_text_channel("video")
    answer = await ada.slash(channel, "subscribe add", topic="video", channel=place, time="8:05", timezone="UTC")
    told = [line.removeprefix("- ") for line in shown(answer).splitlines() if line.startswith("- **[")]
    await press(ada, answer, "Save")
    await deliver(world)
    assert told == [line for line in shown(sole(place)).splitlines() if line.startswith("**[")]


async def test_save_pressed_twice_makes_one_subscription(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor
) -> None:
    answer = await ada.slash(channel, "subscribe add", topic="speech")
    assert answer.response
    drafted = answer.response._message.components
    await press(ada, answer, "Save")
    assert "### Subscribed" in shown(answer)
    answer.response._message.components = drafted  # as on the screen of somebody who is faster than the answer
    told = await press(ada, answer, "Save")
    assert "has that very subscription already" in told.followups[0].content
    assert len(await saved(world)) == 1


async def test_a_term_makes_the_topic_narrower_and_the_replay_tells_so(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor
) -> None:
    answer = await ada.slash(channel, "subscribe add", topic="agent")
    await press(ada, answer, "Narrower")
    assert "Narrower: of its" in shown(answer)
    terms = [(key, b["label"]) for key, b in buttons(answer).items() if key.startswith("draftterm:n")]
    assert 1 <= len(terms) <= 5
    key, label = terms[0]
    term, kept = label.rsplit(" · ", 1)
    assert answer.response
    await ada.click(answer.response, custom_id=key)
    assert f'on **agent "{term}"**' in shown(answer)
    await press(ada, answer, "Save")
    (order,) = await saved(world)
    assert order.topic.text == f'agent "{term}"'
    days = [await world.app.store.papers.featured(day) for day in await world.app.store.papers.days(world.app.now().date(), 30)]
    assert sum(order.topic.matches(paper) for day in days for paper in day) == int(kept)


async def test_a_term_makes_the_topic_wider_and_what_was_excluded_stays_out(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor
) -> None:
    answer = await ada.slash(channel, "subscribe add", topic="agent -survey")
    await press(ada, answer, "Wider")
    key = next(key for key in buttons(answer) if key.startswith("draftterm:w"))
    assert answer.response
    await ada.click(answer.response, custom_id=key)
    await press(ada, answer, "Save")
    (order,) = await saved(world)
    assert order.topic.text == f'(agent or "{key.rsplit(":", 1)[1]}") -survey'


async def test_where_no_term_helps_that_is_said(world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor) -> None:
    answer = await ada.slash(channel, "subscribe add", topic="zebra")
    assert "Nothing would have come over the last 2 days with papers" in shown(answer)
    await press(ada, answer, "Narrower")
    assert "No term of these days’ papers makes it narrower." in shown(answer)


async def test_the_buttons_outlive_a_restart(world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor) -> None:
    answer = await ada.slash(channel, "subscribe add", topic="agent", size=3, time="7 pm", days="Mon, Fri", silent=True)
    async with App.open(world.app.config, world.app.now) as app:
        await world.env.restart_bot(Paperboy(app))
        await press(ada, answer, "Wider")
        assert "Wider: papers that say this, too" in shown(answer)
        await press(ada, answer, "Save")
    assert "up to 3 papers on **agent** — Mon, Fri at 19:00 UTC" in shown(answer)
    (order,) = await saved(world)
    assert order.is_silent


async def test_a_reader_presses_in_vain(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor, ben: simcord.MemberActor
) -> None:
    answer = await ada.slash(channel, "subscribe add", topic="agent")
    assert answer.response
    answer.response._message.flags = 32768  # as if it were not private
    for label in ("Save", "Narrower", "Wider"):
        told = await press(ben, answer, label)
        assert "“Manage Channels”" in told.followups[0].content
    assert await saved(world) == []


async def test_what_changed_before_save_is_minded(world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor) -> None:
    place = world.guild.create_text_channel("short-lived")
    gone = await ada.slash(channel, "subscribe add", topic="agent", channel=place)
    found = world.env.bot.get_channel(place.id)
    assert isinstance(found, discord.TextChannel)
    await found.delete()
    assert "no longer there" in (await press(ada, gone, "Save")).followups[0].content

    full = await ada.slash(channel, "subscribe add", topic="agent")
    (example, *_) = await world.app.store.subscriptions.of_guild(world.guild.id)
    limit = world.app.config.limits.subscriptions_per_server
    for _ in range(limit - len(ORDERS)):
        await world.app.store.subscriptions.add(example, world.app.now())
    sentence = f"A server has at most {limit} subscriptions: `/subscribe remove` one first."
    assert (await press(ada, full, "Save")).followups[0].content == sentence
    assert shown(await ada.slash(channel, "subscribe add", topic="video")) == sentence


async def test_a_draft_that_is_no_longer_kept_says_so(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor
) -> None:
    answer = await ada.slash(channel, "subscribe add", topic="agent")
    assert answer.response

    def forge(component: Any) -> None:
        if str(component.get("custom_id", "")).startswith("draftsave:"):
            component["custom_id"] = "draftsave:#gone"
        for inner in component.get("components", []):
            forge(inner)

    for component in answer.response._message.components:
        forge(component)
    told = await ada.click(answer.response, custom_id="draftsave:#gone")
    assert told.followups[0].content == "That draft is no longer kept: `/subscribe add` makes another."


@pytest.mark.parametrize(
    "topic",
    ["`rm -rf` ```x``` @everyone <@&1> [a](https://x.y)", "agent " * (MAX_LENGTH // 6), "**bold** # head\n- list ‮"],
)
async def test_hostile_words_are_only_words(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor, topic: str
) -> None:
    answer = await subscribe(ada, channel, topic=topic)
    text = shown(answer)
    assert "### Subscribed" in text
    assert "@everyone" not in text.replace("\\@everyone", "")
    assert "```" not in text


async def test_a_parenthesis_that_is_never_closed_is_pointed_at(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor
) -> None:
    told = shown(await ada.slash(channel, "subscribe add", topic="diffusion (video"))
    assert told == "This parenthesis is never closed: put a “)” where it ends.\n```\ndiffusion (video\n          ^\n```"


async def test_arxiv_is_refused_where_it_is_not_read(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor
) -> None:
    courier = world.bot.courier
    courier.policy = replace(courier.policy, sources=("huggingface",))
    for source in ("arxiv", "both"):
        told = shown(await ada.slash(channel, "subscribe add", topic="agent", source=source))
        assert told == "This Paperboy does not read arXiv: leave `source` out, or ask its operator to switch arXiv on."
    courier.policy = replace(courier.policy, sources=("huggingface", "arxiv"))
    alone = shown(await ada.slash(channel, "subscribe add", topic="agent", source="arxiv"))
    assert "There are no papers of arXiv in the store yet" in alone
    await subscribe(ada, channel, topic="agent", source="both")
    (order,) = await saved(world)
    assert order.sources == ("huggingface", "arxiv")


async def test_a_preset_is_taken_by_its_name_and_completes(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor
) -> None:
    offered = await ada.autocomplete(channel, "subscribe add", "topic", "llm ag")
    assert offered[0] == {"name": "LLM agents · preset", "value": "LLM agents"}
    assert offered[-1] == {"name": "llm ag", "value": "llm ag"}
    answer = await subscribe(ada, channel, topic="llm agents")
    assert "papers on **LLM agents** —" in shown(answer)
    (order,) = await saved(world)
    assert order.topic.name == "LLM agents"
    everything = await ada.autocomplete(channel, "subscribe add", "topic", "")
    assert len(everything) == 25
