from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from search.engine import SearchEngine
from search.index import SearchIndex
from search.query import MAX_WORDS, Query
from search.results import MAX_RESULTS, Sort
from storage.store import Store
from tests.factories import paper
from tests.search.sample import SAMPLE

TODAY = date(2026, 6, 12)
NOW = datetime(2026, 6, 12, 12, tzinfo=UTC)


async def titles(engine: SearchEngine, text: str) -> list[str]:
    return [hit.paper.title for hit in (await engine.search(text, NOW)).hits]


async def test_a_title_with_a_typo_finds_its_paper_first(filled: SearchEngine) -> None:
    assert (await titles(filled, "genertive 3d erth model"))[0].startswith("ABot-Earth 0.5")
    assert (await filled.search("genertive 3d erth model", NOW)).corrected == "generative 3d earth model"


async def test_every_title_finds_its_own_paper(filled: SearchEngine) -> None:
    for sample in SAMPLE:
        results = await filled.search(sample.title, NOW)
        assert results.hits[0].paper.id == sample.id, sample.title
        assert results.corrected is None


async def test_an_id_or_a_link_is_the_paper_itself(filled: SearchEngine) -> None:
    for text in (SAMPLE[0].id, f"https://arxiv.org/abs/{SAMPLE[0].id}v2", f"what of {SAMPLE[0].id}?"):
        assert await titles(filled, text) == [SAMPLE[0].title]


async def test_scores_fall_and_results_never_repeat(filled: SearchEngine) -> None:
    results = await filled.search("language models for video agents", NOW)
    scores = [hit.score for hit in results.hits]
    assert scores == sorted(scores, reverse=True)
    assert len({hit.paper.id for hit in results.hits}) == len(results.hits) <= results.total


async def test_stems_and_accents_fold(store: Store, index: SearchIndex) -> None:
    await store.papers.save([paper(1, title="Training Policies", authors=("Jürgen Ölmann",)), paper(2)], "test")
    await index.catch_up(store.papers)
    engine = SearchEngine(index, store.papers)
    assert await titles(engine, "trained policy") == ["Training Policies"]
    assert await titles(engine, "Olmann") == ["Training Policies"]
    assert (await engine.search("trainings", NOW)).corrected is None


async def test_an_unknown_id_finds_nothing_and_is_named(filled: SearchEngine) -> None:
    results = await filled.search("https://arxiv.org/abs/1706.03762", NOW)
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
    await filled.search(text, NOW)
    await filled.paper(text)
    await filled.complete(text, 25, TODAY)


PIECES = [
    *HOSTILE,
    "diffusion",
    "wrold",
    "modle",
    "or",
    "and",
    "NOT",
    "since:7d",
    "until:2026",
    "votes:>3",
    "has:code",
    "in:here",
]
PIECES += [
    "cat:cs",
    "author:li",
    'title:"world model"',
    "org:",
    "everything",
    "RAG",
    "few-shot",
    "2606.01234",
    "https://arxiv.org/abs/x",
]
CAP = timedelta(seconds=2)  # Discord waits three; an answer takes some milliseconds


