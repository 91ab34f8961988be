"""Paper → the fields of the index. Whoever changes them changes FORMAT, too, so that indexes are built anew."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import tantivy

from papers.dates import day_of
from papers.paper import Paper, is_repository
from papers.text import folded
from search.complete import add_fields, fields_of
from search.forward import Integers
from search.variants import pairs_of

FORMAT = 3
_ROWS, _DAYS, _VOTES = 0xFFFF_FFFF, 0xFFFF, 0x7FFF
_EPOCH = date(1970, 1, 1)
_TEXTS = {
    "text": "stemmed",  # all there is to find a paper by
    "title": "stemmed",
    "authors": "plain",
    "organisation": "plain",
}
_RAW = ("id", "category", "source", "repository", "pairs")
_NUMBERS = ("change", "votes", "published", "has_code")


def schema() -> tantivy.Schema:
    """The fields, their analysers ("stemmed" and "plain", to be registered), and which can be sorted by."""
    builder = tantivy.SchemaBuilder()
    for name, tokenizer in _TEXTS.items():
        builder.add_text_field(name, tokenizer_name=tokenizer)
    for name in _RAW:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in ("words", "title_words"):
        builder.add_text_field(name, tokenizer_name="plain", index_option="basic")
    for name in _NUMBERS:
        builder.add_integer_field(name, fast=True, indexed=True)
    builder.add_integer_field("packed", fast=True)
    add_fields(builder)
    return builder.build()


def rest(paper: Paper) -> str:
    """What a paper is found by besides its title."""
    return " ".join([paper.abstract, *paper.keywords, *paper.authors, paper.organisation])


def document(change: int, row: int, paper: Paper) -> tantivy.Document:
    """What is indexed of a paper that was last changed by that change of the store, and has that row of a Forward."""
    # One field for the whole text: BM25 over separate fields would weigh each by its own length.
    text, title = folded(f"{paper.title} {rest(paper)}"), folded(paper.title)
    published = days_since_epoch(day_of(paper))
    return tantivy.Document(
        id=paper.id,
        title=title,
        text=text,
        words=text,
        title_words=title,
        authors=[folded(name) for name in paper.authors],
        organisation=folded(paper.organisation),
        category=sorted({part for category in paper.categories for part in (category, category.split(".")[0])}),
        source=list(paper.listed_by),
        pairs=pairs_of(paper),
        repository=paper.repository,
        change=change,
        votes=paper.votes,
        published=published,
        packed=packed(row, published, paper.votes),
        has_code=int(is_repository(paper.repository)),
        **fields_of(paper, published),
    )


def packed(row: int, published: int, votes: int) -> int:
    """What ranking wants of each candidate in one number, since each look at a column of the index costs as much."""
    return row | min(max(published, 0), _DAYS) << 32 | min(max(votes, 0), _VOTES) << 48


def unpacked(numbers: Sequence[int]) -> tuple[Integers, Integers, Integers]:
    """The rows, the days of publication since 1970, and the votes (at most 32,767)."""
    every = np.array(numbers, np.int64)
    return every & _ROWS, every >> 32 & _DAYS, every >> 48


def days_since_epoch(day: date) -> int:
    return (day - _EPOCH).days
