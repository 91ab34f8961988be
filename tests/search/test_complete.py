from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from search.analysis import LONGEST
from search.complete import AUTHORS, ORGANISATIONS, complete_names, complete_titles, name_terms
from search.lexicon import FEW, Lexicon, Neighbour
from tests.factories import paper
from tests.search.small import Small, small

PAPERS = [
    paper(1, title="Diffusion Models Beat GANs", votes=5, authors=("Prafulla Dhariwal", "Alex Nichol"), organisation="OpenAI"),
    paper(2, title="A Path Towards Machines with Diffusion", votes=90, authors=("Yann LeCun",), organisation="Meta AI"),
    paper(3, title="Diffusion Policy: Visuomotor Learning", votes=7, authors=("Cheng Chi",), organisation="Columbia University"),
    paper(4, title="Gradient-Based Learning for Documents", authors=("Yann LeCun", "Léon Bottou"), organisation="AT&T Labs"),
    paper(5, title="Deep Learning", authors=("Yann Lecun", "Geoffrey E. Hinton"), organisation="Universität Zürich"),
    paper(6, title="Diffusion", votes=1, authors=("Jürgen Schmidhuber",), organisation="Meta AI"),
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Small:
    return small(tmp_path_factory.mktemp("complete") / "lexicon", PAPERS)


def titles(store: Small, typed: str, limit: int = 25) -> list[int]:
    found = complete_titles(typed, limit, store.searcher, store.fields, store.lexicon)
    return [int(identifier[-2:]) for identifier in store.ids(found)]


def authors(store: Small, typed: str, limit: int = 25) -> list[str]:
    return complete_names(AUTHORS, typed, limit, store.searcher, store.lexicon)


@pytest.mark.parametrize(
    ("typed", "numbers"),
    [
        ("di", [3, 1, 6, 2]),  # titles that begin like this come first, of each kind the one with most votes
        ("Diffusion", [3, 1, 6, 2]),
        ("diffusion p", [3, 2]),
        ("diffusion policy vis", [3]),
        ("policy diff", [3]),
        ("learn", [3, 5, 4]),
        ("towards m", [2]),
        ("gradient-based l", [4]),
        ("the deep", [5]),
        ("difusion pol", [3]),
        ("difusion", [3, 1, 6, 2]),
        ("diffusion mode ", [1]),
        ("deep learnig", [5]),
        ("zzzz", []),
        ("", []),
        (" :", []),
    ],
)
def test_titles_are_completed(store: Small, typed: str, numbers: list[int]) -> None:
    assert titles(store, typed) == numbers


def test_no_more_titles_are_given_than_asked_for(store: Small) -> None:
    assert titles(store, "diff", 2) == [3, 1]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("le", "Yann LeCun"),
        ("LeC", "Yann LeCun"),
        ("yann l", "Yann LeCun"),
        ("lecun y", "Yann LeCun"),
        ("Schmid", "Jürgen Schmidhuber"),
        ("jurgen", "Jürgen Schmidhuber"),
        ("JÜRGEN s", "Jürgen Schmidhuber"),
        ("bottou", "Léon Bottou"),
        ("geoffrey hinton", "Geoffrey E. Hinton"),
        ("hinton g", "Geoffrey E. Hinton"),
        ("lecnu", "Yann LeCun"),
        ("yan lecun", "Yann LeCun"),
        ("yann lecn", "Yann LeCun"),
    ],
)
def test_authors_are_completed_by_any_part_of_their_name(store: Small, typed: str, first: str) -> None:
    assert authors(store, typed)[0] == first


def test_a_name_is_given_once_as_it_is_written_most_often(store: Small) -> None:
    found = authors(store, "")
    assert found[0] == "Yann LeCun"
    assert "Yann Lecun" not in found
    assert len(found) == 7
    assert authors(store, "zzz") == []
    assert authors(store, "y", limit=1) == ["Yann LeCun"]


def test_organisations_are_completed_those_of_most_papers_first(store: Small) -> None:
    def found(typed: str) -> list[str]:
        return complete_names(ORGANISATIONS, typed, 25, store.searcher, store.lexicon)

    assert found("")[0] == "Meta AI"
    assert found("a") == ["Meta AI", "AT&T Labs"]
    assert found("uni") == ["Columbia University", "Universität Zürich"]
    assert found("zur") == ["Universität Zürich"]


def test_a_beginning_that_thousands_share_gives_the_commonest(tmp_path: Path) -> None:
    papers = [paper(n, title=f"Thing{n:05}", authors=(f"Li{n:05} Wang",)) for n in range(FEW + 200)]
    papers += [paper(9_000 + n, title="Thorough Proof", authors=("Zoe Liu",)) for n in range(5)]
    store = small(tmp_path / "lexicon", papers)
    assert authors(store, "li")[0] == "Zoe Liu"
    assert authors(store, f"li{FEW:05}") == [f"Li{FEW:05} Wang"]
    assert titles(store, "proof th") == titles(store, "thorough proof")
    assert len(titles(store, "proof th")) == 5


def test_without_a_lexicon_less_is_completed_but_nothing_fails(tmp_path: Path) -> None:
    store = small(tmp_path / "lexicon", PAPERS)
    for file in (tmp_path / "lexicon").glob("*"):
        file.unlink()
    (tmp_path / "lexicon").rmdir()
    store.lexicon._looked_at = -1.0
    assert titles(store, "diffusion p") == [3, 2]
    assert titles(store, "difusion p") == []
    assert authors(store, "lec") == ["Yann LeCun"]


def test_a_name_has_a_term_for_each_part_and_one_without_the_middle() -> None:
    assert name_terms("Yann LeCun") == ["yann lecun\tYann LeCun", "lecun yann\tYann LeCun"]
    assert "jean dupont pierre\tJean Pierre Dupont" in name_terms("Jean Pierre Dupont")
    assert name_terms("") == name_terms("—") == []
    assert len(name_terms("a b c d e f g h i")) <= 7


def test_letters_that_are_no_accented_ones_are_completed_by_what_people_type(tmp_path: Path) -> None:
    names = ("Łukasz Kaiser", "Øyvind Tafjord", "한국 사람")
    store = small(tmp_path / "lexicon", [paper(1, title="Æther und Straße", authors=names), paper(2, title="हिन्दी भाषा")])
    for typed, name in (("lukasz", names[0]), ("Łuk", names[0]), ("oyvind t", names[1]), ("한국", names[2])):
        assert authors(store, typed) == [name], typed
    assert titles(store, "aether und strass") == titles(store, "straße") == [1]
    assert titles(store, "हिन्दी") == [2]


def test_no_word_is_looked_for_that_is_longer_than_words_are(store: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    lengths: list[int] = []
    near = Lexicon.near

    def noted(lexicon: Lexicon, word: str, slips: int) -> list[Neighbour]:
        lengths.append(len(word))
        return near(lexicon, word, slips)

    monkeypatch.setattr(Lexicon, "near", noted)
    titles(store, "diffusion " + "b" * 6_000)
    titles(store, "c" * 6_000 + " d")
    authors(store, "a" * 6_000)
    assert lengths
    assert max(lengths) == LONGEST


@settings(max_examples=200, deadline=None)
@given(typed=st.text(max_size=60))
def test_anything_can_be_typed(store: Small, typed: str) -> None:
    assert len(titles(store, typed, 3)) <= 3
    assert len(authors(store, typed, 3)) <= 3
