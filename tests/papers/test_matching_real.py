"""On the stored days a term finds exactly the papers that have it as words: checked by a plain scan that shares no code.

A word here is a run of letters and digits; so "RL's" has the word "RL", "RL_x" too, and "RLVR", "GRPO2RL" or "RL2" have not.
Case does not matter, one or more blanks or a hyphen may stand between a phrase's words, and a plural may end it. What only the
reader knows, that accents fold and that a comma may stand within a phrase, makes no difference to these terms on these days.
"""

from __future__ import annotations

import re

import pytest

from bench.topics import folder_of_days, stored_days
from papers.paper import Paper
from papers.shelf import Shelf
from papers.topic import Topic
from tests.factories import paper

TERMS = ("RAG", "SAM", "RL", "LoRA", "world model", "reinforcement learning")


def scanned(term: str, paper: Paper) -> bool:
    words = r"(?:-|\s+)".join(re.escape(word) for word in term.split())
    pattern = re.compile(rf"(?<![^\W_]){words}(?:s|es)?(?![^\W_])", re.IGNORECASE)
    return any(pattern.search(text) for text in (paper.title, paper.abstract, *paper.keywords))


@pytest.fixture(scope="module")
def papers() -> list[Paper]:
    """The real days' where they are beside this checkout, or else the samples'."""
    return [found for papers in stored_days(folder_of_days()).values() for found in papers]


@pytest.mark.parametrize("term", TERMS)
def test_a_term_matches_exactly_where_a_plain_scan_finds_it(papers: list[Paper], term: str) -> None:
    expected = {found.id for found in papers if scanned(term, found)}
    assert {found.id for found in Shelf(papers).matching(Topic.parse(term).expression)} == expected
    assert {found.id for found in papers if Topic.parse(f'"{term}"').matches(found)} == expected
    assert expected or term == "SAM"  # the samples have none


@pytest.mark.parametrize("term", TERMS[:4])
def test_a_term_inside_other_words_is_nothing(papers: list[Paper], term: str) -> None:
    inside = [p for p in papers if term.lower() in f"{p.title} {p.abstract}".lower() and not scanned(term, p)]
    assert inside or len(papers) < 1_000
    assert not Shelf(inside).matching(Topic.parse(term).expression)


@pytest.mark.parametrize(
    ("term", "title", "is_there"),
    [
        ("RL", "RL's limits", True),
        ("RL", "RL’s limits", True),
        ("RL", "Two RLs", True),
        ("RL", "deep_RL_zoo", True),
        ("RL", "RLVR and RL2", False),
        ("RL", "Hurl a pearl", False),
        ("RAG", "(RAG)", True),
        ("RAG", "Storage, fragments, ragged, GraphRAG", False),
        ("SAM", "SAM-2 on samples", True),
        ("SAM", "SAM2 on the same samples", False),
        ("LoRA", "LORAs", True),
        ("LoRA", "QLoRA, an exploration", False),
        ("world model", "World-Models", True),
        ("world model", "a world\nmodel", True),
        ("world model", "the world modeled", False),
    ],
)
def test_both_agree_on_what_a_word_is(term: str, title: str, is_there: bool) -> None:
    found = paper(title=title, abstract="")
    assert scanned(term, found) is is_there
    assert Topic.parse(term).matches(found) is is_there
