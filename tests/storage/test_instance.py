"""One bot for one database. Processes that are killed or run side by side: tests/wire/test_processes.py."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from storage.instance import AlreadyRunning, only_instance, running_instance
from tests.factories import NOW


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.instance._PATIENCE_S", 0.0)


def refusal(database: Path, now: datetime = NOW) -> str:
    with pytest.raises(AlreadyRunning) as refused, only_instance(database, "run", now):
        pass
    return str(refused.value)


def test_a_second_one_is_told_who_was_first_and_since_when(tmp_path: Path) -> None:
    database = tmp_path / "x.db"
    database.touch()
    later = NOW + timedelta(hours=3, minutes=20)
    with only_instance(database, "run", NOW):
        said = refusal(database, later)
        found = running_instance(database, later)
    assert re.match(r"paperboy is already running here: process \d+ on host .+, for 3 hours; stop that one first", said)
    assert found
    assert (found.command, found.since) == ("run", NOW)
    assert running_instance(database, later) is None
    with only_instance(database, "run", later):
        pass
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".instance"] == []


def test_the_database_under_another_name_is_the_same_one(tmp_path: Path) -> None:
    (tmp_path / "x.db").touch()
    (tmp_path / "link.db").symlink_to(tmp_path / "x.db")
    with only_instance(tmp_path / "x.db", "restore", NOW):
        assert refusal(tmp_path / "link.db").startswith("paperboy restore is already running here: process ")
    with only_instance(tmp_path / "x.db", "run", NOW), only_instance(tmp_path / "other.db", "run", NOW):
        pass


@pytest.mark.parametrize("left", ["", "{", "[]", '{"pid": "x"}'])
def test_facts_that_cannot_be_read_change_nothing_but_the_sentence(tmp_path: Path, left: str) -> None:
    facts = tmp_path / ".x.db.instance"
    with only_instance(tmp_path / "x.db", "run", NOW):
        facts.write_text(left)
        assert refusal(tmp_path / "x.db").startswith("paperboy is already running here; stop")
    facts.write_text(left)  # as a kill may leave it
    with only_instance(tmp_path / "x.db", "run", NOW):
        pass


@pytest.mark.parametrize(
    ("age", "said"),
    [
        (timedelta(seconds=-5), "less than 2 minutes"),
        (timedelta(seconds=100), "less than 2 minutes"),
        (timedelta(minutes=2), "2 minutes"),
        (timedelta(hours=47), "47 hours"),
        (timedelta(days=12), "12 days"),
    ],
)
def test_an_age_is_said_as_people_do(tmp_path: Path, age: timedelta, said: str) -> None:
    with only_instance(tmp_path / "x.db", "run", NOW):
        assert f", for {said};" in refusal(tmp_path / "x.db", NOW + age)
