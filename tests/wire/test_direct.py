"""Editions by private message, over a wire: one message whatever is lost, and an inbox where messages are closed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import discord
import pytest

from bot.pacer import Pacer
from bot.posting import ChannelPoster
from bot.private import PrivateChannels
from bot.requests import Requests
from bot.telling import Teller
from cogs.follow import Follow
from digests.deliver import Courier
from papers.subscription import Kind, OnQuietDay, State, Subscription
from papers.topic import Topic
from sandbox.wire.faults import Fault
from sandbox.wire.faults import Kind as Fails
from sandbox.wire.rest import Rest
from sandbox.wire.state import SOMEONE, Channel
from storage.editions import DeliveryState
from storage.store import Store
from tests.factories import DAY, NOW, POLICY, paper, subscription
from tests.wire.conftest import HOUR, MINUTE, POST, TIMEOUT_S, order_for, posts, rounds
from views.errors import UserError

FORTNIGHT = timedelta(days=14)
OPEN = r"POST /users/@me/channels"


@pytest.fixture(autouse=True)
async def papers(store: Store) -> None:
    await store.papers.save_day([paper(n, votes=n) for n in range(1, 4)], "huggingface", DAY, NOW)


@pytest.fixture
def private(client: discord.Client, pacer: Pacer) -> PrivateChannels:
    return PrivateChannels(client, Requests(pacer, TIMEOUT_S))


@pytest.fixture
def place(rest: Rest) -> Channel:
    return rest.world.open_dm(SOMEONE)


async def follow(store: Store, place: Channel, **fields: Any) -> Subscription:
    """A follow of SOMEONE's, made an hour before NOW."""
    values = {"guild_id": 0, "channel_id": place.id, "kind": Kind.DIRECT, "user_id": SOMEONE, **fields}
    order = subscription(on_quiet_day=OnQuietDay.STAY_SILENT, **values)
    return await store.subscriptions.add(order, NOW - HOUR, made_by=order.user_id)


async def inbox(store: Store, user_id: int = SOMEONE, now: datetime = NOW) -> list[tuple[str, ...]]:
    """The papers of each edition in the inbox, the newest edition first."""
    return [edition.paper_ids for edition in await store.inbox.of_user(user_id, now - FORTNIGHT)]


async def test_an_edition_comes_by_private_message_and_grows(rest: Rest, store: Store, courier: Courier, place: Channel) -> None:
    await follow(store, place)
    assert await rounds(courier, 3) == 1
    (message,) = place.messages
    assert message["nonce"] in str(message["components"])
    await store.papers.save_day([paper(4)], "huggingface", DAY, NOW)
    assert await courier.grow(NOW + HOUR) == 1
    assert "2606.00004" in str(place.messages)
    assert await inbox(store) == []


@pytest.mark.parametrize("fails", [Fails.STORE_THEN_FAIL, Fails.STORE_THEN_DROP, Fails.STORE_THEN_HANG])
@pytest.mark.parametrize("later", [MINUTE, HOUR], ids=["by-nonce", "by-mark"])
async def test_a_lost_answer_makes_one_message(
    rest: Rest, store: Store, courier: Courier, place: Channel, fails: Fails, later: timedelta
) -> None:
    place.can_read_history = later is HOUR  # so that each way shows by itself
    rest.world.nonce_window_s = 0 if later is HOUR else 120
    rest.cues.add(Fault(POST, fails, times=9 if fails is Fails.STORE_THEN_FAIL else 1))
    await follow(store, place)
    assert await courier.deliver_due(NOW) == 0
    rest.cues.faults.clear()
    assert await courier.deliver_due(NOW + later) == 1
    assert len(place.messages) == 1


