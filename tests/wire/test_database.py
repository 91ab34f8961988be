"""Rows B5, B9, B10 and B11: several senders on one database, a power cut, a copy restored from yesterday."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import discord
import pytest

from bot.pacer import Pacer
from bot.posting import ChannelPoster
from bot.requests import Requests
from digests.deliver import Courier
from digests.plan import Digest
from digests.planning import assembled, plan_due
from digests.poster import Posted
from sandbox.wire.rest import Rest
from sandbox.wire.state import Channel
from storage.editions import DeliveryState
from storage.outbox import LEASE
from storage.store import Store
from tests.factories import DAY, NOW, POLICY, paper
from tests.wire.conftest import HOUR, MINUTE, order_for, subscribe


@asynccontextmanager
async def copy_of(folder: Path, name: str) -> AsyncIterator[Store]:
    """A store on a copy of the database's files as they lie on the disk now, with no closing or checkpoint in between."""
    for ending in ("", "-wal"):
        if (folder / f"test.db{ending}").exists():
            shutil.copy(folder / f"test.db{ending}", folder / f"{name}.db{ending}")
    async with Store.open(f"sqlite:///{folder}/{name}.db") as store:
        yield store


async def test_b9_two_senders_on_one_database_post_each_edition_once(
    rest: Rest, store: Store, client: discord.Client, pacer: Pacer, tmp_path: Path
) -> None:
    poster = ChannelPoster(client, Requests(pacer))  # with the real deadline: eighty requests at once may take a while
    channels = [rest.world.add_channel(f"c{n}") for n in range(40)]
    await subscribe(store, *channels)
    async with Store.open(f"sqlite:///{tmp_path}/test.db") as other:
        sent = await asyncio.gather(*(Courier(s, poster, POLICY).deliver_due(NOW) for s in (store, other)))
    assert [len(channel.messages) for channel in channels] == [1] * 40
    assert len([r for r in rest.log if r.method == "POST"]) == 40  # not even the nonce was needed
    assert sum(sent) == 40


async def test_b10_a_sender_that_wakes_after_its_lease_writes_nothing(
    rest: Rest, channel: Channel, store: Store, poster: ChannelPoster
) -> None:
    await subscribe(store, channel)
    await plan_due(store, NOW, POLICY)
    (delivery,) = await store.ledger.unsent(NOW)
    frozen = await store.outbox.claim(delivery, NOW)
    assert frozen
    assert await store.ledger.unsent(NOW + LEASE / 2) == []
    assert await store.outbox.claim(delivery, NOW + LEASE / 2) is None
    assert await Courier(store, poster, POLICY).deliver_due(NOW + MINUTE) == 1
    (sent,) = await store.ledger.of_edition(delivery.subscription.id, DAY)
    # It wakes, posts under the same nonce, and would note another end.
    assert (await poster.post(frozen, await digest_of_the_day(store, frozen.subscription.id))).message_id == sent.message_id
    assert not await store.outbox.sent(frozen, 1, NOW + MINUTE, shown="", is_final=False)
    assert not await store.outbox.refused(frozen, "nonsense")
    assert not await store.outbox.put_off(frozen, None, "nonsense", may_exist=True)
    (after,) = await store.ledger.of_edition(delivery.subscription.id, DAY)
    assert after == sent
    assert len(channel.messages) == 1


async def digest_of_the_day(store: Store, subscription_id: int) -> Digest:
    (delivery,) = await store.ledger.of_edition(subscription_id, DAY)
    return assembled(delivery.edition, await store.papers.get_many(delivery.paper_ids))


async def test_in_a_channel_nothing_overtakes_even_between_two_senders(rest: Rest, channel: Channel, store: Store) -> None:
    await order_for(store, channel, size=1)
    await order_for(store, channel, size=1)
    await store.papers.save_day([paper(1), paper(2)], "huggingface", DAY, NOW)
    await plan_due(store, NOW, POLICY)
    first, second = await store.ledger.unsent(NOW)
    assert await store.outbox.claim(second, NOW) is None
    claimed = await store.outbox.claim(first, NOW)
    assert claimed
    await store.outbox.put_off(claimed, NOW + HOUR, "later", may_exist=False)
    assert await store.ledger.unsent(NOW + MINUTE) == []
    assert [d.id for d in await store.ledger.unsent(NOW + HOUR)] == [first.id, second.id]


@pytest.mark.parametrize("restart_after", [30 * timedelta(seconds=1), HOUR])
async def test_b5_after_a_power_cut_at_the_worst_moment_there_is_one_message(
    rest: Rest, channel: Channel, store: Store, poster: ChannelPoster, tmp_path: Path, restart_after: timedelta
) -> None:
    """Every commit is synced (see storage/test_engine.py): what is surely on the disk when the request leaves is the claim."""
    await subscribe(store, channel)
    copies: list[Path] = []

    class Cut(ChannelPoster):
        async def post(self, *arguments: object) -> Posted:
            for ending in ("", "-wal"):
                copies.append(tmp_path / f"cut.db{ending}")
                shutil.copy(tmp_path / f"test.db{ending}", copies[-1])
            return await super().post(*arguments)  # type: ignore[arg-type]

    cut = Cut(poster._client, poster._requests)
    assert await Courier(store, cut, POLICY).deliver_due(NOW) == 1
    rest.world.nonce_window_s = 120 if restart_after < MINUTE else 0
    async with Store.open(f"sqlite:///{tmp_path}/cut.db") as restored:
        (delivery,) = await restored.ledger.unsent(NOW + restart_after)
        assert delivery.state is DeliveryState.SENDING
        assert await Courier(restored, poster, POLICY).deliver_due(NOW + restart_after) == 1
    assert len(channel.messages) == 1


@pytest.mark.parametrize("restored_after", [30 * MINUTE, 20 * HOUR], ids=["the-same-morning", "the-next-day"])
async def test_b11_a_copy_restored_later_reposts_nothing(
    rest: Rest, store: Store, poster: ChannelPoster, tmp_path: Path, restored_after: timedelta
) -> None:
    """One edition was in the middle when the copy was taken, one planned, and one not even that; all were sent after it."""
    rest.world.nonce_window_s = 0
    channels = [rest.world.add_channel(f"c{n}") for n in range(3)]
    await subscribe(store, channels[0])
    await plan_due(store, NOW, POLICY)
    (begun,) = await store.ledger.unsent(NOW)
    await order_for(store, channels[1])
    await plan_due(store, NOW, POLICY)
    assert await store.outbox.claim(begun, NOW)
    await order_for(store, channels[2])
    async with copy_of(tmp_path, "backup") as restored:
        assert await Courier(store, poster, POLICY).deliver_due(NOW + MINUTE) == 3
        later = NOW + restored_after
        await restored.papers.save_day([paper(n) for n in range(1, 4)], "huggingface", DAY, later)
        courier = Courier(restored, poster, replace(POLICY, grows_for=timedelta(0)))
        for round_ in range(5):
            await courier.deliver_due(later + round_ * MINUTE)
        assert await restored.ledger.unsent(later + HOUR) == []
    assert [len(channel.messages) for channel in channels] == [1] * 3
