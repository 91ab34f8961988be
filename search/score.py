"""How well each of some hundred candidates answers: BM25 over the whole text, and what it does not see.

- The words of the title count once more, above all where they are most of the title: three words half remembered are one's.
- A paper with all the words stands before one with most of them, most before few; all of them in the title before all else.
- Words that stand side by side in the question count more where they stand side by side in the paper.
- A long question learns from its best answers: what they have in common and others have not is looked for, too
  (pseudo-relevance feedback, RM3: https://doi.org/10.1145/383952.383972). A short one says what it means by itself.

What each is worth was measured: docs/measurements.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from search.forward import Forward, Integers, Terms, Texts

Floats: TypeAlias = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Weights:
    """What counts how much; 1 is the weight of a word in the text."""

    k1: float = 2.0  # how soon a repeated word stops counting
    b: float = 0.85  # how much a longer text must have a word more often
    title: float = 0.4
    title_share: float = 1.0  # more, the more of the title it is
    side_by_side: float = 0.5
    side_by_side_in_title: float = 0.5
    coverage: float = 0.3
    all_in_title: float = 0.3
    all_in_order: float = 0.6  # side by side in the title
    feedback: float = 0.3
    feedback_from: int = 6  # words
    feedback_papers: int = 10
    feedback_terms: int = 30


WEIGHTS = Weights()
_HALF = np.uint32(0xFFFF)


@dataclass(frozen=True, slots=True)
class Form:
    """One way to say some words of the question: ``terms`` together (their places in Sought.terms) stand for ``words``."""

    words: tuple[int, ...]
    terms: tuple[int, ...]
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for: each word of the question with its ``idf``, and ``terms``, hashes of stems, at most 200.

    The first terms are the words as typed, in their order; ``forms`` are other ways to say them. ``pairs`` (n, 2) are the terms
    that stand side by side in the question, and ``pairs_idf`` what each pair is worth.
    """

    terms: Terms
    idf: Floats
    pairs: Integers
    pairs_idf: Floats
    forms: tuple[Form, ...] = ()


class Scorer:
    """Scores candidates. Not to be shared between threads."""

    def __init__(self, weights: Weights = WEIGHTS) -> None:
        self._weights = weights
        self._slots = np.zeros(1 << 16, np.uint8)  # for the lower half of a hash: which sought term it may be, from 1

    def scores(self, forward: Forward, texts: Texts, sought: Sought, papers: int) -> Floats:
        """A score for each of the candidates; the higher the better. ``papers`` is how many there are in all."""
        weights = self._weights
        norm = self._norm(forward, texts)
        scores, factor = self._answers(texts, sought, norm)
        if len(sought.idf) < weights.feedback_from or len(scores) < 2:
            return scores * factor
        learnt = self._learnt(forward, texts, scores * factor, norm, papers)
        return (scores + weights.feedback * self._worth(texts, *learnt, norm)) * factor

    def _answers(self, texts: Texts, sought: Sought, norm: Floats) -> tuple[Floats, Floats]:
        """What the question's own words are worth, and the factor for how many of them are there."""
        weights, words, terms = self._weights, len(sought.idf), len(sought.terms)
        rows = len(texts.lengths)
        at, term = self._places(texts, sought.terms)
        row = texts.row_of(at)
        cell = row * terms + term
        in_title = at - texts.starts[row] < texts.title_lengths[row]
        counts = _by_word(np.bincount(cell, minlength=rows * terms).reshape(rows, terms), sought)
        titled = _by_word(np.bincount(cell[in_title], minlength=rows * terms).reshape(rows, terms), sought) > 0
        has = np.count_nonzero(counts, axis=1)
        has_titled = np.count_nonzero(titled, axis=1)
        title_share = has_titled / np.maximum(texts.title_lengths, 1)
        scores: Floats = _saturated(counts, norm, weights.k1) @ sought.idf
        scores += (titled @ sought.idf) * (weights.title + weights.title_share * title_share)
        factor: Floats = 1 + weights.coverage * (has / words) ** 2
        if words > 1:
            factor += weights.all_in_title * (has_titled == words)
        if len(sought.pairs):
            pairs, titled_pairs, in_order = _side_by_side(at, term, row, in_title, sought, rows)
            scores += weights.side_by_side * pairs + weights.side_by_side_in_title * titled_pairs
            if len(sought.pairs) > 1:
                scores *= 1 + weights.all_in_order * in_order
        return scores, factor

    def _learnt(self, forward: Forward, texts: Texts, scores: Floats, norm: Floats, papers: int) -> tuple[Terms, Floats]:
        """The terms that the best candidates share and others have not, each with its weight; the weightiest has its idf."""
        weights = self._weights
        best = np.argsort(-scores, kind="stable")[: weights.feedback_papers]
        spans = zip(texts.starts[best].tolist(), texts.lengths[best].tolist(), strict=True)
        parts = [texts.terms[start : start + length] for start, length in spans]
        # One number for a term in a paper, the paper in the low bits, so that one sort counts both.
        paper = np.repeat(np.arange(len(best), dtype=np.uint64), texts.lengths[best])
        both = np.sort((np.concatenate(parts).astype(np.uint64) << np.uint64(8)) | paper)
        first = np.flatnonzero(np.concatenate(([True], both[1:] != both[:-1])))
        counts = np.diff(np.append(first, len(both)))
        both = both[first]
        paper = (both & np.uint64(0xFF)).astype(np.int64)
        terms = (both >> np.uint64(8)).astype(np.uint32)
        worth = _saturated(counts, norm[best][paper], weights.k1) * (scores[best] / scores[best[0]])[paper]
        first = np.flatnonzero(np.concatenate(([True], terms[1:] != terms[:-1])))
        terms, worth = terms[first], np.add.reduceat(worth, first)
        spread = forward.spread(terms)
        idf = idf_of(spread, papers)
        worth = np.where(spread < 2, 0.0, worth * idf)
        if len(terms) > weights.feedback_terms:
            kept = np.argpartition(-worth, weights.feedback_terms)[: weights.feedback_terms]
            terms, worth, idf = terms[kept], worth[kept], idf[kept]
        return terms, worth / max(float(worth.max()), 1e-9) * idf

    def likeness(self, forward: Forward, texts: Texts, sought: Sought) -> Floats:
        """What each row is worth that has some of the terms, each of its own worth, and some of the pairs."""
        at, term = self._places(texts, sought.terms)
        row = texts.row_of(at)
        rows, terms = len(texts.lengths), len(sought.terms)
        counts = np.bincount(row * terms + term, minlength=rows * terms).reshape(rows, terms)
        scores: Floats = _saturated(counts, self._norm(forward, texts), self._weights.k1) @ sought.idf
        if len(sought.pairs):
            in_title = at - texts.starts[row] < texts.title_lengths[row]
            scores += _side_by_side(at, term, row, in_title, sought, rows)[0]
        return scores

    def _norm(self, forward: Forward, texts: Texts) -> Floats:
        weights = self._weights
        found: Floats = weights.k1 * (1 - weights.b + weights.b * texts.lengths / forward.mean_length)
        return found

    def _worth(self, texts: Texts, terms: Terms, worth: Floats, norm: Floats) -> Floats:
        at, term = self._places(texts, terms)
        row = texts.row_of(at)
        counts = np.bincount(row * len(terms) + term, minlength=len(norm) * len(terms)).reshape(len(norm), len(terms))
        found: Floats = _saturated(counts, norm, self._weights.k1) @ worth
        return found

    def _places(self, texts: Texts, terms: Terms) -> tuple[Integers, Integers]:
        """Where in the texts any of the terms stands, ascending, and which of them it is."""
        lower = terms & _HALF
        self._slots[lower] = np.arange(1, len(terms) + 1, dtype=np.uint8)
        slot = self._slots.take(texts.halves)
        is_alone = self._slots[lower] == np.arange(1, len(terms) + 1)
        self._slots[lower] = 0
        for number in np.flatnonzero(~is_alone).tolist():  # another term has the same half, and its slot
            slot[texts.terms == terms[number]] = number + 1
        at = np.flatnonzero(slot != 0)  # four times faster over truth values than over numbers
        term = slot[at].astype(np.int64) - 1
        is_it = texts.terms[at] == terms[term]  # the other half of the hash, too
        return at[is_it], term[is_it]


