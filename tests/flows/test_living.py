"""A digest's day goes on: late papers, silent sources, quiet days, and late editions."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import simcord

from papers.paper import Paper
from papers.subscription import State
from sandbox.world import World
from tests.factories import paper
from tests.flows.conftest import DAY, buttons, deliver, posts, shown, sole, wait_until
from tests.flows.test_places import subscribed

pytestmark = pytest.mark.usefixtures("as_invited")

SOURCE = "huggingface"


async def arrive(world: World, papers: list[Paper]) -> None:
    """A source lists papers besides those of the morning."""
    known = await world.app.store.papers.featured(DAY)
    await world.app.store.papers.save_day([*known, *papers], SOURCE, DAY, world.app.now())


def titles(text: str) -> set[str]:
    return {line for line in text.splitlines() if line.startswith("**[")}


async def test_late_papers_are_edited_in_and_the_rest_is_behind_the_button(
    world: World, ben: simcord.MemberActor, ada: simcord.MemberActor
) -> None:
    place = world.guild.create_text_channel("speech")
    made = await subscribed(world, place, topic="speech, zebra", size=3)
    await deliver(world)
    first = shown(sole(place))
    assert first.endswith("-# 12 listed · 1 on topic · 1 shown")
    assert "🆕" not in first

    await wait_until(world, 8, 30)
    await arrive(world, [paper(n, title=f"Zebra {n}", votes=n) for n in range(1, 6)])
    late_at = int(world.app.now().timestamp())
    await world.bot.courier.grow(world.app.now())
    message = sole(place)
    text = shown(message)
    assert titles(first) < titles(text)
    assert text.splitlines().index(min(titles(first))) < text.index("Zebra")
    assert text.count(f"-# 🆕 <t:{late_at}:t> · ") == 2
    assert text.endswith(f"-# 17 listed · 6 on topic · 3 shown\n-# 12 → 17 papers, updated <t:{late_at}:t>")
    assert message.edited_at
    assert len(posts(world, place)) == 1

    rest = shown(await ben.click(message, label="3 more on topic"))
    assert len(titles(text) | titles(rest)) == len(titles(text)) + len(titles(rest)) == 6

    key = next(key for key in buttons(made) if key.startswith("post:")).split(":")[1]
    assert shown(await ada.slash(place, "subscribe preview", subscription=key)) == text


async def test_a_growing_digest_mentions_nobody_again(world: World) -> None:
    role = world.guild.create_role("Readers", mentionable=True)
    place = world.guild.create_text_channel("speech")
    made = await subscribed(world, place, topic="speech, zebra", mention=role)
    key = next(key for key in buttons(made) if key.startswith("post:")).split(":")[1]
    before = shown(await world.moderator.slash(world.channels["agents"], "subscribe preview", subscription=key))
    await deliver(world)
    assert shown(sole(place)) == before
    assert role.mention in before
    await wait_until(world, 8, 30)
    await arrive(world, [paper(1, title="Zebra")])
    await world.bot.courier.grow(world.app.now())
    edit = next(r.json for r in world.env.http_requests if r.method == "PATCH" and f"/{place.id}/messages/" in r.path)
    assert isinstance(edit, dict)
    assert edit["allowed_mentions"] == {"parse": []}
    assert shown(sole(place)).startswith(role.mention)


async def test_a_one_shot_digest_stays_as_it_was(world: World) -> None:
    place = world.guild.create_text_channel("speech")
    await subscribed(world, place, topic="speech, zebra", mode="one-shot")
    await deliver(world)
    before = shown(sole(place))
    await wait_until(world, 8, 30)
    await arrive(world, [paper(1, title="Zebra")])
    await world.bot.courier.grow(world.app.now())
    assert shown(sole(place)) == before


async def test_a_quiet_days_button_shows_the_day_privately_and_a_late_paper_fills_the_message(
    world: World, ben: simcord.MemberActor
) -> None:
    place = world.guild.create_text_channel("zebras")
    await subscribed(world, place, topic="zebra")
    await deliver(world)
    message = sole(place)
    assert shown(message) == "-# No papers on **zebra** on Wednesday 10 June (12 listed · 0 on topic)."
    answer = await ben.click(message, label="The whole day")
    assert answer.ephemeral
    assert shown(answer).startswith("## Today’s papers · Wednesday 10 June\n-# on everything · 12 papers")
    assert len(titles(shown(answer))) == 5

    await wait_until(world, 8, 30)
    await arrive(world, [paper(1, title="A zebra")])
    await world.bot.courier.grow(world.app.now())
    assert shown(sole(place)).startswith("## The day’s papers · Wednesday 10 June\n-# on **zebra**")
    assert "🆕" in shown(sole(place))


async def test_an_older_days_button_does_not_call_it_the_newest(world: World, ben: simcord.MemberActor) -> None:
    place = world.guild.create_text_channel("zebras")
    await subscribed(world, place, topic="zebra")
    await deliver(world)
    await world.env.advance_time(timedelta(days=1).total_seconds())
    newer = [replace(p, id=f"2606.9000{n}", featured_on=()) for n, p in enumerate([paper(1), paper(2)])]
    next_day = DAY + timedelta(days=1)
    await world.app.store.papers.save_day([replace(p, featured_on=(next_day,)) for p in newer], SOURCE, next_day, world.app.now())
    answer = await ben.click(sole(place), label="The whole day")
    assert shown(answer).startswith("## The day’s papers · Wednesday 10 June\n-# on everything · 12 papers")
    assert answer.response
    await ben.click(answer.response, custom_id=next(key for key in buttons(answer) if key.startswith("today:n1")))
    assert shown(answer).startswith("## The day’s papers · Wednesday 10 June")
    assert shown(await ben.slash(place, "today")).startswith("## Today’s papers · Thursday 11 June\n-# on everything · 2 papers")


async def test_a_late_edition_says_when_it_was_due(world: World) -> None:
    place = world.guild.create_text_channel("late")
    await subscribed(world, place)
    await deliver(world, 8, 50)
    due = int(world.app.now().replace(hour=8, minute=5, second=0).timestamp())
    assert f"-# Late: this was due <t:{due}:f>" in shown(sole(place))


async def test_a_digest_of_a_silent_source_says_so_and_fills_up(world: World, press: str) -> None:
    """The morning's list was read at 7:40; for an edition at 10:05 that is too old, and the source answers no more."""
    place = world.guild.create_text_channel("later")
    await subscribed(world, place, time="10:05")
    await deliver(world, 10, 10)
    assert place.last_message is None  # it waits for its list
    await deliver(world, 12, 10)
    text = shown(sole(place))
    warning = "-# ⚠ Hugging Face has not answered lately: the list may be incomplete; this message fills up when it does."
    assert text.splitlines()[-1] == warning
    await wait_until(world, 12, 30)
    await arrive(world, [])
    assert await world.bot.courier.grow(world.app.now()) == 1
    last = f"-# 12 papers, updated <t:{int(world.app.now().timestamp())}:t>"
    assert shown(sole(place)).splitlines()[-1] == last


@pytest.mark.parametrize(
    ("state", "sign"),
    [(State.SHUT_OUT, "⛔ Paperboy may not post there"), (State.CLOSED, "✖ the channel is gone")],
)
async def test_the_list_says_which_subscriptions_do_not_post_and_why(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor, state: State, sign: str
) -> None:
    (first, *_) = await world.app.store.subscriptions.of_guild(world.guild.id)
    await world.app.store.subscriptions.set_state(first.id, state, world.app.now())
    text = shown(await ada.slash(channel, "subscribe list"))
    assert sign in text.splitlines()[2]
    assert text.count("next <t:") == 3
