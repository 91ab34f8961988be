"""Rows D10, D19–D21, D23 and D24: announcement channels, threads, forums, role mentions, silence."""

from __future__ import annotations

from datetime import datetime, timedelta

import discord
import pytest

from bot.pacer import Pacer
from bot.posting import ChannelPoster
from bot.requests import Requests
from digests.deliver import Courier
from papers.subscription import Kind
from papers.topic import Topic
from sandbox.wire.channels import ANNOUNCEMENT, FORUM, PUBLIC_THREAD, tag
from sandbox.wire.faults import Fault
from sandbox.wire.faults import Kind as Fails
from sandbox.wire.rest import Rest
from sandbox.wire.state import Channel
from storage.editions import DeliveryState
from storage.store import Store
from tests.factories import DAY, NOW, POLICY, paper
from tests.wire.conftest import HOUR, MINUTE, order_for

CREATE = r"POST /channels/\d+/threads"
PUBLISH = r"POST /channels/\d+/messages/\d+/crosspost"
SILENT, PUBLISHED = 1 << 12, 1 << 0


@pytest.fixture(autouse=True)
async def papers(store: Store) -> None:
    listed = [paper(1, votes=1, title="Robots learn"), paper(2, votes=2, title="Speech heard"), paper(3, votes=3)]
    await store.papers.save_day(listed, "huggingface", DAY, NOW)


@pytest.fixture
def slow_courier(client: discord.Client, pacer: Pacer, store: Store) -> Courier:
    """With the time for an answer that the bot gives Discord."""
    return Courier(store, ChannelPoster(client, Requests(pacer)), POLICY)


def forum(rest: Rest, **fields: object) -> Channel:
    return rest.world.add_channel("papers", FORUM, tags=[tag(11, "Robots"), tag(12, "Speech"), tag(13, "Other")], **fields)


def posts_in(rest: Rest, place: Channel) -> list[Channel]:
    return [channel for channel in rest.world.channels.values() if channel.parent_id == place.id]


async def rounds(courier: Courier, count: int, start: datetime = NOW) -> None:
    for number in range(count):
        await courier.deliver_due(start + number * MINUTE)
        await courier.follow_up(start + number * MINUTE)


async def test_d24_an_announcement_is_published_once_and_the_eleventh_of_an_hour_later(
    rest: Rest, store: Store, courier: Courier
) -> None:
    place = rest.world.add_channel("news", ANNOUNCEMENT)
    rest.per_channel = None
    for number in range(11):
        await store.papers.save_day([paper(100 + number, title=f"Thing {number:02}x")], "huggingface", DAY, NOW)
        await order_for(store, place, kind=Kind.ANNOUNCEMENT, topic=Topic.parse(f"thing {number:02}x"))
    await rounds(courier, 3)
    assert len(place.messages) == 11
    assert len([m for m in place.messages if m["flags"] & PUBLISHED]) == 10
    assert len([r for r in rest.log if r.path.endswith("/crosspost")]) == 10  # the eleventh was not even asked for
    rest.world.channels[place.id].published_at.clear()  # an hour goes by
    await rounds(courier, 2, NOW + HOUR + MINUTE)
    assert len([m for m in place.messages if m["flags"] & PUBLISHED]) == 11
    assert len([r for r in rest.log if r.path.endswith("/crosspost")]) == 11


async def test_d10_publishing_that_is_put_off_for_an_hour_keeps_nobody_waiting(
    rest: Rest, store: Store, courier: Courier
) -> None:
    place, other = rest.world.add_channel("news", ANNOUNCEMENT), rest.world.add_channel("other")
    order = await order_for(store, place, kind=Kind.ANNOUNCEMENT)
    rest.cues.add(Fault(PUBLISH, Fails.REFUSE, status=429, retry_after_s=3_600))
    await rounds(courier, 5)
    (delivery,) = await store.ledger.of_edition(order.id, DAY)
    assert delivery.state is DeliveryState.SENT
    await order_for(store, other)
    await rounds(courier, 1, NOW + 5 * MINUTE)
    assert len(other.messages) == 1
    assert not place.messages[0]["flags"] & PUBLISHED
    assert len([r for r in rest.log if r.path.endswith("/crosspost")]) == 1
    await rounds(courier, 1, NOW + HOUR + MINUTE)
    assert place.messages[0]["flags"] & PUBLISHED


@pytest.mark.parametrize("fails", [Fails.STORE_THEN_FAIL, Fails.STORE_THEN_DROP, Fails.STORE_THEN_HANG])
async def test_publishing_whose_answer_was_lost_is_done(rest: Rest, store: Store, courier: Courier, fails: Fails) -> None:
    place = rest.world.add_channel("news", ANNOUNCEMENT)
    await order_for(store, place, kind=Kind.ANNOUNCEMENT)
    rest.cues.add(Fault(PUBLISH, fails, times=1, status=503))
    await rounds(courier, 6)
    assert place.messages[0]["flags"] & PUBLISHED
    assert await store.outbox.follow_ups(NOW + 2 * HOUR) == []
    assert len(place.published_at) == 1


async def test_a_thread_for_discussion_is_opened_under_the_digest_once(rest: Rest, store: Store, courier: Courier) -> None:
    place = rest.world.add_channel("papers")
    await order_for(store, place, has_discussion=True)
    rest.cues.add(Fault(r"POST /channels/\d+/messages/\d+/threads", Fails.STORE_THEN_DROP))
    await rounds(courier, 4)
    (thread,) = posts_in(rest, place)
    assert thread.id == int(place.messages[0]["id"])
    assert thread.name == "Wednesday 10 June"


