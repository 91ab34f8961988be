"""The presets are topics of the field: on real days none matches nearly nothing, and none a quarter of everything."""

from __future__ import annotations

import re

import pytest

from bench.topics import REAL, ROOT, SAMPLES, measured, stored_days
from papers.presets import PRESETS, preset, presets_like
from papers.shelf import Shelf
from papers.topic import MAX_NAME_LENGTH, Topic
from tests.factories import paper


@pytest.mark.parametrize("topic", PRESETS, ids=lambda topic: topic.name)
def test_a_preset_reads_back_as_it_prints(topic: Topic) -> None:
    assert topic.name
    assert len(topic.name) <= MAX_NAME_LENGTH
    assert Topic.parse(f"{topic.expression}").expression == topic.expression
    assert Topic.parse(topic.text, topic.name) == topic


def test_there_are_enough_and_each_has_a_name_of_its_own() -> None:
    assert len(PRESETS) >= 34
    assert len({topic.name.casefold() for topic in PRESETS}) == len(PRESETS)


def test_a_preset_is_found_whatever_the_capitals() -> None:
    assert preset("  llm  AGENTS ") == PRESETS[0]
    assert preset("LLM") is None
    assert preset("") is None


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("rea", ["Reasoning"]),
        ("video g", ["Video generation"]),
        ("RAG", ["Retrieval and RAG"]),
        ("quantiz", ["Quantisation & pruning"]),  # it asks for "quantization" too
        ("nothing of the kind", []),
    ],
)
def test_presets_are_suggested_by_the_beginnings_of_words(typed: str, names: list[str]) -> None:
    assert [topic.name for topic in presets_like(typed)][: max(1, len(names))] == names


def test_a_name_that_begins_so_comes_before_one_with_such_a_word_before_one_that_asks_for_it() -> None:
    found = [topic.name for topic in presets_like("gen")] + [topic.name for topic in presets_like("video")]
    assert found.index("Image generation") < found.index("Speech and audio")
    assert found.index("Video understanding") < found.index("Computer vision")
    assert presets_like("") == list(PRESETS)


@pytest.mark.parametrize(
    ("name", "title", "is_on_topic"),
    [
        ("LLM agents", "Skills for LLM Agents", True),
        ("LLM agents", "Real-estate agents of the city", False),
        ("Diffusion models", "Masked diffusion language models", False),
        ("Diffusion language models", "Masked diffusion language models", True),
        ("Vision-language models", "A vision-language-action model", False),
        ("Retrieval and RAG", "A fragment of storage", False),
        ("Quantisation & pruning", "Vector quantization for images", False),
        ("Quantisation & pruning", "4-bit quantisation", True),
        ("Code generation", "Code-switched speech", False),
        ("Time series & tables", "Time-series models", True),
    ],
)
def test_a_preset_is_what_its_name_says(name: str, title: str, is_on_topic: bool) -> None:
    topic = preset(name)
    assert topic
    assert topic.matches(paper(title=title, abstract="")) is is_on_topic


def test_nearly_every_preset_finds_something_among_the_samples() -> None:
    days = stored_days(SAMPLES)
    shelf = Shelf(found for papers in days.values() for found in papers)
    empty = [topic.name for topic in PRESETS if not shelf.mask(topic.expression)]
    assert len(empty) <= len(PRESETS) // 5, empty


@pytest.mark.skipif(not REAL.is_dir(), reason="the real days are not beside this checkout")
def test_no_preset_matches_a_quarter_of_all_papers_or_fewer_than_one_a_week() -> None:
    days = stored_days(REAL)
    assert sum(map(len, days.values())) > 1_000
    unfit = [(row.preset.name, row.papers, row.share) for row in measured(days) if not row.is_fit]
    assert not unfit


def test_the_docs_tell_every_preset_as_it_is() -> None:
    docs = (ROOT / "docs/topics.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| ([^|]+) \| \d+ \|.*\| ([^|]+) \|$", docs, re.MULTILINE))
    assert rows == {topic.name: topic.text for topic in PRESETS}
