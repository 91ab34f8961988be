"""What each answer must fulfil, as a Tantivy query: so a filter chooses from all papers, not from the best few of them.

The same is told of papers at hand by a Shelf (papers/shelf.py). The two differ where words do: here they are compared by their
English stems ("general" finds "generalise"), a Shelf knows one and many only; here authors and the organisation are part of the
text; and here title, abstract and keywords follow each other, so that a phrase may run from one into the next.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import islice, product

import tantivy
from tantivy import FieldType, Occur, Query

from papers.dates import days_named
from papers.expression import All, And, Expression, Filter, Key, Not, Or, Phrase, Votes
from papers.text import folded
from search.analysis import analyser, stems
from search.document import days_since_epoch

_MOST_HERE = 5_000  # papers of a channel that are looked for: a year or more of digests; so many cost some milliseconds
_VOWELS = frozenset("aeiouy")
_MOST_FORMS = 8  # of a phrase, for those with several abbreviations in it


def condition_query(expression: Expression, schema: tantivy.Schema, today: date, here: Collection[str]) -> Query | None:
    """A query for the papers that an expression holds for, adding nothing to a score; None where it holds for each.

    ``today`` is what "since:7d" is counted from; ``here`` are the ids of the papers that are "in:this-channel", of which the
    highest count where they are very many.
    """
    if expression == All():
        return None
    return Query.const_score_query(_Conditions(schema, today, here).query(expression), 0.0)


def every_paper() -> Query:
    """The query of a condition that holds for each paper."""
    return Query.const_score_query(Query.all_query(), 0.0)


@dataclass(frozen=True, slots=True)
class _Conditions:
    schema: tantivy.Schema
    today: date
    here: Collection[str]

    def query(self, expression: Expression) -> Query:
        match expression:
            case And(parts):
                return self._all(parts)
            case Or(parts):
                return Query.boolean_query([(Occur.Should, self.query(part)) for part in parts])
            case Not():
                return self._all([expression])
            case All():
                return Query.all_query()
            case Phrase(text):
                return self._phrase("text", stems(text))
            case Votes(sign, number):
                return self._votes(sign, number)
            case Filter(key, value):
                return self._filter(key, value)

    def _all(self, parts: Iterable[Expression]) -> Query:
        clauses = [
            (Occur.MustNot, self.query(part.part)) if isinstance(part, Not) else (Occur.Must, self.query(part)) for part in parts
        ]
        if not any(occur == Occur.Must for occur, _ in clauses):  # Tantivy takes nothing from nothing
            clauses.append((Occur.Must, Query.all_query()))
        return Query.boolean_query(clauses)

    def _filter(self, key: Key, value: str) -> Query:
        match key:
            case Key.AUTHOR:
                return self._phrase("authors", _plain().analyze(folded(value)))
            case Key.ORGANISATION:
                return self._phrase("organisation", _plain().analyze(folded(value)))
            case Key.TITLE:
                return self._phrase("title", stems(value))
            case Key.CATEGORY:
                return Query.term_query(self.schema, "category", value)
            case Key.SOURCE:
                return Query.term_query(self.schema, "source", value)
            case Key.HAS:
                return Query.term_query(self.schema, "has_code", 1)
            case Key.SINCE:
                return self._range("published", days_since_epoch(days_named(value, self.today)[0]), None)
            case Key.UNTIL:
                return self._range("published", None, days_since_epoch(days_named(value, self.today)[1]))
            case Key.PLACE:
                ids = sorted(self.here, reverse=True)[:_MOST_HERE]
                return Query.term_set_query(self.schema, "id", ids) if ids else Query.empty_query()

    def _phrase(self, field: str, words: list[str]) -> Query:
        """Words side by side, abbreviations as one or many; no words are nowhere."""
        if not words:
            return Query.empty_query()
        forms = islice(product(*map(_one_and_many, words)), _MOST_FORMS)
        found = [self._side_by_side(field, list(form)) for form in forms]
        return Query.boolean_query([(Occur.Should, query) for query in found]) if len(found) > 1 else found[0]

    def _side_by_side(self, field: str, words: list[str]) -> Query:
        if len(words) > 1:
            return Query.phrase_query(self.schema, field, list(words))
        return Query.term_query(self.schema, field, words[0])

    def _votes(self, sign: str, number: int) -> Query:
        match sign:
            case ">":
                return self._range("votes", number + 1, None)
            case ">=":
                return self._range("votes", number, None)
            case "<":
                return self._range("votes", None, number - 1)
            case "<=":
                return self._range("votes", None, number)
        return self._range("votes", number, number)

    def _range(self, field: str, least: int | None, most: int | None) -> Query:
        """Both bounds belong to it."""
        return Query.range_query(self.schema, field, FieldType.Integer, least, most)


def _one_and_many(stem: str) -> tuple[str, ...]:
    """ "llm" and "llms": the stemmer leaves the ending of a word without a vowel alone."""
    if len(stem) < 2 or set(stem) & _VOWELS:
        return (stem,)
    one = stem[:-1] if stem.endswith("s") and not stem.endswith("ss") and len(stem) > 2 else stem
    return one, f"{one}s"


@cache
def _plain() -> tantivy.TextAnalyzer:
    return analyser(stemmed=False)
