from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers.text import clean, clip, opening, sentences, singular, words


def test_white_space_is_folded_and_what_cannot_be_seen_is_dropped() -> None:
    assert clean("  A\ttitle\n  with\u00a0breaks\u200b and \u202eright-to-left\u202c, \x00NUL ") == (
        "A title with breaks and right-to-left, NUL"
    )


def test_a_lone_surrogate_is_dropped() -> None:
    assert clean("a\ud800b") == "ab"


@given(st.text())
def test_clean_text_is_one_line_that_can_be_stored_and_stays_clean(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode()
    assert not any(unicodedata.category(c).startswith(("Cc", "Cf", "Cs")) for c in cleaned)
    assert "\n" not in cleaned
    assert clean(cleaned) == cleaned


def test_words_fold_case_accents_and_hyphens() -> None:
    assert words("World-Models, naïve GPT-4o") == ["world", "models", "naive", "gpt", "4o"]


@pytest.mark.parametrize(
    ("plural", "one"),
    [("models", "model"), ("policies", "policy"), ("llms", "llm"), ("news", "news"), ("loss", "loss"), ("gas", "gas")],
)
def test_plural_endings_fold(plural: str, one: str) -> None:
    assert singular(plural) == one


@pytest.mark.parametrize(
    ("plural", "one"),
    [
        ("harnesses", "harness"),
        ("losses", "loss"),
        ("meshes", "mesh"),
        ("patches", "patch"),
        ("caches", "cache"),
        ("boxes", "box"),
        ("biases", "bias"),
        ("movies", "movie"),
        ("ties", "tie"),
        ("databases", "database"),
        ("lms", "lm"),
    ],
)
def test_one_and_many_fold_to_the_same(plural: str, one: str) -> None:
    assert singular(plural) == singular(one)


def test_sentences_end_where_they_end() -> None:
    text = "Prior work (Smith et al. 2024) fails, e.g. on Fig. 3. We fix it. It gains 4.5 points. GPT-4. We win! Right?"
    assert sentences(text) == [
        "Prior work (Smith et al. 2024) fails, e.g. on Fig. 3.",
        "We fix it.",
        "It gains 4.5 points.",
        "GPT-4.",
        "We win!",
        "Right?",
    ]


def test_a_quotation_keeps_its_closing_mark() -> None:
    assert sentences("They call it “magic.” We do not.") == ["They call it “magic.”", "We do not."]


def test_an_opening_is_whole_sentences_that_fit() -> None:
    assert opening("One two three. Four five. Six.", 26) == "One two three. Four five."
    assert opening("One two three four five.", 12) == "One two…"


@given(st.text(), st.integers(0, 60))
def test_nothing_clipped_is_longer_than_its_limit(text: str, limit: int) -> None:
    assert len(clip(text, limit)) <= limit
    assert len(opening(clean(text), limit)) <= limit
