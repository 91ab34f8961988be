"""What the benchmark of search by meaning measures is what the engine answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bench.judged import Judged
from bench.meaning import Rankings, embed, remembered
from bench.ours import INDEX, NOW, Ours
from bench.rivals import Bm25s
from papers.paper import Paper
from papers.text import words
from search.engine import SearchEngine
from search.index import SearchIndex
from search.senses import Senses
from search.vectors import Vectors
from tests.search.test_senses import Model

SENTENCES = [
    "how do young puppies quickly learn tricks from their patient owner",
    "which vessel carries a heavy vehicle over the deep water of the sea",
    "which of the dogs /and the cars/ would carry water across the sea quickly",
]
LEFT_TO_WORDS = ["puppy tricks", "how do young puppies quickly learn tricks from their patient owner -hound"]


def papers() -> list[Paper]:
    nouns = ("hound", "puppy", "dog", "vehicle", "automobile", "car", "vessel", "boat", "ship")
    verbs = ("learn tricks", "carry water", "cross the sea", "meet their owner", "have a name")
    every = [(noun, verb) for noun in nouns for verb in verbs]
    return [
        Paper(id=f"2601.{number:05}", title=f"The {noun} that would {verb}", abstract=f"On each {noun}. " * (number % 4 + 1))
        for number, (noun, verb) in enumerate(every)
    ]


@pytest.fixture
def vectors(tmp_path: Path) -> Iterator[Vectors]:
    made = Vectors(tmp_path / "vectors", Model.name, Model.size)
    yield made
    made.close()


@pytest.fixture
async def measured(tmp_path: Path, vectors: Vectors) -> AsyncIterator[Rankings]:
    every = papers()
    embed(every, Model(), vectors, print)
    async with Ours.open(tmp_path / "ours", every) as ours:
        yield Rankings(Bm25s(every), ours, Model(), vectors, frozenset(paper.id for paper in every))


async def test_with_vectors_it_ranks_as_the_engine_does(measured: Rankings) -> None:
    index = SearchIndex(measured.ours.folder / INDEX, measured.ours.store.identity)
    engine = SearchEngine(index, measured.ours.store.papers, Senses(measured.model, measured.vectors))
    try:
        for text in SENTENCES:
            answered = [hit.paper.id for hit in (await engine.search(text, NOW)).hits]
            assert answered
            assert measured.find(text)["Paperboy with vectors"][: len(answered)] == answered
    finally:
        index.close()


async def test_few_words_and_conditions_are_left_to_the_words(measured: Rankings) -> None:
    for text in SENTENCES:
        found = measured.find(text)
        assert found["Paperboy with vectors"] == found["always with vectors"] != found["Paperboy"]
    for text in LEFT_TO_WORDS:
        found = measured.find(text)
        assert found["Paperboy with vectors"] == found["Paperboy"] != found["always with vectors"]


async def test_vectors_of_papers_that_are_not_in_the_set_are_left_out(measured: Rankings) -> None:
    measured.vectors.add(["elsewhere"], measured.model.embed(["puppy"]))
    assert "elsewhere" not in measured.find("puppy")["vectors"]


def test_only_what_is_missing_is_embedded_and_it_is_told(vectors: Vectors) -> None:
    model, told = Model(), list[str]()
    embed(papers()[:10], model, vectors, told.append)
    embed(papers(), model, vectors, told.append)
    assert len(model.embedded) == len(vectors) == len(papers())
    assert told[-1].startswith("35 of 35 embedded, ")


def test_what_is_remembered_of_a_title_are_words_in_a_row() -> None:
    judged = Judged("made up", papers(), {}, {})
    titles = {paper.id: words(paper.title) for paper in judged.papers}
    asked = list(remembered(judged.papers, range(3, 6), 40, seed=1))
    assert len(asked) == 40
    for paper, text in asked:
        found = text.split()
        assert 3 <= len(found) <= 5
        assert any(titles[paper][start : start + len(found)] == found for start in range(len(titles[paper])))
    assert list(remembered(judged.papers, range(20, 30), 5, seed=1)) == []
