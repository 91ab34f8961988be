"""Papers like a paper: what its most telling words find, scored by all of its words, with what they share as the reason."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from tantivy import Occur, Query

from papers.paper import Paper
from search.analysis import FUNCTION_WORDS, STOP_WORDS, stems, stems_of
from search.forward import Integers, hashed
from search.reader import Reader
from search.score import Scorer, Sought, idf_of

_FINDING = 100  # of a paper's terms find candidates; all of them score
_CANDIDATES = 300
_MOST_TERMS = 200
_IN_TITLE = 2  # times a title's word counts
_SIDE_BY_SIDE = 2.0  # what words that both papers have side by side are worth once more
_AUTHOR = 0.2  # what a part of an author's name is worth beside a word
_SAME_REPOSITORY = 1.3
_REASONS = 3
_PAIR = 1.5  # two words side by side say more than each by itself
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Terms:
    """A paper's terms: each stem with its worth, the greatest first, and the stems of its authors' names.

    ``pairs`` are stems that stand side by side in it.
    """

    worth: dict[str, float]
    names: frozenset[str]
    pairs: tuple[tuple[str, str], ...]


def terms_of(reader: Reader, paper: Paper) -> Terms:
    """What the paper says more than others do; nothing for words that no other paper has."""
    said = Counter(
        _IN_TITLE * stems(paper.title) + stems(paper.abstract) + [stem for word in paper.keywords for stem in stems(word)]
    )
    names = frozenset(stem for name in paper.authors for stem in stems(name)) - set(said)
    counts = {stem: float(count) for stem, count in said.items() if stem not in STOP_WORDS}
    counts |= dict.fromkeys(names, _AUTHOR)
    spread = np.array([reader.searcher.doc_freq("text", stem) for stem in counts], np.int64)
    saturated = np.array([2.5 * count / (count + 1.5) for count in counts.values()])
    worth = np.where(spread > 1, saturated * idf_of(spread, len(reader)), 0.0)
    order = np.argsort(-worth, kind="stable")[:_MOST_TERMS].tolist()
    every = list(counts)
    worths = {every[number]: float(worth[number]) for number in order if worth[number] > 0}
    side_by_side = dict.fromkeys(pair for text in (paper.title, paper.abstract) for pair in pairwise(stems(text)))
    pairs = tuple((one, other) for one, other in side_by_side if one in worths and other in worths)
    return Terms(worths, names, pairs)


def alike(reader: Reader, scorer: Scorer, paper: Paper, terms: Terms, limit: int) -> list[tuple[str, float]]:
    """The ids of the papers most like it, best first, with how alike they are."""
    if not terms.worth:
        return []
    found = [
        (Occur.Should, Query.boost_query(Query.term_query(reader.fields, "text", stem), worth))
        for stem, worth in list(terms.worth.items())[:_FINDING]
    ]
    rows = _rows(reader, Query.boolean_query(found), _CANDIDATES)
    related = (
        _rows(reader, Query.term_query(reader.fields, "repository", paper.repository), _CANDIDATES)
        if paper.repository
        else rows[:0]
    )
    itself = reader.row(paper.id)
    rows = np.setdiff1d(np.concatenate((rows, related)), [] if itself is None else [itself]).astype(np.int64)
    if not len(rows):
        return []
    numbers = {stem: number for number, stem in enumerate(terms.worth)}
    hashes = np.array([hashed(stem) for stem in numbers], np.uint32)
    pairs = np.array([(numbers[one], numbers[other]) for one, other in terms.pairs], np.int64).reshape(-1, 2)
    worth = np.array(list(terms.worth.values()))
    sought = Sought(hashes, worth, pairs, _SIDE_BY_SIDE * worth[pairs].min(axis=1, initial=worth[0]))
    scores = scorer.likeness(reader.forward, reader.forward.texts(rows), sought)
    scores = np.where(np.isin(rows, related), scores * _SAME_REPOSITORY, scores)
    best = np.argsort(-scores, kind="stable")[:limit]
    return list(zip(reader.forward.ids(rows[best]), scores[best].tolist(), strict=True))


def shared(paper: Paper, other: Paper, terms: Terms, limit: int = _REASONS) -> tuple[str, ...]:
    """The most telling words and pairs of words that both have, as the first one writes them; never an author's name."""
    worth = {stem: value for stem, value in terms.worth.items() if stem not in terms.names and len(stem) > 2 and stem.isalpha()}
    theirs = list(_said(other))
    pairs = {(a, b) for (_, a), (_, b) in pairwise(theirs)}
    singles = {stem for _, stem in theirs}
    found: dict[tuple[str, ...], tuple[float, str]] = {}
    ours = list(_said(paper))
    for word, stem in ours:
        if stem in worth and stem in singles and word not in FUNCTION_WORDS:
            found.setdefault((stem,), (worth[stem], word))
    for (first, a), (second, b) in pairwise(ours):
        if (a, b) in pairs and a in worth and b in worth and not FUNCTION_WORDS & {first, second}:
            found.setdefault((a, b), (_PAIR * (worth[a] + worth[b]), f"{first} {second}"))
    reasons: list[tuple[tuple[str, ...], str]] = []
    for said, (_, text) in sorted(found.items(), key=lambda each: -each[1][0]):
        if not any(set(said) & set(known) for known, _ in reasons):
            reasons.append((said, text))
        if len(reasons) == limit:
            break
    return tuple(text for _, text in reasons)


def _said(paper: Paper) -> Iterator[tuple[str, str]]:
    """Each word of a paper's title and abstract, in lower case unless it is an abbreviation, with its stem."""
    for match in _WORD.finditer(f"{paper.title} . {paper.abstract}"):
        word = match[0]
        yield (word if sum(map(str.isupper, word)) > 1 else word.lower()), " ".join(stems_of(word))


def _rows(reader: Reader, query: Query, limit: int) -> Integers:
    return reader.facts([address for _, address in reader.searcher.search(query, limit, count=False).hits])[0]
