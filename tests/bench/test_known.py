"""Known items: the questions that are drawn, and their typos."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from bench.known import Typing, drawn, mistyped
from papers.paper import Paper
from papers.text import words

PAPERS = [Paper(id=f"{n}", title=f"Denoising Diffusion of {n} Protein Structures at Scale") for n in range(9)]


@given(st.text("abcdefghij", min_size=4, max_size=12), st.integers(0, 10_000))
def test_a_typo_is_one_slip(word: str, seed: int) -> None:
    assert OSA.distance(word, mistyped(word, random.Random(seed))) == 1  # noqa: S311


def test_a_question_is_three_to_five_words_in_a_row_of_the_title_that_is_looked_for() -> None:
    titles = {paper.id: words(paper.title) for paper in PAPERS}
    asked = drawn(PAPERS, 50, seed=1)
    assert len(asked) == 50
    assert {len(known.right) for known in asked} == {3, 4, 5}
    for known in asked:
        title = titles[known.wanted]
        assert any(tuple(title[start : start + len(known.right)]) == known.right for start in range(len(title)))


def test_one_word_is_mistyped_or_every_one_that_is_long_enough() -> None:
    for known in drawn(PAPERS, 50, seed=2):
        assert known.typed[Typing.CLEAN] == known.right
        wrong = [right for right, typed in zip(known.right, known.typed[Typing.ONE], strict=True) if right != typed]
        assert len(wrong) == 1
        changed = [r != typed for r, typed in zip(known.right, known.typed[Typing.ALL], strict=True)]
        assert changed == [len(word) >= 4 for word in known.right]


def test_the_same_seed_asks_the_same() -> None:
    assert drawn(PAPERS, 20, seed=3) == drawn(PAPERS, 20, seed=3)
    assert drawn(PAPERS, 20, seed=3) != drawn(PAPERS, 20, seed=4)
