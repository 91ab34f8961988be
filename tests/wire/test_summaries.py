"""Summaries over the wire: a model that keeps silent delays nothing, and what it says later is edited in."""

from __future__ import annotations

import asyncio

from bot.posting import ChannelPoster
from digests.ahead import papers_ahead
from digests.deliver import Courier
from papers.subscription import Summaries
from sandbox.model import NAME
from sandbox.wire.rest import Rest
from sandbox.wire.state import Channel, walk
from storage.store import Store
from tests.factories import DAY, NOW, POLICY, paper
from tests.summaries.asking import ABSTRACT, LAST, asking
from tests.wire.conftest import HOUR, MINUTE, order_for


def told(channel: Channel) -> str:
    """All the text of the one message of a channel."""
    (message,) = channel.messages
    return "\n".join(component["content"] for component in walk(message["components"]) if "content" in component)


async def test_an_edition_waits_for_no_model_and_is_edited_when_that_has_spoken(
    store: Store, poster: ChannelPoster, channel: Channel
) -> None:
    await order_for(store, channel)
    await store.papers.save_day([paper(1, abstract=ABSTRACT), paper(2, source_summary="Its own.")], "huggingface", DAY, NOW)
    async with asking(store) as it, asyncio.TaskGroup() as group:
        courier = Courier(store, poster, POLICY, it.summariser.ready)
        it.server.go.clear()
        wanted = await papers_ahead(store, POLICY, NOW - 30 * MINUTE, it.summariser.ready)
        assert [each.id for each in wanted] == ["2606.00001"]
        preparing = group.create_task(it.summariser.prepare(wanted, NOW + HOUR))
        await it.server.arrived.wait()
        assert await courier.deliver_due(NOW) == 1
        assert "✎\u00a01 extracted from the abstract" in told(channel)
        assert await courier.grow(NOW + 30 * MINUTE) == 0  # it still says nothing
        assert not preparing.done()
        it.server.go.set()
        await preparing
        assert await courier.grow(NOW + 40 * MINUTE) == 1
        assert f"{LAST}\u00a0✦\n" in told(channel)
        assert f"Summaries: 1 from Hugging Face · ✦\u00a01 by {NAME}, from the abstract\n" in told(channel)
        assert it.calls == 1


async def test_every_length_of_summaries_is_a_message_that_discord_takes(rest: Rest, store: Store, poster: ChannelPoster) -> None:
    places = {how_much: rest.world.add_channel(f"{how_much}") for how_much in Summaries}
    for how_much, place in places.items():
        await order_for(store, place, summaries=how_much, size=8)
    papers = [paper(n, abstract=ABSTRACT * 3, votes=n) for n in range(1, 9)]
    await store.papers.save_day(papers, "huggingface", DAY, NOW)
    async with asking(store) as it:
        await it.summariser.prepare(papers[::2], NOW + HOUR)
        assert await Courier(store, poster, POLICY, it.summariser.ready).deliver_due(NOW) == 3
    lengths = [len(told(places[how_much])) for how_much in (Summaries.NONE, Summaries.SHORT, Summaries.FULL)]
    assert lengths == sorted(set(lengths))
