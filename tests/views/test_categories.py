"""Where arXiv's categories, cross-lists and versions are shown: on the card, and in digests of who asked for them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from digests.editions import edition_on
from digests.plan import plan
from papers.paper import Paper
from papers.topic import Topic
from tests.factories import DAY, NOW, paper, subscription
from tests.views.test_views import check, shown
from views.digest import digest_message
from views.paper import card, categories_line, entry

ARXIV = {"sources": ("arxiv",)}


def digest_of(*papers: Paper, **order: Any) -> str:
    made = plan(edition_on(subscription(**order), DAY), papers, seen=())
    return shown(digest_message(made, "ab12"))


@pytest.mark.parametrize(
    ("categories", "version", "asked", "line"),
    [
        (("cs.CV",), 1, (), "cs.CV"),
        (("cs.CV", "cs.RO"), 1, (), "cs.CV"),
        (("cs.CV", "cs.RO"), 1, ("cs.RO",), "cs.CV, also cs.RO"),
        (("cs.CV", "cs.RO"), 1, ("cs.RO", "cs.CV"), "cs.CV"),  # no cross-list: it is where they look
        (("math.LO", "cs.LG", "cs.AI"), 1, ("cs",), "math.LO, also cs.LG, cs.AI"),
        (("cs.LG", "stat.ML"), 1, ("cs",), "cs.LG"),
        (("cs.CV",), 3, (), "cs.CV · v3"),
        ((), 2, (), "v2"),
        ((), None, ("cs.RO",), ""),
    ],
)
def test_a_line_names_the_primary_category_and_what_it_is_cross_listed_in_for_the_reader(
    categories: tuple[str, ...], version: int | None, asked: tuple[str, ...], line: str
) -> None:
    assert categories_line(paper(categories=categories, version=version), asked) == line


def test_a_digest_shows_categories_to_those_who_asked_for_arxiv_or_a_category() -> None:
    told = paper(categories=("cs.CV", "cs.RO"), version=2, authors=("Ada Example",))
    assert "-# Ada Example · cs.CV · v2" in digest_of(told, **ARXIV)
    assert "-# Ada Example · cs.CV, also cs.RO · v2" in digest_of(told, topic=Topic.parse("cat:cs.RO"))
    assert "cs.CV" not in digest_of(told)


def test_a_card_shows_all_of_it() -> None:
    text = shown(card(paper(categories=("cs.CV", "cs.RO", "cs.AI"), version=2, listed_by=("arxiv",))))
    assert "-# cs.CV, cross-listed in cs.RO, cs.AI · v2" in text
    assert "announced 10 June" in text
    plain = shown(card(paper(categories=("cs.CV",), version=1, listed_by=("arxiv", "huggingface"))))
    assert "-# cs.CV\n" in f"{plain}\n"
    assert "featured 10 June" in plain


def test_even_absurd_categories_stay_within_limits_and_mean_nothing() -> None:
    absurd = paper(categories=tuple(f"cs.@everyone*{'X' * 300}" for _ in range(30)), version=10**6, abstract="word " * 2_000)
    check(card(absurd))
    for asked in ((), ("cs",), ("cs.RO",)):
        assert len(categories_line(absurd, asked)) < 100
        shown_text = entry(absurd, 450, "m", NOW + timedelta(hours=1), asked).children[0]
        assert len(shown_text.content) <= 450  # type: ignore[attr-defined]
    assert "@everyone*" not in shown(card(absurd))
