"""One paper told by Hugging Face and by arXiv is one paper, whichever comes first."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import permutations

import pytest

from papers.paper import Paper
from storage.papers import Saved
from storage.store import Store
from tests.factories import DAY, NOW

FEATURED = Paper(
    id="2606.90001",
    title="A title",
    abstract="An abstract.",
    authors=("Ada Example",),
    published_at=datetime(2026, 6, 8, tzinfo=UTC),
    featured_on=(DAY,),
    votes=7,
    comments=2,
    source_summary="In short.",
    keywords=("robots",),
    organisation="Lab",
)
ANNOUNCED = Paper(
    id="2606.90001",
    title="A Title",
    abstract="An abstract, whole.",
    authors=("Ada Example", "Bo Sample"),
    published_at=datetime(2026, 6, 9, tzinfo=UTC),
    featured_on=(date(2026, 6, 9),),
    listed_by=("arxiv",),
    categories=("cs.RO", "cs.LG"),
    version=1,
)
TOLD = {"huggingface": FEATURED, "arxiv": ANNOUNCED}


@pytest.mark.parametrize("order", [*permutations(TOLD), ("arxiv", "huggingface", "arxiv", "huggingface")])
async def test_each_source_adds_what_it_knows_best(store: Store, order: tuple[str, ...]) -> None:
    for source in order:
        await store.papers.save_day([TOLD[source]], source, TOLD[source].featured_on[0], NOW)
    found = await store.papers.get("2606.90001")
    assert found == Paper(
        id="2606.90001",
        title="A Title",
        abstract="An abstract, whole.",
        authors=("Ada Example", "Bo Sample"),
        published_at=datetime(2026, 6, 8, tzinfo=UTC),  # submitted before it was announced
        featured_on=(date(2026, 6, 9), DAY),
        listed_by=("arxiv", "huggingface"),
        categories=("cs.RO", "cs.LG"),
        version=1,
        votes=7,
        comments=2,
        source_summary="In short.",
        keywords=("robots",),
        organisation="Lab",
    )
    assert [p.id for p in await store.papers.featured(DAY, ("arxiv",))] == []
    assert [p.id for p in await store.papers.featured(DAY, ("huggingface",))] == ["2606.90001"]


async def test_two_sources_that_disagree_do_not_take_turns(store: Store) -> None:
    for source, paper in TOLD.items():
        await store.papers.save([paper], source)
    for _ in range(2):
        for source, paper in TOLD.items():
            assert await store.papers.save([paper], source) == Saved(unchanged=1)


async def test_newer_votes_and_versions_come_through(store: Store) -> None:
    later = Paper(id="2606.90001", title="A Title", votes=30, featured_on=(DAY,))
    third = Paper(id="2606.90001", title="A Better Title", version=3, listed_by=("arxiv",))
    for source, paper in (*TOLD.items(), ("huggingface", later), ("arxiv", third), ("arxiv", ANNOUNCED)):
        await store.papers.save([paper], source)
    found = await store.papers.get("2606.90001")
    assert found
    assert (found.votes, found.version, found.comments, found.abstract) == (30, 3, 2, "An abstract, whole.")
