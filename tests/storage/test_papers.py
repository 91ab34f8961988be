from __future__ import annotations

from datetime import UTC, date, datetime

from papers.paper import Paper
from storage.papers import Saved
from storage.store import Store
from tests.factories import DAY, NOW, paper


async def test_a_paper_comes_back_as_it_was_saved(store: Store) -> None:
    full = paper(
        1,
        authors=("Ada Ü", "Bo"),
        votes=3,
        comments=1,
        source_summary="S.",
        keywords=("a", "b"),
        repository="https://github.com/a/b",
        stars=0,
        project_page="p",
        organisation="o",
        thumbnail="t",
        submitter="s",
        listed_by=("huggingface",),
        categories=("cs.RO", "cs.LG"),
        version=2,
    )
    bare = paper(2, published_at=None, featured_on=(), abstract="")
    await store.papers.save([full, bare], "huggingface")
    assert await store.papers.get_many([bare.id, "nope", full.id]) == [bare, full]
    assert await store.papers.get("nope") is None


async def test_saving_the_same_twice_changes_nothing(store: Store) -> None:
    papers = [paper(n) for n in range(5)]
    assert await store.papers.save(papers, "huggingface") == Saved(new=5)
    change = await store.papers.change()
    assert await store.papers.save(papers, "huggingface") == Saved(unchanged=5)
    assert await store.papers.change() == change


async def test_votes_and_late_fields_update_and_nothing_is_lost(store: Store) -> None:
    await store.papers.save([paper(1, votes=2, keywords=("a",))], "huggingface")
    assert await store.papers.save([paper(1, votes=9, source_summary="Late.")], "huggingface") == Saved(updated=1)
    known = await store.papers.get("2606.00001")
    assert known == paper(1, votes=9, keywords=("a",), source_summary="Late.", listed_by=("huggingface",))


async def test_who_tells_less_than_is_known_changes_nothing_but_the_days(store: Store) -> None:
    await store.papers.save([paper(n, votes=2, keywords=("a",), stars=3) for n in (1, 2)], "huggingface")
    change = await store.papers.change()
    told = [Paper(id="2606.00001", title="Paper 1"), Paper(id="2606.00002", title="Paper 2", featured_on=(date(2026, 6, 16),))]
    assert await store.papers.save(told, "huggingface") == Saved(unchanged=2)
    # For the index one has changed: it can be found by another day.
    assert [(number, known.id) for number, known in await store.papers.since(change, 10)] == [(change + 1, "2606.00002")]
    assert [known.featured_on for known in await store.papers.get_many([p.id for p in told])] == [
        (DAY,),
        (DAY, date(2026, 6, 16)),
    ]
    assert await store.papers.save([paper(1, votes=2, stars=4), paper(2)], "huggingface") == Saved(updated=1, unchanged=1)


async def test_a_days_papers_come_best_first(store: Store) -> None:
    older, newer = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 6, 9, tzinfo=UTC)
    papers = [
        paper(1, votes=1, published_at=newer),
        paper(2, votes=7, published_at=None),
        paper(3, votes=7, published_at=older),
        paper(4, votes=7, published_at=newer),
        paper(5, votes=7, published_at=newer),
        paper(6, votes=99, featured_on=(date(2026, 6, 9),)),
    ]
    await store.papers.save(papers, "huggingface")
    assert [p.id[-1] for p in await store.papers.featured(DAY)] == ["5", "4", "3", "2", "1"]


async def test_a_paper_featured_again_keeps_both_days(store: Store) -> None:
    await store.papers.save([paper(1)], "huggingface")
    await store.papers.save([paper(1, featured_on=(date(2026, 6, 16),))], "huggingface")
    (known,) = await store.papers.featured(DAY)
    assert known.featured_on == (DAY, date(2026, 6, 16))
    assert await store.papers.latest_day(until=date(2026, 6, 16)) == date(2026, 6, 16)
    assert await store.papers.latest_day(until=date(2026, 6, 15)) == DAY
    assert await store.papers.latest_day(until=date(2026, 6, 9)) is None


async def test_what_changed_is_told_from_a_number_on_and_saves_are_never_split(store: Store) -> None:
    await store.papers.save([paper(n) for n in range(4)], "huggingface")
    await store.papers.save([paper(9)], "huggingface")
    await store.papers.save([paper(1, votes=5)], "huggingface")
    first = await store.papers.since(0, limit=2)
    assert {p.id for _, p in first} == {"2606.00000", "2606.00002", "2606.00003"}  # paper 1 has moved to a later change
    rest = await store.papers.since(first[-1][0], limit=10)
    assert [(change, p.id) for change, p in rest] == [(2, "2606.00009"), (3, "2606.00001")]
    assert await store.papers.since(3, limit=10) == []


async def test_a_fetched_day_is_remembered_even_when_it_was_empty(store: Store) -> None:
    assert await store.papers.fetched(DAY) == {}
    await store.papers.save_day([], "huggingface", DAY, NOW)
    assert await store.papers.fetched(DAY) == {"huggingface": NOW}
    assert await store.papers.listed("huggingface", DAY) == 0


async def test_more_papers_than_one_statement_takes_are_saved(store: Store) -> None:
    papers = [paper(n) for n in range(1_201)]
    assert await store.papers.save(papers, "huggingface") == Saved(new=1_201)
    assert len(await store.papers.get_many([p.id for p in papers])) == 1_201
