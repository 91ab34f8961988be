"""What is stored and what is asked are folded alike, whatever the script."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers.text import folded, words
from search.analysis import analyser, stems
from search.engine import SearchEngine
from search.index import SearchIndex
from search.snippet import places
from storage.store import Store
from tests.factories import paper

NOW = datetime(2026, 6, 12, 12, tzinfo=UTC)
TITLES = [
    "한국어 언어 모델",
    "Красивый русский йод",
    "हिन्दी भाषा",
    "ガイド",
    "Łukasz and the Æther",
    "Naïve Straße ﬁnder",
    "Οδός του Αριστοτέλη",
    "ชื่อภาษาไทย",
]
LONG = "Высокопроизводительные"  # more than forty bytes


@pytest.fixture
async def engine(store: Store, index: SearchIndex) -> SearchEngine:
    papers = [paper(number, title=title, abstract="") for number, title in enumerate(TITLES, 1)]
    papers.append(paper(50, title="Something Else", authors=("Øyvind Tafjord",), organisation="Universität Łódź"))
    await store.papers.save([*papers, paper(51, title=LONG)], "test")
    await index.catch_up(store.papers)
    return SearchEngine(index, store.papers)


async def found(engine: SearchEngine, text: str) -> list[str]:
    return [hit.paper.title for hit in (await engine.search(text, NOW)).hits]


async def test_every_word_of_a_title_in_any_script_finds_it(engine: SearchEngine) -> None:
    for title in TITLES:
        for word in title.split():
            if word not in {"and", "the"}:
                assert await found(engine, word) == [title], word
                assert await found(engine, f'"{word}"') == [title], word
                assert await found(engine, f"title:{word}") == [title], word
        assert await found(engine, title.upper()) == [title]
    assert await found(engine, LONG.lower()) == [LONG]


@pytest.mark.parametrize("text", ["author:oyvind", "author:Øyvind", "oyvind", "org:lodz", "org:ŁÓDŹ", "tafjord universitat"])
async def test_names_are_found_by_what_people_type(engine: SearchEngine, text: str) -> None:
    assert await found(engine, text) == ["Something Else"]


async def test_letters_that_are_no_accented_ones_have_others_in_their_stead(engine: SearchEngine) -> None:
    assert words("Łukasz Øyvind Đoković Straße Æther ısı Þór œuvre") == [
        *("lukasz", "oyvind", "dokovic", "strasse", "aether", "isi", "thor", "oeuvre")
    ]
    assert await found(engine, "lukasz aether") == ["Łukasz and the Æther"]


@given(st.text())
def test_folding_twice_is_folding_once_and_the_index_sees_the_words_of_questions(text: str) -> None:
    assert folded(folded(text)) == folded(text)
    plain = analyser(stemmed=False)
    said = [word.rstrip("+#") for word in words(text)]
    assert plain.analyze(" ".join(said)) == [word for word in said if len(word.encode()) <= 160]


@pytest.mark.parametrize("text", ["हिन्दी भाषा", "Łukasz naïve", "한국어", "Красивый йод", "ガイド", "ชื่อ"])
def test_the_places_of_words_found_are_told_in_the_text_as_it_is(text: str) -> None:
    for word in text.split():
        (place,) = places(text, stems(word))
        assert text[slice(*place)] == word


@given(st.text("abcde AB_-.7", max_size=60))
def test_the_words_found_are_those_that_stand_by_themselves(text: str) -> None:
    wanted = {"ab", "a", "bea", "7", "cab"}
    assert places(text, wanted) == [match.span() for match in re.finditer(r"[^\W_]+", text) if stems(match[0])[0] in wanted]
