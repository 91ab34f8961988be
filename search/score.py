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
        weights, words, terms, pairs = self._weights, len(sought.idf), len(sought.terms), len(sought.pairs)
        found = self._found(texts, sought)
        counts = _by_word(found[:, :, :terms], sought)
        # Of the words, and of the pairs, what those that occur are worth, and how many they are: in the text, and in the title.
        columns = np.zeros((words + pairs, 4))
        columns[:words, 0], columns[:words, 1] = sought.idf, 1
        columns[words:, 2], columns[words:, 3] = sought.pairs_idf, 1
        occurs = np.concatenate((counts, found[:, :, terms:]), axis=2) > 0
        (_, worth), (has, has_titled), (beside, beside_in_title), (_, pairs_titled) = (occurs @ columns).transpose(2, 0, 1)
        title_share = has_titled / np.maximum(texts.title_lengths, 1)
        scores: Floats = _saturated(counts[0], norm, weights.k1) @ sought.idf
        scores += worth * (weights.title + weights.title_share * title_share)
        factor: Floats = 1 + weights.coverage * (has / words) ** 2
        if words > 1:
            factor += weights.all_in_title * (has_titled == words)
        if pairs:
            scores += weights.side_by_side * beside + weights.side_by_side_in_title * beside_in_title
            if pairs > 1:
                scores *= 1 + weights.all_in_order * (pairs_titled == pairs)
        return scores, factor

    def _learnt(self, forward: Forward, texts: Texts, scores: Floats, norm: Floats, papers: int) -> tuple[Terms, Floats]:
        """The terms that several of the best candidates have and few others, each with its weight; the weightiest has its idf."""
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
        shared = np.flatnonzero(np.diff(np.append(first, len(terms))) > 1)
        terms, worth = terms[first[shared]], np.add.reduceat(worth, first)[shared]
        idf = idf_of(forward.spread(terms), papers)
        worth = worth * idf
        if len(terms) > weights.feedback_terms:
            kept = np.argpartition(-worth, weights.feedback_terms)[: weights.feedback_terms]
            terms, worth, idf = terms[kept], worth[kept], idf[kept]
        return terms, worth / max(float(worth.max(initial=0.0)), 1e-9) * idf

    def likeness(self, forward: Forward, texts: Texts, sought: Sought) -> Floats:
        """What each row is worth that has some of the terms, each of its own worth, and some of the pairs."""
        terms = len(sought.terms)
        found = self._found(texts, sought)[0]
        scores: Floats = _saturated(found[:, :terms], self._norm(forward, texts), self._weights.k1) @ sought.idf
        if len(sought.pairs):
            scores += (found[:, terms:] > 0) @ sought.pairs_idf
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

    def _found(self, texts: Texts, sought: Sought) -> Integers:
        """(2, rows, terms and then pairs): how often each occurs in the whole text, and in the title alone."""
        rows, terms = len(texts.lengths), len(sought.terms)
        width = terms + len(sought.pairs)
        at, term = self._places(texts, sought.terms)
        row = texts.row_of(at)
        in_title = at < texts.title_ends.take(row)
        cell = row * width + term
        if len(sought.pairs):
            number = np.full(terms * terms, -1)
            number[sought.pairs[:, 0] * terms + sought.pairs[:, 1]] = np.arange(terms, width)
            second = (at[1:] == at[:-1] + 1).nonzero()[0] + 1
            pair = number.take(term[second - 1] * terms + term[second])
            is_one = (pair >= 0) & (row[second] == row[second - 1])
            second = second[is_one]
            cell = np.concatenate((cell, row[second] * width + pair[is_one]))
            in_title = np.concatenate((in_title, in_title[second]))
        cell += in_title * (rows * width)
        found = np.bincount(cell, minlength=2 * rows * width).reshape(2, rows, width)
        found[0] += found[1]
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
    """(…, terms) occurrences of terms → (…, words): each form counts as often as the rarest of its terms occurs."""
    words = len(sought.idf)
    if not sought.forms:
        return counts[..., :words]
    standing_for = np.eye(counts.shape[-1], words)
    for form in sought.forms:
        if len(form.terms) == 1:
            standing_for[form.terms[0], form.words] += form.weight
    found: Floats = counts @ standing_for
    for form in sought.forms:
        if len(form.terms) > 1:
            found[..., form.words] += form.weight * counts[..., form.terms].min(axis=-1, keepdims=True)
    return found
