"""`paperboy backup`, `restore` and `export` as a person types them. Beside a running bot: tests/wire/test_processes.py."""

from __future__ import annotations

import asyncio
import json
import shutil
import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import BigInteger

from bot.cli import main
from bot.config import ConfigError, KeepingConfig, load
from papers.subscription import Kind
from storage.export import KINDS, SNOWFLAKES
from storage.retention import SHORTEST
from storage.schema import metadata
from storage.store import Store
from tests.bot.conftest import Wire, until
from tests.factories import DAY, NOW, paper, subscription

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, empty_database: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Run a command in a folder with an empty database; its exit code, what it printed, and what it complained."""
    shutil.copy(empty_database, tmp_path / "paperboy.db")
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main(arguments)
        out, err = capsysbinary.readouterr()
        assert isinstance(left.value.code, int)
        return left.value.code, out.decode(), err.decode()

    return run


def filled(folder: Path) -> None:
    """Put a row into most tables."""

    async def fill() -> None:
        async with Store.open(f"sqlite:///{folder}/paperboy.db") as store:
            first = paper(1, title="Größer “als” 𝛼\nzuvor")
            await store.papers.save_day([first], "huggingface", DAY, NOW)
            await store.papers.save_day([first, paper(2, featured_on=())], "arxiv", DAY, NOW)
            order = subscription(guild_id=2**60 + 1, channel_id=2**60 + 3, kind=Kind.ANNOUNCEMENT, besides=(2**60 + 5,))
            await store.subscriptions.add(order, NOW - timedelta(days=1), made_by=2**60 + 7)
            await store.guilds.set_language(2**60 + 1, "de")
            await store.notes.keep("key", "a question", NOW)

    asyncio.run(fill())


def lines_of(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_backup_gets_its_name_from_the_time_and_older_ones_go(run: Run, tmp_path: Path) -> None:
    (tmp_path / "paperboy-2020-01-01T000000Z.db").touch()
    (tmp_path / "paperboy-2020-01-02T000000Z.db").touch()
    (tmp_path / "paperboy-keep-me.db").touch()
    code, out, err = run("backup", "--keep", "2")
    assert (code, err) == (0, "")
    assert "schema 0005, whole and checked." in out
    assert "paperboy-2020-01-01T000000Z.db: deleted." in out
    names = {path.name for path in tmp_path.glob("paperboy-*.db")}
    assert names > {"paperboy-keep-me.db", "paperboy-2020-01-02T000000Z.db"}
    assert len(names) == 3


def test_a_backup_goes_where_it_is_told_and_is_put_back(run: Run, tmp_path: Path) -> None:
    filled(tmp_path)
    (tmp_path / "kept").mkdir()
    assert run("backup", "kept")[0] == run("backup", "kept/mine.db")[0] == 0
    assert len(list((tmp_path / "kept").iterdir())) == 2
    assert run("import", __file__)[0] == 1  # it makes an index
    assert (tmp_path / "paperboy.index").exists()
    (tmp_path / "paperboy.db").write_bytes(b"")
    code, out, err = run("restore", "kept/mine.db")
    assert (code, err) == (0, "")
    assert "paperboy.db is kept/mine.db now (schema 0005)" in out
    assert "What was there before: " in out
    assert not (tmp_path / "paperboy.index").exists()
    assert run("search", "größer")[1].startswith("2606.00001")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["backup", "x.db", "--keep", "3"], 2, "--keep needs a folder, or no FILE"),
        (["backup", "--keep", "0"], 2, "--keep"),
        (["backup", "config.toml"], 1, "config.toml exists already: name another file, or a folder"),
        (["backup", "no/where.db"], 1, "nothing can be written to no"),
        (["backup", "--config", "config.toml"], 1, "there is no database none.db: check the path"),
        (["export", "--config", "config.toml"], 1, "there is no database none.db: check the path"),
        (["export", "config.toml"], 1, "config.toml exists already: name another file"),
        (["export", "--only", "secret"], 2, "--only"),
        (["restore"], 2, "FILE"),
        (["restore", "nothing.db"], 2, "does not exist"),
        (["restore", "config.toml"], 1, "config.toml is no database, or a damaged one"),
        (["restore", "paperboy.db"], 1, "paperboy.db is the database itself: name a backup"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line_and_changes_nothing(
    run: Run, tmp_path: Path, arguments: list[str], code: int, said: str
) -> None:
    (tmp_path / "config.toml").write_text('[database]\nurl = "sqlite:///none.db"\n')
    if "--config" not in arguments:
        (tmp_path / "default.toml").touch()
        arguments = [*arguments, "--config", "default.toml"]
    before = {path.name for path in tmp_path.iterdir()}
    found, out, err = run(*arguments)
    assert (found, out, err.count("\n")) == (code, "", 1)
    assert said in err
    assert {path.name for path in tmp_path.iterdir()} - before <= {".paperboy.db.lock"}


def test_an_export_has_every_row_of_every_table_with_its_kind(run: Run, tmp_path: Path) -> None:
    filled(tmp_path)
    code, out, err = run("export")
    assert (code, err) == (0, "")
    head, *rows = lines_of(out)
    assert (head["kind"], head["format"]) == ("export", 1)
    assert set(KINDS.values()) == set(metadata.sorted_tables)
    by_kind: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_kind.setdefault(row.pop("kind"), []).append(row)
    assert {kind: len(found) for kind, found in by_kind.items()} == {
        "paper": 2,
        "listing": 2,
        "fetch": 2,
        "server": 1,
        "subscription": 1,
        "question": 1,
        "note": 1,
    }
    (order,) = by_kind["subscription"]
    assert (order["guild_id"], order["besides"], order["made_by"]) == (str(2**60 + 1), [str(2**60 + 5)], str(2**60 + 7))
    assert order["subscription_kind"] == "announcement"
    assert (order["at"], order["weekdays"], order["is_silent"]) == ("09:00:00", [0, 1, 2, 3, 4, 5, 6], False)
    assert order["owed_since"] == "2026-06-09T09:00:00Z"
    first, second = by_kind["paper"]
    assert (first["title"], first["featured_on"], second["featured_on"]) == ("Größer “als” 𝛼\nzuvor", ["2026-06-10"], [])
    assert {(row["source"], row["day"]) for row in by_kind["listing"]} == {
        ("huggingface", "2026-06-10"),
        ("arxiv", "2026-06-10"),
    }


def test_whatever_may_be_an_id_of_discords_is_exported_as_text() -> None:
    numbers = {"change", "tokens", "micros", "id", "edition_id", "delivery_id", "subscription_id"}
    found = {column.name for table in metadata.sorted_tables for column in table.c if isinstance(column.type, BigInteger)}
    assert found - numbers == SNOWFLAKES - {"besides"}


def test_the_papers_of_an_export_can_be_imported_elsewhere(run: Run, tmp_path: Path) -> None:
    filled(tmp_path)
    assert run("export", "papers.jsonl", "--only", "paper") == (0, "papers.jsonl: 2 lines\n", "")
    assert stat.S_IMODE((tmp_path / "papers.jsonl").stat().st_mode) == 0o600
    assert {row["kind"] for row in lines_of((tmp_path / "papers.jsonl").read_text())} == {"paper"}
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "other.toml").write_text(f'[database]\nurl = "sqlite:///{tmp_path}/elsewhere/x.db"\n')
    code, out, err = run("import", "papers.jsonl", "--config", "other.toml")
    assert (code, out.splitlines()[0], err) == (0, "papers.jsonl: 2 new, 0 updated, 0 unchanged", "")
    assert run("paper", "2606.00001", "--config", "other.toml")[0] == 0


async def test_the_schedule_forgets_at_night_what_is_kept_no_longer(wire: Wire) -> None:
    wire.at = NOW
    async with Store.open(wire.config.database.url) as store:
        for days in (181, 179):
            await store.notes.keep(f"{days}", "a question", NOW - timedelta(days=days))
    async with wire.running():
        await until(lambda: wire.rows("SELECT key FROM questions") == [("179",)])


def test_the_settings_say_how_long_things_are_kept_and_refuse_too_short_a_time(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[keeping]\neditions_days = 60\ninbox_days = 0\nquestions_days = 1\n")
    kept = load(file).keeping.kept
    assert (kept.editions, kept.personal, kept.questions) == (SHORTEST, None, timedelta(days=1))
    assert KeepingConfig().kept.editions == timedelta(days=400)
    for line in ("editions_days = 59", "inbox_days = 14", "questions_days = -1", 'summaries_days = "x"'):
        file.write_text(f"[keeping]\n{line}\n")
        with pytest.raises(ConfigError, match=rf"keeping\.{line.split()[0]}: "):
            load(file)
