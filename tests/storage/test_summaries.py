"""Models' summaries in the store, and a day's budget, which no number of askers at the same moment passes."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import create_engine

from storage.engine import StorageError
from storage.migrations import _config
from storage.store import Store
from storage.summaries import NOBODY, Spent, StoredSummary
from tests.factories import DAY, NOW

CAPS = {"most_tokens": 1_000, "most_micros": 5_000, "most_tokens_server": 400}
TOLD = StoredSummary(
    paper_id="2606.00001",
    version=1,
    kind="abstract",
    language="en",
    model="small",
    text="It works — “really” \N{SNOWMAN}.",
    sections=(("What is new", "All of it."), ("Limits", "")),
    made_at=NOW,
)
THIRD = """
INSERT INTO papers (id, title, abstract, authors, votes, comments, source_summary, keywords, repository, project_page,
    organisation, thumbnail, submitter, change) VALUES ('2606.00001', 'A paper', '', '[]', 1, 0, '', '[]', '', '', '', '', '', 1);
INSERT INTO subscriptions (id, guild_id, channel_id, topic, at, zone, weekdays, size, on_quiet_day, mode, kind, is_silent,
    has_discussion, is_per_paper, state, trouble, owed_since) VALUES (7, 100, 10, 'everything', '09:00:00.000000', 'UTC', '[2]',
    5, 'say so', 'living', 'text', 0, 0, 0, 'active', '', '2026-06-01 00:00:00.000000');
