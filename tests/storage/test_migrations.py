"""Row B7: an older database is brought up to date with what is in it, or not touched at all."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import create_engine

from papers.subscription import Kind, Mode, State, Summaries
from storage.editions import DeliveryState, EditionOutcome
from storage.engine import StorageError
from storage.migrations import _config, known_revisions
from storage.outbox import Errand
from storage.store import Store
from tests.factories import DAY, NOW

# What each released schema was first to have, in the words of its time.
ROWS = {
    "0001": """
INSERT INTO papers VALUES ('2606.00001', 'A paper', 'It works.', '["A. B."]', NULL, 1, 0, '', '[]', '', NULL, '', '', '', '', 1);
INSERT INTO featured VALUES ('2026-06-10', 'huggingface', '2606.00001');
INSERT INTO fetches VALUES ('huggingface', '2026-06-10', '2026-06-10 08:00:00.000000', 1);
INSERT INTO notes VALUES ('store', 'identity of long ago');
INSERT INTO questions VALUES ('abc', 'a long question', '2026-06-10 08:00:00.000000');
INSERT INTO subscriptions VALUES
    (1, 100, 10, 'everything', '09:00:00.000000', 'UTC', '[2]', 5, 'say so', 'active', '2026-06-01 00:00:00.000000');
INSERT INTO editions VALUES (1, 1, '2026-06-10', '2026-06-10 09:00:00.000000', '2026-06-10 09:00:00.000000', 5, 4, 1);
INSERT INTO editions VALUES (2, 1, '2026-06-09', '2026-06-09 01:00:00.000000', '2026-06-09 01:00:00.000000', 5, 0, 0);
INSERT INTO edition_papers VALUES (1, 0, '2606.00001');
INSERT INTO deliveries VALUES (1, 1, 0, 10, 'mark', 'sent', '2026-06-10 09:00:00.000000', 77, '2026-06-10 09:00:01.000000', '');
INSERT INTO seen VALUES (10, '2606.00001', 1);
""",
    "0002": """
INSERT INTO subscriptions
    (id, guild_id, channel_id, topic, at, zone, weekdays, size, on_quiet_day, state, owed_since,
     mode, kind, role_id, is_silent, has_discussion, is_per_paper, tag_id, made_by, trouble)
    VALUES (2, 100, 11, 'robots', '07:30:00.000000', 'Europe/Berlin', '[0, 4]', 8, 'stay silent', 'shut out',
        '2026-06-01 00:00:00.000000', 'one-shot', 'announcement', 500, 1, 1, 0, NULL, 9, 'may not post');
INSERT INTO editions
    (id, subscription_id, day, due_at, planned_at, listed, on_topic, shown_before, papers_day, outcome, reason, listed_first,
     missing)
    VALUES (3, 2, '2026-06-10', '2026-06-10 05:30:00.000000', '2026-06-10 05:30:00.000000', 5, 4, 1, '2026-06-10', 'posted', '',
        3, '["arxiv"]');
INSERT INTO deliveries (id, edition_id, part, channel_id, mark, state, reason, tries, fence, shown, is_final, first_tried_at)
    VALUES (2, 3, 0, 11, 'second mark', 'uncertain', 'no answer', 2, 2, '', 0, '2026-06-10 05:30:00.000000');
INSERT INTO follow_ups VALUES (1, 'publish', 'wanted', '2026-06-10 09:00:01.000000', NULL, '');
INSERT INTO health VALUES ('huggingface', '2026-06-10 08:00:00.000000', NULL, 0, '');
""",
    "0003": """
UPDATE papers SET categories = '["cs.RO"]', version = 2;
INSERT INTO topics VALUES (100, 'our robots', 'Our robots', 'robots', 9, '2026-06-01 00:00:00.000000');
INSERT INTO subscriptions
    (id, guild_id, channel_id, topic, at, zone, weekdays, size, on_quiet_day, state, owed_since, mode, kind, is_silent,
     has_discussion, is_per_paper, trouble, topic_name, sources, paused_until, user_id, besides)
    VALUES (3, 0, 12, 'robots', '07:30:00.000000', 'UTC', '[0]', 3, 'stay silent', 'paused', '2026-06-01 00:00:00.000000',
        'living', 'direct', 0, 0, 0, '', 'Our robots', '["huggingface", "arxiv"]', '2026-07-01 00:00:00.000000', 9, '[10]');
""",
    "0004": """
UPDATE subscriptions SET summaries = 'full' WHERE id = 2;
INSERT INTO summaries
    VALUES ('2606.00001', 2, 'abstract', 'en', 'm', 'It works.', '[["Idea", "It"]]', '2026-06-10 08:00:00.000000');
