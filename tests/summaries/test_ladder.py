from __future__ import annotations

from summaries.ladder import Origin, Summary, summary
from tests.factories import paper


def test_the_sources_own_summary_comes_first() -> None:
    assert summary(paper(source_summary="Short."), 100) == Summary("Short.", Origin.SOURCE)


def test_without_one_the_abstract_opens() -> None:
    found = summary(paper(abstract="One thing. Another thing. " + "More. " * 50), 30)
    assert found == Summary("One thing. Another thing.", Origin.ABSTRACT)


def test_a_paper_with_neither_has_none() -> None:
    assert summary(paper(abstract=""), 100) is None