INSERT INTO topics VALUES (100, 'robots', 'Robots', 'robot', 5, '2026-06-01 00:00:00.000000');
"""


async def test_a_summary_comes_back_as_it_was_saved(store: Store) -> None:
    await store.summaries.save(TOLD)
    assert await store.summaries.get("2606.00001", 1, "abstract", "en", "small") == TOLD


@pytest.mark.parametrize(
    "other",
    [
        replace(TOLD, paper_id="2606.00002"),
        replace(TOLD, version=2),
        replace(TOLD, kind="full"),
        replace(TOLD, language="de"),
        replace(TOLD, model="large"),
    ],
)
async def test_a_summary_is_one_of_its_paper_version_kind_language_and_model(store: Store, other: StoredSummary) -> None:
    await store.summaries.save(TOLD)
    key = other.paper_id, other.version, other.kind, other.language, other.model
    assert await store.summaries.get(*key) is None
    await store.summaries.save(replace(other, text="another"))
    kept = await store.summaries.get(*key)
    assert kept
    assert kept.text == "another"
    assert await store.summaries.get("2606.00001", 1, "abstract", "en", "small") == TOLD


async def test_the_last_summary_wins(store: Store) -> None:
    newer = replace(TOLD, text="again", sections=(), made_at=NOW + timedelta(hours=1))
    await store.summaries.save(TOLD)
    await store.summaries.save(newer)
    assert await store.summaries.get("2606.00001", 1, "abstract", "en", "small") == newer


async def test_short_summaries_are_english_ones_of_the_newest_version(store: Store) -> None:
    newest = replace(TOLD, version=10, text="of the tenth")
    others = [replace(TOLD, version=2), replace(TOLD, version=11, kind="full"), replace(TOLD, version=12, language="de")]
    for summary in [newest, TOLD, *others, replace(TOLD, version=13, model="large"), replace(TOLD, paper_id="x", version=0)]:
        await store.summaries.save(summary)
    found = await store.summaries.short(["2606.00001", "x", "unknown"], "small")
    assert {identifier: (s.version, s.text) for identifier, s in found.items()} == {
        "2606.00001": (10, "of the tenth"),
        "x": (0, TOLD.text),
    }


async def test_any_number_of_papers_may_be_asked_for(store: Store) -> None:
    await store.summaries.save(TOLD)
    assert await store.summaries.short([], "small") == {}
    assert list(await store.summaries.short([f"{n}" for n in range(40_000)] + ["2606.00001"], "small")) == ["2606.00001"]


async def test_a_call_that_would_pass_a_cap_is_refused_and_nothing_is_reserved(store: Store) -> None:
    for tokens, micros in ((1_001, 0), (0, 5_001), (401, 0)):
        assert not await store.summaries.spend(DAY, 1, tokens, micros, **CAPS)
    assert await store.summaries.spent(DAY) == Spent()
    assert await store.summaries.spend(DAY, 1, 400, 5_000, **CAPS)  # to the last of it
    assert not await store.summaries.spend(DAY, 1, 1, 0, **CAPS)  # the server's
    assert not await store.summaries.spend(DAY, 2, 1, 1, **CAPS)  # the day's money
    assert await store.summaries.spend(DAY, 2, 400, 0, **CAPS)
    assert not await store.summaries.spend(DAY, 3, 201, 0, **CAPS)  # the day's tokens, of all servers together
    assert await store.summaries.spent(DAY) == Spent(800, 5_000, 2)
    assert await store.summaries.spent(DAY, 2) == Spent(400, 0, 1)
    assert await store.summaries.spent(DAY, 3) == Spent()


async def test_what_is_nobodys_has_the_days_caps_alone(store: Store) -> None:
    assert await store.summaries.spend(DAY, NOBODY, 900, 0, **CAPS)
    assert not await store.summaries.spend(DAY, NOBODY, 101, 0, **CAPS)
    assert await store.summaries.spent(DAY, NOBODY) == Spent(900, 0, 1)


async def test_each_day_has_its_own_budget(store: Store) -> None:
    assert await store.summaries.spend(DAY, 1, 400, 5_000, **CAPS)
    assert not await store.summaries.spend(DAY, 1, 400, 5_000, **CAPS)
    assert await store.summaries.spend(DAY + timedelta(days=1), 1, 400, 5_000, **CAPS)


async def test_what_a_call_did_not_use_is_given_back(store: Store) -> None:
    assert await store.summaries.spend(DAY, 1, 400, 1_000, **CAPS)
    await store.summaries.settle(DAY, 1, -300, -900)
    assert await store.summaries.spent(DAY, 1) == Spent(100, 100, 1)
    assert await store.summaries.spend(DAY, 1, 300, 0, **CAPS)
    await store.summaries.settle(DAY, 1, 50, 0)  # it cost more than was thought
    assert await store.summaries.spent(DAY) == Spent(450, 100, 2)
    await store.summaries.settle(DAY, 1, -9_999, -9_999)
    assert await store.summaries.spent(DAY) == Spent(0, 0, 2)


async def test_a_call_cannot_earn(store: Store) -> None:
    for tokens, micros in ((-1, 0), (0, -1)):
        with pytest.raises(ValueError, match="nothing or more"):
            await store.summaries.spend(DAY, 1, tokens, micros, **CAPS)


async def test_askers_at_the_same_moment_never_pass_a_cap_together(tmp_path: Path) -> None:
    """Two processes on one file, thirty askers each: no two of them take the last of the budget."""
    url = f"sqlite:///{tmp_path}/test.db"
    async with Store.open(url) as one, Store.open(url) as other:
        asked = [(store, guild) for guild in (1, 2, 3) for _ in range(10) for store in (one, other)]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(store.summaries.spend(DAY, guild, 90, 10, **CAPS)) for store, guild in asked]
        granted = [guild for (_, guild), task in zip(asked, tasks, strict=True) if task.result()]
        assert len(granted) == 11  # the twelfth would be the day's 1,080th token
        assert max(granted.count(guild) for guild in (1, 2, 3)) <= 4  # and the fifth a server's 450th
        assert await one.summaries.spent(DAY) == await other.summaries.spent(DAY) == Spent(11 * 90, 110, 11)


async def test_a_reservation_cancelled_at_any_moment_is_whole_or_not_there(store: Store) -> None:
    caps = {**CAPS, "most_tokens": 10**9, "most_tokens_server": 10**9, "most_micros": 10**9}
    for number in range(60):
        task = asyncio.ensure_future(store.summaries.spend(DAY, 1, 10, 3, **caps))
        await asyncio.wait([task], timeout=number * 0.00005)  # from before its first step to after its last
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    spent = await store.summaries.spent(DAY)
    assert (spent.tokens, spent.micros) == (10 * spent.calls, 3 * spent.calls)
    assert await store.summaries.spend(DAY, 1, 10, 3, **caps)


@pytest.fixture
def third_edition(tmp_path: Path) -> Path:
    """A database as it was before there were summaries, with something in it."""
    path = tmp_path / "x.db"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
    engine.dispose()
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript(THIRD)
    return path


async def test_b7_a_database_from_before_summaries_is_brought_up_to_date_with_what_is_in_it(third_edition: Path) -> None:
    async with Store.open(f"sqlite:///{third_edition}") as store:
        (order,) = await store.subscriptions.active()
        assert (order.subscription.id, order.subscription.channel_id) == (7, 10)
        assert [topic.name for topic in await store.topics.of(100)] == ["Robots"]
        assert await store.papers.get("2606.00001")
        await store.summaries.save(TOLD)
        assert list(await store.summaries.short(["2606.00001"], "small")) == ["2606.00001"]
    with closing(sqlite3.connect(third_edition)) as database:
        assert database.execute("SELECT id, summaries FROM subscriptions").fetchall() == [(7, "short")]


async def test_b7_a_migration_that_breaks_off_leaves_the_database_as_it_was(third_edition: Path) -> None:
    def columns() -> list[str]:
        with closing(sqlite3.connect(third_edition)) as database:
            return [row[1] for row in database.execute("PRAGMA table_info(subscriptions)")]

    with closing(sqlite3.connect(third_edition)) as database, database:
        database.execute("CREATE TABLE spend (x)")  # in the way of its last step
    before = columns()
    with pytest.raises(StorageError, match="spend"):
        async with Store.open(f"sqlite:///{third_edition}"):
            pass
    assert columns() == before
    assert "summaries" not in before
