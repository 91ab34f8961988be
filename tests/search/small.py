"""A small index of the fields that mending, variants and completion read, and its lexicon."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import tantivy

from papers.paper import Paper
from papers.text import folded
from search.analysis import analyser
from search.complete import add_fields, fields_of
from search.lexicon import Lexicon
from search.variants import pairs_of


@dataclass(frozen=True, slots=True)
class Small:
    searcher: tantivy.Searcher
    fields: tantivy.Schema
    lexicon: Lexicon

    def ids(self, addresses: list[tantivy.DocAddress]) -> list[str]:
        return [self.searcher.doc(address).get_first("id") or "" for address in addresses]


def small(folder: Path, papers: list[Paper]) -> Small:
    """The papers' index, and a lexicon made from it in ``folder``."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    for name in ("title", "text"):
        builder.add_text_field(name, tokenizer_name="stemmed")
    for name in ("title_words", "words"):
        builder.add_text_field(name, tokenizer_name="plain", index_option="basic")
    builder.add_text_field("pairs", tokenizer_name="raw", index_option="basic")
    add_fields(builder)
    schema = builder.build()
    index = tantivy.Index(schema)
    index.register_tokenizer("stemmed", analyser(stemmed=True))
    index.register_tokenizer("plain", analyser(stemmed=False))
    writer = index.writer(15_000_000, 1)
    for number, each in enumerate(papers):
        title, text = folded(each.title), folded(" ".join([each.title, each.abstract, *each.authors]))
        values = {"title": title, "title_words": title, "text": text, "words": text, "pairs": pairs_of(each)}
        writer.add_document(tantivy.Document(id=each.id, **values, **fields_of(each, number)))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    lexicon = Lexicon(folder)
    lexicon.rebuild(index.searcher())
    return Small(index.searcher(), schema, lexicon)
