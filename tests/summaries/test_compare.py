"""What two papers have side by side, share, and say alone; and an abstract's sentences under headings."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from search.analysis import stems
from search.similar import Terms
from summaries.compare import alone, facts, in_common
from summaries.parts import parts
from tests.factories import paper

ONE = "We count zebras from a drone at dawn. The camera is a thermal one that weighs eighty grams. Code is at github.com/a/b."
OTHER = "We count okapis in the forest at night. The camera is a thermal one that weighs eighty grams. It is cheap."


def worth(text: str) -> dict[str, float]:
    return dict.fromkeys(stems(text), 1.0)


def test_a_fact_that_neither_has_is_left_out_and_one_that_one_has_stays() -> None:
    found = {fact.name: (fact.one, fact.other) for fact in facts(paper(votes=1_400, categories=("cs.CL",)), paper(2, votes=0))}
    assert found["Votes"] == ("1.4k", "")
    assert found["Categories"] == ("cs.CL", "")
    assert "Organisation" not in found
    assert "Code" not in found


def test_code_is_named_only_by_a_sound_address() -> None:
    one = paper(repository="https://github.com/a/b", stars=83)
    (code,) = [fact for fact in facts(one, paper(2, repository="https://evil.example/a/b")) if fact.name == "Code"]
    assert (code.one, code.other) == ("a/b (★ 83)", "")


def test_what_both_have_is_named_once_as_the_first_writes_it() -> None:
    one = paper(authors=("José Núñez", "Bo Li"), keywords=("Diffusion",), categories=("cs.CL", "cs.LG"), organisation="Lab")
    other = paper(2, authors=("Jose Nunez",), keywords=("diffusion",), categories=("cs.LG",), organisation="lab")
    assert in_common(one, other, Terms({}, frozenset(), ())) == (
        ("Keywords", ("Diffusion",)),
        ("Authors", ("José Núñez",)),
        ("Organisation", ("Lab",)),
        ("Categories", ("cs.LG",)),
    )


def test_a_word_that_both_say_in_passing_is_not_shared() -> None:
    one = paper(title="Zebras", abstract=ONE)
    terms = Terms(worth(ONE), frozenset(), ())
    assert in_common(one, paper(2, title="Okapis", abstract="Thermal maps."), terms) == ()
    assert in_common(one, paper(2, title="Thermal okapis", abstract="Maps."), terms) == (("Words", ("thermal",)),)


def test_a_sentence_that_both_have_is_said_by_neither_alone() -> None:
    one, other = paper(title="Zebras", abstract=ONE), paper(2, title="Okapis", abstract=OTHER)
    assert alone(one, other, worth(ONE)) == ("We count zebras from a drone at dawn.",)
    assert alone(other, one, worth(OTHER)) == ("We count okapis in the forest at night.",)
    assert alone(one, one, worth(ONE)) == ()
    assert alone(one, other, {}) == ("We count zebras from a drone at dawn.",)  # of words that no other paper has


def test_an_abstracts_sentences_stand_under_what_they_tell() -> None:
    abstract = "However, counting zebras remains hard. We propose Stripes. It consists of two stages. It achieves 95% accuracy."
    assert parts(abstract) == (
        ("Why", "However, counting zebras remains hard."),
        ("What is new", "We propose Stripes."),
        ("How", "It consists of two stages."),
        ("Results", "It achieves 95% accuracy."),
    )


@given(st.text(max_size=600))
def test_any_abstract_has_parts_of_its_own_words(abstract: str) -> None:
    assert all(heading and text and set(text.split()) <= set(abstract.split()) for heading, text in parts(abstract))
