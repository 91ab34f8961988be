"""What a text means, as a vector: a small sentence-embedding model on the CPU, for search by meaning.

Which models, and how to get one: docs/search.md. Nothing here ever downloads anything.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Protocol

from papers.paper import Paper
from papers.text import words
from search.bert import FILES, Bert
from search.vectors import Floats, MeaningUnavailable

DEPTH = 200  # the best of each ranking that are fused
_LIBRARIES = ("safetensors", "tokenizers")  # the extra "semantic"
_SENTENCE_FROM = 6  # words
_WEIGHT = 0.75  # of the meaning, beside 1 of the words


class Embedder(Protocol):
    """A model. ``name`` tells it from every other one, wherever it lies; ``size`` is how many numbers a vector has."""

    name: str
    size: int

    def embed(self, texts: Sequence[str]) -> Floats:
        """(texts, size): the vector of each text, of length 1. Takes 5 ms for a question, 100 for an abstract: use a thread."""


def text_of(paper: Paper) -> str:
    """What of a paper is given to a model."""
    return f"{paper.title}. {paper.abstract}"


def helps(text: str) -> bool:
    """Whether a question is like a sentence, by its words. Fewer are a title half-remembered: those are found better by the
    words alone (docs/measurements.md).
    """
    return len(words(text)) >= _SENTENCE_FROM


def fused(by_words: Mapping[str, float], by_meaning: Mapping[str, float]) -> list[tuple[str, float]]:
    """Two rankings with their scores, the best first, as one with scores up to 1.

    Each is taken to its first DEPTH and scaled: 1 is its best, 0 its last, or where it has fewer, a score of 0. A paper that
    is in one of them alone has 0 of the other; a tie goes to the one that ``by_words`` has before.
    """
    scores: dict[str, float] = {}
    for ranking, weight in ((by_words, 1.0), (by_meaning, _WEIGHT)):
        for paper, score in _scaled(ranking).items():
            scores[paper] = scores.get(paper, 0.0) + weight / (1 + _WEIGHT) * score
    return sorted(scores.items(), key=lambda found: -found[1])


def _scaled(ranking: Mapping[str, float]) -> dict[str, float]:
    best = dict(islice(ranking.items(), DEPTH))
    lowest = min(best.values()) if len(best) == DEPTH else 0.0
    spread = max(best.values(), default=0.0) - lowest
    return {paper: (score - lowest) / spread if spread > 0 else 1.0 for paper, score in best.items()}


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