def idf_of(spread: Integers, papers: int) -> Floats:
    """How telling terms are that so many of ``papers`` papers have."""
    found: Floats = np.log1p((np.maximum(papers - spread, 0) + 0.5) / (spread + 0.5))
    return found


def _saturated(counts: Integers | Floats, norm: Floats, k1: float) -> Floats:
    """BM25's worth of so many occurrences: at most k1 + 1."""
    by_row = norm[:, None] if counts.ndim == 2 else norm
    found: Floats = counts * (k1 + 1) / (counts + by_row)
    return found


def _by_word(counts: Integers, sought: Sought) -> Integers | Floats:
    """Occurrences of terms → of words: each form counts as often as the rarest of its terms occurs."""
    typed = counts[:, : len(sought.idf)]
    if not sought.forms:
        return typed
    found = typed.astype(np.float64)
    for form in sought.forms:
        said = form.weight * counts[:, form.terms].min(axis=1)
        for word in form.words:
            found[:, word] += said
    return found


def _side_by_side(
    at: Integers, term: Integers, row: Integers, in_title: NDArray[np.bool_], sought: Sought, rows: int
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Neighbours of the question that are neighbours here: their worth in each row, in its title, and whether all are there."""
    terms, pairs = len(sought.terms), len(sought.pairs)
    number = np.full(terms * terms, -1)
    number[sought.pairs[:, 0] * terms + sought.pairs[:, 1]] = np.arange(pairs)
    next_to = np.flatnonzero((at[1:] == at[:-1] + 1) & (row[1:] == row[:-1]))
    pair = number[term[next_to] * terms + term[next_to + 1]]
    next_to, pair = next_to[pair >= 0], pair[pair >= 0]
    is_there = np.zeros((2, rows, pairs), bool)
    is_there[0, row[next_to], pair] = True
    is_titled = in_title[next_to + 1]
    is_there[1, row[next_to[is_titled]], pair[is_titled]] = True
    worth = is_there @ sought.pairs_idf
    return worth[0], worth[1], is_there[1].all(axis=1)
