"""Thirty days with everything going wrong at random, a clock change included: in the end all is as promised."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.wire.month import Month


@pytest.fixture(autouse=True)
def promises() -> None:
    """They are looked at in the month itself, which has a Discord and a store of its own."""


@pytest.mark.parametrize("seed", [1])
async def test_after_a_month_of_faults_the_promises_hold(tmp_path: Path, seed: int) -> None:
    month = Month(tmp_path, seed)
    assert await month.live(days=30) == []
    shown = month.shown()
    assert (shown.messages > 50, shown.papers > 100, shown.grown > 10) == (True, True, True), shown
    assert sum(month.happened.values()) > 100  # a month without faults would prove nothing
    assert len(month.happened) >= 8