@given(
    text=st.text(max_size=300) | st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join),
    sort=st.sampled_from(Sort),
    first=st.integers(0, 60),
    limit=st.integers(1, MAX_RESULTS),
    as_typed=st.booleans(),
    here=st.lists(st.sampled_from([each.id for each in SAMPLE]), max_size=5),
)
@settings(max_examples=200, deadline=CAP, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_text_with_any_options_is_answered_in_time(
    filled: SearchEngine, text: str, sort: Sort, first: int, limit: int, as_typed: bool, here: list[str]
) -> None:
    results = await filled.search(text, NOW, sort=sort, first=first, limit=limit, as_typed=as_typed, here=here)
    assert len(results.hits) <= min(limit, results.reachable) <= results.total
    for hit in results.hits:
        assert all(0 <= start < end <= len(hit.snippet) for start, end in hit.marks)
    await filled.paper(text)
    await filled.mentioned(text, 5)
    for found in (
        await filled.complete(text, 25, TODAY),
        filled.complete_authors(text, 25),
        filled.complete_organisations(text, 25),
    ):
        assert len(found) <= 25


@given(st.text())
def test_a_query_is_bounded(text: str) -> None:
    query = Query.parse(text)
    assert len(query.words) <= MAX_WORDS
    assert all(0 < len(word) <= 40 for word in query.words)


def test_stop_words_are_kept_where_there_is_nothing_else() -> None:
    assert Query.parse("what is a world model").words == ("world", "model")
    assert Query.parse("To be").words == ("to", "be")


async def test_a_question_may_have_conditions_as_a_topic_has(filled: SearchEngine) -> None:
    assert await titles(filled, '"video world" author:"Yang Zhou"') == [
        "MoVerse: Real-Time Video World Modeling with Panoramic Gaussian Scaffold"
    ]
    with_agents, without = await filled.search("agents", NOW), await filled.search("agents -benchmark", NOW)
    assert with_agents.total > without.total > 0
    assert not [hit for hit in without.hits if "benchmark" in f"{hit.paper.title} {hit.paper.abstract}".lower().split()]
    found = (await filled.search("votes:>50", NOW)).hits
    assert found
    assert all(hit.paper.votes > 50 for hit in found)


async def test_a_filter_that_leaves_nothing_is_named_with_what_there_is_without_it(filled: SearchEngine) -> None:
    results = await filled.search("agents author:nobody votes:>0", NOW)
    assert (results.hits, results.total) == ((), 0)
    assert [part.without for part in results.nearly] == ["author:nobody"]
    assert results.nearly[0].total == (await filled.search("agents votes:>0", NOW)).total > 0


async def five(store: Store, index: SearchIndex) -> SearchEngine:
    papers = [
        paper(1, title="A Robot Arm", abstract="It grasps."),
        paper(2, title="The World Model", abstract="It dreams."),
        paper(3, title="A Model of the World", abstract="It turns.", repository="https://github.com/a/b"),
        paper(4, title="Diffusion", abstract="It spreads."),
        paper(5, title="Zebras in the Wild", abstract="They run.", authors=("Ann Difusion",)),
        paper(6, title="Zeal", abstract="It works."),
    ]
    await store.papers.save(papers, "test")
    await index.catch_up(store.papers)
    return SearchEngine(index, store.papers)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('robot or "world model"', {"A Robot Arm", "The World Model"}),
        ('zzqx or "world model"', {"The World Model"}),
        ("robot or has:code", {"A Robot Arm", "A Model of the World"}),
        ('zebras or author:"ann difusion" or robot', {"Zebras in the Wild", "A Robot Arm"}),
        ("author:ann or arm", {"Zebras in the Wild", "A Robot Arm"}),
        ('(robot or "world model") -arm', {"The World Model"}),
        ("robot votes:>=0 or has:code", {"A Robot Arm", "A Model of the World"}),
        ("robto or has:code", {"A Robot Arm", "A Model of the World"}),
        ("robot or zebras", {"A Robot Arm", "Zebras in the Wild"}),
    ],
)
@pytest.mark.parametrize("sort", Sort)
async def test_words_and_conditions_may_be_alternatives(
    store: Store, index: SearchIndex, text: str, expected: set[str], sort: Sort
) -> None:
    engine = await five(store, index)
    results = await engine.search(text, NOW, sort=sort)
    assert {hit.paper.title for hit in results.hits} == expected
    assert results.total == len(expected)


async def test_of_alternatives_those_with_the_words_come_first(store: Store, index: SearchIndex) -> None:
    engine = await five(store, index)
    results = await engine.search('"world model" or robot or votes:>=0', NOW)
    assert {hit.paper.title for hit in results.hits[:3]} == {"A Robot Arm", "The World Model", "A Model of the World"}
    assert len(results.hits) == results.total == 6


@pytest.mark.parametrize(
    ("text", "corrected"),
    [
        ("-difusion zebars", "-difusion zebras"),
        ("author:difusion zebars", "author:difusion zebras"),
        ("zebars or has:code", "zebras or has:code"),
        ('"world modle"', None),
    ],
)
async def test_the_correction_told_is_what_was_searched(
    store: Store, index: SearchIndex, text: str, corrected: str | None
) -> None:
    engine = await five(store, index)
    results = await engine.search(text, NOW)
    assert results.corrected == corrected
    if corrected:
        assert results.hits == (await engine.search(corrected, NOW)).hits


async def test_only_bare_words_that_are_wanted_are_corrected() -> None:
    query = Query.parse('-difusion difusion "difusion" author:difusion -(difusion, x) has:code difusion')
    assert [query.text[start:end] for start, end in query.bare] == ["difusion", "difusion"]
    assert [start for start, _ in query.bare] == [10, len(query.text) - 8]


async def test_a_title_s_beginning_means_a_paper_and_words_from_its_middle_do_not(store: Store, index: SearchIndex) -> None:
    engine = await five(store, index)
    for text in ("zebras in t", "Zeb", "the world"):
        found = await engine.paper(text)
        assert found, text
        assert found.title.casefold().startswith(text.casefold())
    for text in ("wild", "wild zebr", "ze", "arm", "", "wolrd"):
        assert await engine.paper(text) is None, text


@pytest.mark.parametrize("text", ["everything", "EVERYTHING", " Everything "])
async def test_everything_lists_the_newest_of_all(filled: SearchEngine, text: str) -> None:
    results = await filled.search(text, NOW)
    assert results.total == len(SAMPLE)
    days = [hit.paper.published_at.date() for hit in results.hits if hit.paper.published_at]
    assert len(days) == MAX_RESULTS
    assert days == sorted(days, reverse=True)
    assert (await filled.search("", NOW)).hits == ()


async def test_what_there_is_without_a_condition_is_counted_as_typed(store: Store, index: SearchIndex) -> None:
    engine = await five(store, index)
    assert (await engine.search("zebars votes:>1000", NOW)).nearly
    assert not (await engine.search("zebars votes:>1000", NOW, as_typed=True)).nearly


async def test_what_could_not_be_read_is_said_and_the_rest_is_answered(filled: SearchEngine) -> None:
    results = await filled.search("agents votes:many", NOW)
    assert "a number" in results.note
    assert results.hits
