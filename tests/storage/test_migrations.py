"""Row B7: an older database is brought up to date with what is in it, or not touched at all."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import create_engine

from papers.subscription import Kind, Mode, Summaries
from storage.editions import DeliveryState, EditionOutcome
from storage.engine import StorageError
from storage.migrations import _config
from storage.store import Store
from tests.factories import DAY, NOW

FIRST = """
INSERT INTO papers VALUES ('2606.00001', 'A paper', '', '[]', NULL, 1, 0, '', '[]', '', NULL, '', '', '', '', 1);
INSERT INTO subscriptions VALUES
    (1, 100, 10, 'everything', '09:00:00.000000', 'UTC', '[2]', 5, 'say so', 'active', '2026-06-01 00:00:00.000000');
INSERT INTO editions VALUES (1, 1, '2026-06-10', '2026-06-10 09:00:00.000000', '2026-06-10 09:00:00.000000', 5, 4, 1);
INSERT INTO editions VALUES (2, 1, '2026-06-09', '2026-06-09 01:00:00.000000', '2026-06-09 01:00:00.000000', 5, 0, 0);
INSERT INTO edition_papers VALUES (1, 0, '2606.00001');
INSERT INTO deliveries VALUES (1, 1, 0, 10, 'mark', 'sent', '2026-06-10 09:00:00.000000', 77, '2026-06-10 09:00:01.000000', '');
INSERT INTO seen VALUES (10, '2606.00001', 1);
"""


@pytest.fixture
def first_edition(tmp_path: Path) -> Path:
    """A database as the first released schema had it, with a row in each table that changed."""
    path = tmp_path / "x.db"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    engine.dispose()
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript(FIRST)
    return path


async def test_b7_what_was_stored_is_there_afterwards(first_edition: Path) -> None:
    async with Store.open(f"sqlite:///{first_edition}") as store:
        (order,) = await store.subscriptions.active()
        assert (order.subscription.mode, order.subscription.kind, order.made_by) == (Mode.LIVING, Kind.TEXT, None)
        assert order.subscription.summaries is Summaries.SHORT
        (delivery,) = await store.ledger.of_edition(1, DAY)
        assert (delivery.state, delivery.message_id, delivery.is_final) == (DeliveryState.SENT, 77, True)
        assert (delivery.edition.papers_day, delivery.edition.listed_first) == (DAY, 5)
        assert delivery.paper_ids == ("2606.00001",)
        outcomes = {edition.day.day: edition.outcome for edition, _ in await store.ledger.due_since(NOW.replace(day=1))}
        assert outcomes == {9: EditionOutcome.EMPTY, 10: EditionOutcome.POSTED}
        assert (order.subscription.sources, order.subscription.topic.name) == (("huggingface",), "")
        (known,) = await store.papers.get_many(["2606.00001"])
        assert (known.categories, known.version) == ((), None)


async def test_b7_one_that_breaks_off_leaves_the_older_schema_whole_and_is_done_at_the_next_start(first_edition: Path) -> None:
    def run(statement: str) -> list[str]:
        with closing(sqlite3.connect(first_edition)) as connection, connection:
            return [row[1] for row in connection.execute(statement)]

    run("CREATE TABLE health (x)")  # in the way of the migration's last step
    before = run("PRAGMA table_info(subscriptions)")
    with pytest.raises(StorageError, match="health"):
        async with Store.open(f"sqlite:///{first_edition}"):
            pass
    assert run("PRAGMA table_info(subscriptions)") == before
    run("DROP TABLE health")
    async with Store.open(f"sqlite:///{first_edition}") as store:
        assert len(await store.subscriptions.active()) == 1
