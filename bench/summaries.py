"""How near the extractive summary comes to what a source says of a paper in one sentence, side by side with simpler ways.

    python -m bench.summaries DAYS            the tables of docs/summaries.md
    python -m bench.summaries DAYS --worst 20 the papers that ours does worst by

DAYS is a folder of Hugging Face daily-papers replies, one file a day. Judged are the papers with an abstract and a summary by the
source (``ai_summary``): ROUGE-1, ROUGE-2 and ROUGE-L F with stemming. TextRank and LSA get our sentences and words.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain
from pathlib import Path
from statistics import fmean, median

import click
import numpy as np
import numpy.typing as npt
from rouge_score.rouge_scorer import RougeScorer
from sumy.models.dom import ObjectDocumentModel, Paragraph, Sentence
from sumy.nlp.stemmers import Stemmer
from sumy.summarizers import AbstractSummarizer
from sumy.summarizers.lsa import LsaSummarizer
from sumy.summarizers.text_rank import TextRankSummarizer

from bench.topics import stored_days
from papers.paper import Paper
from papers.text import opening, sentences, words
from search.analysis import STOP_WORDS
from summaries.extractive import LIMIT, extract

MEASURES = ("rouge1", "rouge2", "rougeL")
_DRAWS = 10_000
Way = Callable[[Paper], str]
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Judged:
    """The papers of a folder that a source summed up, and their days, in order."""

    papers: tuple[Paper, ...]
    days: tuple[date, ...]

    @classmethod
    def read(cls, folder: Path) -> Judged:
        """Each paper once, on the first day that has it."""
        found: dict[str, tuple[Paper, date]] = {}
        for day, papers in stored_days(folder).items():
            for paper in papers:
                if paper.abstract and paper.source_summary:
                    found.setdefault(paper.id, (paper, day))
        return cls(tuple(paper for paper, _ in found.values()), tuple(day for _, day in found.values()))

    @property
    def fitted(self) -> npt.NDArray[np.bool_]:
        """Which papers the weights were fitted on: those of every other day."""
        chosen = set(sorted(set(self.days))[::2])
        return np.array([day in chosen for day in self.days])


class Words:
    """Our words for sumy, whose own tokenizer asks for data from the internet."""

    def to_words(self, text: str) -> tuple[str, ...]:
        return tuple(words(text))


def first_two(paper: Paper) -> str:
    return " ".join(sentences(paper.abstract)[:2])


def last_two(paper: Paper) -> str:
    return " ".join(sentences(paper.abstract)[-2:])


def lead(paper: Paper) -> str:
    return opening(paper.abstract, LIMIT)


def ours(paper: Paper) -> str:
    return extract(paper.title, paper.abstract)


def by_library(kind: Callable[[Callable[[str], str]], AbstractSummarizer], count: int) -> Way:
    """A summariser of sumy's, with stemming and our stop words; sentences in reading order, as it gives them."""
    summariser = kind(Stemmer("english"))
    summariser.stop_words = STOP_WORDS

    def summed_up(paper: Paper) -> str:
        found = [Sentence(sentence, Words()) for sentence in sentences(paper.abstract)]
        return " ".join(f"{sentence}" for sentence in summariser(ObjectDocumentModel([Paragraph(found)]), count))

    return summed_up


WAYS: Mapping[str, Way] = {
    "**Paperboy**": ours,
    "first two sentences": first_two,
    "last two sentences": last_two,
    f"first sentences within {LIMIT} characters": lead,
    "TextRank, two sentences": by_library(TextRankSummarizer, 2),
    "TextRank, three sentences": by_library(TextRankSummarizer, 3),
    "TextRank, one sentence": by_library(TextRankSummarizer, 1),
    "LSA, two sentences": by_library(LsaSummarizer, 2),
    "LSA, three sentences": by_library(LsaSummarizer, 3),
    "LSA, one sentence": by_library(LsaSummarizer, 1),
}


def scored(summaries: Sequence[str], judged: Judged) -> Numbers:
    """F of each paper by MEASURES, times 100."""
    scorer = RougeScorer(list(MEASURES), use_stemmer=True)
    return 100 * np.array(
        [
            [scorer.score(paper.source_summary, said)[measure].fmeasure for measure in MEASURES]
            for paper, said in zip(judged.papers, summaries, strict=True)
        ]
    )


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--worst", type=int, default=0, help="Print so many papers that ours does worst by, instead.")
def main(folder: Path, worst: int) -> None:
    """Print the tables."""
    judged = Judged.read(folder)
    if worst:
        click.echo("\n".join(worst_of(judged, worst)))
        return
    said = {name: [way(paper) for paper in judged.papers] for name, way in WAYS.items()}
    scores = {name: scored(summaries, judged) for name, summaries in said.items()}
    for line in chain(table(judged, said, scores), against(judged, scores), lengths(folder), speed(judged)):
        click.echo(line)


