"""Why a paper came or did not: one test for each stage before the edition, through the store, and the values that decide."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

from digests.accounts import day_account
from digests.deliver import Courier
from digests.why import Account, Case, Check, Day, Stage, unlisted, why
from papers.expression import Phrase, Votes
from papers.shelf import Shelf
from papers.subscription import Kind
from papers.topic import Topic
from storage.store import Store
from tests.digests.conftest import list_numbered, list_papers, subscribe, told
from tests.factories import DAY, NOW, POLICY, paper, subscription

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
TOMORROW = DAY + timedelta(days=1)


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
