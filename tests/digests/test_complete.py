"""Papers that Hugging Face lists get their categories from arXiv."""

from __future__ import annotations

from collections.abc import Sequence

from digests.complete import Completer
from papers.paper import Paper
from search.index import SearchIndex
from sources.base import SourceError
from storage.store import Store
from tests.factories import DAY, NOW, paper


class Arxiv:
    """Knows the categories of the first paper only; fails while it ``is_down``."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.is_down = False

    async def metadata(self, ids: Sequence[str]) -> list[Paper]:
        self.asked.append(list(ids))
        if self.is_down:
            raise SourceError("arxiv: no answer")
        return [paper(1, title="Another title", abstract="", categories=("cs.RO", "cs.LG"), version=2, listed_by=("arxiv",))]


async def test_a_paper_gets_its_categories_once_and_is_not_listed_by_arxiv_for_that(store: Store, index: SearchIndex) -> None:
    arxiv = Arxiv()
    completer = Completer(arxiv.metadata, store, index)
    await store.papers.save_day([paper(1), paper(2), paper(3, id="other-archive-7")], "huggingface", DAY, NOW)
    assert await completer.complete(DAY) == 1
    assert await completer.complete(DAY) == 0
    assert [sorted(ids) for ids in arxiv.asked] == [["2606.00001", "2606.00002"]]
    known = await store.papers.get("2606.00001")
    assert known
    assert (known.categories, known.version, known.title) == (("cs.RO", "cs.LG"), 2, "Paper 1")
    assert known.listed_by == ("huggingface",)


async def test_while_arxiv_is_down_they_stay_as_they_are_and_are_asked_for_again(store: Store, index: SearchIndex) -> None:
    arxiv = Arxiv()
    completer = Completer(arxiv.metadata, store, index)
    await store.papers.save_day([paper(1)], "huggingface", DAY, NOW)
    arxiv.is_down = True
    assert await completer.complete(DAY) == 0
    arxiv.is_down = False
    assert await completer.complete(DAY) == 1
