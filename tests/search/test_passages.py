"""The passages of a paper that answer a question: over questions written before the ranking, and one rule at a time."""

from __future__ import annotations

import math
import random
import tomllib
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers.text import sentences, words
from search.analysis import stems_of
from search.passages import Passage, best, passages_in, passages_of
from sources.fulltext import Section
from tests.search.sample import SAMPLE

PAPERS = {paper.id: paper for paper in SAMPLE}
Ranking = Callable[[str, Sequence[Passage], str], list[Passage]]


def asked(name: str) -> list[dict[str, str]]:
    questions: list[dict[str, str]] = tomllib.loads((Path(__file__).parent / f"{name}.toml").read_text("utf-8"))["question"]
    return questions


def right(name: str, rank: Ranking, length: int = 1, among: int = 1) -> float:
    """The share of the questions of which one of the first ``among`` passages has the answer in itself."""
    hits = 0
    for question in asked(name):
        paper = PAPERS[question["paper"]]
        passages = passages_of(paper.abstract, length=length)
        assert any(question["phrase"] in passage.own for passage in passages), question
        found = rank(question["asked"], passages, paper.title)[:among]
        hits += any(question["phrase"] in passage.own for passage in found)
    return hits / len(asked(name))


def ours(question: str, passages: Sequence[Passage], title: str) -> list[Passage]:
    return best(question, passages, 3, title)


def plain(question: str, passages: Sequence[Passage], title: str) -> list[Passage]:
    """BM25 over stems, as it is in every textbook."""
    texts = [Counter(stem for word in words(passage.own) for stem in stems_of(word)) for passage in passages]
    spread = Counter(stem for text in texts for stem in text)
    mean = sum(text.total() for text in texts) / len(texts)

    def score(text: Counter[str]) -> float:
        norm = 1.2 * (0.25 + 0.75 * text.total() / mean)
        stems = {stem for word in words(question) for stem in stems_of(word) if text[stem]}
        idf = {stem: math.log1p((len(texts) - spread[stem] + 0.5) / (spread[stem] + 0.5)) for stem in stems}
        return sum(idf[stem] * text[stem] * 2.2 / (text[stem] + norm) for stem in stems)

    order = sorted(range(len(texts)), key=lambda place: (-score(texts[place]), place))
    return [passages[place] for place in order]


def by_chance(question: str, passages: Sequence[Passage], title: str) -> list[Passage]:
    return random.Random(question).sample(passages, len(passages))  # noqa: S311


def test_there_are_sixty_questions_and_no_paper_has_two() -> None:
    assert len(asked("questions")) == len({question["paper"] for question in asked("questions")}) == 60


@pytest.mark.parametrize("length", [1, 2])
def test_of_sixty_questions_four_in_five_are_answered_by_the_first_passage(length: int) -> None:
    assert right("questions", ours, length) >= 0.8
    assert right("questions", plain, length) < 0.7
    assert right("questions", by_chance, length) < 0.5


def test_one_of_three_passages_answers_nearly_every_question() -> None:
    assert right("questions", ours, among=3) >= 0.95


def test_questions_that_the_ranking_was_not_made_with_are_answered_better_than_by_their_words_alone() -> None:
    assert right("held_back", ours) >= 0.6 > right("held_back", plain)
    assert right("held_back", ours, among=3) >= 0.9


def test_what_was_practised_stays_learnt() -> None:
    assert right("practised", ours) >= 0.75


TEXT = (
    "We introduce Foldex (Folding by Example), a robot that folds towels. It learns from its own mistakes. "
    "The robot was tested on TowelBench and ClothGym. Nine of 10 towels are folded after 40 minutes of practice. "
    "Fine-tuning takes one GPU. Wet cloth remains a weakness, and silk was not tried. Code is at https://example.org/foldex."
)


@pytest.mark.parametrize(
    ("question", "phrase"),
    [
        ("how many towels does it fold?", "Nine of 10"),
        ("how long does it take?", "40 minutes"),
        ("on which benchmarks was it evaluated", "TowelBench"),
        ("what are the limitations?", "Wet cloth"),
        ("where is the code?", "https://example.org"),
        ("is it open source", "https://example.org"),
        ("what hardware do I need for finetuning?", "one GPU"),
        ("what about wett cloth?", "Wet cloth"),
        ("does it work with sillk", "silk"),
        ("what is FbE or folding by example?", "Foldex"),
        ("from what does it learn?", "mistakes"),
        ("failures", "mistakes"),
        ("WHAT ARE THE WEAKNESSES???", "Wet cloth"),
    ],
)
def test_a_question_finds_the_sentence_that_answers_it(question: str, phrase: str) -> None:
    assert phrase in best(question, passages_of(TEXT))[0].own


def test_a_sentence_that_leans_on_the_one_before_it_brings_that_along() -> None:
    (found, *_) = best("how does it learn?", passages_of(TEXT))
    assert found.own == "It learns from its own mistakes."
    assert found.text == f"We introduce Foldex (Folding by Example), a robot that folds towels. {found.own}"
    leaning = passages_of("One. It is two. This is three. They are four. Five.")
    assert [passage.text for passage in leaning] == [
        "One.",
        "One. It is two.",
        "One. It is two. This is three.",
        "It is two. This is three. They are four.",
        "Five.",
    ]


def test_passages_of_two_sentences_overlap() -> None:
    found = passages_of("One. Two. Three.", "3 Method", length=2)
    assert found == [Passage("One. Two.", "3 Method", 0, 1), Passage("Two. Three.", "3 Method", 1, 2)]
    assert passages_of("One.", length=2) == [Passage("One.")]
    assert passages_of("") == []


def test_sections_are_numbered_on_and_named() -> None:
    found = passages_in([Section("1 Introduction", "One. Two.\nThree."), Section("2 Method", "Four. Five.")])
    assert [(passage.section, passage.text, passage.first) for passage in found] == [
        ("1 Introduction", "One. Two.", 0),
        ("1 Introduction", "Two. Three.", 1),
        ("2 Method", "Four. Five.", 3),
    ]


def test_a_section_whose_name_is_asked_for_comes_first() -> None:
    parts = [
        Section("1 Introduction", "We study cloth. Cloth is soft."),
        Section("4 Limitations", "Everything was done in one room. Other rooms were not."),
    ]
    assert best("what are the limitations?", passages_in(parts))[0].section == "4 Limitations"


def test_nothing_is_said_twice() -> None:
    for paper in SAMPLE:
        for length in (1, 2):
            found = best("how does it work and what are the results?", passages_of(paper.abstract, length=length))
            said = [sentence for passage in found for sentence in sentences(passage.own)]
            assert len(said) == len(set(said))


def test_there_is_a_best_passage_whatever_is_asked() -> None:
    assert len(best("xyzzy", passages_of(TEXT))) == 1
    assert len(best("", passages_of(TEXT))) == 1
    assert best("towels", []) == []
    assert len(best("robot", passages_of("One sentence only."))) == 1


@given(st.text(max_size=300), st.text(max_size=600))
def test_any_question_may_be_asked_of_any_text(question: str, text: str) -> None:
    passages = passages_of(text)
    found = best(question, passages, 3, text[:50])
    assert len(found) <= 3
    assert bool(found) == bool(passages)
    assert all(passage.own for passage in found)


def test_a_long_question_is_read_as_far_as_its_beginning() -> None:
    assert "silk" in best("was silk tried? " + "lorem ipsum " * 5_000, passages_of(TEXT))[0].own
