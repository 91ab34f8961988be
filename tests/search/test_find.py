"""Which papers are looked at before they are scored: a question of common words takes no longer than one of rare ones."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from papers.paper import Paper
from search import find
from search.engine import SearchEngine
from search.index import SearchIndex
from storage.store import Store
from tests.factories import paper

NOW = datetime(2026, 6, 12, 12, tzinfo=UTC)
TITLED = range(1, 131)  # more than are ever scored
IN_TEXT = paper(900, title="A plain heading", abstract="Model, model, model, model: nothing but a model of a method.", votes=7)
ZEBRA = paper(901, title="Something else", abstract="A zebra in passing, and a bird.")


@pytest.fixture
async def engine(store: Store, index: SearchIndex, monkeypatch: pytest.MonkeyPatch) -> SearchEngine:
    """Over papers that nearly all have "model" in their titles and in their text, and "method" in their text alone."""
    monkeypatch.setattr(find, "_SEEN_AT_LEAST", 20)
    many = [
        paper(number, title=f"One model of many, number {number}", abstract="A method that is good at what it does.")
        for number in TITLED
    ]
    return await filled(store, index, [*many, IN_TEXT, ZEBRA])


async def filled(store: Store, index: SearchIndex, papers: list[Paper]) -> SearchEngine:
    await store.papers.save(papers, "test")
    await index.catch_up(store.papers)
    return SearchEngine(index, store.papers)


def found(engine: SearchEngine, text: str) -> tuple[str, ...]:
    return engine.find(text, NOW, 50).ids


@pytest.mark.parametrize("text", ["model", "model zebra", "models of a zebra"])
async def test_words_of_most_papers_find_by_titles_alone(
    engine: SearchEngine, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert IN_TEXT.id not in found(engine, text)
    monkeypatch.setattr(find, "_SEEN_AT_LEAST", 20_000)
    assert IN_TEXT.id in found(engine, text)


async def test_they_count_all_the_same_in_what_the_others_find(engine: SearchEngine, store: Store, index: SearchIndex) -> None:
    both = paper(902, title="Nothing of it here", abstract="A zebra in passing, and a model.")
    engine = await filled(store, index, [both])
    assert found(engine, "zebra model")[:2] == (both.id, ZEBRA.id)


async def test_words_that_are_in_no_titles_find_by_text(engine: SearchEngine) -> None:
    assert len(found(engine, "method")) == 50
    assert len(found(engine, "method good")) == 50


@pytest.mark.parametrize("text", ["model votes:>5", "model zebra votes:>5", "the model of models votes:>5"])
async def test_under_a_narrow_condition_they_find_by_text(engine: SearchEngine, text: str) -> None:
    ranking = engine.find(text, NOW, 50)
    assert (ranking.ids, ranking.total) == ((IN_TEXT.id,), 1)


async def test_a_long_list_has_all(engine: SearchEngine) -> None:
    assert IN_TEXT.id in engine.find("model", NOW, 100).ids


async def test_several_words_for_one_that_most_papers_have_are_looked_for_in_titles(
    store: Store, index: SearchIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(find, "_SEEN_AT_LEAST", 20)
    said = f"We train a large language model (LLM) with care{', and more of it' * 30}."
    explained = [
        paper(number, title=f"LLM number {number} of the many that there are in this place", abstract=said) for number in TITLED
    ]
    titled = paper(902, title="A large language model for law", abstract="Judges like it.")
    in_text = paper(903, title="Judges", abstract="A large language model. " * 6)
    engine = await filled(store, index, [*explained, titled, in_text])
    assert {titled.id, in_text.id} & set(found(engine, "llm")) == {titled.id}
    monkeypatch.setattr(find, "_SEEN_AT_LEAST", 20_000)
    assert {titled.id, in_text.id} <= set(found(engine, "llm"))


async def test_under_a_narrow_condition_several_words_for_a_rare_one_are_found_in_the_text(
    store: Store, index: SearchIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(find, "_SEEN_AT_LEAST", 20)
    many = [paper(number, title="A heading", abstract="A large language model.") for number in TITLED]
    explained = [paper(number, title="A heading", abstract="A large language model (LLM).") for number in range(200, 205)]
    liked = paper(902, title="A heading", abstract="A large language model.", votes=9)
    engine = await filled(store, index, [*many, *explained, liked])
    assert found(engine, "llm votes:>5") == (liked.id,)
    assert len(found(engine, "llm")) > len(explained)
