"""The check that every flow's requests go through can fail."""

from __future__ import annotations

import dataclasses

import pytest

from sandbox.world import World
from tests.flows.conftest import VALIDATOR, invalid


@pytest.mark.skipif(not VALIDATOR.is_file(), reason="Discord's description of its API is not beside this checkout")
async def test_a_malformed_request_is_noticed(world: World) -> None:
    await world.moderator.slash(world.channels["agents"], "search", query="agents")
    sent = next(request for request in world.env.http_requests if request.path.endswith("/callback"))
    assert invalid(sent) == []
    assert invalid(dataclasses.replace(sent, json={"type": 4, "data": {"content": "x" * 5_000}}))
