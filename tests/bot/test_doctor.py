"""`paperboy doctor`, as a person types it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bot.cli import main
from sandbox.press import REPLIES
from search.meaning import embedder
from search.vectors import Vectors
from tests.search.test_meaning import Make, make

__all__ = ["make"]

Doctor = Callable[..., tuple[int, dict[str, str]]]


@pytest.fixture
def doctor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Doctor:
    """Ask the doctor, with a model; the exit code, and what is said of each thing."""
    monkeypatch.chdir(tmp_path)

    def doctor(model: str = "", first: str = "doctor", *more: str) -> tuple[int, dict[str, str]]:
        Path("config.toml").write_text(f'[search]\nmodel = "{model}"\n')
        with pytest.raises(SystemExit) as left:
            main([first, *more, "--config", "config.toml"])
        out, err = capsys.readouterr()
        assert err == ""
        assert isinstance(left.value.code, int)
        return left.value.code, dict(line.split(maxsplit=1) for line in out.splitlines() if line)

    return doctor


@pytest.fixture
def filled(doctor: Doctor) -> Doctor:
    assert doctor("", "import", *map(str, sorted(REPLIES.glob("*.json"))))[0] == 0
    return doctor


def test_with_nothing_set_all_is_well_and_meaning_is_off(filled: Doctor) -> None:
    code, said = filled()
    papers = said["store"].split()[1]
    assert code == 0
    assert int(papers) > 50
    assert said["store"] == f"ok     {papers} papers in sqlite:///paperboy.db"
    assert said["index"] == f"ok     {papers} papers, as many as in the store"
    assert said["semantic"].startswith("off    search goes by words alone; search.model in the settings names a model")


def test_a_model_is_told_with_its_vectors(filled: Doctor, make: Make) -> None:
    folder = str(make("tiny"))
    model = embedder(folder)
    code, said = filled(folder)
    papers = said["store"].split()[1]
    assert code == 0
    of_papers = f"ok     {folder} ({model.name}), 16 numbers a vector, {{}} of {papers} papers"
    assert said["semantic"] == of_papers.format(0) + ": the rest comes while the bot runs, ten a second"
    vectors = Vectors(Path("paperboy.vectors"), model.name, 16)
    vectors.add([str(number) for number in range(int(papers))], np.eye(16, dtype=np.float32)[np.arange(int(papers)) % 16])
    vectors.close()
    assert filled(folder)[1]["semantic"] == of_papers.format(papers)


def test_a_model_that_is_not_there_is_wrong_and_says_what_to_do(filled: Doctor) -> None:
    code, said = filled("no-such-model")
    assert code == 1
    assert said["semantic"].startswith("WRONG  there is no model “no-such-model” on this machine: name a folder")
    assert said["semantic"].endswith("Until then search goes by words alone")


def test_an_index_that_lacks_papers_is_told(filled: Doctor) -> None:
    for file in Path("paperboy.index").rglob("*"):
        if file.is_file():
            file.write_bytes(b"")
    code, said = filled()
    papers = said["store"].split()[1]
    assert (code, said["index"]) == (1, f"WRONG  0 of {papers} papers: the rest comes by itself with the next search or fetch")


def test_a_store_that_cannot_be_opened_is_told(doctor: Doctor) -> None:
    Path("paperboy.db").write_text("this is no database, and never was one" * 100)
    code, said = doctor()
    assert code == 1
    assert said["store"].startswith("WRONG")
    assert said.keys() == {"store"}