@pytest.mark.parametrize("code", [50007, 50278])
async def test_closed_messages_go_to_the_inbox_and_are_not_tried_again(
    rest: Rest, store: Store, courier: Courier, place: Channel, code: int
) -> None:
    rest.cues.add(Fault(POST, Fails.REFUSE, times=99, status=403, code=code))
    order = await follow(store, place, topic=Topic.parse("paper"))
    await follow(store, place, topic=Topic.parse("thing -2"))
    assert await rounds(courier, 5) == 0
    assert posts(rest) == 1
    assert {known.kind for known in await store.subscriptions.of_user(SOMEONE)} == {Kind.INBOX}
    (delivery,) = await store.ledger.of_edition(order.id, DAY)
    assert (delivery.state, f"{code}" in delivery.reason) == (DeliveryState.REFUSED, True)
    assert await inbox(store) == [("2606.00003", "2606.00002", "2606.00001")]
    assert await store.ledger.seen(place.id) == {"2606.00001", "2606.00002", "2606.00003"}  # they were shown: there
    assert await store.subscriptions.troubled() == []  # and no moderator is told

    tomorrow, day = NOW + timedelta(days=1), DAY + timedelta(days=1)
    await store.papers.save_day([paper(5, featured_on=(day,))], "huggingface", day, tomorrow)
    assert await rounds(courier, 3, tomorrow) == 0
    assert posts(rest) == 1
    assert await inbox(store, now=tomorrow) == [("2606.00005",), ("2606.00003", "2606.00002", "2606.00001")]
    assert await inbox(store, user_id=SOMEONE + 1) == []


async def test_what_was_on_its_way_to_a_person_ends_with_the_first_refusal(
    rest: Rest, store: Store, courier: Courier, place: Channel
) -> None:
    orders = [await follow(store, place, topic=Topic.parse(f'title:"paper {n}"')) for n in (1, 2, 3)]
    await courier.plan(NOW)
    rest.world.closed_dms.add(SOMEONE)
    assert await rounds(courier, 3) == 0
    assert posts(rest) == 1
    states = [delivery.state for order in orders for delivery in await store.ledger.of_edition(order.id, DAY)]
    assert states == [DeliveryState.REFUSED] * 3
    assert await inbox(store) == [("2606.00003",), ("2606.00002",), ("2606.00001",)]


async def test_an_edition_in_the_inbox_grows_without_a_message(
    rest: Rest, store: Store, courier: Courier, place: Channel
) -> None:
    rest.world.closed_dms.add(SOMEONE)
    await follow(store, place, topic=Topic.parse("paper"))  # refused, then in the inbox
    await rounds(courier, 1)
    await follow(store, place, topic=Topic.parse("zebra"), kind=Kind.INBOX)  # quiet at first
    await rounds(courier, 1, NOW + MINUTE)
    assert len(await inbox(store)) == 1
    await store.papers.save_day([paper(4), paper(5, title="Zebra")], "huggingface", DAY, NOW)
    assert await courier.grow(NOW + HOUR) == 0
    assert await inbox(store) == [("2606.00005",), ("2606.00003", "2606.00002", "2606.00001", "2606.00004")]
    assert await rounds(courier, 2, NOW + HOUR) == 0
    assert posts(rest) == 1


async def test_a_message_that_can_no_longer_be_edited_is_in_the_inbox_with_what_came_late(
    rest: Rest, store: Store, courier: Courier, place: Channel
) -> None:
    await follow(store, place)
    await rounds(courier, 1)
    await store.papers.save_day([paper(4)], "huggingface", DAY, NOW)
    rest.cues.add(Fault(r"PATCH /channels/\d+/messages/\d+", Fails.REFUSE, times=9, status=403, code=50007))
    for number in range(3):
        assert await courier.grow(NOW + HOUR + number * MINUTE) == 0
    assert len([request for request in rest.log if request.method == "PATCH"]) == 1
    assert await inbox(store) == [("2606.00003", "2606.00002", "2606.00001", "2606.00004")]


