from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers.topic import Topic, TopicError
from tests.factories import paper


def fits(topic: str, title: str, **fields: Any) -> bool:
    return Topic.parse(topic).matches(paper(title=title, abstract="", **fields))


@pytest.mark.parametrize(
    ("topic", "title", "is_on_topic"),
    [
        ("RAG", "A fragment of storage", False),
        ("RAG", "RAG, revisited", True),
        ("rag", "Better RAGs", True),
        ("world model", "World-Models for robots", True),
        ("world model", "A model of the world", False),
        ('"world model"', "Video world models", True),
        ("diffusion, world model", "Latent diffusion", True),
        ("diffusion or world model", "Video world models", True),
        ('"world model" robots', "World models without", False),
        ('"world model" robots', "A robot’s world model", True),
        ("diffusion -survey", "A survey of diffusion", False),
        ("diffusion -survey", "Diffusion", True),
        ('agents -"case study"', "Agents: a case study", False),
        ("-survey", "Anything else", True),
        ("everything", "Anything", True),
        ("Everything -benchmark", "A benchmark", False),
        ("naive bayes", "Naïve Bayes", True),
        ("C++", "Faster C++ builds", True),
        ("C++", "Vitamin C", False),
        ("c#", "In C# and F#", True),
    ],
)
def test_words_are_matched_whole(topic: str, title: str, is_on_topic: bool) -> None:
    assert fits(topic, title) is is_on_topic


def test_a_hyphen_inside_a_word_excludes_nothing() -> None:
    assert fits("few-shot", "Few-shot learning")
    assert not fits("few-shot", "Few learning")


def test_abstract_and_keywords_count_and_no_phrase_runs_from_one_into_the_other() -> None:
    assert Topic.parse("robot").matches(paper(abstract="A robot.", title="X"))
    assert fits("robot", "X", keywords=("robots",))
    assert not fits("deep learning", "Deep", keywords=("learning",))


@pytest.mark.parametrize("text", ["", "   ", ",", "-", '""', "\x00", "x" * 601])
def test_what_is_no_topic_is_said_in_a_sentence(text: str) -> None:
    with pytest.raises(TopicError, match=r"\w+ .*\."):
        Topic.parse(text)


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_is_a_topic_or_a_sentence_about_it(text: str, title: str) -> None:
    try:
        topic = Topic.parse(text)
    except TopicError:
        return
    topic.matches(paper(title=title))
    assert Topic.parse(topic.text) == topic


WORDS = ["a", "rag", "ragged", "storage", "models", "model", "rl", "hurl", "-rag"]


@given(st.lists(st.sampled_from(WORDS), min_size=1).map(" ".join))
def test_one_word_matches_exactly_where_a_plain_scan_finds_it(title: str) -> None:
    for word in ("rag", "rl", "model"):
        assert fits(word, title) is bool(re.search(rf"\b{word}s?\b", title))
