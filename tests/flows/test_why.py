"""/why, and "Why these?" under a digest: what a person reads, and who may."""

from __future__ import annotations

import discord
import pytest
import simcord

from bot.app import App
from papers.subscription import State
from sandbox.world import World
from tests.factories import paper
from tests.flows.conftest import buttons, deliver, shown, sole
from tests.flows.test_living import arrive
from tests.flows.test_places import subscribed
from tests.flows.test_restarts import restarted

pytestmark = pytest.mark.usefixtures("as_invited")

BEST = "Kwai Keye-VL-2.0 Technical Report"


async def asks(world: World, place: simcord.ChannelHandle, paper: str, **options: object) -> str:
    answer = await world.reader.slash(place, "why", paper=paper, **options)
    assert answer.ephemeral
    return shown(answer)


async def test_before_its_hour_a_paper_is_foretold_and_afterwards_it_has_a_link(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor
) -> None:
    (choice, *_) = await ben.autocomplete(channel, "why", "paper", "kwai keye")
    due = int(world.app.now().replace(hour=8, minute=0, second=0).timestamp())
    text = await asks(world, channel, choice["value"])
    assert text.startswith(
        f"### Why **[{BEST}](https://arxiv.org/abs/2606.10651)**\n-# <#{channel.id}> · on everything · up to 5\n"
    )
    foretold = "as of now it would be in it, number 1 of 12 for a size of 5."
    assert text.endswith(f"… **not yet due**: the edition comes <t:{due}:R>; {foretold}")
    await deliver(world)
    message = sole(channel)
    text = await asks(world, channel, BEST)
    assert text.splitlines()[2:5] == [
        "✓ fetched from Hugging Face",
        "✓ listed by Hugging Face on Wednesday 10 June",
        "✓ on topic: everything is",
    ]
    assert text.splitlines()[5].startswith("✓ **posted**: <t:")
    assert text.endswith(f": https://discord.com/channels/{world.guild.id}/{channel.id}/{message.id}")


async def test_off_topic_under_votes_and_beyond_the_size(world: World, channel: simcord.ChannelHandle) -> None:
    place = world.guild.create_text_channel("zebras")
    await subscribed(world, place, topic="zebra crossing, giraffe -survey votes:>2", size=1)
    papers = [paper(n, title="Giraffe", votes=n) for n in range(1, 6)]
    papers += [paper(11, title="A crossing", votes=9), paper(12, title="Giraffe survey", votes=9), paper(13, votes=9)]
    await arrive(world, papers)
    await deliver(world)
    assert "### Why **[Giraffe](" in await asks(world, place, "2606.00004")
    beyond = (await asks(world, place, "2606.00004")).splitlines()[-3:]
    assert beyond == [
        "✓ on topic (*giraffe*)",
        "✓ 4 votes",
        "✗ **beyond the size**: 3 on topic, 1 shown; it is behind “2 more on topic”.",
    ]
    assert (await asks(world, place, "2606.00002")).endswith(
        "✓ on topic (*giraffe*)\n✗ **too few votes**: the topic wants `votes:>2`, and it has 2 votes so far."
    )
    off = {n: (await asks(world, place, f"2606.000{n}")).splitlines()[-1] for n in (11, 12, 13)}
    assert off[11] == "✗ **off topic**: nearest term *zebra crossing*, of which it has “crossing”."
    assert off[12] == "✗ **off topic**: it has the excluded word *survey*."
    assert off[13] == "✗ **off topic**: none of the topic’s terms is in its title, abstract or keywords."


async def test_a_paper_nobody_has_read_and_a_title_nobody_has_written(world: World, channel: simcord.ChannelHandle) -> None:
    text = await asks(world, channel, "https://arxiv.org/abs/2501.00001v2")
    assert text.startswith("### Why arXiv 2501.00001\n")
    assert text.endswith("✗ **not fetched**: Paperboy has not read it; it reads what its sources list.")
    assert "knows no paper called “qqqq zzzz”" in await asks(world, channel, "qqqq zzzz")


async def test_a_channel_without_digests_is_one_sentence(world: World) -> None:
    place = world.guild.create_text_channel("chat")
    assert await asks(world, place, BEST) == (
        f"No digests are posted in {place.mention}: name another channel with the option `channel`."
    )