async def test_opened_again_the_next_edition_is_a_message_and_repeats_nothing(
    rest: Rest, store: Store, courier: Courier, place: Channel, private: PrivateChannels
) -> None:
    rest.world.closed_dms.add(SOMEONE)
    # Their channel could not even be opened at first: it is noted under their own id.
    order = await follow(store, replace(place, id=SOMEONE), kind=Kind.INBOX)
    await rounds(courier, 1)
    assert not await private.greeted(place.id)
    rest.world.closed_dms.clear()
    channel_id = await private.opened(SOMEONE)
    assert channel_id == place.id
    assert await private.greeted(place.id)
    await store.inbox.reopen(SOMEONE, place.id)
    (known,) = await store.subscriptions.of_user(SOMEONE)
    assert known == replace(order, kind=Kind.DIRECT, channel_id=place.id)

    assert await rounds(courier, 2, NOW + MINUTE) == 0  # today's stays where it is
    assert len(await inbox(store)) == 1
    tomorrow, day = NOW + timedelta(days=1), DAY + timedelta(days=1)
    listed = [paper(n, featured_on=(DAY, day)) for n in (1, 2, 3)] + [paper(6, featured_on=(day,))]
    await store.papers.save_day(listed, "huggingface", day, tomorrow)
    assert await rounds(courier, 2, tomorrow) == 1
    assert "2606.00006" in str(place.messages[-1])
    assert "2606.00003" not in str(place.messages[-1])
    assert len(await inbox(store, now=tomorrow)) == 1


async def test_a_person_who_is_gone_is_asked_once(rest: Rest, store: Store, courier: Courier, place: Channel) -> None:
    await follow(store, place)
    del rest.world.channels[place.id]
    for day in range(3):
        await store.papers.save_day([], "huggingface", DAY + timedelta(days=day), NOW + timedelta(days=day))
        await rounds(courier, 3, NOW + timedelta(days=day))
    assert posts(rest) == 1
    (known,) = await store.subscriptions.of_user(SOMEONE)
    assert (known.kind, known.state) == (Kind.INBOX, State.ACTIVE)


async def test_a_private_channel_that_is_closed_keeps_no_server_waiting(
    rest: Rest, store: Store, courier: Courier, place: Channel, channel: Channel
) -> None:
    rest.world.closed_dms.add(SOMEONE)
    await follow(store, place)
    await order_for(store, channel)
    assert await rounds(courier, 2) == 1
    assert len(channel.messages) == 1
    assert len(await store.subscriptions.of_guild(100)) == 1


@pytest.mark.parametrize(
    ("fault", "is_open"),
    [
        (Fault(OPEN, Fails.REFUSE, status=403, code=50007), False),
        (Fault(OPEN, Fails.REFUSE, status=403, code=40003), False),  # too many at once
        (Fault(OPEN, Fails.STORE_THEN_DROP), False),
        (None, True),
    ],
)
async def test_two_presses_at_once_make_one_wherever_it_goes(
    rest: Rest, store: Store, private: PrivateChannels, place: Channel, fault: Fault | None, is_open: bool
) -> None:
    if fault:
        rest.cues.add(replace(fault, times=2))
    cog = Follow(store, private, POLICY.sources, lambda: NOW)
    order = subscription(guild_id=0, channel_id=SOMEONE, user_id=SOMEONE, kind=Kind.INBOX)
    made = await asyncio.gather(cog._made(order), cog._made(order), return_exceptions=True)
    assert {type(each) for each in made} == {Subscription, UserError}
    (known,) = await store.subscriptions.of_user(SOMEONE)
    expected = (Kind.DIRECT, place.id) if is_open else (Kind.INBOX, SOMEONE)
    assert (known.kind, known.channel_id) == expected


async def test_the_trouble_of_a_persons_own_is_told_to_no_server(
    rest: Rest, store: Store, client: discord.Client, pacer: Pacer, place: Channel
) -> None:
    order = await follow(store, place)
    await store.subscriptions.stop(order.id, State.PAUSED, "a fault")
    await Teller(client, Requests(pacer, TIMEOUT_S), store).tell()
    assert await store.subscriptions.troubled() == []
    assert posts(rest) == 0


async def test_a_persons_edition_survives_a_restart_between_try_and_answer(
    rest: Rest, store: Store, poster: ChannelPoster, courier: Courier, place: Channel
) -> None:
    rest.world.nonce_window_s = 0
    rest.cues.add(Fault(POST, Fails.STORE_THEN_DROP))
    await follow(store, place)
    assert await courier.deliver_due(NOW) == 0
    for number in range(60):
        rest.world.write(place.id, f"thanks {number}")
    assert await Courier(store, poster, courier.policy).deliver_due(NOW + HOUR) == 1
    assert len([message for message in place.messages if message["components"]]) == 1
