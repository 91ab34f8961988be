"""Did-you-mean: a typed word that the papers do not know, and the word they know it was meant for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import OSA

_MIN_LENGTH = 4  # shorter words have too many neighbours
_RARE_IN = 3_000  # a word seen once in so many papers may itself be somebody's typo
_MUCH_COMMONER = 20
_slips_between: Any = OSA.distance  # its type is narrower than what extract takes, though it is meant for it


def corrected(words: Sequence[str], vocabulary: Mapping[str, int], papers: int) -> tuple[str, ...]:
    """``words`` with each likely typo replaced by the vocabulary's word it is nearest to, the commoner one of equals.

    ``vocabulary`` counts the papers that have a word, ``papers`` is how many there are. A word that is known is right,
    unless it is rare among many papers and a much commoner word is one slip away.
    """
    return tuple(_corrected(word, vocabulary, papers) for word in words)


def _corrected(word: str, vocabulary: Mapping[str, int], papers: int) -> str:
    seen = vocabulary.get(word, 0)
    if len(word) < _MIN_LENGTH or any(c.isdigit() for c in word) or seen > min(2, papers // _RARE_IN):
        return word
    slips = 2 if len(word) >= 8 and not seen else 1
    enough = max(2 if papers >= _RARE_IN else 1, seen * _MUCH_COMMONER)
    near = process.extract(
        word,
        (known for known, count in vocabulary.items() if count >= enough and abs(len(known) - len(word)) <= slips),
        scorer=_slips_between,
        score_cutoff=slips,
        limit=16,
    )
    if not near:
        return word
    # People rarely get the first letter wrong.
    return min(near, key=lambda found: (found[1], found[0][0] != word[0], -vocabulary[found[0]], found[0]))[0]
