"""`/subscribe edit`: everything about a subscription changed in one panel; and pauses that end by themselves."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import discord
import pytest
import simcord

from bot.app import App
from bot.client import Paperboy
from papers.subscription import Kind, Mode, OnQuietDay, State, Subscription, Summaries
from sandbox.world import World
from tests.flows.conftest import buttons, posts, shown, wait_until


async def first(world: World) -> Subscription:
    """The subscription of #daily-papers: everything, daily at 08:00 UTC."""
    return (await world.app.store.subscriptions.of_guild(world.guild.id))[0]


async def opened(world: World, ada: simcord.MemberActor, order: Subscription) -> simcord.ResponseMessage:
    answer = await ada.slash(world.channels["robots"], "subscribe edit", subscription=f"{order.id}")
    assert answer.ephemeral
    assert answer.response
    return answer.response


def chosen(message: Any) -> dict[str, list[str]]:
    """The present choice of each select, by what it is about."""
    found: dict[str, list[str]] = {}

    def look(component: dict[str, Any]) -> None:
        if component["type"] == 3:
            name = component["custom_id"].rpartition(":")[2]
            found[name] = [option["value"] for option in component["options"] if option.get("default")]
        for inner in component.get("components", []):
            look(inner)

    for component in message.components:
        look(component)
    return found


async def test_the_panel_shows_the_present_state_and_fits_a_message(world: World, ada: simcord.MemberActor) -> None:
    order = await first(world)
    panel = await opened(world, ada, order)
    assert f"<#{order.channel_id}> gets up to 5 papers on everything — every day at 08:00 UTC." in shown(panel)
    due = int(world.app.now().replace(hour=8, minute=0).timestamp())
    assert f"<t:{due}:F>" in shown(panel)
    assert chosen(panel) == {
        "days": ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
        "size": ["5"],
        "mode": ["living"],
        "summaries": ["short"],
        "quiet_days": ["say so"],
        "sources": ["huggingface"],
    }
    labels = {button["label"] for button in buttons(panel).values()}
    assert labels == {"Topic …", "08:00 UTC …", "Silent: off", "Discussion: off", "Pause …", "Preview", "Remove"}


@pytest.mark.parametrize(
    ("field", "values", "expected"),
    [
        ("days", ["Mon", "Wed"], {"weekdays": frozenset({0, 2})}),
        ("size", ["8"], {"size": 8}),
        ("mode", ["one-shot"], {"mode": Mode.ONE_SHOT}),
        ("summaries", ["full"], {"summaries": Summaries.FULL}),
        ("quiet_days", ["stay silent"], {"on_quiet_day": OnQuietDay.STAY_SILENT}),
        ("sources", ["huggingface arxiv"], {"sources": ("huggingface", "arxiv")}),
    ],
)
async def test_each_select_changes_its_field_and_the_panel_shows_it(
    world: World, ada: simcord.MemberActor, field: str, values: list[str], expected: dict[str, Any]
) -> None:
    order = await first(world)
    panel = await opened(world, ada, order)
    answer = await ada.select(panel, values, custom_id=f"=panel:{order.id}:{field}")
    assert await first(world) == replace(order, **expected)
    assert answer.response
    assert answer.response.id == panel.id  # the same message
    assert chosen(answer.response)[field] == values


@pytest.mark.parametrize(("label", "field"), [("Silent", "is_silent"), ("Discussion", "has_discussion")])
async def test_a_toggle_goes_on_and_off(world: World, ada: simcord.MemberActor, label: str, field: str) -> None:
    order = await first(world)
    panel = await opened(world, ada, order)
    await ada.click(panel, label=f"{label}: off")
    assert getattr(await first(world), field)
    await ada.click(panel, label=f"{label}: on")
    assert await first(world) == order


