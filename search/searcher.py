"""A Tantivy searcher that remembers what it was asked about words: questions share most of theirs."""

from __future__ import annotations

from typing import Any, Protocol

import tantivy

_MOST = 100_000  # remembered numbers: some MB
_MOST_TERMS = 30_000  # … and terms, as many
_LONG = 400  # terms of one answer; longer ones are not worth their room

_Key = tuple[str, str, int | None]  # field, beginning, limit


class Searching(Protocol):
    """What is asked of a searcher, the library's own or one that remembers."""

    @property
    def num_docs(self) -> int: ...

    def search(self, query: tantivy.Query, limit: int = 10, count: bool = True, order_by_field: str | None = None) -> Any: ...

    def doc_freq(self, field_name: str, field_value: Any) -> int: ...

    def terms_with_prefix(self, field_name: str, prefix: str, *, limit: int | None = None) -> list[tuple[str, int]]: ...

    def fast_field_values(self, field_name: str, doc_addresses: list[Any]) -> list[Any]: ...


class Remembering:
    """One state of an index."""

    def __init__(self, searcher: tantivy.Searcher) -> None:
        self.search = searcher.search
        self.fast_field_values = searcher.fast_field_values
        self.num_docs = searcher.num_docs
        self._searcher = searcher
        self._spread: dict[tuple[str, Any], int] = {}
        self._begun: dict[_Key, list[tuple[str, int]]] = {}
        self._terms = 0  # in _begun

    def doc_freq(self, field_name: str, field_value: Any) -> int:
        key = (field_name, field_value)
        found = self._spread.get(key)
        if found is None:
            if len(self._spread) >= _MOST:
                self._spread.clear()
            found = self._spread[key] = self._searcher.doc_freq(field_name, field_value)
        return found

    def terms_with_prefix(self, field_name: str, prefix: str, *, limit: int | None = None) -> list[tuple[str, int]]:
        key = (field_name, prefix, limit)
        found = self._begun.get(key)
        if found is None:
            found = self._searcher.terms_with_prefix(field_name, prefix, limit=limit)
            if len(found) <= _LONG:
                self._remember(key, found)
        return found

    def _remember(self, key: _Key, found: list[tuple[str, int]]) -> None:
        self._terms += 1 + len(found)
        if self._terms > _MOST_TERMS:
            self._begun.clear()
            self._terms = 1 + len(found)
        self._begun[key] = found
