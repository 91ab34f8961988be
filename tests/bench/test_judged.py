"""Judged questions: reading a set, and the measures."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from bench.judged import Judged, named, ndcg, ratio, recall, reciprocal_rank


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    papers = [{"id": identifier, "title": title, "abstract": None} for identifier, title in (("a", "1"), ("n", "2"), ("n", "3"))]
    lines = "\n".join(map(json.dumps, papers))
    with gzip.open(tmp_path / "corpus.jsonl.gz", "wt") as file:
        file.write(lines)
    questions = [{"id": 1, "text": "which one"}, {"id": 2, "text": "answered by nothing here"}]
    (tmp_path / "queries.jsonl").write_text("\n".join(map(json.dumps, questions)))
    (tmp_path / "qrels.tsv").write_text("query_id\tdoc_id\tgrade\n1\tn\t2\n1\ta\t0\n2\tgone\t1\n")
    return tmp_path


def test_a_set_is_read_with_its_own_ids_and_without_what_cannot_be_answered(folder: Path) -> None:
    judged = Judged.read(folder)
    assert len({paper.id for paper in judged.papers}) == 3
    assert [named(paper.id) for paper in judged.papers] == ["a", "n", "n"]
    assert judged.questions == {"1": "which one"}
    assert judged.grades == {"1": {"n": 2.0}}


def test_the_best_order_has_ndcg_one_and_a_worse_one_less() -> None:
    grades = {"a": 3.0, "b": 1.0}
    assert ndcg(["a", "b", "x"], grades) == pytest.approx(1)
    # 1 at the first place, 3 at the second, over 3 + 1 ÷ log2(3)
    assert ndcg(["b", "a"], grades) == pytest.approx((1 + 3 * 0.63093) / (3 + 0.63093), abs=1e-4)
    assert ndcg(["x"] * 10 + ["a"], grades) == 0


def test_recall_counts_within_its_depth() -> None:
    assert recall(["a", "x", "b"], {"a": 1, "b": 1}, 2) == 0.5
    assert recall(["a", "x", "b"], {"a": 1, "b": 1}, 3) == 1


def test_the_reciprocal_rank_ends_at_ten() -> None:
    assert reciprocal_rank(["x", "a"], "a") == 0.5
    assert reciprocal_rank(["x"] * 10 + ["a"], "a") == 0


def test_a_ratio_has_an_interval_around_it_that_is_narrow_where_all_questions_agree() -> None:
    theirs = [0.1 * number for number in range(1, 11)]
    found = ratio([1.2 * each for each in theirs], theirs)
    assert found.value == pytest.approx(1.2)
    assert found.low == pytest.approx(1.2)
    mixed = ratio([0.0, 1.0] * 5, theirs)
    assert mixed.low < mixed.value < mixed.high
