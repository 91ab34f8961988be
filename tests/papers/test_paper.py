from __future__ import annotations

import pytest

from papers.merge import merged, unique
from papers.paper import arxiv_id_in, is_arxiv_id, is_repository, without_version
from tests.factories import DAY, paper


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2606.01234", "2606.01234"),
        ("see arXiv:2606.01234v3, please", "2606.01234"),
        ("https://arxiv.org/pdf/2606.01234v2.pdf", "2606.01234"),
        ("https://huggingface.co/papers/2606.01234?x=1", "2606.01234"),
        ("https://www.alphaxiv.org/abs/2606.01234", "2606.01234"),
        ("hep-th/9901001", "hep-th/9901001"),
        ("https://arxiv.org/abs/math.GT/0309136v1", "math.GT/0309136"),
        ("12345.678901", None),
        ("version 2606.1", None),
        ("٢٤٠١.٠١٢٣٤", None),
        ("", None),
    ],
)
def test_an_arxiv_id_is_found_wherever_it_stands(text: str, found: str | None) -> None:
    assert arxiv_id_in(text) == found


def test_ids_lose_their_version_but_not_their_name() -> None:
    assert without_version("2606.01234v12") == "2606.01234"
    assert without_version("conv") == "conv"
    assert is_arxiv_id("2606.01234")
    assert not is_arxiv_id("2606.01234v1")
    assert not is_arxiv_id("2606.01234) [x](http://evil")


def test_only_a_github_repository_is_a_repository() -> None:
    assert is_repository("https://github.com/a-b/c.d")
    assert not is_repository("https://github.com/a")
    assert not is_repository("https://github.com.evil.example/a/b")
    assert not is_repository("javascript:alert(1)")


def test_what_was_told_replaces_and_what_was_left_out_stays() -> None:
    known = paper(votes=57, source_summary="Short.", keywords=("a",), stars=3)
    told = paper(votes=61, stars=0, title="Paper 1, revised", featured_on=())
    both = merged(known, told)
    assert (both.votes, both.title, both.source_summary, both.keywords) == (61, "Paper 1, revised", "Short.", ("a",))
    assert both.featured_on == (DAY,)


def test_a_source_without_votes_erases_none() -> None:
    assert merged(paper(votes=57), paper(votes=0)).votes == 57


def test_a_repeated_paper_is_one() -> None:
    assert [p.votes for p in unique([paper(1, votes=1), paper(2), paper(1, votes=5)])] == [5, 0]
