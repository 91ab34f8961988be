"""Known items: somebody remembers a few words of a paper's title, and mistypes one of them, or all."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean

from bench.judged import Ratio, ratio, reciprocal_rank
from bench.ours import Ours
from bench.rivals import Rival
from papers.paper import Paper
from papers.text import words

_WORDS = (3, 5)
_MISTYPED_FROM = 4  # letters of a word
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
HEADING = """
| papers | ranking | clean | one typo | ÷ clean | a typo in every word | ÷ clean |
|---|---|---|---|---|---|---|"""
MENDING_HEADING = """
| papers | questions | right words | replaced | mistyped words (one a question) | restored | mistyped words (all) | restored |
|---|---|---|---|---|---|---|---|"""


class Typing(StrEnum):
    """How a question was typed."""

    CLEAN = "clean"
    ONE = "one typo"
    ALL = "a typo in every word"


@dataclass(frozen=True, slots=True)
class Known:
    """A paper that is looked for, and the words of its title as they should be; ``typed`` has them as they are, in each way."""

    wanted: str
    right: tuple[str, ...]
    typed: dict[Typing, tuple[str, ...]]

    def text(self, typing: Typing) -> str:
        return " ".join(self.typed[typing])


@dataclass(frozen=True, slots=True)
class Row:
    """One ranking's mean reciprocal rank @10 by way of typing, and the ratios to that of clean questions."""

    papers: int
    name: str
    mrr: dict[Typing, float]
    ratios: dict[Typing, Ratio]

    def __str__(self) -> str:
        told = "".join(f" {self.mrr[typing]:.3f} | {self.ratios[typing]} |" for typing in (Typing.ONE, Typing.ALL))
        return f"| {self.papers:,} | {self.name} | {self.mrr[Typing.CLEAN]:.3f} |{told}"


@dataclass(frozen=True, slots=True)
class Mending:
    """What Paperboy made of the words: right ones it replaced, mistyped ones it restored."""

    papers: int
    questions: int
    right: int
    replaced: int
    mistyped: dict[Typing, int]
    restored: dict[Typing, int]

    def __str__(self) -> str:
        told = "".join(
            f" {self.mistyped[typing]:,} | {self.restored[typing] / max(self.mistyped[typing], 1):.1%} |"
            for typing in (Typing.ONE, Typing.ALL)
        )
        return f"| {self.papers:,} | {self.questions:,} | {self.right:,} | {self.replaced} |{told}"


def drawn(papers: Sequence[Paper], count: int, seed: int) -> list[Known]:
    """So many questions: three to five words of a random title, one after the other, of which one can be mistyped at least.

    Words are what papers.text says they are, folded; a title with fewer than three is not drawn.
    """
    rng = random.Random(seed)  # noqa: S311 (a draw, not a secret)
    found: list[Known] = []
    usable = [paper for paper in papers if len(words(paper.title)) >= _WORDS[0]]
    while len(found) < count and usable:
        paper = rng.choice(usable)
        title = words(paper.title)
        size = rng.randint(_WORDS[0], min(_WORDS[1], len(title)))
        start = rng.randint(0, len(title) - size)
        right = tuple(title[start : start + size])
        places = [place for place, word in enumerate(right) if len(word) >= _MISTYPED_FROM]
        if not places:
            continue
        one = rng.choice(places)
        every = tuple(mistyped(word, rng) if place in places else word for place, word in enumerate(right))
        only = (*right[:one], every[one], *right[one + 1 :])
        found.append(Known(paper.id, right, {Typing.CLEAN: right, Typing.ONE: only, Typing.ALL: every}))
    return found


def mistyped(word: str, rng: random.Random) -> str:
    """A word with a letter inserted, left out, replaced, or two neighbours changed about; never the word itself."""
    while True:
        place = rng.randrange(len(word))
        letter = rng.choice(_LETTERS)
        made = rng.choice(
            (
                word[:place] + letter + word[place:],
                word[:place] + word[place + 1 :],
                word[:place] + letter + word[place + 1 :],
                word[:place] + word[place + 1 : place + 2] + word[place] + word[place + 2 :],
            )
        )
        if made != word:
            return made


async def measured(ours: Ours, rivals: Sequence[Rival], papers: int, asked: Sequence[Known]) -> tuple[list[Row], Mending]:
    """Every ranking's figures on the same questions, and what became of the words in ours."""
    every: list[Ours | Rival] = [ours, *rivals]
    rows = [_row(rival, papers, asked) for rival in every]
    return rows, await mending(ours, papers, asked)


async def mending(ours: Ours, papers: int, asked: Sequence[Known]) -> Mending:
    """Whether right words were left alone, and wrong ones put right, word by word."""
    replaced = 0
    mistypes, restored = dict.fromkeys(Typing, 0), dict.fromkeys(Typing, 0)
    for known in asked:
        for typing in Typing:
            results = await ours.search(known.text(typing), 1)
            said = set(words(results.corrected if results.corrected is not None else known.text(typing)))
            if typing is Typing.CLEAN:
                replaced += sum(word not in said for word in known.right)
                continue
            wrong = [right for right, typed in zip(known.right, known.typed[typing], strict=True) if right != typed]
            mistypes[typing] += len(wrong)
            restored[typing] += sum(word in said for word in wrong)
    return Mending(papers, len(asked), sum(len(known.right) for known in asked), replaced, mistypes, restored)


def _row(rival: Ours | Rival, papers: int, asked: Sequence[Known]) -> Row:
    ranks = {typing: [reciprocal_rank(rival.find(known.text(typing), 10), known.wanted) for known in asked] for typing in Typing}
    clean = ranks[Typing.CLEAN]
    means = {typing: fmean(found) for typing, found in ranks.items()}
    return Row(papers, rival.name, means, {typing: ratio(found, clean) for typing, found in ranks.items()})
