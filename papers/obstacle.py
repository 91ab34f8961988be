"""Why an expression does not hold for a paper: the part that is in its way, and how near that is to holding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from papers.expression import All, And, Expression, Filter, Not, Or, Phrase, Votes, folded, leaves
from papers.paper import Paper
from papers.shelf import Shelf

_NEARLY = 0.9  # of what fails for a figure, an excluded word, or words that do not stand side by side
_AKIN_LETTERS, _AKIN_SHARE = 4, 0.6  # how much two words begin alike that are akin: "robot" and "robotic"


@dataclass(frozen=True, slots=True)
class Obstacle:
    """``part`` does not hold, or, if ``is_excluded``, holds and must not.

    ``near`` are words of the paper, folded, that a missing phrase has, or that are akin to its words. ``nearness`` is from 0
    to 1, where an expression holds: of several alternatives the nearest is told of.
    """

    part: Phrase | Filter | Votes | All
    is_excluded: bool
    near: tuple[str, ...] = ()
    nearness: float = 0.0


def obstacle(expression: Expression, paper: Paper) -> Obstacle | None:
    """What keeps the expression from holding for the paper; None if it holds.

    Of parts that must all hold it is the first that fails, the votes last: they can still come. Of alternatives, the nearest.
    """
    return _obstacle(expression, _looked_at(paper), is_wanted=True)


def held(expression: Expression, paper: Paper) -> tuple[Phrase, ...]:
    """The wanted phrases that are in the paper, in order."""
    shelf = _looked_at(paper).shelf
    wanted = (leaf for leaf, is_wanted in leaves(expression) if is_wanted and isinstance(leaf, Phrase))
    return tuple(phrase for phrase in wanted if shelf.mask(phrase))


@dataclass(frozen=True, slots=True)
class _Looked:
    """A paper alone on its shelf, and its words."""

    shelf: Shelf
    words: frozenset[str]


@lru_cache(maxsize=256)
def _looked_at(paper: Paper) -> _Looked:
    return _Looked(Shelf([paper]), frozenset(folded(" ".join((paper.title, paper.abstract, *paper.keywords)))))


def _obstacle(expression: Expression, paper: _Looked, *, is_wanted: bool) -> Obstacle | None:
    match expression:
        case Not(part):
            return _obstacle(part, paper, is_wanted=not is_wanted)
        case And(parts) | Or(parts):
            found = [_obstacle(part, paper, is_wanted=is_wanted) for part in parts]
            # By De Morgan: that not one of them holds is asked of each.
            return _of_all(found) if isinstance(expression, And) is is_wanted else _of_any(found)
        case _:
            if bool(paper.shelf.mask(expression)) is is_wanted:
                return None
            return _of_leaf(expression, paper, is_excluded=not is_wanted)


def _of_all(found: Sequence[Obstacle | None]) -> Obstacle | None:
    failing = [each for each in found if each]
    if not failing:
        return None
    first = min(failing, key=lambda each: isinstance(each.part, Votes))
    return replace(first, nearness=sum(each.nearness if each else 1.0 for each in found) / len(found))


def _of_any(found: Sequence[Obstacle | None]) -> Obstacle | None:
    failing = [each for each in found if each]
    return max(failing, key=lambda each: each.nearness) if len(failing) == len(found) else None


def _of_leaf(leaf: Phrase | Filter | Votes | All, paper: _Looked, *, is_excluded: bool) -> Obstacle:
    if is_excluded or isinstance(leaf, Votes):
        return Obstacle(leaf, is_excluded, nearness=_NEARLY)
    if not isinstance(leaf, Phrase) or not leaf.words:
        return Obstacle(leaf, is_excluded)
    near = {word: word if word in paper.words else _akin(word, paper.words) for word in leaf.words}
    points = [1.0 if found == word else 0.5 if found else 0.0 for word, found in near.items()]
    nearness = min(_NEARLY, sum(points) / len(points))
    return Obstacle(leaf, is_excluded, tuple(found for found in near.values() if found), nearness)


def _akin(word: str, words: Iterable[str]) -> str:
    """The word that begins most like another, if it does so by enough; else nothing. Of several the shortest, then the first
    in the alphabet.
    """
    shared = {other: _shared_letters(word, other) for other in words}
    akin = [o for o, n in shared.items() if n >= _AKIN_LETTERS and n >= _AKIN_SHARE * max(len(o), len(word))]
    return min(akin, key=lambda other: (-shared[other], len(other), other), default="")


def _shared_letters(one: str, other: str) -> int:
    """With how many letters the same two words begin."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
