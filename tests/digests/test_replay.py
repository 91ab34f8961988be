"""What a subscription would have brought."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from time import perf_counter
from zoneinfo import ZoneInfo

import pytest

from digests.editions import edition_at
from digests.planning import Lists, preview
from digests.replay import edition_of_list, pace, replay, stored_shelf
from papers.paper import Paper
from papers.subscription import Mode
from papers.topic import Topic
from storage.store import Store
from tests.factories import DAY, NOW, POLICY, paper, subscription


async def listed(store: Store, day: date, papers: Iterable[Paper], source: str = "huggingface") -> None:
    await store.papers.save_day([replace(each, featured_on=(day,)) for each in papers], source, day, NOW)


async def test_days_come_oldest_first_with_their_figures(store: Store) -> None:
    await listed(store, DAY - timedelta(days=2), [paper(n) for n in range(1, 9)])
    await listed(store, DAY - timedelta(days=1), [paper(20, abstract="A zebra.")])
    await listed(store, DAY, [paper(n) for n in range(31, 34)])
    order = subscription(topic=Topic.parse("thing"), size=5)
    replayed = await replay(Lists(store), order, DAY)
    assert [len(digest.papers) for digest in replayed.digests] == [5, 0, 3]
    assert [digest.edition.papers_day for digest in replayed.digests] == [DAY - timedelta(days=n) for n in (2, 1, 0)]
    assert (replayed.mean, replayed.busiest, replayed.days_with_none) == (8 / 3, 5, 1)
    assert replayed.mean_on_topic == 11 / 3
    assert replayed.newest
    assert [each.id for each in replayed.newest.papers] == ["2606.00033", "2606.00032", "2606.00031"]


async def test_the_newest_day_is_what_a_preview_shows(store: Store) -> None:
    await listed(store, DAY, [paper(n, votes=n) for n in range(1, 12)])
    order = subscription(topic=Topic.parse("thing"), size=4)
    replayed = await replay(Lists(store), order, DAY)
    shown = await preview(Lists(store), edition_at(order, NOW), POLICY)
    assert replayed.newest
    assert replayed.newest.papers == shown.papers
    assert (replayed.newest.listed, replayed.newest.on_topic) == (shown.listed, shown.on_topic)


async def test_what_one_day_showed_the_next_does_not_and_what_the_channel_has_seen_counts_nothing(store: Store) -> None:
    both = [paper(n, votes=n) for n in range(1, 4)]
    await listed(store, DAY - timedelta(days=1), both)
    await listed(store, DAY, [*both, paper(9)])
    replayed = await replay(Lists(store), subscription(size=2), DAY)
    assert [[each.id[-1] for each in digest.papers] for digest in replayed.digests] == [["3", "2"], ["1", "9"]]


async def test_only_the_last_days_of_the_orders_sources_up_to_a_day_count(store: Store) -> None:
    for ago in range(6):
        await listed(store, DAY - timedelta(days=ago), [paper(ago + 1)])
    await listed(store, DAY, [paper(50)], "arxiv")
    order = subscription()
    days = [d.edition.papers_day for d in (await replay(Lists(store), order, DAY - timedelta(days=1), days=3)).digests]
    assert days == [DAY - timedelta(days=n) for n in (3, 2, 1)]
    alone = await replay(Lists(store), replace(order, sources=("arxiv",)), DAY)
    assert [[each.id for each in digest.papers] for digest in alone.digests] == [["2606.00050"]]


async def test_an_empty_store_is_an_empty_replay(store: Store) -> None:
    replayed = await replay(Lists(store), subscription(), DAY)
    assert (replayed.digests, replayed.newest, replayed.mean, replayed.busiest) == ((), None, 0, 0)


async def test_days_that_an_order_leaves_out_bring_nothing(store: Store) -> None:
    for ago in range(5):
        await listed(store, DAY - timedelta(days=ago), [paper(ago + 1)])
    order = subscription(weekdays=frozenset({0, 2}))
    days = [digest.edition.day for digest in (await replay(Lists(store), order, DAY)).digests]
    assert days == [date(2026, 6, 8), DAY]  # Monday and Wednesday


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/Los_Angeles", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
@pytest.mark.parametrize("mode", list(Mode))
def test_every_working_days_list_has_an_edition_that_brings_it(zone: str, mode: Mode) -> None:
    order = subscription(zone=ZoneInfo(zone), mode=mode)
    for distance in range(14):
        day = DAY + timedelta(days=distance)
        edition = edition_of_list(order, day)
        if day.weekday() < 5 or mode is not Mode.YESTERDAY:
            assert edition
            assert edition.papers_day == day


async def test_a_shelf_of_the_days_has_each_paper_once_and_a_pace_counts_them(store: Store) -> None:
    await listed(store, DAY - timedelta(days=1), [paper(1), paper(2, title="A zebra")])
    await listed(store, DAY, [paper(1), paper(3)])
    lists = Lists(store)
    ids = sorted(each.id for each in (await stored_shelf(lists, ("huggingface",), DAY)).papers)
    assert ids == ["2606.00001", "2606.00002", "2606.00003"]
    topics = [Topic.parse(text).expression for text in ("everything", "zebra", "nothing at all")]
    assert await pace(lists, topics, ("huggingface",), DAY) == [2.0, 0.5, 0.0]


async def test_of_long_lists_fewer_days_are_read(store: Store) -> None:
    for ago in range(12):
        await listed(store, DAY - timedelta(days=ago), [paper(1000 * ago + n) for n in range(400)])
    replayed = await replay(Lists(store), subscription(), DAY)
    assert len(replayed.digests) == 8  # the first of them with which there are more than 3,000 papers
    assert replayed.newest
    assert replayed.newest.edition.papers_day == DAY


async def test_thirty_full_days_take_less_than_a_second(store: Store) -> None:
    for ago in range(30):
        papers = [paper(100 * ago + n, abstract=f"Thing {n} of day {ago}. " * 40) for n in range(50)]
        await listed(store, DAY - timedelta(days=ago), papers)
    begun = perf_counter()
    replayed = await replay(Lists(store), subscription(topic=Topic.parse("thing -zebra")), DAY)
    assert perf_counter() - begun < 3  # it is half a second on an idle core; the tests share theirs
    assert len(replayed.digests) == 30
