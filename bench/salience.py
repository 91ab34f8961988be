"""Fits the weights of summaries/salience.py to what sources say of papers in one sentence.

    python -m bench.salience DAYS

DAYS is a folder of Hugging Face daily-papers replies. Every other day is used, so that bench/summaries.py can tell how well the
weights do on days that they were not made from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import click
import numpy as np
import numpy.typing as npt

from bench.summaries import Judged
from papers.paper import Paper
from search.analysis import stems
from summaries import salience
from summaries.extractive import main_of, told_in
from summaries.tidy import tidy

LEAST = 0.25  # a common word that weighs less is left out
_RIDGE, _RIDGE_OF_WORDS = 0.1, 4.0
Numbers = npt.NDArray[np.float64]
# Words that may weigh something by themselves: they are common in abstracts and belong to no field.
COMMON = tuple(
    dict.fromkeys(
        stems(
            """
            a an the of and or in on for to from by with as at is are be that which this it their our we they into via than can
            has not have but both while more such also between across without under over through use when how where each all
            these if other its new first one only most same often further improve framework enable perform efficient reduce
            achieve enhance reveal integrate address challenge demonstrate approach method novel effect maintain significant
            better base combine leverage outperform introduce propose present result experiment extensive existing remain
            despite baseline substantial study yet find set provide recent make produce increase code show work paper limit
            however art available system evaluate accuracy quality require include design construct build establish develop
            compare strong high key specific furthermore moreover release public openly explore support current
            """
        )
    )
)


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def main(folder: Path) -> None:
    """Print the weights."""
    judged = Judged.read(folder)
    seen = [paper for paper, is_fitted in zip(judged.papers, judged.fitted, strict=True) if is_fitted]
    rows, said = zip(*chain.from_iterable(map(_rows, seen)), strict=True)
    names = ["EVERY_SENTENCE", *salience.STANDING, *salience.LOOKS]
    ridge = np.array([_RIDGE] * len(names) + [_RIDGE_OF_WORDS] * len(COMMON))
    found = fitted(np.array(rows, np.float64), np.array(said, np.float64), ridge)
    for name, weight in zip(names, found, strict=False):
        click.echo(f"{name}: {weight:.2f}")
    by_weight: dict[str, list[str]] = {}
    for weight, stem in sorted(zip(found[len(names) :], COMMON, strict=True), reverse=True):
        if abs(weight) >= LEAST:
            by_weight.setdefault(f"{weight:+.1f}", []).append(stem)
    click.echo(" ".join(f"{weight} {' '.join(sorted(stems))}" for weight, stems in by_weight.items()))


def _rows(paper: Paper) -> Iterator[tuple[list[float], bool]]:
    """For each stem of the abstract its features, in the order of the weights, and whether the source uses it."""
    told = told_in(tidy(paper.abstract))
    said_in = [said.stems for said in told]
    groups = salience.groups(frozenset(stems(paper.title)), said_in, main_of(told, paper.title))
    source = set(stems(paper.source_summary))
    for stem, count in Counter(chain.from_iterable(said_in)).items():
        looks = (1.0, stem[0].isdigit(), len(stem) > salience.LONG)
        words = [float(stem == common) for common in COMMON]
        yield [float(np.log(min(count, salience.MOST))), *(stem in group for group in groups), *looks, *words], stem in source


def fitted(features: Numbers, wanted: Numbers, ridge: Numbers) -> Numbers:
    """A logistic regression by Newton's method."""
    found = np.zeros(features.shape[1])
    for _ in range(12):
        chance = 1 / (1 + np.exp(-features @ found))
        slope = features.T @ (wanted - chance) - ridge * found
        bend = (features * (chance * (1 - chance))[:, None]).T @ features + np.diag(ridge)
        found += np.linalg.solve(bend, slope)
    return found


if __name__ == "__main__":
    main(prog_name="python -m bench.salience")
