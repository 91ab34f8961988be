"""Papers by the hundred thousand: the real ones of a folder first, then ones made of their sentences and words.

An abstract is made of sentences of several real ones, with some words drawn anew, as often as real abstracts have them; a title
is a walk from word to word of real titles that forgets at random where it was, so that it repeats no title for long. Made-up
words come in at the rate at which a growing collection brings new ones: after n papers of R real ones with V words, at
V·(n/R)**0.65 (Heaps' law; the exponent is that of 9 thousand against 100 thousand real abstracts). The same seed makes the same
papers; all that is kept in memory is the real ones and some made-up words.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TypeVar

from papers.paper import Paper
from papers.text import sentences

T = TypeVar("T")

_GROWTH = 0.65
_WORD = re.compile(r"[^\W\d_]{2,}")
_SENTENCES = (4, 10)
_SWAPPED = 0.08  # of an abstract's words
_FORGETS = 0.4  # of the steps in a title
_AGAIN = 0.5  # of the places of a made-up word are another place of one made before
_KEPT = 100_000  # made-up words that may come again
_SYLLABLES = [a + b for a in "bcdfghjklmnprstvwz" for b in ("a", "e", "i", "o", "u", "an", "en", "in", "or")]
_GIVEN = 500
_SURNAMES = 20_000
_ORGANISATIONS = 900
_WITH_ORGANISATION = 0.4
_WITH_VOTES, _MOST_VOTES = 0.3, 2_000
_CATEGORIES = ("cs.LG", "cs.CL", "cs.CV", "cs.AI", "stat.ML", "cs.RO", "cs.IR", "cs.CR", "cs.SE", "cs.SD", "eess.IV", "math.OC")
_FIRST_MONTH, _MONTHS = 2009 * 12, 17 * 12
_MOST_IN_MONTH = 100_000  # ids: five digits


def papers(real: Sequence[Paper], count: int, seed: int = 1) -> Iterator[Paper]:
    """The first ``count`` papers: the real ones in a random order, each with authors and the like, then made-up ones."""
    rng = random.Random(seed)  # noqa: S311 (a draw, not a secret)
    first = [*real]
    rng.shuffle(first)
    people = _People(rng)
    for number, paper in enumerate(first[:count]):
        yield people.sign(paper, number)
    if count > len(first):
        writer = _Writer(first, rng)
        known = {paper.id for paper in first}
        for number in range(len(first), count):
            title, abstract = writer.write(number)
            month = number % _MONTHS + _FIRST_MONTH
            identifier = f"{month // 12 % 100:02}{month % 12 + 1:02}.{_MOST_IN_MONTH - 1 - number // _MONTHS:05}"
            if identifier not in known:
                yield people.sign(Paper(id=identifier, title=title, abstract=abstract), number)


class _Writer:
    """Titles and abstracts."""

    def __init__(self, real: Sequence[Paper], rng: random.Random) -> None:
        self._rng = rng
        self._abstracts = [paper.abstract for paper in real if paper.abstract]
        self._sentences = [sentences(abstract) for abstract in self._abstracts]
        self._titles = [paper.title.split() for paper in real if paper.title]
        self._next: dict[str, list[str]] = {}
        for title in self._titles:
            for word, following in pairwise(title):
                self._next.setdefault(word, []).append(following)
        self._vocabulary = len({word.lower() for paper in real for word in _WORD.findall(f"{paper.title} {paper.abstract}")})
        self._made: list[str] = []
        self._owed = 0.0

    def write(self, number: int) -> tuple[str, str]:
        """The title and the abstract of the paper after ``number`` others."""
        own = self._new_words(number)
        return self._title(own), self._abstract(own)

    def _title(self, own: Sequence[str]) -> str:
        rng = self._rng
        size = len(_any(rng, self._titles))
        said = [_any(rng, self._titles)[0]]
        while len(said) < size:
            following = self._next.get(said[-1])
            said.append(_any(rng, following) if following and rng.random() > _FORGETS else self._title_word())
        if own and rng.random() < 0.5:
            said[0] = own[0].capitalize() + ":"
        return " ".join(said)

    def _title_word(self) -> str:
        """Any word of any title, the more often the more titles have it."""
        return _any(self._rng, _any(self._rng, self._titles))

    def _abstract(self, own: Sequence[str]) -> str:
        rng = self._rng
        said: list[str] = []
        for _ in range(rng.randint(*_SENTENCES)):
            said += _any(rng, _any(rng, self._sentences)).split()
        for _ in range(int(len(said) * _SWAPPED)):
            donor = _any(rng, self._abstracts)
            at = donor.find(" ", int(rng.random() * len(donor))) + 1
            if word := donor[at : donor.find(" ", at)]:
                said[int(rng.random() * len(said))] = word
        for word in own:
            said[int(rng.random() * len(said))] = word
        return " ".join(said)

    def _new_words(self, number: int) -> list[str]:
        """The made-up words that this paper has, new ones and ones from before."""
        rng = self._rng
        size = max(len(self._titles), 1)
        self._owed += _GROWTH * self._vocabulary / size * (number / size) ** (_GROWTH - 1)
        own = []
        while self._owed >= 1:
            self._owed -= 1
            own.append(made_up(rng))
            if len(self._made) < _KEPT:
                self._made.append(own[-1])
            else:
                self._made[rng.randrange(_KEPT)] = own[-1]
        return own + [_any(rng, self._made) for _ in own if rng.random() < _AGAIN]


class _People:
    """Who wrote a paper, where, when, on what, and how it was liked."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._given = [made_up(rng, 1, 3).capitalize() for _ in range(_GIVEN)]
        self._surnames = [made_up(rng, 2, 4).capitalize() for _ in range(_SURNAMES)]
        self._organisations = [
            f"{made_up(rng).capitalize()} {rng.choice(('University', 'Lab', 'AI'))}" for _ in range(_ORGANISATIONS)
        ]

    def sign(self, paper: Paper, number: int) -> Paper:
        """The paper with all but its text; it is published in a month that goes round with ``number``."""
        rng = self._rng
        month = number % _MONTHS + _FIRST_MONTH
        published = datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC) + timedelta(minutes=rng.randrange(28 * 24 * 60))
        return replace(
            paper,
            authors=tuple(dict.fromkeys(self._author() for _ in range(rng.randint(1, 7)))),
            organisation=self._organisations[self._few(_ORGANISATIONS)] if rng.random() < _WITH_ORGANISATION else "",
            categories=tuple(dict.fromkeys(_CATEGORIES[self._few(len(_CATEGORIES))] for _ in range(rng.randint(1, 3)))),
            published_at=published,
            votes=min(int(rng.paretovariate(0.9)) - 1, _MOST_VOTES) if rng.random() < _WITH_VOTES else 0,
        )

    def _author(self) -> str:
        return f"{self._given[self._few(_GIVEN)]} {self._surnames[self._few(_SURNAMES)]}"

    def _few(self, count: int) -> int:
        """A number below ``count``; small ones come more often."""
        return int(count * self._rng.random() ** 2)


def _any(rng: random.Random, items: Sequence[T]) -> T:
    """As ``rng.choice``, in a third of the time: a million papers have some hundred million choices."""
    return items[int(rng.random() * len(items))]


def made_up(rng: random.Random, least: int = 2, most: int = 4) -> str:
    """A word of so many syllables."""
    return "".join(rng.choices(_SYLLABLES, k=rng.randint(least, most)))