async def test_a_channel_that_one_cannot_see_is_not_told_of(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Discord offers nobody a channel that they cannot see; a request made by hand may name it all the same."""
    monkeypatch.setattr("simcord.interactions.channel_accessible", lambda *_: True)
    moderators = world.guild.roles["Moderators"]
    overwrites = {
        world.guild.default_role: discord.PermissionOverwrite(view_channel=False),
        moderators: discord.PermissionOverwrite(view_channel=True),
    }
    hidden = world.guild.create_text_channel("hidden", overwrites=overwrites)  # type: ignore[arg-type]
    assert await asks(world, channel, BEST, channel=hidden) == "You cannot see that channel: ask about one that you can."
    answer = await ada.slash(channel, "why", paper=BEST, channel=hidden)
    assert shown(answer).startswith("No digests are posted in")


async def test_a_pause_is_told_with_its_end(world: World, channel: simcord.ChannelHandle) -> None:
    (first, *_) = await world.app.store.subscriptions.of_guild(world.guild.id)
    await world.app.store.subscriptions.set_state(first.id, State.SHUT_OUT, world.app.now())
    text = await asks(world, channel, BEST)
    assert text.endswith("⏸ **paused**: Paperboy may not post there; it goes on by itself when it may again.")


async def test_why_these_accounts_for_the_day_after_a_restart_too(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor
) -> None:
    await deliver(world)
    message = sole(channel)
    before = shown(await ben.click(message, label="Why these?"))
    assert before.startswith(
        "### Why these? · Wednesday 10 June\non everything · Hugging Face Daily Papers\n12 listed · 5 shown · 7 held back\n"
    )
    lines = before.splitlines()
    assert lines.count("  ✗ beyond the size: 12 on topic, 5 shown; it is behind “7 more”.") == 7
    in_digest = {line for line in shown(message).splitlines() if line.startswith("**[")}
    assert not any(title in before for title in in_digest)
    async with App.open(world.app.config, world.app.now) as app:
        await restarted(world, app)
        answer = await ben.click(sole(channel), label="Why these?")
        assert answer.ephemeral
        assert shown(answer) == before


async def test_why_these_tells_where_a_paper_was_shown_before(world: World, ben: simcord.MemberActor) -> None:
    place = world.guild.create_text_channel("zebras")
    await subscribed(world, place, topic="zebra", size=1)
    await subscribed(world, place, topic="zebra, giraffe", time="8:10")
    await arrive(world, [paper(1, title="Zebra", votes=4), paper(2, title="Giraffe")])
    await deliver(world, 8, 15)
    first, second = place.history()
    text = shown(await ben.click(second, label="Why these?"))
    assert "14 listed · 2 on topic · 1 shown before · 1 shown · 12 off topic · 0 held back" in text
    seen_on = int(first.created_at.timestamp())
    url = f"https://discord.com/channels/{world.guild.id}/{place.id}/{first.id}"
    assert "**[Zebra](https://arxiv.org/abs/2606.00001)** · ▲ 4\n  ✗ shown before: here on <t:" in text
    assert url in text
    assert abs(int(text.split("here on <t:")[1].split(":")[0]) - seen_on) < 120


async def test_a_quiet_day_and_a_post_have_the_button_and_a_preview_has_it_disabled(
    world: World, ada: simcord.MemberActor, ben: simcord.MemberActor
) -> None:
    place = world.guild.create_text_channel("zebras")
    made = await subscribed(world, place, topic="zebra")
    key = next(key for key in buttons(made) if key.startswith("post:")).split(":")[1]
    preview = await ada.slash(place, "subscribe preview", subscription=key)
    assert buttons(preview)["why:"]["disabled"]
    await deliver(world)
    text = shown(await ben.click(sole(place), label="Why none?"))
    assert "12 listed · 0 on topic · 0 shown · 12 off topic · 0 held back" in text
    assert "No paper of that day is on topic." in text


async def test_in_a_private_message_it_speaks_of_what_one_follows(world: World) -> None:
    answer = await world.reader.user.slash("why", paper=BEST)
    assert shown(answer) == "You follow nothing alone; in a server, `/why` tells of its channels’ digests."
