"""A day replayed as it grew: one message per channel, complete in the end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from digests.deliver import Courier
from papers.paper import Paper
from papers.subscription import Kind, OnQuietDay, Subscription
from papers.topic import Topic
from sandbox.press import REPLIES
from sandbox.wire.channels import ANNOUNCEMENT, FORUM
from sandbox.wire.faults import Fault
from sandbox.wire.faults import Kind as Fails
from sandbox.wire.rest import Rest
from sandbox.wire.state import Channel, walk
from sources.files import read_papers
from storage.store import Store
from tests.conftest import SHARED
from tests.factories import DAY, NOW, paper
from tests.wire.conftest import order_for

# How much of the day was listed, and what share of its votes it had: at 08:00, 10:00, 14:00 and 20:00 UTC.
STEPS = [(0.5, 0.2), (0.65, 0.4), (0.85, 0.7), (1.0, 1.0)]
HOURS = [0, 2, 6, 12]


def step_of(papers: list[Paper], share: float, voted: float) -> list[Paper]:
    """The day as it was when a share of it was listed: the earliest submitted first, which the ids tell well enough."""
    listed = sorted(papers, key=lambda paper: paper.id)[: max(1, round(share * len(papers)))]
    return [replace(paper, votes=round(voted * paper.votes)) for paper in listed]


def days() -> list[str]:
    """Days to replay: the project's own, and of the real ones a small, a middling and the largest where they are at hand."""
    own = [str(file) for file in sorted(REPLIES.glob("????-??-??.json"))[-2:]]
    real = sorted((SHARED / "data/daily_papers").glob("????-??-??.json"), key=lambda file: file.stat().st_size)
    return own + [str(real[at]) for at in (0, len(real) // 2, len(real) - 1) if real]


def brought_by(place: Channel) -> list[str]:
    """The ids of the papers a channel's messages have an Open button for."""
    ids = [component.get("custom_id", "") for message in place.messages for component in walk(message["components"])]
    return [custom_id.split(":")[2] for custom_id in ids if custom_id.startswith("open:")]


async def behind_the_button(store: Store, order: Subscription) -> set[str]:
    """What "more" shows: the day's papers on topic that its channel has not seen."""
    seen = await store.ledger.seen(order.channel_id)
    return {p.id for p in await store.papers.featured(DAY) if order.topic.matches(p) and p.id not in seen}


@pytest.mark.parametrize("file", days(), ids=lambda file: Path(file).stem)
async def test_a_day_that_grows_in_four_steps_ends_complete_with_one_message_a_channel(
    rest: Rest, store: Store, courier: Courier, file: str
) -> None:
    rest.per_channel = None
    papers = [replace(p, featured_on=(DAY,)) for p in read_papers(Path(file)) if isinstance(p, Paper)]
    topic = Topic.parse("model, agent, learning")
    rare = Topic.parse(f'"{papers[-1].title}"' if '"' not in papers[-1].title else "zebra")
    places = {
        "everything": (rest.world.add_channel("everything"), {}),
        "topic": (rest.world.add_channel("topic"), {"topic": topic, "size": 8}),
        "rare": (rest.world.add_channel("rare"), {"topic": rare, "on_quiet_day": OnQuietDay.STAY_SILENT}),
        "news": (rest.world.add_channel("news", ANNOUNCEMENT), {"kind": Kind.ANNOUNCEMENT, "topic": topic}),
        "forum": (rest.world.add_channel("forum", FORUM), {"kind": Kind.FORUM, "topic": topic}),
        "papers": (rest.world.add_channel("papers", FORUM), {"kind": Kind.FORUM, "is_per_paper": True, "size": 8}),
    }
    orders = {name: await order_for(store, place, **fields) for name, (place, fields) in places.items()}
    for (share, voted), hour in zip(STEPS, HOURS, strict=True):
        now = NOW + timedelta(hours=hour)
        await store.papers.save_day(step_of(papers, share, voted), "huggingface", DAY, now)
        await courier.grow(now + timedelta(minutes=5))
        await courier.deliver_due(now + timedelta(minutes=6))
    await courier.grow(NOW + timedelta(hours=24))

    on_topic = {name: {p.id for p in papers if order.topic.matches(p)} for name, order in orders.items()}
    for name in ("everything", "topic", "news", "rare"):
        place = places[name][0]
        assert len(place.messages) == (1 if on_topic[name] else 0), name
    posts = {name: [c for c in rest.world.channels.values() if c.parent_id == places[name][0].id] for name in ("forum", "papers")}
    assert len(posts["forum"]) == 1
    assert len(posts["papers"]) == min(8, len(papers))
    for name, order in orders.items():
        shown = [paper_id for place in [places[name][0], *posts.get(name, [])] for paper_id in brought_by(place)]
        assert len(shown) == len(set(shown))
        if name == "papers":
            shown = list(await store.ledger.seen(order.channel_id))
        assert set(shown) | await behind_the_button(store, order) == on_topic[name], name
    votes = {p.id: p.votes for p in papers}
    (message,) = places["everything"][0].messages
    (digest,) = await store.ledger.of_edition(orders["everything"].id, DAY)
    first = len(step_of(papers, *STEPS[0]))
    assert f"{first} → {len(papers)} papers, updated <t:" in str(message) or first == len(papers)
    few = [votes[paper_id] for paper_id in digest.paper_ids if 0 < votes[paper_id] < 1_000]
    assert all(f"▲ {count}" in str(message) for count in few)
    edits = [request for request in rest.log if request.method == "PATCH"]
    assert all(request.body["allowed_mentions"] == {"parse": []} for request in edits)


async def test_a_message_that_a_moderator_deleted_is_neither_edited_on_nor_posted_again(
    rest: Rest, channel: Channel, store: Store, courier: Courier
) -> None:
    await order_for(store, channel)
    await store.papers.save_day([paper(1)], "huggingface", DAY, NOW)
    await courier.deliver_due(NOW)
    channel.messages.clear()
    for hour in (1, 2, 3):
        await store.papers.save_day([paper(1 + hour)], "huggingface", DAY, NOW)
        await courier.grow(NOW + timedelta(hours=hour))
        await courier.deliver_due(NOW + timedelta(hours=hour))
    assert channel.messages == []
    assert len([request for request in rest.log if request.method == "PATCH"]) == 1


@pytest.mark.parametrize("fails", [Fails.STORE_THEN_DROP, Fails.DROP, Fails.REFUSE])
async def test_an_edit_whose_answer_was_lost_is_done_again_and_does_no_harm(
    rest: Rest, channel: Channel, store: Store, courier: Courier, fails: Fails
) -> None:
    await order_for(store, channel)
    await store.papers.save_day([paper(1)], "huggingface", DAY, NOW)
    await courier.deliver_due(NOW)
    await store.papers.save_day([paper(2)], "huggingface", DAY, NOW)
    rest.cues.add(Fault(r"PATCH .*", fails, status=503))
    assert await courier.grow(NOW + timedelta(hours=1)) == 0
    assert await courier.grow(NOW + timedelta(hours=1, minutes=5)) == 1
    assert brought_by(channel) == ["2606.00001", "2606.00002"]
