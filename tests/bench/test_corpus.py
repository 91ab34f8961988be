"""Papers by the hundred thousand, here a few hundred."""

from __future__ import annotations

import re
from itertools import islice

from bench.corpus import papers
from papers.paper import Paper, is_arxiv_id

REAL = [
    Paper(
        id=f"r{n}",
        title=f"Learning {noun} With Sparse {verb} Networks",
        abstract=f"We study {noun} of {verb} networks. Our method learns {noun} from data. It beats {verb} by far.",
    )
    for n, (noun, verb) in enumerate((noun, verb) for noun in ("shapes", "sounds", "words", "plans") for verb in ("deep", "wide"))
]


def test_the_real_papers_come_first_and_then_as_many_others_as_asked_for() -> None:
    found = list(papers(REAL, 300))
    assert {paper.id for paper in found[: len(REAL)]} == {paper.id for paper in REAL}
    assert {paper.title for paper in found[: len(REAL)]} == {paper.title for paper in REAL}
    assert len({paper.id for paper in found}) == 300
    assert all(is_arxiv_id(paper.id) and paper.title and paper.abstract for paper in found[len(REAL) :])


def test_the_beginning_does_not_depend_on_how_many_are_asked_for() -> None:
    assert list(papers(REAL, 20)) == list(islice(papers(REAL, 200), 20))
    assert list(papers(REAL, 20, seed=2)) != list(papers(REAL, 20))


def test_what_is_made_has_all_that_a_paper_has() -> None:
    found = list(papers(REAL, 200))
    assert all(paper.authors and paper.categories and paper.published_at for paper in found)
    assert 0 < sum(bool(paper.organisation) for paper in found) < 200
    assert 0 < sum(paper.votes > 0 for paper in found) < 200


def test_the_vocabulary_keeps_growing_but_ever_more_slowly() -> None:
    found = list(papers(REAL, 3_000))

    def vocabulary(count: int) -> int:
        return len({word for paper in found[:count] for word in re.findall(r"\w+", paper.abstract.lower())})

    first, second, third = (vocabulary(count) for count in (1_000, 2_000, 3_000))
    assert 0 < third - second < second - first < first
