from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest

from search.lexicon import FEW, Lexicon, Lookup, Neighbour, _commonest, _every
from tests.factories import paper
from tests.search.small import small

TITLES = ["Diffusion Models for Video", "Diffusion in Time", "Confusion of Tongues", "Ideas", "Naïve Bayes 2.0"]
PAPERS = [paper(number, title=title, abstract="") for number, title in enumerate(TITLES, 1)]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "lexicon"


def words(found: list[Neighbour]) -> list[str]:
    return [each.word for each in found]


def test_neighbours_are_one_slip_away_or_two_with_the_same_first_letter(folder: Path) -> None:
    lexicon = small(folder, PAPERS).lexicon
    for slip in ("difusion", "diffusiom", "diffusionn", "dfifusion", "iffusion", "xiffusion"):
        assert words(lexicon.near(slip, 1)) == ["diffusion"], slip
    assert lexicon.near("difusiom", 1) == []
    assert words(lexicon.near("difusiom", 2)) == ["diffusion"]
    assert lexicon.near("ifusion", 2) == []


def test_a_title_weighs_more_than_a_text(folder: Path) -> None:
    papers = [*PAPERS, paper(7, title="A", abstract="Dizziness."), paper(8, title="Dizzyness", abstract="")]
    lexicon = small(folder, papers).lexicon
    found = {each.word: each.weight for each in lexicon.near("dizzxness", 1)}
    assert found["dizzyness"] > found["dizziness"] > 0


def test_words_that_begin_alike_are_found_though_mistyped(folder: Path) -> None:
    lexicon = small(folder, PAPERS).lexicon
    assert words(lexicon.begun("diff")) == ["diffusion"]
    assert words(lexicon.begun("diffv")) == ["diffusion"]
    assert lexicon.begun("di") == []


def test_an_empty_or_missing_lexicon_mends_nothing_and_is_stale(folder: Path) -> None:
    lexicon = Lexicon(folder)
    assert lexicon.near("difusion", 1) == lexicon.near("difusion", 2) == lexicon.begun("dif") == []
    assert lexicon.commonest("names", "le") is None
    assert lexicon.is_stale(1)
    assert not lexicon.is_stale(0)


def test_it_is_stale_once_the_index_has_grown_by_more_than_a_tenth(folder: Path) -> None:
    lexicon = small(folder, [paper(number) for number in range(40)]).lexicon
    assert [papers for papers in (40, 44, 45, 30) if lexicon.is_stale(papers)] == [45, 30]
    assert not Lexicon(folder).is_stale(40)


def test_another_process_sees_what_was_rebuilt(folder: Path) -> None:
    small(folder, PAPERS)
    other = Lexicon(folder)
    assert other.near("quantun", 1) == []
    small(folder, [*PAPERS, paper(9, title="Quantum")])
    assert other.papers() == 6
    assert words(other.near("quantun", 1)) == ["quantum"]


@pytest.mark.parametrize("keep", [0, 10, -10])
def test_a_file_cut_short_mends_nothing_until_it_is_rebuilt(folder: Path, keep: int) -> None:
    made = small(folder, PAPERS)
    assert made.lexicon.near("difusion", 1)
    for file in folder.glob("*.*"):
        if file.suffix not in {".json", ".lock"}:
            data = file.read_bytes()
            file.write_bytes(data[:keep])
    made.lexicon._looked_at = -1.0
    assert made.lexicon.near("difusion", 1) == []
    assert made.lexicon.is_stale(5)
    assert made.lexicon.rebuild(made.searcher)
    assert words(made.lexicon.near("difusion", 1)) == ["diffusion"]


def test_garbage_in_its_files_mends_nothing_until_it_is_rebuilt(folder: Path) -> None:
    made = small(folder, PAPERS)
    for file in folder.glob("*"):
        if file.is_file():
            file.write_bytes(b"\xff" * max(200, file.stat().st_size))
    lexicon = Lexicon(folder)
    assert lexicon.near("difusion", 1) == []
    assert lexicon.is_stale(5)
    assert lexicon.rebuild(made.searcher)
    assert words(lexicon.near("difusion", 1)) == ["diffusion"]


def test_a_folder_that_vanished_is_made_again(folder: Path) -> None:
    made = small(folder, PAPERS)
    for file in folder.glob("*"):
        file.unlink()
    folder.rmdir()
    made.lexicon._looked_at = -1.0
    assert made.lexicon.near("difusion", 1) == []
    assert made.lexicon.rebuild(made.searcher)
    assert words(made.lexicon.near("difusion", 1)) == ["diffusion"]


def test_it_may_be_given_up_in_the_midst_of_a_question(folder: Path) -> None:
    lexicon = small(folder, PAPERS).lexicon
    lexicon._looked_at = -1.0
    looked = lexicon._look

    def look() -> None:
        looked()
        lexicon._give_up(ValueError("another thread met damage"))

    lexicon._look = look  # type: ignore[method-assign]
    assert words(lexicon.near("difusion", 1)) == ["diffusion"]
    assert lexicon.near("difusion", 1) == []


def test_a_file_that_another_process_takes_away_meanwhile_is_no_damage(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lexicon = small(folder, PAPERS).lexicon
    (folder / "passing").touch()
    original = os.scandir

    def scandir(path: Path) -> AbstractContextManager[Iterator[os.DirEntry[str]]]:
        with original(path) as entries:
            found = list(entries)
        (folder / "passing").unlink()
        return nullcontext(iter(found))

    monkeypatch.setattr(os, "scandir", scandir)
    lexicon._looked_at = -1.0
    assert words(lexicon.near("difusion", 1)) == ["diffusion"]
    assert not (folder / "passing").exists()


def terms_of(terms: dict[str, int]) -> Lookup:
    ordered = sorted(terms.items())

    def lookup(beginning: str, limit: int) -> list[tuple[str, int]]:
        first = bisect_left(ordered, (beginning, 0))
        return [term for term in ordered[first : first + limit] if term[0].startswith(beginning)]

    return lookup


@pytest.mark.parametrize("depth", [0, 3])
def test_every_term_is_met_once_however_many_there_are(depth: int) -> None:
    terms = {f"{one}{two}{three}": 1 for one in "abc" for two in "abcdefghijklmnopqrstuvwxyz" for three in "abcdefghijklmnopqrs"}
    terms |= {"aabb": 1, "aa": 1} if not depth else {"aabb": 1}
    assert len(terms) > FEW
    assert sorted(term for term, _ in _every(terms_of(terms), depth)) == sorted(terms)


@pytest.mark.parametrize("depth", [0, 1, 3])
def test_a_beginning_that_many_share_has_its_commonest_terms(depth: int) -> None:
    terms = {f"a{number:05}": number for number in range(3 * FEW)} | {"a": 7_000, "b": 9_000, "lecun yann\tYann LeCun": 8_000}
    found = dict(_commonest(terms_of(terms), lambda term: terms.get(term, 0), depth))
    assert [term for term, _ in found["a"][:3]] == ["a", "a02999", "a02998"]
    assert [term for term, _ in found[""][:3]] == ["b", "lecun yann\tYann LeCun", "a"]
    assert "b" not in found
    assert all(len(best) <= 40 for best in found.values())
