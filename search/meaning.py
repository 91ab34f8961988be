"""What a text means, as a vector: a small sentence-embedding model on the CPU, for search by meaning.

Which models, and how to get one: docs/search.md. Nothing here ever downloads anything.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from papers.paper import Paper
from search.bert import FILES, Bert
from search.vectors import Floats, MeaningUnavailable

DEPTH = 200  # the best of each ranking that are fused
_LIBRARIES = ("safetensors", "tokenizers")  # the extra "semantic"
_SENTENCE_FROM = 6  # words
_FLATNESS = 30
_WEIGHT = 1.25


class Embedder(Protocol):
    """A model. ``name`` tells it from every other one, wherever it lies; ``size`` is how many numbers a vector has."""

    name: str
    size: int

    def embed(self, texts: Sequence[str]) -> Floats:
        """(texts, size): the vector of each text, of length 1. Takes 5 ms for a question, 100 for an abstract: use a thread."""


def text_of(paper: Paper) -> str:
    """What of a paper is given to a model."""
    return f"{paper.title}. {paper.abstract}"


def helps(words: Collection[str]) -> bool:
    """Whether a question is like a sentence, by its words without stop words. Fewer are a title half-remembered: those are found
    better by the words alone (docs/measurements.md).
    """
    return len(words) >= _SENTENCE_FROM


def fused(by_words: Sequence[str], by_meaning: Sequence[str]) -> list[tuple[str, float]]:
    """Two rankings as one by reciprocal rank (https://doi.org/10.1145/1571941.1572114), best first, with scores up to 1.

    Each is taken to its first DEPTH; a tie goes to the one that ``by_words`` has before.
    """
    scores: dict[str, float] = {}
    for ranking, weight in ((by_words, 1.0), (by_meaning, _WEIGHT)):
        for place, paper in enumerate(ranking[:DEPTH], start=1):
            scores[paper] = scores.get(paper, 0.0) + weight / (_FLATNESS + place)
    highest = (1 + _WEIGHT) / (_FLATNESS + 1)
    return sorted(((paper, score / highest) for paper, score in scores.items()), key=lambda found: -found[1])


def embedder(setting: str) -> Embedder:
    """The model of the setting search.model. Raises MeaningUnavailable with what is missing and what to do.

    The setting is a folder, the name of an installed Python package that has such a folder in it, or the name of a model that
    was downloaded before with the tools of Hugging Face ("sentence-transformers/all-MiniLM-L6-v2").
    """
    if not all(map(find_spec, _LIBRARIES)):
        raise MeaningUnavailable(f"search by meaning needs libraries: pip install {' '.join(_LIBRARIES)}")
    folder = next(_folders(setting), None)
    if folder is None:
        raise MeaningUnavailable(
            f"there is no model “{setting}” on this machine: name a folder with {', '.join(FILES)}, an installed package "
            "that has one, or a model downloaded before (see docs/search.md); Paperboy downloads none"
        )
    return Bert(folder)


def _folders(setting: str) -> Iterator[Path]:
    """Where the model may be, of the places that have its files."""
    places = [Path(setting).expanduser()]
    package = setting.replace("-", "_")
    if package.isidentifier() and not package.startswith("_") and (spec := find_spec(package)) is not None:
        places += [config.parent for root in spec.submodule_search_locations or () for config in Path(root).rglob("config.json")]
    home = Path(os.environ.get("HF_HOME") or Path.home() / ".cache/huggingface")
    if setting.count("/") == 1:
        places += sorted((home / "hub" / f"models--{setting.replace('/', '--')}" / "snapshots").glob("*"))
    for place in places:
        if all((place / file).is_file() for file in FILES):
            yield place
