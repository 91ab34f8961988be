from __future__ import annotations

import re

import pytest

from search.analysis import stems_of
from search.snippet import places, snippet
from tests.search.sample import SAMPLE


def stems(text: str) -> set[str]:
    return {stem for word in text.lower().split() for stem in stems_of(word)}


@pytest.mark.parametrize("abstract", [p.abstract for p in SAMPLE[:40]])
def test_every_word_is_found_by_its_own_stem_wherever_it_stands(abstract: str) -> None:
    words = [match for match in re.finditer(r"[^\W_]+", abstract) if len(stems_of(match[0].lower())) == 1]
    assert words
    for word in words:
        assert word.span() in places(abstract, set(stems_of(word[0].lower())))


@pytest.mark.parametrize(
    ("asked", "said"), [("dying", "died"), ("sky", "skies"), ("dry", "dries"), ("ai", "AI"), ("Möbius", "möbius")]
)
def test_a_short_word_is_found_in_its_other_forms(asked: str, said: str) -> None:
    text = f"Once it {said}."
    assert [text[start:end] for start, end in places(text, stems(asked))] == [said]


def test_a_part_of_a_word_is_not_found() -> None:
    assert places("Unlearning by relearning", stems("learning")) == []


def test_the_sentence_with_most_of_the_words_is_shown() -> None:
    shown, marks = snippet("Agents act. Video agents see and act. All is well.", stems("video agents"))
    assert shown == "Video agents see and act."
    assert [shown[start:end] for start, end in marks] == ["Video", "agents"]
