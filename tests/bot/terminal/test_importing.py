"""`paperboy import` of many papers: ended between two batches, gone on with, watched, and beside another process."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import BinaryIO

import pytest
import tantivy

import bot.terminal.importing
from tests.bot.test_cli import Run, run

__all__ = ["run"]  # the fixture

COMMAND = (sys.executable, "-c", "from bot.cli import main; main()", "import", "many.jsonl")


def lines(count: int, first: int = 0) -> str:
    papers = ({"id": f"2606.{n:05}", "title": f"Paper {n}", "abstract": "On zebras."} for n in range(first, first + count))
    return "".join(json.dumps(paper) + "\n" for paper in papers)


def stored(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "paperboy.db")) as connection:
        count: int = connection.execute("SELECT count(*) FROM papers").fetchone()[0]
    return count


@contextmanager
def importing_from_a_pipe(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], BinaryIO]]:
    """An import that reads a named pipe and so waits for what the test writes into it: the test knows where it stands."""
    os.mkfifo(folder / "many.jsonl")
    process = subprocess.Popen(COMMAND, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        with (folder / "many.jsonl").open("wb", buffering=0) as pipe:
            yield process, pipe
    finally:
        process.kill()
        process.communicate()


def wait_for(folder: Path, papers: int) -> None:
    """Until so many papers are stored."""
    deadline = time.monotonic() + 30
    while stored(folder) < papers:
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_between_two_batches_and_the_next_import_goes_on(
    run: Run, tmp_path: Path, number: signal.Signals
) -> None:
    run("migrate")
    with importing_from_a_pipe(tmp_path) as (process, pipe):
        pipe.write(lines(1_500).encode())  # three batches
        wait_for(tmp_path, 1_500)
        process.send_signal(number)
        # It waits for its fourth batch, which it stores, and then no more.
        with contextlib.suppress(BrokenPipeError):
            pipe.write(lines(5_000, first=1_500).encode())
        out, err = process.communicate(timeout=30)
    saved = stored(tmp_path)
    assert saved in (1_500, 2_000)
    assert process.returncode == 128 + number
    assert out.decode().splitlines() == [
        f"many.jsonl: {saved} new, 0 updated, 0 unchanged",
        f"1 file: {saved} new, 0 updated, 0 unchanged",
    ]
    assert err.decode() == "paperboy: stopped; what was stored stays, and the same command goes on from there\n"
    (tmp_path / "many.jsonl").unlink()
    (tmp_path / "many.jsonl").write_text(lines(6_500))
    assert f"{6_500 - saved} new, 0 updated, {saved} unchanged" in run("import", "many.jsonl")[1]
    assert "2606.06499" in run("search", "paper 6499")[1]


def test_papers_are_found_while_the_import_goes_on(run: Run, tmp_path: Path) -> None:
    run("migrate")
    with importing_from_a_pipe(tmp_path) as (_, pipe):
        pipe.write(lines(1_001).encode())
        wait_for(tmp_path, 1_000)
        deadline = time.monotonic() + 30
        while "2606.00999" not in run("search", "paper 999")[1]:
            assert time.monotonic() < deadline


def test_without_a_terminal_it_says_every_so_often_how_far_it_is(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.terminal.importing, "_BATCH", 10)
    monkeypatch.setattr(bot.terminal.importing, "_SAID_EVERY", 20)
    (tmp_path / "many.jsonl").write_text(lines(45))
    code, out, err = run("import", "many.jsonl")
    assert code == 0
    assert [re.sub(r"[\d,]+ papers/s", "… papers/s", line) for line in err.splitlines()] == [
        "paperboy: many.jsonl: 20 papers, … papers/s",
        "paperboy: many.jsonl: 40 papers, … papers/s",
    ]
    assert re.search(r"1 file: 45 new, 0 updated, 0 unchanged; [\d,]+ papers/s", out)


def test_a_terminal_shows_a_bar_that_ends_full(tmp_path: Path) -> None:
    (tmp_path / "many.jsonl").write_text(lines(2_500))
    ours, theirs = os.openpty()
    process = subprocess.Popen(COMMAND, cwd=tmp_path, stdout=subprocess.PIPE, stderr=theirs, env={**os.environ, "TERM": "xterm"})
    os.close(theirs)
    shown = b""
    with contextlib.suppress(OSError):  # what a terminal without a process at its other end answers
        while piece := os.read(ours, 1_000):
            shown += piece
    os.close(ours)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    assert b"2500 new" in out
    assert "many.jsonl" in shown.decode()
    assert "100%" in shown.decode()
    assert "2,500 papers" in shown.decode()


def test_another_process_that_writes_the_index_is_no_failure(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The papers are stored all the same, and the command says what search still lacks."""
    monkeypatch.setattr(bot.terminal.importing, "_TRIES", 1)
    run("migrate")
    run("search", "x")  # makes the index
    index = tantivy.Index.open(str(tmp_path / "paperboy.index/tantivy"))
    writer = index.writer(15_000_000, 1)
    (tmp_path / "many.jsonl").write_text(lines(5))
    code, out, err = run("import", "many.jsonl")
    assert code == 0
    assert "5 new" in out
    assert "another process writes" in err
    writer.wait_merging_threads()
    assert "2606.00004" in run("search", "paper 4")[1]


def test_a_database_that_fails_ends_the_import_with_one_line(run: Run, tmp_path: Path) -> None:
    run("migrate")
    (tmp_path / "many.jsonl").write_text(lines(5))
    with closing(sqlite3.connect(tmp_path / "paperboy.db")) as other, other:
        other.execute("CREATE TRIGGER full BEFORE INSERT ON papers BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    code, _, err = run("import", "many.jsonl")
    assert (code, err) == (1, "paperboy: disk full\n")
