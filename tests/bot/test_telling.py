"""Rows D11, D12 and D21: whatever pauses a subscription, a person is told of it once, with the way to mend it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from papers.subscription import Kind
from sandbox.wire.channels import FORUM, tag
from sandbox.wire.state import GUILD_ID, SOMEONE, Channel
from storage.store import Store
from tests.bot.conftest import Wire, ring_often, until
from tests.factories import subscription

NINE = datetime(2026, 6, 10, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Trouble:
    """A channel that takes no post: what it ``is`` from the start, whether it is ``gone``, and what must be told of it."""

    status: int
    code: int
    mend: str
    is_so: dict[str, Any]
    gone: bool = False
    kind: Kind = Kind.TEXT


TROUBLES = {
    "may-not-send": Trouble(403, 50013, "Allow it “View Channel”, “Send Messages”", {"can_send": False}),
    "may-not-look": Trouble(403, 50001, "Allow it “View Channel”, “Send Messages”", {"can_view": False}),
    "gone": Trouble(404, 10003, "`/subscribe add` makes one elsewhere", {}, gone=True),
    "wants-a-tag": Trouble(
        400, 40067, "with the option `tag`", {"kind": FORUM, "requires_tag": True, "tags": [tag(11, "Zebras")]}, kind=Kind.FORUM
    ),
}


async def subscribed(wire: Wire, place: Channel, kind: Kind) -> None:
    order = subscription(guild_id=GUILD_ID, channel_id=place.id, at=NINE.time(), kind=kind)
    async with Store.open(wire.config.database.url) as store:
        await store.subscriptions.add(order, NINE - timedelta(hours=1), made_by=SOMEONE)


@pytest.mark.parametrize("name", TROUBLES)
async def test_each_pause_is_told_to_a_person_once_with_the_way_to_mend_it(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    trouble = TROUBLES[name]
    ring_often(monkeypatch)
    wire.at = NINE - timedelta(minutes=10)
    world = wire.rest.world
    place = world.add_channel("papers", **trouble.is_so)
    await subscribed(wire, place, trouble.kind)
    if trouble.gone:
        del world.channels[place.id]
    for _ in range(2):  # a restart tells nobody again
        async with wire.running():
            await wire.identified()
            wire.at = NINE
            await until(lambda: world.open_dm(SOMEONE).messages)
            await wire.rounds()
    private = world.open_dm(SOMEONE)
    (told,) = private.messages
    assert len(wire.requests(f"POST /channels/{private.id}/messages")) == 1  # not even asked for again
    text = str(told["components"])
    assert f"<#{place.id}>" in text
    assert trouble.mend in text
    assert f"{trouble.code}" in text
    where = f"POST /channels/{place.id}/" + ("threads" if trouble.kind is Kind.FORUM else "messages")
    assert [request.status for request in wire.requests(where)] == [trouble.status]
    assert wire.rows("SELECT trouble FROM subscriptions") == [("",)]