def table(judged: Judged, said: Mapping[str, Sequence[str]], scores: Mapping[str, Numbers]) -> list[str]:
    """Means over all papers, and ours by whether the weights had seen the day."""
    rows = [
        f"{len(judged.papers):,} papers of {len(set(judged.days))} days",
        "",
        "| | ROUGE-1 | ROUGE-2 | ROUGE-L | characters |",
    ]
    rows.append("|---|---|---|---|---|")
    rows += [f"| {name} | {_means(score)} | {fmean(map(len, said[name])):.0f} |" for name, score in scores.items()]
    ours = next(iter(scores.values()))
    rows.append(f"| Paperboy, days its weights were fitted on | {_means(ours[judged.fitted])} | |")
    rows.append(f"| Paperboy, the other days | {_means(ours[~judged.fitted])} | |")
    reference = [len(paper.source_summary) for paper in judged.papers]
    return [*rows, "", f"The sources' own have {median(reference):.0f} characters (median).", ""]


def against(judged: Judged, scores: Mapping[str, Numbers]) -> list[str]:
    """Ours less each other, with a paired bootstrap's 95 %, and the days on which ours is above."""
    (_, ours), *others = scores.items()
    rng = np.random.default_rng(1)
    papers = len(judged.papers)
    drawn = rng.multinomial(papers, np.full(papers, 1 / papers), size=_DRAWS) / papers
    days = sorted(set(judged.days))
    of_day = np.array([[day == one for day in judged.days] for one in days])
    rows = ["| ours less | ROUGE-1 | ROUGE-L | days above, ROUGE-1 | ROUGE-L |", "|---|---|---|---|---|"]
    for name, score in others:
        cells, above = [], []
        for measure in (0, 2):
            less = ours[:, measure] - score[:, measure]
            low, high = np.percentile(drawn @ less, [2.5, 97.5])
            cells.append(f"{less.mean():.1f} [{low:.1f}, {high:.1f}]")
            above.append(f"{sum(less[day].mean() > 0 for day in of_day)} of {len(days)}")
        rows.append(f"| {name} | {' | '.join([*cells, *above])} |")
    return [*rows, ""]


def lengths(folder: Path) -> list[str]:
    """Of ours for every paper, with or without a source's."""
    papers = [paper for papers in stored_days(folder).values() for paper in papers if paper.abstract]
    said = [ours(paper) for paper in papers]
    counts = Counter(len(sentences(text)) for text in said)
    share = ", ".join(f"{counts[number] / len(said):.0%} of {number}" for number in sorted(counts))
    return [
        f"{len(papers):,} papers with an abstract: {min(map(len, said))} to {max(map(len, said))} characters; sentences: {share}"
    ]


def speed(judged: Judged) -> list[str]:
    """Milliseconds of processor time for a paper that was not asked for before: the middle of five runs."""
    runs = []
    for _ in range(5):
        start = time.process_time()
        for paper in judged.papers:
            extract.__wrapped__(paper.title, paper.abstract)
        runs.append((time.process_time() - start) * 1_000 / len(judged.papers))
    return [f"{median(runs):.2f} ms a paper"]


def worst_of(judged: Judged, count: int) -> list[str]:
    """The papers by ROUGE-1 and ROUGE-L of ours, the lowest first."""
    said = [ours(paper) for paper in judged.papers]
    scores = scored(said, judged)
    lowest = np.argsort(scores[:, 0] + scores[:, 2])[:count]
    return [
        f"{scores[at, 0]:.1f} / {scores[at, 2]:.1f} {judged.papers[at].id} {judged.papers[at].title}\n"
        f"  ours:   {said[at]}\n  source: {judged.papers[at].source_summary}"
        for at in lowest
    ]


def _means(scores: Numbers) -> str:
    return " | ".join(f"{mean:.1f}" for mean in scores.mean(axis=0))


if __name__ == "__main__":
    main(prog_name="python -m bench.summaries")
