"""How good the first answers are, on judged questions, beside the rivals."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from bench.judged import Judged, Ratio, named, ndcg, ratio, recall
from bench.ours import Ours
from bench.rivals import Bm25s, Fts5, PlainTantivy, Rival

BASELINE = Bm25s.name
DEPTH = 100  # papers asked for; the best ten of them count for nDCG@10 and recall@10
HEADING = """
| set | papers | questions | ranking | nDCG@10 | recall@10 | recall@100 | nDCG@10 ÷ bm25s | recall@100 ÷ bm25s |
|---|---|---|---|---|---|---|---|---|"""


@dataclass(frozen=True, slots=True)
class Figures:
    """For each question, in order."""

    ndcg_10: tuple[float, ...]
    recall_10: tuple[float, ...]
    recall_100: tuple[float, ...]

    @classmethod
    def of(cls, rankings: Mapping[str, list[str]], grades: Mapping[str, Mapping[str, float]]) -> Figures:
        """Of rankings by question's id; every question with grades must be among them."""
        pairs = [(rankings[question], graded) for question, graded in grades.items()]
        return cls(
            tuple(ndcg(found, graded) for found, graded in pairs),
            tuple(recall(found, graded, 10) for found, graded in pairs),
            tuple(recall(found, graded, DEPTH) for found, graded in pairs),
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One ranking on one set; the ratios, with their intervals, are to the baseline on the same questions."""

    set_name: str
    papers: int
    questions: int
    name: str
    ndcg_10: float
    recall_10: float
    recall_100: float
    ndcg_ratio: Ratio
    recall_ratio: Ratio

    def __str__(self) -> str:
        return (
            f"| {self.set_name} | {self.papers:,} | {self.questions} | {self.name} | {self.ndcg_10:.3f} | {self.recall_10:.3f} "
            f"| {self.recall_100:.3f} | {self.ndcg_ratio} | {self.recall_ratio} |"
        )


async def quality(judged: Judged) -> list[Row]:
    """Ask every ranking every question of a set; the baseline's row is the last."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        async with Ours.open(folder / "ours", judged.papers) as ours:
            found = {ours.name: _rankings(ours, judged)}
        for rival in _rivals(judged, folder):
            found[rival.name] = _rankings(rival, judged)
    return rows(judged, found)


def rows(judged: Judged, found: Mapping[str, Mapping[str, list[str]]]) -> list[Row]:
    """The table of rankings by name and question's id."""
    figures = {name: Figures.of(dict(rankings), judged.grades) for name, rankings in found.items()}
    base = figures[BASELINE]
    return [
        Row(
            judged.name,
            len(judged.papers),
            len(judged.grades),
            name,
            fmean(of.ndcg_10),
            fmean(of.recall_10),
            fmean(of.recall_100),
            ratio(of.ndcg_10, base.ndcg_10),
            ratio(of.recall_100, base.recall_100),
        )
        for name, of in figures.items()
    ]


def _rivals(judged: Judged, folder: Path) -> Iterator[Rival]:
    """One after the other, so that one alone is in memory."""
    papers = judged.papers
    PlainTantivy.build(papers, folder / "tantivy")
    yield PlainTantivy(folder / "tantivy")
    Fts5.build(papers, folder / "fts5.db")
    yield Fts5(folder / "fts5.db")
    yield Bm25s(papers)


def _rankings(rival: Rival | Ours, judged: Judged) -> dict[str, list[str]]:
    return {question: list(dict.fromkeys(map(named, rival.find(text, DEPTH)))) for question, text in judged.questions.items()}
