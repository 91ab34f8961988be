"""Which papers of a shelf an expression holds for."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers.grammar import read
from papers.shelf import Shelf
from papers.topic import Topic
from tests.factories import paper


def ids(shelf: Shelf, line: str) -> list[int]:
    asked = read(line).expression
    assert asked
    return [int(found.id[-1]) for found in shelf.matching(asked)]


@pytest.fixture
def shelf() -> Shelf:
    kinds: list[dict[str, Any]] = [
        {"title": "World-Models for robots", "votes": 9, "categories": ("cs.RO", "cs.LG"), "authors": ("Yann LeCun",)},
        {"title": "A survey of world models", "votes": 2, "categories": ("cs.LG",), "organisation": "AI at Meta"},
        {"title": "RAG at scale", "abstract": "Retrieval.", "keywords": ("dense retrieval",), "listed_by": ("arxiv",)},
        {"title": "Fragments", "abstract": "Of a world. Model them."},
    ]
    return Shelf(paper(number, **fields) for number, fields in enumerate(kinds, start=1))


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("world model", [1, 2, 4]),  # the abstract's full stop is no bound: words are compared, not sentences
        ("rag", [3]),
        ("retrieval dense", []),  # no phrase runs from one field into another
        ("dense retrieval", [3]),
        ("world model -survey", [1, 4]),
        ("author:lecun", [1]),
        ("author:yann", [1]),
        ("author:le", []),
        ("org:meta", [2]),
        ("title:survey", [2]),
        ("cat:cs.LG", [1, 2]),
        ("cat:cs", [1, 2]),
        ("cat:math", []),
        ("source:arxiv", [3]),
        ("votes:>2", [1]),
        ("votes:2", [1, 2]),
        ("votes:<1", [3, 4]),
        ("votes:=9", [1]),
        ("everything", [1, 2, 3, 4]),
        ("-everything", []),
        ("(rag or robots) votes:>5", [1]),
        ("-(rag or robots)", [2, 4]),
    ],
)
def test_an_expression_holds_for(shelf: Shelf, line: str, found: list[int]) -> None:
    assert ids(shelf, line) == found
    asked = read(line).expression
    assert asked
    assert [int(p.id[-1]) for p in shelf.papers if Topic(line, asked).matches(p)] == found  # one at a time, the same


WORDS = st.lists(st.sampled_from("abcd"), min_size=1, max_size=8).map(" ".join)


@given(titles=st.lists(WORDS, max_size=70), phrase=WORDS, other=WORDS)
def test_it_holds_for_as_many_papers_as_there_are(titles: list[str], phrase: str, other: str) -> None:
    shelf = Shelf(paper(number, title=title, abstract="") for number, title in enumerate(titles))
    asked = read(f'"{phrase}" -"{other}"').expression
    assert asked
    expected = [t for t in titles if f" {phrase} " in f" {t} " and f" {other} " not in f" {t} "]
    assert [p.title for p in shelf.matching(asked)] == expected
