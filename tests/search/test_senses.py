"""Search by meaning beside search by words, with a model of three meanings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from search.engine import SearchEngine
from search.index import SearchIndex
from search.senses import Senses
from search.vectors import Floats, Vectors
from storage.store import Store
from tests.factories import paper

NOW = datetime(2026, 6, 12, tzinfo=UTC)
MEANINGS = (("dog", "hound", "puppy"), ("car", "vehicle", "automobile"), ("ship", "vessel", "boat"))
QUESTION = "how do young puppy learn tricks from their owner quickly"


class Model:
    """A text's vector says how often it speaks of each of the meanings, and a little of everything."""

    name = "three meanings"
    size = 8

    def __init__(self) -> None:
        self.embedded: list[str] = []

    def embed(self, texts: Sequence[str]) -> Floats:
        self.embedded += texts
        found = np.full((len(texts), self.size), 0.01, np.float32)
        for row, text in enumerate(texts):
            for column, words in enumerate(MEANINGS):
                found[row, column] += sum(text.lower().count(word) for word in words)
        unit: Floats = found / np.linalg.norm(found, axis=1, keepdims=True)
        return unit


PAPERS = [
    paper(1, title="A hound that fetches", abstract="On hounds."),
    paper(2, title="Vehicle detection", abstract="On cars that learn tricks."),
    paper(3, title="Vessel routing", abstract="On boats."),
]


@pytest.fixture
async def model(store: Store, index: SearchIndex) -> Model:
    await store.papers.save(PAPERS, "test")
    await index.catch_up(store.papers)
    return Model()


@pytest.fixture
async def senses(tmp_path: Path, store: Store, model: Model) -> AsyncIterator[Senses]:
    made = Senses(model, Vectors(tmp_path / "test.vectors", model.name, model.size))
    await made.catch_up(store.papers)
    yield made
    made.close()


async def found(engine: SearchEngine, text: str) -> list[str]:
    return [hit.paper.id for hit in (await engine.search(text, NOW)).hits]


async def test_a_sentence_finds_what_means_the_same_in_other_words(store: Store, index: SearchIndex, senses: Senses) -> None:
    assert PAPERS[0].id not in await found(SearchEngine(index, store.papers), QUESTION)
    assert PAPERS[0].id in await found(SearchEngine(index, store.papers, senses), QUESTION)


async def test_a_few_words_and_conditions_are_left_to_the_words(store: Store, index: SearchIndex, senses: Senses) -> None:
    by_words, both = SearchEngine(index, store.papers), SearchEngine(index, store.papers, senses)
    for text in ("puppy tricks", f"{QUESTION} -hound", "puppy"):
        assert await found(both, text) == await found(by_words, text)


async def test_papers_alike_in_meaning_are_similar(store: Store, index: SearchIndex, senses: Senses) -> None:
    await store.papers.save([paper(4, title="Puppy school", abstract="Young dogs and ships.")], "test")
    await index.catch_up(store.papers)
    await senses.catch_up(store.papers)
    engine = SearchEngine(index, store.papers, senses)
    alike = await engine.similar(PAPERS[0].id, 5)
    assert alike
    assert alike[0].paper.id == paper(4).id


async def test_only_what_is_new_is_given_to_the_model(tmp_path: Path, store: Store, model: Model, senses: Senses) -> None:
    assert len(model.embedded) == 3
    await store.papers.save([paper(5, title="Boat race")], "test")
    again = Senses(model, Vectors(tmp_path / "test.vectors", model.name, model.size))  # as after a restart
    await again.catch_up(store.papers)
    again.close()
    assert len(model.embedded) == 4


async def test_without_its_file_the_words_answer_alone(
    tmp_path: Path, store: Store, index: SearchIndex, senses: Senses, caplog: pytest.LogCaptureFixture
) -> None:
    by_words, both = SearchEngine(index, store.papers), SearchEngine(index, store.papers, senses)
    for file in (tmp_path / "test.vectors").iterdir():
        file.write_bytes(b"not what it was")
    assert await found(both, QUESTION) == await found(by_words, QUESTION)


async def test_no_setting_and_an_unknown_model_mean_words_alone(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert await Senses.open("", tmp_path / "v") is None
    assert not caplog.text
    assert await Senses.open(str(tmp_path / "nowhere"), tmp_path / "v") is None
    assert "words alone" in caplog.text
