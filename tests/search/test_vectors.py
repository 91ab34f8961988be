"""The vectors beside the index: found again, replaced, and never a reason to fall over."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from search.vectors import Floats, MeaningUnavailable, Vectors

SIZE = 48


def unit(rows: int, seed: int = 1, size: int = SIZE) -> Floats:
    drawn = np.random.default_rng(seed).normal(size=(rows, size))
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), np.float32)


def ids(count: int, first: int = 0) -> list[str]:
    return [f"2601.{number:05d}" for number in range(first, first + count)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "paperboy.vectors"


@pytest.fixture
def vectors(folder: Path) -> Iterator[Vectors]:
    opened = Vectors(folder, "model", SIZE)
    yield opened
    opened.close()


def the_file(folder: Path) -> Path:
    (file,) = folder.iterdir()
    return file


def test_an_empty_store_finds_nothing_and_lacks_everything(vectors: Vectors) -> None:
    (question,) = unit(1)
    assert (len(vectors), vectors.nearest(question, 10), vectors.missing(ids(2))) == (0, [], ids(2))
    assert np.isnan(vectors.scores(question, ids(2))).all()
    vectors.add([], unit(0))
    assert vectors.scores(question, []).shape == (0,)
    assert len(vectors) == 0


def test_the_nearest_are_those_that_comparing_with_all_finds(vectors: Vectors) -> None:
    papers = unit(5_000)
    vectors.add(ids(5_000), papers)
    near = papers[7] + 0.3 * unit(1, seed=2)[0]
    for question in (papers[1234], near / np.linalg.norm(near)):
        cosines = papers @ question
        wanted = np.argsort(-cosines)[:1]
        found = vectors.nearest(question, 20)
        assert found[0][0] == ids(5_000)[wanted[0]]
        assert found[0][1] == pytest.approx(cosines[wanted[0]], abs=0.01)
        assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
        assert len({paper for paper, _ in found}) == 20


def test_fewer_papers_than_are_compared_in_full_are_ranked_exactly(vectors: Vectors) -> None:
    papers = unit(150)
    vectors.add(ids(150), papers)
    (question,) = unit(1, seed=3)
    cosines = papers @ question
    found = vectors.nearest(question, 150)
    assert len(found) == 150
    for paper, score in found:
        assert score == pytest.approx(cosines[ids(150).index(paper)], abs=0.01)
    assert vectors.nearest(question, 0) == []


def test_scores_come_in_the_order_asked_and_say_what_is_unknown(vectors: Vectors) -> None:
    papers = unit(30)
    vectors.add(ids(30), papers)
    asked = ["2601.00020", "unknown", "2601.00003"]
    scores = vectors.scores(papers[3], asked)
    assert scores == pytest.approx([papers[20] @ papers[3], np.nan, 1.0], abs=0.01, nan_ok=True)
    assert vectors.missing(asked) == ["unknown"]


def test_a_later_vector_of_a_paper_replaces_the_earlier(vectors: Vectors, folder: Path) -> None:
    first, second = unit(2)
    vectors.add(ids(1), first[None])
    vectors.add([*ids(1), *ids(1)], np.stack([first, second]))
    for opened in (vectors, Vectors(folder, "model", SIZE)):
        assert len(opened) == 1
        assert opened.scores(second, ids(1)) == pytest.approx([1], abs=0.01)
        opened.close()


def test_they_survive_a_restart(vectors: Vectors, folder: Path) -> None:
    papers = unit(20)
    vectors.add(ids(20), papers)
    vectors.close()
    again = Vectors(folder, "model", SIZE)
    assert again.missing(ids(25)) == ids(5, first=20)
    assert again.nearest(papers[11], 1)[0][0] == "2601.00011"
    again.close()


@pytest.mark.parametrize(("model", "size"), [("another model", SIZE), ("model", 2 * SIZE)])
def test_another_model_starts_anew(vectors: Vectors, folder: Path, model: str, size: int) -> None:
    vectors.add(ids(3), unit(3))
    other = Vectors(folder, model, size)
    assert len(other) == 0
    other.add(ids(1), unit(1, size=size))
    assert len(other) == 1
    assert len(list(folder.iterdir())) == 1  # the other model's are gone
    other.close()


def test_two_processes_add_and_each_sees_the_others(vectors: Vectors, folder: Path) -> None:
    other = Vectors(folder, "model", SIZE)
    papers = unit(40)
    for start in range(0, 40, 20):
        vectors.add(ids(10, first=start), papers[start : start + 10])
        other.add(ids(10, first=start + 10), papers[start + 10 : start + 20])
    for opened in (vectors, other):
        assert len(opened) == 40
        assert [opened.nearest(papers[place], 1)[0][0] for place in (5, 15, 25, 35)] == [ids(40)[p] for p in (5, 15, 25, 35)]
    other.close()


def test_whatever_is_done_to_the_file_only_what_was_harmed_is_missing(folder: Path) -> None:
    dice = random.Random(4)  # noqa: S311 (a draw, not a secret)
    papers = unit(50)
    for _ in range(60):
        opened = Vectors(folder, "model", SIZE)
        opened.add(ids(50), papers)
        file = the_file(folder)
        whole = file.read_bytes()
        where = dice.randrange(len(whole))
        harm = dice.choice(("cut", "garbled", "zeros", "longer", "gone", "shifted"))
        if harm == "gone":
            file.unlink()
        else:
            file.write_bytes(
                {
                    "cut": whole[:where],
                    "garbled": whole[:where] + dice.randbytes(40) + whole[where + 40 :],
                    "zeros": whole[:where] + bytes(len(whole) - where),
                    "longer": whole + dice.randbytes(where),
                    "shifted": whole[:where] + whole[where + 3 :],
                }[harm]
            )
        with closing(Vectors(folder, "model", SIZE)) as other:
            for process in (opened, other):
                for paper, score in process.nearest(papers[7], 50):
                    assert score == pytest.approx(papers[ids(50).index(paper)] @ papers[7], abs=0.01), harm
        opened.add(lacking := opened.missing(ids(50)), papers[[ids(50).index(paper) for paper in lacking]])
        opened.close()
        again = Vectors(folder, "model", SIZE)
        lacking = again.missing(ids(50))
        again.add(lacking, papers[[ids(50).index(paper) for paper in lacking]])
        assert len(again.nearest(papers[7], 50)) == len(again) == 50, harm
        again.close()
        the_file(folder).unlink()


def test_records_harmed_in_place_under_a_running_process_are_left_out(vectors: Vectors, folder: Path) -> None:
    papers = unit(10)
    vectors.add(ids(10), papers)
    file = the_file(folder)
    width = file.stat().st_size // 10
    with file.open("r+b") as data:
        data.seek(3 * width + 30)
        data.write(b"xxxx")
    assert {paper for paper, _ in vectors.nearest(papers[3], 10)} == set(ids(10)) - {"2601.00003"}
    assert np.isnan(vectors.scores(papers[3], ["2601.00003"])).all()
    vectors.add(ids(1, first=10), unit(1))
    assert vectors.missing(ids(11)) == ["2601.00003"]


def test_the_file_does_not_grow_without_end(folder: Path) -> None:
    opened = Vectors(folder, "model", 8)
    papers = unit(500, size=8)
    for _ in range(60):
        opened.add(ids(500), papers)
    opened.close()
    size = the_file(folder).stat().st_size
    assert size < 20_000 * 120
    again = Vectors(folder, "model", 8)
    assert len(again) == 500
    again.close()


def test_an_id_too_long_is_neither_stored_nor_missing(vectors: Vectors) -> None:
    endless = "x" * 65
    vectors.add([endless, "short"], unit(2))
    assert (len(vectors), vectors.missing([endless, "short"])) == (1, [])


def test_what_cannot_be_used_is_said_in_a_sentence(tmp_path: Path, vectors: Vectors) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder")
    with pytest.raises(MeaningUnavailable, match=r"the vectors cannot be used .*: see that their folder can be written to"):
        Vectors(in_the_way, "model", SIZE)
    vectors.add(ids(1), unit(1))
    vectors.close()
    with pytest.raises(MeaningUnavailable):
        vectors.nearest(unit(1)[0], 1)
    with pytest.raises(ValueError, match="a row of 48 numbers for each id"):
        vectors.add(ids(2), unit(1))
