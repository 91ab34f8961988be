"""Judged questions: sets of papers with questions and the papers that answer them, and how good a ranking is by them."""

from __future__ import annotations

import gzip
import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from papers.paper import Paper
from papers.text import clean

_RESAMPLES = 2_000
_AGAIN = "~~"


@dataclass(frozen=True, slots=True)
class Judged:
    """``papers`` in order, ``questions`` as id → text, ``grades`` as question's id → {paper's id: grade above 0}.

    Papers that share an id in the set ("cvpr2019:None" is many) have ids of their own here; ``named`` gives back the set's.
    """

    name: str
    papers: Sequence[Paper]
    questions: Mapping[str, str]
    grades: Mapping[str, Mapping[str, float]]

    @classmethod
    def read(cls, folder: Path) -> Judged:
        """A folder with corpus.jsonl, queries.jsonl (either may end in .gz) and qrels.tsv, which has a line of headings.

        Questions without an answer that is in the corpus are left out.
        """
        papers = list(papers_of(folder))
        known = {named(paper.id) for paper in papers}
        grades: dict[str, dict[str, float]] = {}
        with (folder / "qrels.tsv").open(encoding="utf-8") as file:
            next(file)
            for line in file:
                question, paper, grade = line.rstrip("\n").split("\t")
                if float(grade) > 0 and paper in known:
                    grades.setdefault(question, {})[paper] = float(grade)
        questions = {str(row["id"]): row["text"] for row in _rows(folder, "queries") if str(row["id"]) in grades}
        return cls(folder.name, papers, questions, {question: grades[question] for question in questions})


def papers_of(folder: Path) -> Iterator[Paper]:
    """The papers of a folder's corpus.jsonl or corpus.jsonl.gz, in order; the second of an id gets another, and so on."""
    times: Counter[str] = Counter()
    for row in _rows(folder, "corpus"):
        identifier = str(row["id"])
        times[identifier] += 1
        unlike = f"{_AGAIN}{times[identifier]}" if times[identifier] > 1 else ""
        yield Paper(id=identifier + unlike, title=clean(row["title"] or ""), abstract=clean(row["abstract"] or ""))


def named(identifier: str) -> str:
    """A paper's id as its set has it."""
    return identifier.split(_AGAIN)[0]


def questions_of(folder: Path) -> list[str]:
    """The texts of a folder's questions; none where it has no queries.jsonl."""
    return [row["text"] for row in _rows(folder, "queries")] if _file(folder, "queries").exists() else []


def ndcg(found: Sequence[str], grades: Mapping[str, float], depth: int = 10) -> float:
    """Normalised discounted cumulative gain of a ranking's first ``depth``, 0..1. The gain of a paper is its grade."""
    ideal = sum(grade / math.log2(place + 2) for place, grade in enumerate(sorted(grades.values(), reverse=True)[:depth]))
    gained = sum(grades.get(paper, 0.0) / math.log2(place + 2) for place, paper in enumerate(found[:depth]))
    return gained / ideal if ideal else 0.0


def recall(found: Sequence[str], grades: Mapping[str, float], depth: int) -> float:
    """The share of the papers with a grade that are among a ranking's first ``depth``."""
    return len(set(found[:depth]) & grades.keys()) / len(grades) if grades else 0.0


def reciprocal_rank(found: Sequence[str], wanted: str, depth: int = 10) -> float:
    """1 ÷ the place of the paper wanted, counted from 1; 0 where it is not among the first ``depth``."""
    return 1 / (found.index(wanted) + 1) if wanted in found[:depth] else 0.0


@dataclass(frozen=True, slots=True)
class Ratio:
    """A mean ÷ another mean over the same questions, and the interval that has it in 95 of 100 resamples."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


def ratio(ours: Sequence[float], theirs: Sequence[float], seed: int = 1) -> Ratio:
    """By paired bootstrap: both means are taken over the same questions, drawn anew with replacement."""
    pairs = np.array([ours, theirs], np.float64)
    rng = np.random.default_rng(seed)
    drawn = pairs[:, rng.integers(0, pairs.shape[1], (_RESAMPLES, pairs.shape[1]))].mean(axis=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        resampled = drawn[0] / drawn[1]
        value = float(pairs[0].mean() / pairs[1].mean())
    low, high = np.nanquantile(resampled, [0.025, 0.975])
    return Ratio(value, float(low), float(high))


def _rows(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    file = _file(folder, name)
    with gzip.open(file, "rt", encoding="utf-8") if file.suffix == ".gz" else file.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


def _file(folder: Path, name: str) -> Path:
    plain = folder / f"{name}.jsonl"
    return plain if plain.exists() else plain.with_suffix(".jsonl.gz")