INSERT INTO spend VALUES ('2026-06-10', 100, 900, 5, 1);
""",
    "0005": """
INSERT INTO guilds VALUES (100, 'de', '2026-06-10 08:00:00.000000');
UPDATE subscriptions SET language = 'fr' WHERE id = 3;
""",
}
Build = Callable[[str], Path]
Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """A database of a released schema with data in it: what each version up to that one brought, written by that version."""

    return lambda schema: at_schema(tmp_path / "x.db", schema)


def at_schema(path: Path, schema: str) -> Path:
    """What ``build`` builds, at a place of one's choosing."""
    engine = create_engine(f"sqlite:///{path}")
    for version in [version for version in ROWS if version <= schema]:
        with engine.begin() as connection:
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, version)
        with closing(sqlite3.connect(path)) as database, database:
            database.executescript(ROWS[version])
    engine.dispose()
    return path


def rows(path: Path) -> Rows:
    """All there is, by table."""
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        names = [row["name"] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        return {
            name: [dict(row) for row in connection.execute(f"SELECT * FROM {name} ORDER BY rowid")]  # noqa: S608
            for name in names
            if name != "alembic_version"
        }


def test_every_released_schema_has_rows_here() -> None:
    assert known_revisions() == set(ROWS)


@pytest.mark.parametrize("schema", ROWS)
async def test_b7_from_every_released_schema_nothing_is_lost(build: Build, schema: str) -> None:
    path = build(schema)
    before = rows(path)
    async with Store.open(f"sqlite:///{path}") as store:
        assert store.identity == "identity of long ago"  # it goes into every mark
        assert await store.ledger.seen(10) == {"2606.00001"}
        assert await store.notes.whole("#abc") == "a long question"
        assert [found.id for found in await store.papers.featured(DAY)] == ["2606.00001"]
        if schema >= "0002":
            await _reads_the_second(store)
        if schema >= "0003":
            await _reads_the_third(store)
        if schema >= "0004":
            await _reads_the_fourth(store)
        if schema >= "0005":
            assert (await store.guilds.language(100), await store.guilds.gone_since(None)) == ("de", [100])
    after = rows(path)
    for table, kept in before.items():
        assert [{name: row[name] for name in kept[0]} for row in after[table]] == kept if kept else after[table] == [], table
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


async def _reads_the_second(store: Store) -> None:
    second = await store.subscriptions.get(2)
    assert second
    assert (second.kind, second.mode, second.role_id, second.state) == (Kind.ANNOUNCEMENT, Mode.ONE_SHOT, 500, State.SHUT_OUT)
    (delivery,) = await store.ledger.unsent(NOW)
    assert (delivery.mark, delivery.state, delivery.edition.missing) == ("second mark", DeliveryState.UNCERTAIN, ("arxiv",))
    (errand,) = await store.outbox.follow_ups(NOW + timedelta(hours=1))
    assert (errand.errand, errand.message_id) == (Errand.PUBLISH, 77)
    assert (await store.health.all())["huggingface"].failures == 0


async def _reads_the_third(store: Store) -> None:
    (followed,) = await store.subscriptions.of_user(9)
    assert (followed.besides, followed.sources, followed.state) == ((10,), ("huggingface", "arxiv"), State.PAUSED)
    assert [topic.name for topic in await store.topics.of(100)] == ["Our robots"]
    known = await store.papers.get("2606.00001")
    assert known
    assert (known.categories, known.version) == (("cs.RO",), 2)


async def _reads_the_fourth(store: Store) -> None:
    second = await store.subscriptions.get(2)
    assert second
    assert second.summaries is Summaries.FULL
    made = await store.summaries.get("2606.00001", 2, "abstract", "en", "m")
    assert made
    assert made.sections == (("Idea", "It"),)
    assert (await store.summaries.spent(date(2026, 6, 10), 100)).tokens == 900


async def test_b7_what_the_first_schema_did_not_say_is_said_as_it_was_then(build: Build) -> None:
    async with Store.open(f"sqlite:///{build('0001')}") as store:
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


async def test_b7_one_that_breaks_off_leaves_the_older_schema_whole_and_is_done_at_the_next_start(build: Build) -> None:
    first_edition = build("0001")

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


async def test_b7_one_of_a_newer_version_is_refused_and_not_touched(build: Build) -> None:
    path = build("0005")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '0006'")
        connection.execute("ALTER TABLE papers ADD COLUMN unheard_of TEXT")
    before = rows(path)
    with pytest.raises(StorageError, match="was written by a newer Paperboy: run that one, or restore an older copy"):
        async with Store.open(f"sqlite:///{path}"):
            pass
    assert rows(path) == before
