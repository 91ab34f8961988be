"""The `paperboy` command as a person types it."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from bot.cli import main
from bot.config import TOKEN_VARIABLE
from sandbox.press import REPLIES

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in an empty folder; its exit code, what it printed, and what it complained."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(TOKEN_VARIABLE, raising=False)

    def run(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main(arguments)
        out, err = capsys.readouterr()
        assert isinstance(left.value.code, int)
        return left.value.code, out, err

    return run


@pytest.fixture
def filled(run: Run) -> Run:
    assert run("import", *map(str, sorted(REPLIES.glob("*.json"))))[0] == 0
    return run


def test_help_names_every_command(run: Run) -> None:
    code, out, _ = run("--help")
    assert code == 0
    for name in ("run", "demo", "fetch", "import", "search", "digest", "paper", "doctor", "migrate"):
        assert f"\n  {name} " in out
        assert run(name, "--help")[0] == 0


@pytest.mark.parametrize("asked", ["--help", "--version"])
def test_to_ask_what_there_is_loads_nothing_slow(asked: str) -> None:
    seen = "import sys; from bot.cli import main\ntry: main()\nfinally: print(*sys.modules, sep='\\n', file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", seen, asked], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in done.stderr.split()}
    assert "click" in loaded
    slow = {"aiohttp", "alembic", "babel", "discord", "numpy", "pydantic", "simcord", "sqlalchemy", "tantivy"}
    assert not loaded & slow


def test_imported_papers_are_found_typo_and_all(filled: Run) -> None:
    code, out, err = filled("search", "genertive 3d erth model", "--limit", "2")
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == "Searched for: generative 3d earth model"
    assert out.splitlines()[1].startswith("2606.09967  ABot-Earth 0.5: Generative 3D Earth Model — Ming Qian +27")
    (first, *_) = json.loads(filled("search", "generative 3d earth model", "--json")[1])
    assert (first["id"], first["votes"]) == ("2606.09967", 120)
    assert filled("search", "zzzzqqqq")[1] == "Nothing found.\n"
    assert filled("search", "generative", "3d", "earth", "model") == filled("search", "generative 3d earth model")


def test_a_second_import_changes_nothing(filled: Run) -> None:
    code, out, _ = filled("import", str(REPLIES / "2026-06-10.json"))
    assert code == 0
    assert "0 new, 0 updated, 12 unchanged" in out


def test_bad_lines_are_counted_named_and_never_fatal(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text('{"id": "1", "title": "Zebra"}\nnonsense\n{"id": "2"}\n')
    code, out, err = run("import", "x.jsonl")
    assert code == 0
    assert "1 new" in out
    assert "2 bad lines skipped" in out
    assert err.splitlines()[0].startswith("paperboy: x.jsonl: line 2: not JSON")
    assert err.splitlines()[1] == "paperboy: x.jsonl: line 3: 2 has neither title nor abstract"
    assert "Zebra" in run("search", "zebra")[1]


def test_what_an_export_has_besides_papers_is_told_in_a_line(run: Run, tmp_path: Path) -> None:
    paper = '{"kind": "paper", "id": "1", "title": "Zebra"}\n{"kind": "article", "id": "2", "title": "Of another program"}\n'
    (tmp_path / "x.jsonl").write_text(
        '{"kind": "export", "format": 1}\n' + paper + '{"kind": "topic", "id": 3, "name": "a"}\nbad\n'
    )
    code, out, err = run("import", "x.jsonl")
    assert (code, out.splitlines()[-1]) == (0, "1 file: 2 new, 0 updated, 0 unchanged; 1 bad line skipped")
    assert err.splitlines()[0].startswith("paperboy: x.jsonl: line 5: not JSON")
    told = "paperboy: 2 lines are not papers: import reads papers only, `paperboy restore` brings back the rest from a backup"
    assert err.splitlines()[1:] == [told]


def test_a_file_that_brings_nothing_fails_the_import_and_stops_no_other(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text("[{]")
    (tmp_path / "broken.jsonl.gz").write_bytes(b"\x1f\x8bnonsense")
    (tmp_path / "good.jsonl").write_text('{"id": "1", "title": "Zebra"}\n')
    code, out, err = run("import", "bad.json", "broken.jsonl.gz", "good.jsonl")
    assert code == 1
    assert "3 files: 1 new" in out
    assert "1 bad line skipped" in out
    assert [line.split(":")[1] for line in err.splitlines()] == [" bad.json", " broken.jsonl.gz cannot be read"]


def test_a_batch_of_questions_gets_a_line_each(filled: Run, tmp_path: Path) -> None:
    (tmp_path / "q.jsonl").write_text('{"id": "a", "text": "3d earth"}\n\nbad\n{"id": 7, "text": "\\u0000 NEAR("}\n')
    code, out, err = filled("search", "--batch", "q.jsonl", "--limit", "3")
    assert code == 1
    assert err == 'paperboy: q.jsonl:3: not a JSON object with "id" and "text"\n'
    first, second = map(json.loads, out.splitlines())
    assert first["id"] == "a"
    assert first["results"][0]["id"] == "2606.09967"
    assert len(first["results"]) == 3
    scores = [result["score"] for result in first["results"]]
    assert scores == sorted(scores, reverse=True)
    assert second["id"] == 7


def test_a_digest_is_printed_without_being_posted(filled: Run) -> None:
    code, out, _ = filled("digest", "--topic", "video", "--date", "2026-06-10", "--json")
    assert code == 0
    made = json.loads(out)
    assert (made["date"], made["topic"], made["listed"]) == ("2026-06-10", "video", 12)
    assert made["shown"] == len(made["papers"]) <= made["on_topic"]
    assert [p["votes"] for p in made["papers"]] == sorted((p["votes"] for p in made["papers"]), reverse=True)
    assert "12 listed" in filled("digest", "--date", "2026-06-10")[1]
    assert "0 listed, 0 on topic, 0 shown" in filled("digest", "--date", "1999-01-01")[1]


def test_a_paper_is_printed_by_id_or_link(filled: Run) -> None:
    found = json.loads(filled("paper", "https://arxiv.org/abs/2606.09967v1", "--json")[1])
    assert found["title"] == "ABot-Earth 0.5: Generative 3D Earth Model"
    assert found["featured_on"] == ["2026-06-10"]
    assert found["url"] == "https://arxiv.org/abs/2606.09967"
    code, _, err = filled("paper", "9999.99999")
    assert (code, err.count("\n")) == (1, 1)


def test_an_empty_folder_is_enough(run: Run, tmp_path: Path) -> None:
    assert run("migrate") == (0, "paperboy.db is at the newest schema.\n", "")
    assert run("search", "x")[1].startswith("Nothing found. The store is empty")
    assert {file.name for file in tmp_path.iterdir()} >= {"paperboy.db", "paperboy.index"}


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("serch",),
        ("search",),
        ("search", "x", "--batch", "y"),
        ("search", "x", "--limit", "0"),
        ("search", "x", "--limit", "51"),
        ("digest", "--topic", ","),
        ("digest", "--date", "June"),
        ("fetch", "--date", "2026-06-10", "--since", "2026-06-01"),
        ("fetch", "--since", "2026-06-10", "--until", "2026-06-01"),
        ("fetch", "--until", "2026-06-01"),
        ("import",),
        ("import", "nowhere.json"),
        ("paper",),
        ("migrate", "--config", "nowhere.toml"),
        ("run",),
        ("demo", "--date", "1999-01-01"),
    ],
    ids=" ".join,
)
def test_wrong_use_is_one_line_and_exit_code_2(run: Run, arguments: tuple[str, ...]) -> None:
    code, out, err = run(*arguments)
    assert code == 2
    if arguments:
        assert err.startswith("paperboy: ")
        assert err.count("\n") == 1
    else:
        assert "Usage: paperboy" in out


def test_a_failure_is_one_line_and_exit_code_1(run: Run, tmp_path: Path) -> None:
    (tmp_path / "paperboy.db").write_text("Dear diary, " * 100)
    code, _, err = run("search", "x")
    assert code == 1
    assert err.startswith("paperboy: paperboy.db cannot be used")
    assert err.count("\n") == 1


def test_a_foreign_database_is_left_alone(run: Run, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "paperboy.db")) as other, other:
        other.execute("CREATE TABLE foo (x)")
    code, _, err = run("search", "x")
    assert (code, err) == (1, "paperboy: paperboy.db is another program's database: name another file\n")


@pytest.mark.parametrize("arguments", [("search", "x"), ("digest",), ("paper", "2606.09967")], ids=" ".join)
def test_to_look_where_nothing_is_makes_no_database(run: Run, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    code, out, err = run(*arguments)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert err.startswith("paperboy: there is no database paperboy.db: ")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [("export",), ("search", "3d earth"), ("doctor", "--offline"), ("--help",)], ids=" ".join)
def test_when_nobody_reads_on_it_ends_quietly(filled: Run, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    ours, theirs = os.pipe()
    os.close(ours)  # as `head` leaves it, once it has what it wants
    try:
        command = (sys.executable, "-c", "from bot.cli import main; main()", *arguments)
        done = subprocess.run(command, cwd=tmp_path, stdout=theirs, stderr=subprocess.PIPE, text=True, timeout=60)
    finally:
        os.close(theirs)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_missing_folder_is_not_made(run: Run, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[database]\nurl = "sqlite:///nowhere/x.db"\n')
    code, _, err = run("migrate", "--config", "config.toml")
    assert code == 1
    assert "No such file or directory" in err
    assert not (tmp_path / "nowhere").exists()


def test_reading_does_not_wait_for_a_writer(filled: Run, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "paperboy.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert filled("search", "3d earth")[0] == 0
        assert filled("paper", "2606.09967")[0] == 0


def test_a_source_that_cannot_be_reached_fails_the_fetch(run: Run, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (tmp_path / "config.toml").write_text(f'[sources.huggingface]\nurl = "http://127.0.0.1:{port}"\n')
    code, out, err = run("fetch", "--date", "2026-06-10", "--config", "config.toml")
    assert code == 1
    assert out.splitlines() == [
        "2026-06-10: no answer (0 new, 0 updated, 0 unchanged)",
        "arxiv is not asked: no active subscription wants its papers.",
    ]
    assert err.startswith("paperboy: 127.0.0.1: ")
    assert err.count("\n") == 1


def test_a_garbled_token_never_shows(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN_VARIABLE, "hunter2 hunter2")
    code, out, err = run("run")
    assert code == 2
    assert "hunter2" not in out + err
