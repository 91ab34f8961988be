from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable

import pytest

from papers.paper import Paper
from sandbox.press import REPLIES, days_in
from search.results import Variant
from search.variants import abbreviations, pairs_of, variants
from sources.huggingface import papers_in
from tests.factories import paper

SAMPLE = [p for day in days_in(REPLIES) for p in papers_in(json.loads((REPLIES / f"{day}.json").read_text("utf-8")), day)]


@pytest.mark.parametrize(
    ("text", "short", "long"),
    [
        ("We use retrieval-augmented generation (RAG) here.", "RAG", "retrieval-augmented generation"),
        ("We use RAG (retrieval-augmented generation) here.", "RAG", "retrieval-augmented generation"),
        ("The large language models (LLMs) of today", "LLMs", "large language models"),
        ("with a mixture of experts (MoE) layer", "MoE", "mixture of experts"),
        ("fine-tuned by low-rank adaptation (LoRA)", "LoRA", "low-rank adaptation"),
        ("the variational auto-encoder (VAE; see below)", "VAE", "variational auto-encoder"),
        ("First, the vision transformer (ViT)", "ViT", "vision transformer"),
    ],
)
def test_an_abbreviation_is_learnt_where_it_is_explained(text: str, short: str, long: str) -> None:
    assert abbreviations(text) == [(short, tuple(long.split()))]


@pytest.mark.parametrize(
    "text",
    [
        "Our method (ours) is better (see Fig. 3).",
        "It is evaluated on ImageNet (IN) and others (2024).",
        "The weights (W) and GPT-4 (OpenAI) and (a) and (ii).",
        "Models with many layers (CNN) are slow.",
        "a unicorn (RAG",
        "() (A) (AB) (  )",
    ],
)
def test_what_is_not_explained_is_not_learnt(text: str) -> None:
    assert abbreviations(text) == []


def test_a_paper_tells_its_abbreviations_both_ways_and_its_compounds_once() -> None:
    told = paper(title="Few-Shot RAG", abstract="Retrieval-augmented generation (RAG) is few-shot, state-of-the-art and on-line.")
    assert sorted(pairs_of(told)) == sorted(
        [
            "rag=retrieval augmented generation",
            "retrieval augmented generation=rag",
            "fewshot=few shot",
            "retrievalaugmented=retrieval augmented",
        ]
    )


def found(question: str, papers: Iterable[Paper], known: dict[str, int] | None = None) -> list[Variant]:
    counts = Counter(term for each in papers for term in pairs_of(each))
    terms = sorted(counts.items())
    said = Counter(word for each in papers for word in {*f"{each.title} {each.abstract}".lower().replace("-", " ").split()})

    def lookup(beginning: str, limit: int) -> list[tuple[str, int]]:
        return [term for term in terms if term[0].startswith(beginning)][:limit]

    return variants(question.split(), lookup, lambda word: (known or said).get(word, 0))


RAG = [paper(number, abstract="Retrieval-augmented generation (RAG) is a few-shot thing.") for number in range(8)]


def test_a_question_is_asked_in_the_other_form_too() -> None:
    assert found("rag thing", RAG) == [Variant((0,), ("retrieval", "augmented", "generation"), 0.8)]
    assert found("RAGs".lower(), RAG) == [Variant((0,), ("retrieval", "augmented", "generation"), 0.8)]
    assert found("retrieval augmented generation thing", RAG) == [Variant((0, 1, 2), ("rag",), 0.8)]
    assert found("fewshot", RAG) == [Variant((0,), ("few", "shot"), 1.0)]
    assert found("few shot", RAG, {"fewshot": 3}) == [Variant((0, 1), ("fewshot",), 0.8)]


def test_a_joined_word_that_no_paper_has_is_not_looked_for() -> None:
    assert found("few shot", RAG) == []


def test_what_one_paper_says_counts_little() -> None:
    assert found("rag", RAG[:1])[0].weight == pytest.approx(1 / 3)


def test_an_ambiguous_abbreviation_has_its_two_commonest_meanings() -> None:
    papers = [paper(n, abstract="The mean absolute error (MAE).") for n in range(6)]
    papers += [paper(10 + n, abstract="A masked auto encoder (MAE).") for n in range(4)]
    papers += [paper(20, abstract="A macro accurate expert (MAE).")]
    meant = found("mae", papers)
    assert [variant.words for variant in meant] == [("mean", "absolute", "error"), ("masked", "auto", "encoder")]
    assert meant[0].weight > meant[1].weight
    assert sum(variant.weight for variant in meant) < 1


def test_a_word_that_is_hardly_ever_explained_is_no_abbreviation() -> None:
    papers = [*RAG, paper(30, abstract="Domain and time alignment (DATA) helps.")]
    assert found("data", papers, {"data": 4_000}) == []
    assert found("data", papers, {"data": 3})


def test_a_line_break_makes_no_compound() -> None:
    papers = [paper(n, abstract="A net-work.") for n in range(2)]
    assert found("network", papers, {"network": 8_000}) == []


def test_the_longest_phrase_is_abbreviated() -> None:
    papers = [paper(n, abstract="Visual question answering (VQA) is question answering (QA).") for n in range(4)]
    assert [variant.words for variant in found("visual question answering", papers)] == [("vqa",)]


def test_what_the_sample_papers_explain_are_abbreviations() -> None:
    told = {(short, " ".join(long)) for each in SAMPLE for short, long in abbreviations(each.abstract)}
    assert len(told) > 10
    for short, long in told:
        assert long.lower().startswith(short[0].lower()), (short, long)
