"""Which papers of a shelf an expression holds for."""

from __future__ import annotations

from datetime import UTC, date, datetime
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
    kinds[0] |= {"published_at": datetime(2026, 6, 9, 23, 59, tzinfo=UTC), "repository": "https://github.com/a/b"}
    kinds[1] |= {"published_at": None, "featured_on": (date(2026, 6, 3), date(2026, 6, 4))}
    kinds[2] |= {"published_at": datetime(2025, 12, 31, tzinfo=UTC), "repository": "https://example.org/code"}
    kinds[3] |= {"published_at": None, "featured_on": ()}
    papers = [paper(number, **fields) for number, fields in enumerate(kinds, start=1)]
    return Shelf(papers, today=date(2026, 6, 10), here={papers[1].id, papers[2].id, "of another day"})


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
        ("has:code", [1]),  # a repository, and not just any page
        ("since:1d", [1]),
        ("since:0d", []),
        ("since:7d", [1, 2]),
        ("since:1w", [1, 2]),
        ("since:6d", [1]),
        ("since:12m", [1, 2, 3]),
        ("since:2026", [1, 2]),
        ("since:2025-12", [1, 2, 3]),
        ("since:2026-06-09", [1]),
        ("until:2026-06-03", [2, 3, 4]),  # a paper that nobody dates is older than all
        ("until:2025", [3, 4]),
        ("until:2026-06", [1, 2, 3, 4]),
        ("until:7d", [2, 3, 4]),
        ("since:2026 until:7d", [2]),
        ("in:this-channel", [2, 3]),
        ("-in:here since:2026", [1]),
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
    if read(line, is_topic=True).problems:
        return
    assert [int(p.id[-1]) for p in shelf.papers if Topic(line, asked).matches(p)] == found  # one at a time, the same


def test_without_a_day_to_count_from_it_is_the_newest_paper_s() -> None:
    papers = [paper(number, published_at=datetime(2026, 6, number, tzinfo=UTC)) for number in (1, 2, 3)]
    assert ids(Shelf(papers), "since:1d") == [2, 3]
    assert ids(Shelf([]), "since:1d") == []


WORDS = st.lists(st.sampled_from("abcd"), min_size=1, max_size=8).map(" ".join)


@given(titles=st.lists(WORDS, max_size=70), phrase=WORDS, other=WORDS)
def test_it_holds_for_as_many_papers_as_there_are(titles: list[str], phrase: str, other: str) -> None:
    shelf = Shelf(paper(number, title=title, abstract="") for number, title in enumerate(titles))
    asked = read(f'"{phrase}" -"{other}"').expression
    assert asked
    expected = [t for t in titles if f" {phrase} " in f" {t} " and f" {other} " not in f" {t} "]
    assert [p.title for p in shelf.matching(asked)] == expected
