"""Living editions: what late papers and votes do to a message, over the real database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from digests.deliver import Courier
from digests.grow import SPACING, SPACING_OF_VOTES
from digests.poster import Outcome
from papers.paper import Paper
from papers.subscription import Kind, Mode, OnQuietDay, State
from papers.topic import Topic
from storage.editions import DeliveryState
from storage.store import Store
from tests.digests.channel import Channel
from tests.digests.conftest import subscribe
from tests.factories import DAY, NOW, paper

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


async def list_papers(store: Store, *papers: Paper) -> None:
    await store.papers.save_day(papers, "huggingface", DAY, NOW)


async def test_late_papers_come_after_those_shown_as_far_as_the_size_goes(
    store: Store, courier: Courier, channel: Channel
) -> None:
    order = await subscribe(store, size=3)
    await list_papers(store, paper(1), paper(2, votes=5))
    await courier.deliver_due(NOW)
    await list_papers(store, paper(3, votes=9), paper(4, votes=8))
    assert await courier.grow(NOW + HOUR) == 1
    assert channel.shown() == [["2", "1", "3"]]
    digest = channel.messages[0][1]
    assert (digest.listed_first, digest.listed, digest.held_back) == (2, 4, 1)
    assert digest.added == {"2606.00003": NOW + HOUR}
    assert await store.ledger.seen(order.channel_id) == {"2606.00001", "2606.00002", "2606.00003"}


async def test_an_edit_is_done_once_and_edits_keep_their_distance(store: Store, courier: Courier, channel: Channel) -> None:
    await subscribe(store)
    await list_papers(store, paper(1))
    await courier.deliver_due(NOW)
    assert await courier.grow(NOW + HOUR) == 0  # nothing has changed
    await list_papers(store, paper(2))
    assert [await courier.grow(NOW + HOUR + n * MINUTE) for n in range(3)] == [1, 0, 0]
    await list_papers(store, paper(3))
    assert await courier.grow(NOW + HOUR + SPACING - MINUTE) == 0
    assert await courier.grow(NOW + HOUR + SPACING) == 1
    await list_papers(store, paper(3, votes=7))
    later = NOW + HOUR + SPACING
    assert await courier.grow(later + SPACING) == 0
    assert await courier.grow(later + SPACING_OF_VOTES) == 1
    assert channel.messages[0][1].papers[-1].votes == 7


async def test_at_its_end_it_is_complete_and_stays_as_it_is(store: Store, courier: Courier, channel: Channel) -> None:
    await subscribe(store, size=8)
    await list_papers(store, paper(1))
    await courier.deliver_due(NOW)
    await list_papers(store, paper(2))
    await courier.grow(NOW + timedelta(hours=23, minutes=55))
    await list_papers(store, paper(3))
    await courier.grow(NOW + timedelta(hours=24))  # the usual distance does not count now
    assert channel.shown() == [["1", "2", "3"]]
    await list_papers(store, paper(4))
    assert await courier.grow(NOW + timedelta(hours=24, minutes=1)) == 0


@pytest.mark.parametrize("mode", [Mode.ONE_SHOT, Mode.YESTERDAY])
async def test_only_living_editions_grow(store: Store, courier: Courier, channel: Channel, mode: Mode) -> None:
    await subscribe(store, mode=mode)
    for day in (DAY, DAY - timedelta(days=1)):
        await store.papers.save_day([paper(day.day, featured_on=(day,))], "huggingface", day, NOW)
    await courier.deliver_due(NOW)
    for day in (DAY, DAY - timedelta(days=1)):
        await store.papers.save_day([paper(day.day + 50, featured_on=(day,))], "huggingface", day, NOW)
    assert await courier.grow(NOW + HOUR) == 0
    assert len(channel.messages) == 1


async def test_a_quiet_days_message_becomes_a_digest(store: Store, courier: Courier, channel: Channel) -> None:
    await subscribe(store, topic=Topic.parse("zebra"))
    await list_papers(store, paper(1))
    await courier.deliver_due(NOW)
    assert channel.shown() == [[]]
    await list_papers(store, paper(2, title="Zebra"))
    assert await courier.grow(NOW + HOUR) == 1
    assert channel.shown() == [["2"]]


async def test_a_quiet_day_kept_silent_is_posted_when_its_first_paper_comes(
    store: Store, courier: Courier, channel: Channel
) -> None:
    await subscribe(store, topic=Topic.parse("zebra"), on_quiet_day=OnQuietDay.STAY_SILENT)
    await list_papers(store, paper(1))
    await courier.deliver_due(NOW)
    await list_papers(store, paper(2, title="Zebra"))
    assert await courier.grow(NOW + HOUR) == 0
    assert await courier.deliver_due(NOW + HOUR) == 1
    assert channel.shown() == [["2"]]
    assert await courier.deliver_due(NOW + HOUR + MINUTE) == 0


async def test_a_message_that_is_gone_is_left_alone(store: Store, courier: Courier, channel: Channel) -> None:
    order = await subscribe(store)
    await list_papers(store, paper(1))
    await courier.deliver_due(NOW)
    await list_papers(store, paper(2))
    channel.edit_fails = [Outcome.REFUSED]
    assert [await courier.grow(NOW + HOUR + n * HOUR) for n in range(3)] == [0, 0, 0]
    (delivery,) = await store.ledger.of_edition(order.id, DAY)
    assert (delivery.state, delivery.is_final) == (DeliveryState.SENT, True)
    assert len(channel.messages) == 1


async def test_an_edit_that_fails_is_done_the_next_time(store: Store, courier: Courier, channel: Channel) -> None:
    await subscribe(store)
    await list_papers(store, paper(1))
    await courier.deliver_due(NOW)
    await list_papers(store, paper(2))
    channel.edit_fails = [Outcome.UNCERTAIN, Outcome.LATER]
    assert [await courier.grow(NOW + HOUR + n * MINUTE) for n in range(3)] == [0, 0, 1]


async def test_a_channel_that_closed_is_asked_for_no_more_edits(store: Store, courier: Courier, channel: Channel) -> None:
    order = await subscribe(store)
    await list_papers(store, paper(1))
    await courier.deliver_due(NOW)
    await list_papers(store, paper(2))
    channel.edit_fails = [Outcome.CLOSED]
    await courier.grow(NOW + HOUR)
    known = await store.subscriptions.get(order.id)
    assert known
    assert known.state is State.SHUT_OUT
    assert await courier.grow(NOW + 2 * HOUR) == 0


async def test_a_paper_that_another_digest_brought_is_not_brought_again(store: Store, courier: Courier, channel: Channel) -> None:
    await subscribe(store, topic=Topic.parse("zebra"))
    await subscribe(store)
    await list_papers(store, paper(1))
    await courier.deliver_due(NOW)
    await list_papers(store, paper(2, title="Zebra"))
    await courier.grow(NOW + HOUR)
    assert channel.shown() == [["2"], ["1"]]
    assert channel.messages[1][1].shown_before == 1


async def test_s8_a_source_that_comes_late_fills_the_message_that_said_it_was_missing(
    store: Store, courier: Courier, channel: Channel
) -> None:
    await subscribe(store)
    assert await courier.deliver_due(NOW + HOUR) == 0
    assert await courier.deliver_due(NOW + 2 * HOUR) == 1
    assert channel.messages[0][1].missing == ("huggingface",)
    await store.papers.save_day([paper(1)], "huggingface", DAY, NOW + 6 * HOUR)
    assert await courier.grow(NOW + 6 * HOUR) == 1
    digest = channel.messages[0][1]
    assert (digest.missing, len(digest.papers)) == ((), 1)
    assert await courier.deliver_due(NOW + 6 * HOUR) == 0
    assert len(channel.messages) == 1


async def test_s8_what_cannot_grow_waits_for_its_list(store: Store, courier: Courier, channel: Channel) -> None:
    await subscribe(store, mode=Mode.ONE_SHOT)
    assert await courier.deliver_due(NOW + 6 * HOUR) == 0
    await store.papers.save_day([paper(1)], "huggingface", DAY, NOW + 6 * HOUR)
    assert await courier.deliver_due(NOW + 6 * HOUR) == 1
    assert channel.messages[0][1].is_late


async def test_posts_about_one_paper_are_not_edited_for_what_they_do_not_show(
    store: Store, courier: Courier, channel: Channel
) -> None:
    await subscribe(store, kind=Kind.FORUM, is_per_paper=True, size=2)
    await list_papers(store, paper(1), paper(2))
    await courier.deliver_due(NOW)
    await list_papers(store, paper(3))
    assert await courier.grow(NOW + HOUR) == 0
    await list_papers(store, paper(1, votes=9))
    assert await courier.grow(NOW + 2 * HOUR) == 1


@pytest.mark.parametrize("how", ["refused", "deleted"])
async def test_what_comes_after_a_message_is_gone_is_not_marked_as_seen(
    store: Store, courier: Courier, channel: Channel, how: str
) -> None:
    order = await subscribe(store)
    await list_papers(store, paper(1))
    if how == "refused":
        channel.fails = [Outcome.REFUSED]
    await courier.deliver_due(NOW)
    await list_papers(store, paper(1, votes=3))
    channel.edit_fails = [Outcome.REFUSED]
    await courier.grow(NOW + HOUR + MINUTE)
    await list_papers(store, paper(2))
    await courier.grow(NOW + 3 * HOUR)
    # What was refused was not even seen before.
    assert await store.ledger.seen(order.channel_id) == (set() if how == "refused" else {"2606.00001"})


async def test_what_was_posted_stays_as_it_was_planned_when_its_topic_changes(
    store: Store, courier: Courier, channel: Channel
) -> None:
    order = await subscribe(store, topic=Topic.parse("zebra"))
    await list_papers(store, paper(1, title="Zebra"))
    await courier.deliver_due(NOW)
    await store.subscriptions.change(replace(order, topic=Topic.parse("lion")))
    await list_papers(store, paper(2, title="Lion"), paper(3, title="Zebra again"))
    assert await courier.grow(NOW + HOUR) == 0
    assert channel.shown() == [["1"]]


@pytest.mark.parametrize("is_per_paper", [True, False])
async def test_what_was_posted_keeps_its_shape(store: Store, courier: Courier, channel: Channel, is_per_paper: bool) -> None:
    order = await subscribe(store, kind=Kind.FORUM, is_per_paper=is_per_paper)
    await list_papers(store, paper(1))
    await courier.deliver_due(NOW)
    await store.subscriptions.change(replace(order, is_per_paper=not is_per_paper))
    await list_papers(store, paper(2))
    await courier.grow(NOW + HOUR)
    await courier.deliver_due(NOW + HOUR)
    assert channel.shown() == [["1"]]
    assert await store.ledger.seen(order.channel_id) == {"2606.00001"}  # the other is not lost
