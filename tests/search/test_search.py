from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.press import REPLIES, days_in
from search.engine import NO_SUCH, SearchEngine
from search.index import IndexUnavailable, SearchIndex
from search.query import MAX_WORDS, Query
from search.suggest import Vocabulary, corrected
from sources.huggingface import papers_in
from storage.store import Store
from tests.factories import paper

TODAY = date(2026, 6, 12)
SAMPLE = [p for day in days_in(REPLIES) for p in papers_in(json.loads((REPLIES / f"{day}.json").read_text("utf-8")), day)]


@pytest.fixture
async def filled(store: Store, index: SearchIndex) -> SearchEngine:
    await store.papers.save(SAMPLE, "huggingface")
    await index.catch_up(store.papers)
    return SearchEngine(index, store.papers)


async def titles(engine: SearchEngine, text: str) -> list[str]:
    return [hit.paper.title for hit in (await engine.search(text)).hits]


async def test_a_title_with_a_typo_finds_its_paper_first(filled: SearchEngine) -> None:
    assert (await titles(filled, "genertive 3d erth model"))[0].startswith("ABot-Earth 0.5")
    assert (await filled.search("genertive 3d erth model")).corrected == "generative 3d earth model"


async def test_every_title_finds_its_own_paper(filled: SearchEngine) -> None:
    for sample in SAMPLE:
        results = await filled.search(sample.title)
        assert results.hits[0].paper.id == sample.id, sample.title
        assert results.corrected is None


async def test_an_id_or_a_link_is_the_paper_itself(filled: SearchEngine) -> None:
    for text in (SAMPLE[0].id, f"https://arxiv.org/abs/{SAMPLE[0].id}v2", f"what of {SAMPLE[0].id}?"):
        assert await titles(filled, text) == [SAMPLE[0].title]


async def test_scores_fall_and_results_never_repeat(filled: SearchEngine) -> None:
    results = await filled.search("language models for video agents")
    scores = [hit.score for hit in results.hits]
    assert scores == sorted(scores, reverse=True)
    assert len({hit.paper.id for hit in results.hits}) == len(results.hits) <= results.total


async def test_stems_and_accents_fold(store: Store, index: SearchIndex) -> None:
    await store.papers.save([paper(1, title="Training Policies", authors=("Jürgen Ölmann",)), paper(2)], "test")
    await index.catch_up(store.papers)
    engine = SearchEngine(index, store.papers)
    assert await titles(engine, "trained policy") == ["Training Policies"]
    assert await titles(engine, "Olmann") == ["Training Policies"]
    assert (await engine.search("trainings")).corrected is None


async def test_an_unknown_id_finds_nothing_and_is_named(filled: SearchEngine) -> None:
    results = await filled.search("https://arxiv.org/abs/1706.03762")
    assert (results.hits, results.total, results.unknown_id) == ((), 0, "1706.03762")


async def test_one_paper_is_meant_by_title_beginning_or_id(filled: SearchEngine) -> None:
    sample = next(p for p in SAMPLE if p.title.startswith("ABot-Earth"))
    for text in (sample.title, sample.title.lower(), "ABot-Erth 0.5: Generative 3D Earth Model", "abot-ea", sample.id):
        found = await filled.paper(text)
        assert found, text
        assert found.id == sample.id, text
    assert await filled.paper("a") is None
    assert await filled.paper("9999.99999") is None


async def test_completion_knows_half_typed_titles(filled: SearchEngine) -> None:
    assert (await filled.complete("abot e", 25, TODAY))[0].title.startswith("ABot-Earth")
    assert len(await filled.complete("", 25, TODAY)) == 10  # the newest day
    assert await filled.complete("\x00 !", 25, TODAY) == []
    assert (await filled.complete("erth genertive", 25, TODAY))[0].title.startswith("ABot-Earth")


HOSTILE = [
    '"',
    "AND",
    "OR NOT",
    "*",
    "NEAR(",
    "a:b",
    "🤖",
    "\x00",
    "'; DROP TABLE x; --",
    "((((",
    "\\",
    "x" * 10_000,
    "~2",
    "-",
]


