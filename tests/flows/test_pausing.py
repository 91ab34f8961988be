"""A pause until a date: said wherever the subscription is shown, and over by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import simcord

from papers.subscription import State
from sandbox.world import World
from tests.flows.conftest import shown
from tests.flows.test_panel import first, opened


async def test_a_pause_until_a_day_ends_by_itself_and_owes_nothing(
    world: World, ada: simcord.MemberActor, channel: simcord.ChannelHandle
) -> None:
    order = await first(world)
    answer = await ada.slash(channel, "subscribe pause", subscription=f"{order.id}", until="until Friday")
    friday = world.app.now().replace(hour=0, minute=0) + timedelta(days=2)
    first_due = int((friday + timedelta(hours=8)).timestamp())
    assert f"Paused until <t:{int(friday.timestamp())}:F>" in shown(answer)
    assert f"<t:{first_due}:F>" in shown(answer)
    assert f"⏸ paused until <t:{int(friday.timestamp())}:f>" in shown(await ada.slash(channel, "subscribe list"))
    (choice,) = await ada.autocomplete(channel, "subscribe edit", "subscription", "daily")
    assert "(paused until 12 Jun)" in choice["name"]
    panel = await opened(world, ada, order)
    assert "⏸ paused until" in shown(panel)

    for _ in range(24 * 2):  # hour by hour, to Friday 07:40
        await world.bot.courier.plan(world.app.now())
        await world.env.advance_time(3600)
    known = await first(world)
    assert (known.state, known.paused_until) == (State.ACTIVE, None)
    planned = {day for _, day in await world.app.store.ledger.days_planned(friday - timedelta(days=3), of=order.id)}
    assert planned == set()
    await world.env.advance_time(3 * 3600)  # so long, since nobody reads the lists here
    await world.bot.courier.plan(world.app.now())
    assert await world.app.store.ledger.days_planned(friday - timedelta(days=3), of=order.id) == {(order.id, friday.date())}


async def test_the_panel_pauses_until_a_day_and_resumes(world: World, ada: simcord.MemberActor) -> None:
    order = await first(world)
    panel = await opened(world, ada, order)
    form = await ada.click(panel, label="Pause …")
    told = await ada.submit_modal(form, {"until": "yesterday evening"})
    assert any("no end of a pause" in shown(message) for message in told.followups)
    assert await first(world) == order
    form = await ada.click(panel, label="Pause …")
    await ada.submit_modal(form, {"until": "3 days"})
    paused = await first(world)
    assert (paused.state, paused.paused_until) == (State.PAUSED, world.app.now() + timedelta(days=3))
    assert "⏸ paused until" in shown(panel.message)
    await ada.select(panel, ["2"], custom_id=f"=panel:{order.id}:size")  # a change leaves it paused
    assert (await first(world)).paused_until == paused.paused_until
    await ada.click(panel, label="Resume")
    assert await first(world) == replace(order, size=2)
    form = await ada.click(panel, label="Pause …")
    await ada.submit_modal(form, {})
    assert "⏸ paused\n" in shown(panel.message) + "\n"
    assert (await first(world)).paused_until is None


async def test_a_pause_in_the_past_is_refused(world: World, ada: simcord.MemberActor, channel: simcord.ChannelHandle) -> None:
    order = await first(world)
    answer = await ada.slash(channel, "subscribe pause", subscription=f"{order.id}", until="2026-01-01")
    assert "not in the future" in shown(answer)
    assert await first(world) == order
