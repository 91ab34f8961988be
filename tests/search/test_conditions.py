"""What the index answers under a condition is what a shelf of the same papers does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
import tantivy
from hypothesis import given
from hypothesis import strategies as st
from tantivy import Occur, Query

from papers.expression import All, And, Expression, Not, Or
from papers.grammar import read
from papers.merge import unique
from papers.paper import Paper
from papers.shelf import Shelf
from sandbox.press import REPLIES, days_in
from search.analysis import analyser
from search.conditions import condition_query
from search.document import document, schema, unpacked
from sources.huggingface import entries_in, papers_in
from tests.factories import paper

TODAY = date(2026, 6, 12)
CATEGORIES = [("cs.RO", "cs.LG"), ("cs.CL",), ("math.CO", "cond-mat.mes-hall"), ("hep-th",), ()]
# Words whose English stems are shared by their plurals alone, that no author and no organisation has as a name, and that stand
# side by side in no title's last and abstract's first word: of such words the index and a shelf say the same.
WORDS = [
    *("diffusion", "world model", "World-Models", '"language model"', "robots", "reinforcement learning", "LLM", "LLMs"),
    *('"LLM agents"', "VLMs", "naïve", "zebra", "!"),
]
FILTERS = [
    *("author:wang", 'author:"Zhongxin Chen"', "author:chen", 'author:"Chen Zhongxin"', "author:nobody", "org:tsinghua"),
    *('org:"tsinghua university"', "org:香港科技大学", "title:LLM", 'title:"audio editing"', "cat:cs", "cat:cs.RO", "cat:math"),
    *("cat:cond-mat", "cat:cond-mat.mes-hall", "cat:hep-th", "cat:stat", "source:hf", "source:arxiv", "votes:>20", "votes:20"),
    *("votes:<3", "votes:<=3", "votes:=1", "votes:<0", "votes:>999999", "has:code", "since:7d", "since:2026-06-08"),
    *("since:2027", "until:7d", "until:2026-06-08", "until:2026-05", "until:1969", "in:here", "everything"),
]


def sample() -> list[Paper]:
    papers = unique(
        found for day in days_in(REPLIES) for found in papers_in(entries_in((REPLIES / f"{day}.json").read_bytes()), day)
    )
    kinds = [replace(each, categories=CATEGORIES[number % len(CATEGORIES)]) for number, each in enumerate(papers)]
    return [
        *kinds,
        paper(1, published_at=None, featured_on=(date(2026, 6, 9), date(2026, 6, 1)), listed_by=("arxiv",)),
        paper(2, published_at=None, featured_on=(), authors=("Ann Zhongxin", "Chen Bo"), repository="https://example.org/x"),
    ]


PAPERS = sample()
HERE = frozenset(each.id for each in PAPERS[::7]) | {"of another store"}
SHELF = Shelf(PAPERS, today=TODAY, here=HERE)
Ask = Callable[[Expression], set[str]]


@pytest.fixture(scope="module")
def ask() -> Ask:
    fields = schema()
    index = tantivy.Index(fields)
    for name in ("stemmed", "plain"):
        index.register_tokenizer(name, analyser(stemmed=name == "stemmed"))
    writer = index.writer(15_000_000, 1)
    for row, each in enumerate(PAPERS):
        writer.add_document(document(row + 1, row, each))
    writer.commit()
    index.reload()

    def found(expression: Expression) -> set[str]:
        query = condition_query(expression, fields, TODAY, HERE) or Query.all_query()
        hits = searcher.search(query, len(PAPERS)).hits
        rows, _, _ = unpacked(searcher.fast_field_values("packed", [address for _, address in hits]))  # type: ignore[arg-type]  # none is missing
        return {PAPERS[row].id for row in rows}

    searcher = index.searcher()
    return found


def expression_of(line: str) -> Expression:
    found = read(line).expression
    return found or Not(All())


@pytest.mark.parametrize("line", [*WORDS, *FILTERS])
def test_the_index_and_the_shelf_find_the_same(ask: Ask, line: str) -> None:
    expected = {found.id for found in SHELF.matching(expression_of(line))}
    assert ask(expression_of(line)) == expected
    assert ask(Not(expression_of(line))) == {each.id for each in PAPERS} - expected


def test_most_of_these_conditions_tell_papers_apart() -> None:
    counts = {line: len(SHELF.matching(expression_of(line))) for line in [*WORDS, *FILTERS]}
    assert sum(0 < count < len(PAPERS) for count in counts.values()) > len(counts) * 0.6, counts


LEAVES = st.sampled_from([*WORDS, *FILTERS]).map(expression_of)
NESTED = st.recursive(
    LEAVES,
    lambda parts: st.one_of(
        parts.map(Not),
        st.lists(parts, min_size=2, max_size=4).map(lambda found: And(tuple(found))),
        st.lists(parts, min_size=2, max_size=4).map(lambda found: Or(tuple(found))),
    ),
    max_leaves=8,
)


@given(NESTED)
def test_however_conditions_are_nested(ask: Ask, expression: Expression) -> None:
    assert ask(expression) == {found.id for found in SHELF.matching(expression)}


def test_a_condition_of_everything_is_none() -> None:
    assert condition_query(All(), schema(), TODAY, HERE) is None


@given(st.text(max_size=60) | st.lists(st.sampled_from([*WORDS, *FILTERS, "(", ")", "-", "or"]), max_size=12).map(" ".join))
def test_any_text_is_a_legal_condition(ask: Ask, line: str) -> None:
    assert ask(expression_of(line)) <= {each.id for each in PAPERS}


def test_a_condition_scores_nothing() -> None:
    fields = schema()
    index = tantivy.Index(fields)
    index.register_tokenizer("stemmed", analyser(stemmed=True))
    index.register_tokenizer("plain", analyser(stemmed=False))
    writer = index.writer(15_000_000, 1)
    for row, title in enumerate(["Robots and robots", "Robots at home", "Zebras"]):
        writer.add_document(document(row + 1, row, paper(row, title=title, votes=row)))
    writer.commit()
    index.reload()
    asked = Query.term_query(fields, "text", "robot")
    condition = condition_query(expression_of('votes:<2 -"zebra" (robots or has:code)'), fields, TODAY, HERE)
    assert condition
    both = Query.boolean_query([(Occur.Must, asked), (Occur.Must, condition)])
    alone, filtered = (index.searcher().search(query, 3).hits for query in (asked, both))
    assert len(alone) == 2
    assert [(score, address.doc) for score, address in filtered] == [(score, address.doc) for score, address in alone]


def test_a_channel_of_very_many_papers_is_looked_for_by_its_newest() -> None:
    many = {f"2606.{number:05}" for number in range(30_000)}
    assert "2606.29999" in f"{condition_query(expression_of('in:here'), schema(), TODAY, many)}"