@pytest.mark.parametrize("text", HOSTILE)
async def test_a_hostile_query_is_only_words(filled: SearchEngine, text: str) -> None:
    await filled.search(text)
    await filled.paper(text)
    await filled.complete(text, 25, TODAY)


@given(text=st.text(max_size=300) | st.lists(st.sampled_from(HOSTILE), max_size=6).map(" ".join))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_text_is_a_legal_query(filled: SearchEngine, text: str) -> None:
    results = await filled.search(text)
    assert len(results.hits) <= results.total
    await filled.paper(text)
    assert len(await filled.complete(text, 25, TODAY)) <= 25


@given(st.text())
def test_a_query_is_bounded(text: str) -> None:
    query = Query.parse(text)
    assert len(query.words) <= MAX_WORDS
    assert all(0 < len(word) <= 40 for word in query.words)


def test_stop_words_are_kept_where_there_is_nothing_else() -> None:
    assert Query.parse("what is a world model").words == ("world", "model")
    assert Query.parse("To be").words == ("to", "be")


def test_typos_are_mended_and_right_words_are_left_alone() -> None:
    counts = {"diffusion": 50, "model": 900, "modal": 3, "reasoning": 70, "rag": 9, "kwai": 1, "quaternion": 2}
    vocabulary = Vocabulary([*counts.items(), ("modelling", 9)])

    def known(word: str) -> bool:  # by its stem
        return word == "modeling"

    assert corrected(["difusion", "resaoning", "modle"], vocabulary, 1_000, known) == ("diffusion", "reasoning", "model")
    assert corrected(["modal", "kwai", "quaternion", "rga", "gpt4", "zzzz", "modeling"], vocabulary, 1_000, known) == (
        ("modal", "kwai", "quaternion", "rga", "gpt4", "zzzz", "modeling")
    )


async def test_a_changed_paper_is_found_by_its_new_words_only(store: Store, index: SearchIndex) -> None:
    await store.papers.save([paper(1, title="Old words")], "test")
    await index.catch_up(store.papers)
    await store.papers.save([paper(1, title="New phrases", abstract="Fresh.")], "test")
    assert await index.catch_up(store.papers) == 1
    engine = SearchEngine(index, store.papers)
    assert await titles(engine, "old") == []
    assert await titles(engine, "phrases") == ["New phrases"]
    assert await index.catch_up(store.papers) == 0


async def test_a_missing_broken_or_strange_index_is_built_anew(tmp_path: Path, store: Store) -> None:
    await store.papers.save([paper(1)], "test")
    folder = tmp_path / "test.index"

    async def count() -> int:
        index = SearchIndex(folder, store.identity)
        await index.catch_up(store.papers)
        return len(index)

    assert await count() == 1
    for file in (folder / "tantivy").iterdir():
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    assert await count() == 1
    (folder / "about.json").write_text("{")
    assert await count() == 1
    (folder / "tantivy" / "meta.json").unlink()
    assert await count() == 1
    (folder / "about.json").unlink()
    assert await count() == 1
    assert (folder / "about.json").exists()
    shutil.rmtree(folder)
    assert await count() == 1
    assert len(SearchIndex(folder, "another store")) == 0


@pytest.mark.parametrize("suffix", [".store", ".term", ".idx", ".pos", ".fast", ".fieldnorm"])
async def test_a_damaged_index_is_mended_at_the_next_catch_up(
    tmp_path: Path, store: Store, suffix: str, caplog: pytest.LogCaptureFixture
) -> None:
    await store.papers.save([paper(n, title=f"Zebra number {n}") for n in range(200)], "test")
    await SearchIndex(tmp_path / "test.index", store.identity).catch_up(store.papers)
    for file in (tmp_path / "test.index" / "tantivy").glob(f"*{suffix}"):
        file.write_bytes(bytes(255 - byte for byte in file.read_bytes()))
    index = SearchIndex(tmp_path / "test.index", store.identity)
    engine = SearchEngine(index, store.papers)
    with contextlib.suppress(IndexUnavailable):
        await engine.search("zebra number")
    await store.papers.save([paper(500, title="One more zebra")], "test")
    await index.catch_up(store.papers)
    await index.catch_up(store.papers)
    assert (await engine.search("zebra")).total == 201


