"""How long an answer takes: each question is asked of every search in turn, so that all meet the same machine."""

from __future__ import annotations

import gc
import inspect
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bench.ours import Ours
from papers.paper import Paper
from papers.text import sentences, words
from search.analysis import STOP_WORDS

KINDS = ("1–2 words", "5 words", "a sentence")
_WARMING = 50  # questions of each kind that are asked first and not counted
_SENTENCE_WORDS = range(8, 26)
_TYPED = range(2, 26)  # characters of a beginning
HEADING = """
| papers | question | search | p50 ms | p99 ms | p50 ÷ Tantivy | p99 ÷ Tantivy |
|---|---|---|---|---|---|---|"""
COMPLETING_HEADING = """
| papers | typed | beginnings | p50 ms | p99 ms | slowest ms | p99 ms of 2 characters | of 3 | of 4 | of more |
|---|---|---|---|---|---|---|---|---|---|"""

Search = Callable[[str], Any]  # its answer, or what to await for it


@dataclass(frozen=True, slots=True)
class Row:
    """One search and one kind of question, in milliseconds; the ratios are to plain Tantivy's."""

    papers: int
    kind: str
    name: str
    p50_ms: float
    p99_ms: float
    p50_ratio: float
    p99_ratio: float

    def __str__(self) -> str:
        return (
            f"| {self.papers:,} | {self.kind} | {self.name} | {self.p50_ms:.2f} | {self.p99_ms:.2f} "
            f"| {self.p50_ratio:.2f} | {self.p99_ratio:.2f} |"
        )


@dataclass(frozen=True, slots=True)
class Completing:
    """What is typed, and milliseconds by length of the beginning."""

    papers: int
    typed: str
    times_ms: Mapping[int, Sequence[float]]

    def __str__(self) -> str:
        every = [spent for times in self.times_ms.values() for spent in times]
        longer = [spent for length, times in self.times_ms.items() if length > 4 for spent in times]
        by_length = [
            f"{np.quantile(times, 0.99):.2f}" for times in (self.times_ms[2], self.times_ms[3], self.times_ms[4], longer)
        ]
        told = f"{np.median(every):.2f} | {np.quantile(every, 0.99):.2f} | {max(every):.2f} | {' | '.join(by_length)}"
        return f"| {self.papers:,} | {self.typed} | {len(every):,} | {told} |"


def questions(papers: Sequence[Paper], asked: Sequence[str], count: int, seed: int) -> dict[str, list[str]]:
    """So many questions of each kind, each once where there are enough.

    One or two telling words, or five words in a row, of a random title; for sentences the questions ``asked`` and then
    sentences of random abstracts.
    """
    rng = random.Random(seed)  # noqa: S311 (a draw, not a secret)
    count += _WARMING
    few: dict[str, None] = {}
    five: dict[str, None] = {}
    whole = dict.fromkeys(asked)
    for paper in rng.choices(papers, k=20 * count):
        title = words(paper.title)
        telling = [word for word in title if word not in STOP_WORDS]
        if telling:
            start = rng.randrange(len(telling))
            few.setdefault(" ".join(telling[start : start + rng.randint(1, 2)]))
        if len(title) >= 5:
            start = rng.randint(0, len(title) - 5)
            five.setdefault(" ".join(title[start : start + 5]))
        if len(whole) < count and paper.abstract:
            said = rng.choice(sentences(paper.abstract))
            if len(said.split()) in _SENTENCE_WORDS:
                whole.setdefault(said)
    return {kind: list(texts)[:count] for kind, texts in zip(KINDS, (few, five, whole), strict=True)}


async def measured(papers: int, searches: Mapping[str, Search], asked: Mapping[str, Sequence[str]], base: str) -> list[Row]:
    """Ask every question of every search; who comes first changes with each question. ``base`` is compared to."""
    rows = []
    gc.collect()
    gc.freeze()  # as the bot does: what is loaded by now is no collection's business
    for kind, texts in asked.items():
        times: dict[str, list[float]] = {name: [] for name in searches}
        order = list(searches.items())
        for number, text in enumerate(texts):
            order = order[1:] + order[:1]
            for name, search in order:
                spent_ms = await _timed(search, text)
                if number >= _WARMING:
                    times[name].append(spent_ms)
        p50, p99 = ({name: float(np.quantile(spent, share)) for name, spent in times.items()} for share in (0.5, 0.99))
        rows += [Row(papers, kind, n, p50[n], p99[n], p50[n] / p50[base], p99[n] / p99[base]) for n in searches]
    gc.unfreeze()
    return rows


async def completing(papers: int, ours: Ours, typed: Mapping[str, Sequence[str]]) -> list[Completing]:
    """Type titles and authors' names, letter by letter; each beginning once, in an order of chance."""
    rng = random.Random(1)  # noqa: S311
    rows = []
    for kind, texts in typed.items():
        search: Search = ours.complete if kind == "titles" else ours.complete_authors
        beginnings = list({text[:length] for text in texts for length in _TYPED if len(text) >= length})
        rng.shuffle(beginnings)
        times: dict[int, list[float]] = {length: [] for length in _TYPED}
        for number, text in enumerate(beginnings[:_WARMING] + beginnings):
            spent_ms = await _timed(search, text)
            if number >= _WARMING:
                times[len(text)].append(spent_ms)
        rows.append(Completing(papers, kind, times))
    return rows


async def _timed(search: Search, text: str) -> float:
    """Milliseconds until there is an answer."""
    began = time.perf_counter_ns()
    answer = search(text)
    if inspect.isawaitable(answer):
        await answer
    return (time.perf_counter_ns() - began) / 1e6
