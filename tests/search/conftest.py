from __future__ import annotations

import pytest

from search.engine import SearchEngine
from search.index import SearchIndex
from storage.store import Store
from tests.search.sample import SAMPLE


@pytest.fixture
async def filled(store: Store, index: SearchIndex) -> SearchEngine:
    """An engine over the sample papers."""
    await store.papers.save(SAMPLE, "huggingface")
    await index.catch_up(store.papers)
    return SearchEngine(index, store.papers)