async def test_an_index_that_cannot_be_written_stops_nothing(
    tmp_path: Path, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    await store.papers.save([paper(1)], "test")
    (tmp_path / "file").write_text("")
    with pytest.raises(IndexUnavailable):
        SearchIndex(tmp_path / "file" / "test.index", store.identity)
    index = SearchIndex(tmp_path / "folder" / "test.index", store.identity)
    shutil.rmtree(tmp_path / "folder")
    (tmp_path / "folder").write_text("")
    assert await index.catch_up(store.papers) == 0
    assert "cannot be built" in caplog.text
    (tmp_path / "folder").unlink()
    assert await index.catch_up(store.papers) == 1


async def test_many_first_starts_at_once_all_succeed(tmp_path: Path, store: Store) -> None:
    await store.papers.save([paper(1)], "test")
    folder = tmp_path / "test.index"
    for _ in range(5):
        shutil.rmtree(folder, ignore_errors=True)
        made = await asyncio.gather(*(asyncio.to_thread(SearchIndex, folder, store.identity) for _ in range(6)))
        for index in made:
            await index.catch_up(store.papers)
        assert len(SearchIndex(folder, store.identity)) == 1


async def test_an_index_ahead_of_its_store_is_built_anew(tmp_path: Path, store: Store, index: SearchIndex) -> None:
    """As when a backup of the database was restored beside a newer index."""
    await store.papers.save([paper(1)], "test")
    await store.papers.save([paper(2)], "test")
    await index.catch_up(store.papers)
    async with Store.open(f"sqlite:///{tmp_path}/older.db") as older:
        await older.papers.save([paper(1)], "test")
        await index.catch_up(older.papers)
        assert (len(index), index.change()) == (1, 1)


async def test_another_process_reads_what_this_one_wrote_and_writing_is_left_to_the_one_at_it(
    tmp_path: Path, store: Store, index: SearchIndex
) -> None:
    await store.papers.save([paper(1, title="Zebra crossings")], "test")
    await index.catch_up(store.papers)
    script = (
        "import sys; from pathlib import Path; from search.index import IndexUnavailable, SearchIndex;"
        "print([c.title for c in SearchIndex(Path(sys.argv[1]), sys.argv[2]).find(['zebra'], 5)[0]])"
    )
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", script, str(tmp_path / "test.index"), store.identity, stdout=subprocess.PIPE
    )
    out, _ = await child.communicate()
    assert out.decode().strip() == "['Zebra crossings']"

    other = SearchIndex(tmp_path / "test.index", store.identity)
    writer = other._index.writer(50_000_000, 1)  # as another process in the middle of a catch-up
    await store.papers.save([paper(2)], "test")
    assert await index.catch_up(store.papers) == 0
    del writer
    assert await index.catch_up(store.papers) == 1
    assert len(other) == 2


async def test_a_question_may_have_conditions_as_a_topic_has(filled: SearchEngine) -> None:
    assert await titles(filled, '"video world" author:"Yang Zhou"') == [
        "MoVerse: Real-Time Video World Modeling with Panoramic Gaussian Scaffold"
    ]
    with_agents, without = await filled.search("agents"), await filled.search("agents -benchmark")
    assert with_agents.total > without.total > 0
    assert not [hit for hit in without.hits if "benchmark" in f"{hit.paper.title} {hit.paper.abstract}".lower().split()]
    found = (await filled.search("votes:>50")).hits
    assert found
    assert all(hit.paper.votes > 50 for hit in found)


async def test_a_condition_that_nothing_fulfils_is_said_and_the_words_are_searched(filled: SearchEngine) -> None:
    results = await filled.search("agents author:nobody")
    assert results.note == NO_SUCH
    assert results.hits


async def test_what_could_not_be_read_is_said_and_the_rest_is_answered(filled: SearchEngine) -> None:
    results = await filled.search("agents votes:many")
    assert "a number" in results.note
    assert results.hits
