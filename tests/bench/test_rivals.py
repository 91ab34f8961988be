"""The rivals and our own search, over a handful of papers: each must at least work."""

from __future__ import annotations

from pathlib import Path

from bench.charts import draw
from bench.judged import Judged
from bench.known import Typing, drawn, measured
from bench.ours import Ours
from bench.quality import BASELINE, quality
from bench.rivals import Bm25s, Fts5, PlainTantivy
from papers.paper import Paper

TITLES = ("Denoising Diffusion Models", "Graph Networks for Molecules", "Speech from Silent Video", "Planning with World Models")
PAPERS = [Paper(id=f"p{n}", title=title, abstract=f"We study {title.lower()} at length.") for n, title in enumerate(TITLES)]


def test_every_rival_finds_a_paper_by_other_forms_of_its_words(tmp_path: Path) -> None:
    PlainTantivy.build(PAPERS, tmp_path / "tantivy")
    Fts5.build(PAPERS, tmp_path / "fts5.db")
    fts5 = Fts5(tmp_path / "fts5.db")
    for rival in (PlainTantivy(tmp_path / "tantivy"), fts5, Bm25s(PAPERS)):
        assert rival.find("the molecule graph network", 10)[0] == "p1", rival.name
        assert rival.find("zzzz", 10) == [], rival.name
    assert set(fts5.find_all_or_any(["silent", "planning"], 10)) == {"p2", "p3"}
    fts5.close()


async def test_quality_compares_all_rankings_on_the_same_questions(tmp_path: Path) -> None:
    judged = Judged("small", PAPERS, {"1": "diffusion", "2": "speech"}, {"1": {"p0": 1.0}, "2": {"p2": 1.0}})
    rows = await quality(judged)
    assert [row.name for row in rows] == ["Paperboy", "Tantivy", "FTS5", BASELINE]
    assert all(row.ndcg_10 == row.recall_100 == 1 and row.ndcg_ratio.value == 1 for row in rows)
    (file,) = draw(tmp_path, rows, [])
    assert "<svg" in file.read_text()


async def test_what_is_built_is_kept_for_the_next_time(tmp_path: Path) -> None:
    async with Ours.open(tmp_path / "ours", PAPERS) as ours:
        assert ours.find("silent video", 10) == ["p2"]
        rows, mending = await measured(ours, (), len(PAPERS), drawn(PAPERS, 10, seed=1))
        steps_s = ours.steps_s
    assert rows[0].mrr[Typing.CLEAN] == 1
    assert mending.replaced == 0
    async with Ours.open(tmp_path / "ours", ()) as again:
        assert again.find("silent video", 10) == ["p2"]
        assert again.steps_s == steps_s