async def test_a_forum_has_its_own_toggle(world: World, ada: simcord.MemberActor) -> None:
    forum = world.guild.create_forum_channel("papers")
    order = replace(await first(world), channel_id=forum.id, kind=Kind.FORUM, id=0)
    order = await world.app.store.subscriptions.add(order, world.app.now())
    panel = await opened(world, ada, order)
    await ada.click(panel, label="A post per paper: off")
    known = await world.app.store.subscriptions.get(order.id)
    assert known
    assert known.is_per_paper
    assert "Discussion: off" not in {button["label"] for button in buttons(panel).values()}


async def test_the_topic_is_changed_in_a_form(world: World, ada: simcord.MemberActor) -> None:
    order = await first(world)
    panel = await opened(world, ada, order)
    form = await ada.click(panel, label="Topic …")
    assert form.modal
    await ada.submit_modal(form, {"topic": "speech -survey"})
    assert (await first(world)).topic.text == "speech -survey"
    assert "Subscription on speech -survey" in shown(panel.message)

    form = await ada.click(panel, label="Topic …")
    await ada.submit_modal(form, {"topic": "(speech"})
    assert "never closed" in shown(panel.message)
    assert (await first(world)).topic.text == "speech -survey"


async def test_the_hour_and_the_zone_are_changed_in_a_form(world: World, ada: simcord.MemberActor) -> None:
    order = await first(world)
    panel = await opened(world, ada, order)
    form = await ada.click(panel, label="08:00 UTC …")
    await ada.submit_modal(form, {"time": "9.30 pm", "timezone": "berlin"})
    changed = await first(world)
    assert (changed.at, changed.zone.key) == (time(21, 30), "Europe/Berlin")
    for typed, sentence in [
        ({"time": "25:00", "timezone": "UTC"}, "not a time of day"),
        ({"time": "9", "timezone": "America"}, "not a time zone"),
    ]:
        form = await ada.click(panel, label="21:30 Europe/Berlin …")
        await ada.submit_modal(form, typed)
        assert sentence in shown(panel.message)
    assert await first(world) == changed


async def test_removing_wants_a_second_press(world: World, ada: simcord.MemberActor) -> None:
    order = await first(world)
    panel = await opened(world, ada, order)
    await ada.click(panel, label="Remove")
    assert await first(world) == order
    await ada.click(panel, label="Keep it")
    await ada.click(panel, label="Remove")
    await ada.click(panel, label="Remove it for good")
    assert "Removed" in shown(panel.message)
    known = await world.app.store.subscriptions.get(order.id)
    assert known
    assert known.state is State.REMOVED


async def test_a_preview_is_shown_beside_the_panel(world: World, ada: simcord.MemberActor) -> None:
    order = await first(world)
    panel = await opened(world, ada, order)
    answer = await ada.click(panel, label="Preview")
    assert answer.response
    assert answer.ephemeral
    assert answer.response.id != panel.id
    assert shown(answer) == shown(await ada.slash(world.channels["robots"], "subscribe preview", subscription=f"{order.id}"))


async def test_two_old_panels_do_not_undo_each_other(world: World, ada: simcord.MemberActor) -> None:
    """Each press says what it brings about, and stores that alone."""
    order = await first(world)
    old, new = await opened(world, ada, order), await opened(world, ada, order)
    await ada.select(new, ["2"], custom_id=f"=panel:{order.id}:size")
    await ada.click(new, label="Silent: off")
    await ada.click(old, label="Silent: off")
    assert await first(world) == replace(order, size=2, is_silent=True)


async def test_a_panel_lives_through_a_restart_and_so_does_an_open_form(world: World, ada: simcord.MemberActor) -> None:
    order = await first(world)
    panel = await opened(world, ada, order)
    form = await ada.click(panel, label="Topic …")
    async with App.open(world.app.config, world.app.now) as app:
        await world.env.restart_bot(Paperboy(app))
        await ada.select(panel, ["3"], custom_id=f"=panel:{order.id}:size")
        await ada.submit_modal(form, {"topic": "video"})
        changed = await first(world)
        assert (changed.size, changed.topic.text) == (3, "video")


