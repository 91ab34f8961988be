"""The index as it is at one moment."""

from __future__ import annotations

from typing import Any

import tantivy
from tantivy import Query

from search.document import unpacked
from search.forward import Forward, Integers
from search.lexicon import Lexicon
from search.searcher import Remembering


class Reader:
    """An index at one moment."""

    def __init__(self, fields: tantivy.Schema, searcher: Remembering, forward: Forward, lexicon: Lexicon) -> None:
        self.fields = fields
        self.searcher = searcher
        self.forward = forward
        self.lexicon = lexicon

    def __len__(self) -> int:
        return self.searcher.num_docs

    def row(self, identifier: str) -> int | None:
        """A paper's row in ``forward``."""
        found = self.searcher.search(Query.term_query(self.fields, "id", identifier), 1, count=False)
        rows = self.facts([address for _, address in found.hits])[0].tolist()
        return rows[0] if rows else None

    def facts(self, addresses: list[Any]) -> tuple[Integers, Integers, Integers]:
        """Of documents: the rows in ``forward``, the days of publication since 1970-01-01, and the votes."""
        return unpacked(self.searcher.fast_field_values("packed", addresses))  # type: ignore[arg-type]  # none is missing
