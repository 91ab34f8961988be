"""Row T2 over the wire: an answer is lost while our clock is wrong, and the message is looked for when it is right again."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from digests.deliver import Courier
from papers.subscription import Kind
from sandbox.wire.channels import FORUM
from sandbox.wire.faults import Fault
from sandbox.wire.faults import Kind as Fails
from sandbox.wire.rest import Rest
from sandbox.wire.state import Channel
from storage.store import Store
from tests.factories import DAY, NOW, paper
from tests.wire.conftest import HOUR, MINUTE, POST, order_for, subscribe


def discords_clock(rest: Rest, instant: datetime) -> datetime:
    """Set Discord's clock, which ours should agree with."""
    rest.world.clock = lambda: instant
    return instant


@pytest.mark.parametrize("ahead", [HOUR, 24 * HOUR], ids=["an-hour", "a-day"])
@pytest.mark.parametrize("until_due", [-30 * MINUTE, 5 * MINUTE], ids=["before-its-hour", "after-its-hour"])
async def test_t2_what_was_posted_while_our_clock_was_ahead_is_found_when_it_is_right(
    rest: Rest, channel: Channel, store: Store, courier: Courier, ahead: timedelta, until_due: timedelta
) -> None:
    await subscribe(store, channel)
    posted_at = discords_clock(rest, NOW + 4 * MINUTE - ahead)
    rest.cues.add(Fault(POST, Fails.STORE_THEN_DROP))
    assert await courier.deliver_due(posted_at + ahead) == 0
    for instant in (posted_at, NOW + until_due):
        discords_clock(rest, instant)
        for _ in range(300):  # others write meanwhile, before and after its hour: more than is read at one go
            rest.world.write(channel.id, "hello")
    assert await courier.deliver_due(NOW + until_due) == 1
    assert len([message for message in channel.messages if message["components"]]) == 1


async def test_t2_a_forum_post_made_while_our_clock_was_ahead_is_found_when_it_is_right(
    rest: Rest, store: Store, courier: Courier
) -> None:
    forum = rest.world.add_channel("papers", FORUM)
    await order_for(store, forum, kind=Kind.FORUM)
    await store.papers.save_day([paper(1)], "huggingface", DAY, NOW - HOUR)
    posted_at = discords_clock(rest, NOW + 4 * MINUTE - HOUR)
    rest.cues.add(Fault(r"POST /channels/\d+/threads", Fails.STORE_THEN_DROP))
    assert await courier.deliver_due(posted_at + HOUR) == 0
    assert await courier.deliver_due(discords_clock(rest, NOW + 5 * MINUTE)) == 1
    assert len([place for place in rest.world.channels.values() if place.parent_id == forum.id]) == 1


async def test_t2_what_was_posted_long_after_its_hour_is_found_behind_all_that_others_wrote_meanwhile(
    rest: Rest, channel: Channel, store: Store, courier: Courier
) -> None:
    """Or while our clock was behind: then, too, the search begins too early."""
    rest.world.nonce_window_s = 0
    await subscribe(store, channel)
    discords_clock(rest, NOW + HOUR)
    for _ in range(600):
        rest.world.write(channel.id, "hello")
    rest.cues.add(Fault(POST, Fails.STORE_THEN_DROP))
    assert await courier.deliver_due(discords_clock(rest, NOW + 6 * HOUR)) == 0
    assert await courier.deliver_due(discords_clock(rest, NOW + 6 * HOUR + 5 * MINUTE)) == 1
    assert len([message for message in channel.messages if message["components"]]) == 1


async def test_t2_a_search_ends_however_much_was_written(rest: Rest, channel: Channel, store: Store, courier: Courier) -> None:
    """Nothing was stored: what is not found in ten pages is sent again."""
    await subscribe(store, channel)
    discords_clock(rest, NOW)
    rest.cues.add(Fault(POST, Fails.DROP))
    assert await courier.deliver_due(NOW) == 0
    for _ in range(1_200):
        rest.world.write(channel.id, "hello")
    before = len(rest.log)
    assert await courier.deliver_due(discords_clock(rest, NOW + 5 * MINUTE)) == 1
    assert len([request for request in rest.log[before:] if request.method == "GET"]) == 10
