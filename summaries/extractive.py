"""The sentences of an abstract that say what was done, how, and with what result: a summary that needs nothing but the text.

Every sentence has a role (what was done, a result, a problem, …), and every word a chance to be in a summary (salience). The main
sentence says what was done; to it is added, as long as it helps, what says most beside it. Each is told in fewer words (wording).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter, itemgetter

from papers.text import clip
from papers.text import sentences as split
from search.analysis import stems
from summaries.clauses import shorter
from summaries.late import late
from summaries.roles import Role, role
from summaries.salience import ELSEWHERE, chances
from summaries.tidy import tidy
from summaries.wording import is_standalone, plain

LIMIT = 350  # characters
SENTENCES = 3
_NAME = late(r"\S+(?=:\s)")  # "EvoArena: Tracking …"
_LONGEST_READ = 8_000  # characters of an abstract
_EXPECTED = 28  # words of a summary that was written by hand: a long one has to earn its words
_CANDIDATES = 5
# What a reader wants to know, in the measure of ROUGE-1 F: what is below 0 is told only if it says very much.
_WANTED = {
    Role.RESULT: 0.06,
    Role.METHOD: 0.01,
    Role.MAIN: 0.0,
    Role.CONTRIBUTION: 0.0,
    Role.OTHER: -0.01,
    Role.PROBLEM: -0.03,
    Role.LINK: -0.1,
}
_AGAIN = -0.02  # a second one of the same role
_FIGURE = 0.01  # a result with a number
_BEFORE = -0.05  # what stands before the main sentence
_SHORTENED = -0.003
_SHORTER = 1  # ways to shorten a sentence that are looked at
_TITLE = 0.1
_MAIN = 0.1


@lru_cache(maxsize=500)
def extract(title: str, abstract: str, limit: int = LIMIT, sentences: int = SENTENCES) -> str:
    """At most so many sentences of the abstract within ``limit`` characters, in order, shortened where they stay whole.

    Empty only without an abstract (or a limit). Where no sentence fits, the best one is clipped.
    """
    text = tidy(abstract[:_LONGEST_READ])
    if not text or limit < 1 or sentences < 1:
        return ""
    return _Worth(title, told_in(text)).summary(limit, sentences)


@dataclass(frozen=True, slots=True)
class _Said:
    """A sentence, as it stands or as it would be shown; ``place`` counts those of the abstract, ``words`` its own."""

    place: int
    role: Role
    text: str
    stems: frozenset[str]
    words: int
    is_shortened: bool = False


def told_in(text: str) -> list[_Said]:
    """The sentences of a text in order; without those that say where the code is, if there are others."""
    every = [_said(place, None, sentence) for place, sentence in enumerate(split(text))]
    return [said for said in every if said.role is not Role.LINK] or every


def _said(place: int, as_role: Role | None, text: str, is_shortened: bool = False) -> _Said:
    found = stems(text)
    once = frozenset(found)
    return _Said(place, as_role or role(text, once), text, once, len(found), is_shortened)


def main_of(told: Sequence[_Said], title: str) -> int:
    """Which sentence says what was done: the first that does so in as many words, or begins with the name of what was made, or
    else by its role.
    """
    named = re.compile(rf"(?:The )?{re.escape(found[0])}(?!\w)") if (found := _NAME.match(title)) else None
    for number, said in enumerate(told):
        if said.role is Role.MAIN or (named and named.match(said.text)):
            return number
    return next((number for number, said in enumerate(told) if said.role is Role.CONTRIBUTION), 0)


class _Worth:
    """What sentences are worth to a summary."""

    def __init__(self, title: str, told: Sequence[_Said]) -> None:
        main = main_of(told, title)
        self._title = frozenset(stems(title))
        self._chances = chances(self._title, [each.stems for each in told], main)
        self._told = told
        self._main = told[main].place

    def summary(self, limit: int, most: int) -> str:
        best = sorted(self._told, key=self.alone, reverse=True)[:_CANDIDATES]
        variants = [variant for said in best for variant in self._variants(said, limit)]
        first = [said for said in variants if is_standalone(said.text)]
        first = [said for said in first if said.place == self._main] or first
        if not first:
            whole = [_ended(plain(said.text)) for said in best]
            return clip(next(filter(is_standalone, whole), whole[0]), limit)
        chosen = max(([said] for said in first), key=self.together)
        worth = self.together(chosen)
        while len(chosen) < most:
            longer = [together for said in variants if (together := _joined(chosen, said, limit))]
            best_worth, best_one = max(
                ((self.together(each), each) for each in longer), key=itemgetter(0), default=(worth, chosen)
            )
            if best_worth <= worth:
                break
            worth, chosen = best_worth, best_one
        return " ".join(said.text for said in chosen)

    def _variants(self, said: _Said, limit: int) -> list[_Said]:
        text = plain(said.text)
        fitting = [shown for shown in map(_ended, [text, *shorter(text)]) if len(shown) <= limit]
        return [
            said if shown == said.text else _said(said.place, said.role, shown, shown != text)
            for shown in fitting[: _SHORTER + 1]
        ]

    def alone(self, said: _Said) -> float:
        """As the first one chosen."""
        return self.together([said]) + (_MAIN if said.place == self._main else 0)

    def together(self, chosen: Sequence[_Said]) -> float:
        """How much of a summary by hand these are expected to share with it (as ROUGE-1 F), and what a reader wants besides."""
        every = chosen[0].stems.union(*(said.stems for said in chosen[1:]))
        shared = sum([self._chances.get(stem, ELSEWHERE) for stem in every])
        worth = 2 * shared / (sum(said.words for said in chosen) + _EXPECTED)
        worth += _TITLE * len(every & self._title) / (len(self._title) or 1)
        worth += _AGAIN * (len(chosen) - len({said.role for said in chosen}))
        for said in chosen:
            worth += _WANTED[said.role] + (_SHORTENED if said.is_shortened else 0) + (_BEFORE if said.place < self._main else 0)
            if said.role is Role.RESULT and any(map(str.isdigit, said.text)):
                worth += _FIGURE
        return worth


def _joined(chosen: Sequence[_Said], said: _Said, limit: int) -> list[_Said]:
    """Those and another, in reading order; nothing where it does not fit, or would not be understood there."""
    if any(said.place == other.place for other in chosen) or sum(len(each.text) + 1 for each in chosen) + len(said.text) > limit:
        return []
    longer = sorted([*chosen, said], key=attrgetter("place"))
    for before, each in zip([None, *longer], longer, strict=False):
        if not is_standalone(each.text) and (before is None or before.place != each.place - 1 or before.is_shortened):
            return []
    return longer


def _ended(sentence: str) -> str:
    """With a full stop, where it has none."""
    if not sentence or sentence.rstrip("\"'”’)]*")[-1:] in ".!?…":
        return sentence
    return sentence.rstrip(" ,;:–—-") + "."
