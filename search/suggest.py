"""Did-you-mean: a typed word that the papers do not know, and the word they know it was meant for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import OSA

_MIN_LENGTH = 4  # shorter words have too many neighbours
_LONG = 9  # from here on two slips still leave little doubt
_RARE_IN = 3_000  # a word seen once in so many papers may itself be somebody's typo
_MUCH_COMMONER = 20
_MENDED_WORDS = 8  # of one question: each costs a look at thousands of words
_slips_between: Any = OSA.distance  # its type is narrower than what extract takes, though it is meant for it


class Vocabulary:
    """The words of all papers, with how many papers have each."""

    def __init__(self, counts: Iterable[tuple[str, int]]) -> None:
        self.counts = dict(counts)
        self._by_length: dict[int, list[str]] = defaultdict(list)
        for word in self.counts:
            self._by_length[len(word)].append(word)

    def near(self, word: str, slips: int, least: int) -> list[tuple[str, int]]:
        """The words at most so many slips away that at least ``least`` papers have, each with its slips."""
        found: list[tuple[str, int]] = []
        for length in range(len(word) - slips, len(word) + slips + 1):
            same = process.extract(word, self._by_length.get(length, ()), scorer=_slips_between, score_cutoff=slips, limit=None)
            found += [(known, distance) for known, distance, _ in same if self.counts[known] >= least]
        return found


def corrected(words: Sequence[str], vocabulary: Vocabulary, papers: int, has_stem: Callable[[str], bool]) -> tuple[str, ...]:
    """``words`` with each likely typo replaced by the vocabulary's word it is nearest to, the commoner one of equals.

    ``papers`` is how many there are; ``has_stem`` tells whether any has a word of the same stem. A word that is known, or
    another form of one, is right, unless it is rare among many papers and a much commoner word is one slip away.
    """
    doubted = [
        word for word in words if _is_doubtful(word, vocabulary, papers) and (word in vocabulary.counts or not has_stem(word))
    ][:_MENDED_WORDS]
    return tuple(_corrected(word, vocabulary, papers) if word in doubted else word for word in words)


def _is_doubtful(word: str, vocabulary: Vocabulary, papers: int) -> bool:
    return len(word) >= _MIN_LENGTH and word.isalpha() and vocabulary.counts.get(word, 0) <= min(2, papers // _RARE_IN)


def _corrected(word: str, vocabulary: Vocabulary, papers: int) -> str:
    seen = vocabulary.counts.get(word, 0)
    slips = 2 if len(word) >= _LONG and not seen else 1
    near = vocabulary.near(word, slips, least=max(2 if papers >= _RARE_IN else 1, seen * _MUCH_COMMONER))
    if not near:
        return word
    # People rarely get the first letter wrong.
    return min(near, key=lambda found: (found[1], found[0][0] != word[0], -vocabulary.counts[found[0]], found[0]))[0]
