from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search.mend import Mended, _ease, mend
from tests.factories import paper
from tests.search.small import Small, small

TITLES = [
    "Diffusion Models for Video Generation",
    "Denoising Diffusion Probabilistic Models",
    "Language Models are Few-Shot Learners",
    "Large Language Models for Robot Planning",
    "Neural Machine Translation with Attention",
    "Reading Mountain Maps with Transformers",
    "Amps and Volts in Sensor Networks",
    "Time Series Forecasting",
    "Transformers for Time Series",
    "A Transformer in Every Pocket",
    "Afferent Pathways",
]
PAPERS = [paper(number, title=title, abstract="") for number, title in enumerate(TITLES, 1)]
PAPERS.append(
    paper(99, title="Something Else", abstract="A transfomer, as only this abstract has it. Adherent cells are encoded.")
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Small:
    return small(tmp_path_factory.mktemp("mend") / "lexicon", PAPERS)


def mended(store: Small, text: str) -> Mended:
    return mend(text.split(), store.searcher, store.fields, store.lexicon)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("difusion models video", "diffusion models video"),  # a letter left out
        ("diffusionn video", "diffusion video"),  # one too many
        ("diffuaion", "diffusion"),  # a wrong one
        ("diffusoin video", "diffusion video"),  # two swapped
        ("iffusion video", "diffusion video"),
        ("denosing probabilstic", "denoising probabilistic"),  # two words
        ("prbabilistik diffusion", "probabilistic diffusion"),  # two slips in a long word
        ("languagemodels robot", "language models robot"),
        ("trans lation attention", "translation attention"),
    ],
)
def test_a_slip_is_mended(store: Small, typed: str, meant: str) -> None:
    assert mended(store, typed).words == tuple(meant.split())


def test_every_word_of_every_title_is_right(store: Small) -> None:
    for title in TITLES:
        words = tuple(dict.fromkeys(title.lower().replace("-", " ").split()))
        assert mend(words, store.searcher, store.fields, store.lexicon) == Mended(words)
        for word in words:
            assert mended(store, word) == Mended((word,))


def test_a_rare_word_is_right_though_a_common_one_is_near(tmp_path: Path) -> None:
    many = [paper(number, title=f"Transformers number {number}") for number in range(600)]
    store = small(tmp_path / "lexicon", [*many, paper(999, title="The Transformerz Benchmark", abstract="")])
    for question in ("transformerz", "transformerz benchmark", "benchmark transformerz nowhere"):
        assert mended(store, question).words == tuple(question.split())
    # No paper has it with the other words, but a title has the common one with all of them.
    assert mended(store, "transformerz number 17").words == ("transformers", "number", "17")


def test_other_forms_of_a_known_word_are_right(store: Small) -> None:
    for word in ("model", "modelling", "learner", "forecasts", "translations"):
        assert mended(store, word).changes == (), word


def test_of_two_words_near_the_one_beside_the_others_is_meant(store: Small) -> None:
    assert mended(store, "reading mountain mapps").words == ("reading", "mountain", "maps")
    assert mended(store, "volts ampps").words == ("volts", "amps")


def test_a_rare_word_that_no_paper_has_with_the_others_is_not_meant(tmp_path: Path) -> None:
    many = [paper(number, title=f"Encoding number {number}") for number in range(1_000)]
    store = small(tmp_path / "lexicon", [*many, paper(2_000, title="Adherent Cells", abstract="")])
    assert mended(store, "encoding afherent").words == ("encoding", "afherent")
    assert mended(store, "cells afherent").words == ("cells", "adherent")
    assert mended(store, "adherent encodin").words == ("adherent", "encoding")


def test_short_words_numbers_and_names_with_digits_are_left_alone(store: Small) -> None:
    for text in ("vdeo2 generation", "gpt5", "2024x", "vi", "vid", "", "дифузия"):
        assert mended(store, text).words == tuple(text.split())


def test_a_close_call_tells_the_other_word(tmp_path: Path) -> None:
    titles = ["Model A", "Model B", "Modal A", "Modal B"]
    store = small(tmp_path / "lexicon", [paper(number, title=title, abstract="") for number, title in enumerate(titles)])
    found = mended(store, "modl")
    assert {found.words[0], found.others[0].word} == {"model", "modal"}
    assert 0 < found.others[0].weight <= 1
    assert found.others[0].place == 0


def test_the_text_is_told_with_its_changes_and_nothing_else(store: Small) -> None:
    found = mended(store, "difusion trans lation attention")
    assert found.said('Difusion -image "trans lation" author:ho') == 'diffusion -image "translation" author:ho'
    assert mended(store, "languagemodels").said("LanguageModels?") == "language models?"


def test_a_change_is_told_wherever_the_words_stand_in_the_places_given(store: Small) -> None:
    found = mended(store, "difusion video")
    text = "-difusion difusion video, difusion"
    assert found.said(text, [(10, 24), (26, 34)]) == "-difusion diffusion video, diffusion"
    assert found.said(text, []) == text


def test_easy_slips_are_told_from_others() -> None:
    assert _ease("diffusoin", "diffusion") > _ease("diffusipn", "diffusion") > _ease("diffusixn", "diffusion")
    assert _ease("diffussion", "diffusion") > _ease("diffuksion", "diffusion")
    assert _ease("xiffusion", "diffusion") < 0


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(words=st.lists(st.text(min_size=1, max_size=45) | st.sampled_from(["difusion", "languagemodel", "trans", "lation"])))
def test_any_words_can_be_mended(store: Small, words: list[str]) -> None:
    each_once = list(dict.fromkeys(words))
    found = mend(each_once, store.searcher, store.fields, store.lexicon)
    assert len(set(found.words)) == len(found.words)
    assert all(0 <= other.place < len(found.words) for other in found.others)
    found.said(" ".join(words))
