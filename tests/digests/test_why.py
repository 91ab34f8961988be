"""Why a paper came or did not: one test for each stage, through the store, and the values that decide."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest

from digests.accounts import accounts, day_account
from digests.deliver import Courier
from digests.planning import WAIT_FOR_SOURCES
from digests.poster import Outcome
from digests.why import Account, Case, Check, Day, Stage, unlisted, why
from papers.expression import Phrase, Votes
from papers.paper import Paper
from papers.shelf import Shelf
from papers.subscription import Kind, Mode, State, Subscription
from papers.topic import Topic
from storage.store import Store
from tests.digests.channel import Channel
from tests.digests.conftest import list_numbered, subscribe
from tests.factories import DAY, NOW, POLICY, paper, subscription

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
TOMORROW = DAY + timedelta(days=1)


async def told(store: Store, order: Subscription, number: int, now: datetime = NOW) -> Account:
    """The account of a paper by its number."""
    current = await store.subscriptions.get(order.id)
    assert current
    (found,) = await accounts(store, POLICY, [current], await store.papers.get(f"2606.{number:05}"), now)
    return found


async def list_papers(store: Store, *papers: Paper, day: date = DAY, source: str = "huggingface") -> None:
    await store.papers.save_day(papers, source, day, NOW)


async def test_a_paper_that_was_never_read_is_not_fetched(store: Store) -> None:
    order = await subscribe(store)
    unread = await told(store, order, 1)
    assert (unread.stage, unread.paper, unread.missing, unread.passed) == (Stage.NOT_FETCHED, None, ("huggingface",), ())
    await list_papers(store, paper(2))
    assert (await told(store, order, 1)).missing == ()  # the day's list was read, and has it not


async def test_a_paper_of_another_list_is_not_fetched_while_the_own_list_is_unread(store: Store) -> None:
    order = await subscribe(store)
    await list_papers(store, paper(1), source="arxiv")
    found = await told(store, order, 1)
    assert (found.stage, found.missing) == (Stage.NOT_FETCHED, ("huggingface",))


async def test_a_paper_that_no_source_listed(store: Store) -> None:
    order = await subscribe(store)
    await list_papers(store, paper(2))
    await store.papers.save([paper(1, featured_on=())], "import")
    found = await told(store, order, 1)
    assert (found.stage, found.passed) == (Stage.NOT_LISTED, (Check.FETCHED,))


async def test_a_paper_that_another_source_listed(store: Store) -> None:
    order = await subscribe(store)
    await list_papers(store, paper(2))
    await list_papers(store, paper(1), source="arxiv")
    found = await told(store, order, 1)
    assert (found.stage, found.sources, found.day) == (Stage.OTHER_SOURCE, ("arxiv",), DAY)


async def test_a_list_of_long_ago_that_was_never_read_is_not_waited_for(store: Store) -> None:
    order = await subscribe(store)
    long_ago = DAY - timedelta(days=9)
    await list_papers(store, paper(1, featured_on=(long_ago,)), day=long_ago, source="arxiv")
    assert (await told(store, order, 1)).stage is Stage.OTHER_SOURCE


async def test_a_paper_that_is_posted_is_told_with_its_message(store: Store, courier: Courier) -> None:
    order = await subscribe(store)
    await list_numbered(store, 1)
    await courier.deliver_due(NOW)
    found = await told(store, order, 1, NOW + HOUR)
    assert found.delivery
    assert (found.stage, found.delivery.message_id, found.day, found.sources) == (Stage.POSTED, 1, DAY, ("huggingface",))
    assert found.passed == tuple(Check)[:-1]


async def test_a_paper_that_another_digest_of_the_channel_brought_was_seen_before(store: Store, courier: Courier) -> None:
    first = await subscribe(store)
    second = await subscribe(store, at=time(10, 0))
    await list_numbered(store, 1)
    await courier.deliver_due(NOW)
    found = await told(store, second, 1)
    assert found.delivery
    assert (found.stage, found.delivery.subscription.id, found.delivery.message_id) == (Stage.SEEN_BEFORE, first.id, 1)
    assert found.passed == (Check.FETCHED, Check.LISTED)


async def test_a_paper_that_a_channel_besides_has_shown_was_seen_before(store: Store, courier: Courier) -> None:
    await subscribe(store, channel_id=20)
    mine = await subscribe(store, guild_id=0, user_id=5, channel_id=50, kind=Kind.DIRECT, besides=(20,), at=time(10, 0))
    await list_numbered(store, 1)
    await courier.deliver_due(NOW)
    found = await told(store, mine, 1)
    assert found.delivery
    assert (found.stage, found.delivery.channel_id) == (Stage.SEEN_BEFORE, 20)


async def test_of_two_channels_that_showed_a_paper_the_own_one_is_told(store: Store, courier: Courier) -> None:
    await subscribe(store, channel_id=20)
    await subscribe(store, channel_id=50, at=time(9, 30))
    mine = await subscribe(store, channel_id=50, besides=(20,), at=time(10, 0))
    await list_numbered(store, 1)
    await courier.deliver_due(NOW + 30 * MINUTE)
    found = await told(store, mine, 1)
    assert found.delivery
    assert (found.stage, found.delivery.channel_id) == (Stage.SEEN_BEFORE, 50)


async def test_a_paper_off_topic_has_the_nearest_term(store: Store, courier: Courier) -> None:
    order = await subscribe(store, topic=Topic.parse("diffusion, world model -survey"))
    await list_papers(store, paper(1, title="The world of robots"), paper(2, title="World models: a survey"))
    await courier.deliver_due(NOW)
    far, excluded = await told(store, order, 1), await told(store, order, 2)
    assert far.obstacle
    assert (far.stage, f"{far.obstacle.part}", far.obstacle.near) == (Stage.OFF_TOPIC, "world model", ("world",))
    assert excluded.obstacle
    assert (excluded.stage, excluded.obstacle.is_excluded) == (Stage.OFF_TOPIC, True)
    assert excluded.obstacle.part == Phrase.of("survey", is_quoted=False)
    assert far.passed == (Check.FETCHED, Check.LISTED, Check.UNSEEN)


async def test_a_paper_under_the_votes_is_told_so_though_it_is_on_topic(store: Store, courier: Courier) -> None:
    order = await subscribe(store, topic=Topic.parse("robots votes:>5"))
    await list_papers(store, paper(1, title="Robots", votes=3), paper(2, votes=3))
    await courier.deliver_due(NOW)
    found = await told(store, order, 1)
    assert found.obstacle
    assert (found.stage, found.obstacle.part) == (Stage.UNDER_VOTES, Votes(">", 5))
    assert Check.ON_TOPIC in found.passed
    assert (await told(store, order, 2)).stage is Stage.OFF_TOPIC  # the votes would not help it


async def test_a_paper_beyond_the_size_is_behind_the_button(store: Store, courier: Courier) -> None:
    order = await subscribe(store, size=2)
    await list_numbered(store, 1, 2, 3, 4, 5)
    await courier.deliver_due(NOW)
    found = await told(store, order, 1)
    assert (found.stage, found.on_topic, found.shown, found.behind) == (Stage.BEYOND_SIZE, 5, 2, 3)
    assert (await told(store, order, 5)).stage is Stage.POSTED


async def test_an_edition_that_is_still_to_come_is_foretold(store: Store) -> None:
    order = await subscribe(store, size=2)
    await list_numbered(store, 1, 2, 3)
    early = NOW - MINUTE
    best, last = await told(store, order, 3, early), await told(store, order, 1, early)
    assert best.edition
    assert (best.stage, best.edition.due_at, best.place) == (Stage.NOT_YET_DUE, NOW, 1)
    assert (last.stage, last.place, last.on_topic, last.shown) == (Stage.NOT_YET_DUE, 3, 3, 2)


async def test_what_is_due_or_on_its_way_waits(store: Store, courier: Courier, channel: Channel) -> None:
    order = await subscribe(store)
    await list_numbered(store, 1)
    assert (await told(store, order, 1)).stage is Stage.WAITING
    channel.fails = [Outcome.LATER]
    await courier.deliver_due(NOW)
    found = await told(store, order, 1)
    assert found.delivery
    assert (found.stage, found.delivery.tries) == (Stage.WAITING, 1)
    await courier.deliver_due(NOW + MINUTE)
    assert (await told(store, order, 1)).stage is Stage.POSTED


async def test_a_late_paper_waits_where_the_edition_grows_and_came_late_elsewhere(store: Store, courier: Courier) -> None:
    living = await subscribe(store)
    fixed = await subscribe(store, channel_id=20, mode=Mode.ONE_SHOT)
    await list_numbered(store, 1)
    await courier.deliver_due(NOW)
    await list_numbered(store, 1, 2)
    assert (await told(store, living, 2)).stage is Stage.WAITING
    assert (await told(store, fixed, 2)).stage is Stage.CAME_LATE
    assert (await told(store, living, 2, NOW + POLICY.grows_for)).stage is Stage.CAME_LATE


async def test_a_paper_that_came_to_a_full_edition_without_a_button_came_late(store: Store, courier: Courier) -> None:
    order = await subscribe(store, size=1, mode=Mode.ONE_SHOT)
    await list_numbered(store, 1)
    await courier.deliver_due(NOW)
    await list_numbered(store, 1, 2)
    assert (await told(store, order, 2)).stage is Stage.CAME_LATE


@pytest.mark.parametrize("state", [State.PAUSED, State.SHUT_OUT, State.CLOSED])
async def test_a_subscription_that_does_not_post_is_paused(store: Store, state: State) -> None:
    order = await subscribe(store)
    await list_numbered(store, 1)
    await store.subscriptions.set_state(order.id, state, NOW)
    found = await told(store, order, 1, NOW + MINUTE)
    assert (found.stage, found.order.state) == (Stage.PAUSED, state)
    assert found.passed[-1] is Check.VOTES


async def test_a_pause_that_ends_before_the_edition_does_not_keep_it_back(store: Store) -> None:
    order = await subscribe(store)
    await list_numbered(store, 1)
    await store.subscriptions.set_state(order.id, State.PAUSED, NOW, paused_until=NOW - MINUTE)
    assert (await told(store, order, 1, NOW - HOUR)).stage is Stage.NOT_YET_DUE
    await store.subscriptions.set_state(order.id, State.PAUSED, NOW, paused_until=NOW + MINUTE)
    assert (await told(store, order, 1, NOW - HOUR)).stage is Stage.PAUSED


async def test_what_waits_in_front_of_a_closed_channel_is_paused(store: Store, courier: Courier, channel: Channel) -> None:
    order = await subscribe(store)
    await list_numbered(store, 1)
    channel.closed = {order.channel_id}
    await courier.deliver_due(NOW)
    found = await told(store, order, 1)
    assert (found.stage, found.order.state) == (Stage.PAUSED, State.SHUT_OUT)


async def test_an_edition_that_was_missed_is_expired(store: Store, courier: Courier) -> None:
    order = await subscribe(store)
    await list_numbered(store, 1)
    late = NOW + POLICY.too_late + MINUTE
    assert (await told(store, order, 1, late)).stage is Stage.EXPIRED
    await courier.deliver_due(late)
    assert (await told(store, order, 1, late)).stage is Stage.EXPIRED


async def test_a_message_that_was_refused_is_told_of(store: Store, courier: Courier, channel: Channel) -> None:
    order = await subscribe(store)
    await list_numbered(store, 1)
    channel.fails = [Outcome.REFUSED]
    await courier.deliver_due(NOW)
    found = await told(store, order, 1)
    assert found.delivery
    assert (found.stage, found.delivery.reason) == (Stage.REFUSED, "on cue")


async def test_what_closed_private_messages_refused_is_in_the_inbox(store: Store, courier: Courier, channel: Channel) -> None:
    mine = await subscribe(store, guild_id=0, user_id=5, channel_id=50, kind=Kind.DIRECT)
    await list_numbered(store, 1)
    channel.closed = {50}
    await courier.deliver_due(NOW)
    found = await told(store, mine, 1)
    assert (found.stage, found.order.kind) == (Stage.POSTED, Kind.INBOX)
    await list_papers(store, paper(2, featured_on=(TOMORROW,)), day=TOMORROW)
    later = NOW + timedelta(days=1) + WAIT_FOR_SOURCES
    assert (await told(store, mine, 2, later)).stage is Stage.WAITING
    await courier.deliver_due(later)
    assert (await told(store, mine, 2, later)).stage is Stage.POSTED


async def test_a_day_without_an_edition_brings_nothing(store: Store) -> None:
    weekly = await subscribe(store, weekdays=frozenset({4}))
    made_later = await subscribe(store, channel_id=20, at=time(7, 0))
    await list_numbered(store, 1)
    assert (await told(store, weekly, 1)).stage is Stage.NO_EDITION
    found = await told(store, made_later, 1)
    assert (found.stage, found.edition is not None) == (Stage.NO_EDITION, True)


async def test_a_day_whose_edition_came_early_with_another_list_brings_nothing_more(store: Store, courier: Courier) -> None:
    order = await subscribe(store, days_ago=1)
    yesterday = DAY - timedelta(days=1)
    await list_papers(store, paper(2, featured_on=(yesterday,)), day=yesterday)
    await courier.post_now(order, NOW - 7 * HOUR)
    await list_numbered(store, 1)
    assert (await told(store, order, 1)).stage is Stage.NO_EDITION


async def test_of_two_days_the_one_it_came_furthest_on_is_told(store: Store, courier: Courier) -> None:
    order = await subscribe(store, size=1, weekdays=frozenset({3}))
    await list_papers(store, paper(1))
    await list_papers(store, paper(1, featured_on=(DAY, TOMORROW)), day=TOMORROW)
    found = await told(store, order, 1)
    assert (found.stage, found.day) == (Stage.NOT_YET_DUE, TOMORROW)


async def test_a_paper_of_a_source_that_was_dropped_stays_posted(store: Store, courier: Courier) -> None:
    order = await subscribe(store, sources=("huggingface", "arxiv"))
    await list_papers(store, paper(2))
    await list_papers(store, paper(1), source="arxiv")
    await courier.deliver_due(NOW)
    await store.subscriptions.change(subscription(id=order.id))
    assert (await told(store, order, 1)).stage is Stage.POSTED


async def test_the_account_of_a_day_gives_each_paper_on_topic_its_reason(store: Store, courier: Courier) -> None:
    await subscribe(store, size=1)
    order = await subscribe(store, size=2, topic=Topic.parse("robots"))
    robots = [paper(n, title="Robots", votes=n) for n in range(1, 6)]
    await list_papers(store, paper(9), *robots)
    await courier.deliver_due(NOW)
    (delivery,) = await store.ledger.of_edition(order.id, DAY)
    found = await store.ledger.marked(delivery.mark)
    assert found
    day = await day_account(store, POLICY, found.edition, NOW)
    assert [p.id[-1] for p in day.digest.papers] == ["4", "3"]
    assert (day.digest.listed, day.digest.on_topic, day.digest.shown_before, day.digest.held_back) == (6, 5, 1, 2)
    reasons = {account.paper.id[-1]: account.stage for account in day.others if account.paper}
    assert reasons == {"5": Stage.SEEN_BEFORE, "2": Stage.BEYOND_SIZE, "1": Stage.BEYOND_SIZE}


async def test_a_mark_that_nobody_made_is_nobodys(store: Store) -> None:
    assert await store.ledger.marked("0123456789abcdef") is None


def test_the_values_decide_without_a_store() -> None:
    case = Case(subscription(topic=Topic.parse("robots")), NOW - HOUR, NOW - MINUTE, POLICY)
    on, off = paper(1, title="Robots"), paper(2)
    day = Day(DAY, Shelf([on, off]))
    assert why(case, on, day).stage is Stage.NOT_YET_DUE
    assert why(case, off, day).stage is Stage.OFF_TOPIC
    assert unlisted(case, None, ()).stage is Stage.NOT_FETCHED
    assert why(replace(case, seen={on.id}), on, day).stage is Stage.SEEN_BEFORE  # in an inbox, without a message


def test_too_many_votes_are_no_lack_of_votes() -> None:
    case = Case(subscription(topic=Topic.parse("robots -votes:>5")), NOW - HOUR, NOW - MINUTE, POLICY)
    found = why(case, loved := paper(1, title="Robots", votes=9), Day(DAY, Shelf([loved])))
    assert (found.stage, found.obstacle and found.obstacle.is_excluded) == (Stage.OFF_TOPIC, True)


def test_each_stage_is_decided_somewhere() -> None:
    assert {Account(subscription(), stage).decided_at for stage in Stage} == set(Check)