async def test_an_edition_goes_into_a_thread(rest: Rest, store: Store, courier: Courier) -> None:
    place = rest.world.add_channel("talk", PUBLIC_THREAD, parent_id=rest.world.add_channel("home").id)
    await order_for(store, place, kind=Kind.THREAD)
    await rounds(courier, 2)
    assert len(place.messages) == 1


@pytest.mark.parametrize("later", [MINUTE, HOUR], ids=["at-once", "after-an-hour"])
@pytest.mark.parametrize("archived", [False, True])
@pytest.mark.parametrize("status", [500, 503])  # the first of which discord.py would try again by itself, a second later
async def test_d19_a_forum_post_whose_answer_was_lost_is_looked_for(
    rest: Rest, store: Store, slow_courier: Courier, later: timedelta, archived: bool, status: int
) -> None:
    courier = slow_courier
    place = forum(rest)
    order = await order_for(store, place, kind=Kind.FORUM)
    rest.cues.add(Fault(CREATE, Fails.STORE_THEN_FAIL, status=status))
    await rounds(courier, 1)
    (post,) = posts_in(rest, place)
    post.archived, post.archived_at = archived, rest.world.clock()
    await rounds(courier, 3, NOW + later)
    assert posts_in(rest, place) == [post]
    (delivery,) = await store.ledger.of_edition(order.id, DAY)
    assert (delivery.state, delivery.thread_id) == (DeliveryState.SENT, post.id)


async def test_d20_where_too_many_threads_are_active_a_post_comes_later(rest: Rest, store: Store, courier: Courier) -> None:
    place = forum(rest)
    await order_for(store, place, kind=Kind.FORUM)
    rest.world.max_active_threads = 0
    await rounds(courier, 3)
    assert posts_in(rest, place) == []
    rest.world.max_active_threads = 1
    await rounds(courier, 5, NOW + 10 * MINUTE)
    assert len(posts_in(rest, place)) == 1


async def test_d21_a_required_tag_is_the_subscriptions_own_where_no_other_fits(
    rest: Rest, store: Store, courier: Courier
) -> None:
    place = forum(rest, requires_tag=True)
    await order_for(store, place, kind=Kind.FORUM, tag_id=13)
    await rounds(courier, 1)
    (post,) = posts_in(rest, place)
    assert post.applied_tags == [13]


async def test_d21_a_required_tag_that_nobody_chose_is_a_moderators_to_mend(rest: Rest, store: Store, courier: Courier) -> None:
    place = forum(rest, requires_tag=True)
    order = await order_for(store, place, kind=Kind.FORUM)
    await rounds(courier, 3)
    (delivery,) = await store.ledger.of_edition(order.id, DAY)
    assert delivery.state is DeliveryState.REFUSED
    (troubled,) = await store.subscriptions.troubled()
    assert "40067" in troubled.trouble
    assert len([r for r in rest.log if r.method == "POST"]) == 1


async def test_each_paper_is_a_forum_post_with_the_tags_that_fit(rest: Rest, store: Store, courier: Courier) -> None:
    place = forum(rest)
    order = await order_for(store, place, kind=Kind.FORUM, is_per_paper=True, size=2, tag_id=13)
    await order_for(store, place, kind=Kind.FORUM, is_per_paper=True, topic=Topic.parse("robots, speech"))
    rest.cues.add(Fault(CREATE, Fails.STORE_THEN_DROP))
    await rounds(courier, 3)
    tags = {post.name: post.applied_tags for post in posts_in(rest, place)}
    assert tags == {"Paper 3": [13], "Speech heard": [12], "Robots learn": [11]}  # none twice, though two orders want it
    assert len(await store.ledger.of_edition(order.id, DAY)) == 2


@pytest.mark.parametrize(("mentionable", "exists"), [(True, True), (False, True), (False, False)])
async def test_d23_a_role_is_mentioned_only_where_it_can_be(
    rest: Rest, store: Store, courier: Courier, mentionable: bool, exists: bool
) -> None:
    place = rest.world.add_channel("papers")
    role = rest.world.add_role("readers", mentionable=mentionable)
    if not exists:
        del rest.world.roles[role.id]
    await order_for(store, place, role_id=role.id)
    await store.papers.save_day([paper(9, title="@everyone <@&1> come", votes=9)], "huggingface", DAY, NOW)
    await rounds(courier, 1)
    (message,) = place.messages
    assert message["mention_roles"] == ([str(role.id)] if mentionable else [])
    assert message["mention_everyone"] is False
    assert (f"<@&{role.id}>" in str(message["components"])) is mentionable


async def test_a_silent_edition_notifies_nobody(rest: Rest, store: Store, courier: Courier) -> None:
    loud, silent = rest.world.add_channel("loud"), rest.world.add_channel("silent")
    await order_for(store, loud)
    await order_for(store, silent, is_silent=True)
    await rounds(courier, 1)
    assert [bool(place.messages[0]["flags"] & SILENT) for place in (loud, silent)] == [False, True]


async def test_an_archived_or_locked_post_is_left_as_it_is_and_shuts_nobody_out(
    rest: Rest, store: Store, courier: Courier
) -> None:
    place = forum(rest)
    await order_for(store, place, kind=Kind.FORUM)
    await rounds(courier, 1)
    (post,) = posts_in(rest, place)
    for number, (archived, locked) in enumerate([(True, False), (False, True)], start=1):
        post.archived, post.locked = archived, locked
        await store.papers.save_day([paper(10 + number)], "huggingface", DAY, NOW)
        await courier.grow(NOW + number * HOUR)
        assert len(await store.subscriptions.active()) == 1