async def test_who_may_not_manage_the_channel_changes_nothing(
    world: World, ada: simcord.MemberActor, ben: simcord.MemberActor
) -> None:
    order = await first(world)
    panel = await opened(world, ada, order)
    panel._message.flags = 32768  # as if it were not private
    for answer in [
        await ben.select(panel, ["1"], custom_id=f"=panel:{order.id}:size"),
        await ben.click(panel, label="Silent: off"),
        await ben.click(panel, label="Remove"),
        await ben.click(panel, custom_id=f"panel:{order.id}:pause"),
        await ben.click(panel, label="Preview"),
        await ben.click(panel, label="Topic …"),
    ]:
        assert answer.modal is None
        told = [*answer.followups, answer.response] if answer.response else answer.followups
        assert any("“Manage Channels”" in shown(message) for message in told)
    assert await first(world) == order


async def test_another_servers_subscription_cannot_be_edited(world: World) -> None:
    elsewhere = world.env.create_guild("Elsewhere")
    role = elsewhere.create_role("Mods", permissions=discord.Permissions(manage_channels=True))
    mallory = elsewhere.add_member(world.env.create_user("mallory"), roles=[role])
    order = await first(world)
    answer = await mallory.slash(elsewhere.create_text_channel("place"), "subscribe edit", subscription=f"{order.id}")
    assert "no such subscription" in shown(answer)


async def test_a_change_that_needs_more_than_the_bot_may_is_refused(
    world: World, ada: simcord.MemberActor, as_invited: None
) -> None:
    everybody = discord.PermissionOverwrite(create_public_threads=False)
    place = world.guild.create_text_channel("quiet", overwrites={world.guild.default_role: everybody})
    order = await world.app.store.subscriptions.add(replace(await first(world), channel_id=place.id), world.app.now())
    panel = await opened(world, ada, order)
    await ada.click(panel, label="Discussion: off")
    assert "“Create Public Threads”" in shown(panel.message)
    assert await world.app.store.subscriptions.get(order.id) == order


async def test_an_edit_after_todays_edition_repeats_nothing_and_one_before_it_loses_nothing(
    world: World, ada: simcord.MemberActor
) -> None:
    place = world.guild.create_text_channel("old")
    made = world.app.now() - timedelta(days=1)
    order = await world.app.store.subscriptions.add(replace(await first(world), channel_id=place.id), made)
    await world.app.collect(world.app.now().date())
    panel = await opened(world, ada, order)
    form = await ada.click(panel, label="08:00 UTC …")
    await ada.submit_modal(form, {"time": "7:00", "timezone": "UTC"})  # it is 07:40
    assert "an edition comes within minutes" in shown(panel.message)
    await world.bot.courier.deliver_due(world.app.now())
    assert len(posts(world, place)) == 1
    form = await ada.click(panel, label="07:00 UTC …")
    await ada.submit_modal(form, {"time": "8:30", "timezone": "UTC"})
    assert "within minutes" not in shown(panel.message)
    await wait_until(world, 8, 31)
    await world.bot.courier.deliver_due(world.app.now())
    assert len(posts(world, place)) == 1


async def test_a_new_weekday_does_not_bring_the_past_ones(world: World, ada: simcord.MemberActor) -> None:
    order = await first(world)
    store = world.app.store
    made = world.app.now() - timedelta(days=10)
    order = await store.subscriptions.add(replace(order, weekdays=frozenset({6}), at=time(20), id=0), made)
    panel = await opened(world, ada, order)
    await ada.select(panel, ["Mon", "Tue", "Sun"], custom_id=f"=panel:{order.id}:days")
    await world.bot.courier.plan(world.app.now())  # Wednesday, 07:40: Tuesday's 20:00 is less than 12 hours ago
    assert {day for key, day in await store.ledger.days_planned(made, of=order.id) if key == order.id} <= {
        day for day in (made.date() + timedelta(days=n) for n in range(11)) if day.weekday() == 6
    }
