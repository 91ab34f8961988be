"""Search by meaning beside search by words, where a model is set: every paper's vector, and a question's nearest ones."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from search.meaning import DEPTH, Embedder, embedder, text_of
from search.vectors import MeaningUnavailable, Vectors
from storage.papers import PaperStore

log = logging.getLogger(__name__)

_BATCH = 16  # papers: a second or two of work, which an end of the process waits for


class Senses:
    """A model and the vectors it has made."""

    def __init__(self, model: Embedder, vectors: Vectors) -> None:
        self._model = model
        self._vectors = vectors
        self._change = 0  # of the store, up to which all papers have their vectors
        self._working = asyncio.Lock()

    @classmethod
    async def open(cls, setting: str, folder: Path) -> Senses | None:
        """The model of the setting search.model; None where there is none, or none that works: then the log says why."""
        if not setting:
            return None
        try:
            model = await asyncio.to_thread(embedder, setting)
            return cls(model, Vectors(folder, model.name, model.size))
        except MeaningUnavailable as error:
            log.warning("searching by words alone: %s", error)
            return None

    def close(self) -> None:
        self._vectors.close()

    async def nearest(self, text: str) -> dict[str, float]:
        """Papers that mean about the same, by id, the nearest first, and how near; none where that cannot be told just now."""
        try:
            return await asyncio.to_thread(self._nearest, text)
        except MeaningUnavailable as error:
            log.warning("answering by words alone: %s", error)
            return {}

    async def catch_up(self, papers: PaperStore) -> None:
        """Make the vectors that are missing, a batch at a time, unless that is going on already. Raises StorageError."""
        if self._working.locked():
            return
        async with self._working:
            try:
                while batch := await papers.since(self._change, _BATCH):
                    texts = {paper.id: text_of(paper) for _, paper in batch}
                    await asyncio.to_thread(self._add, texts)
                    self._change = batch[-1][0]
            except MeaningUnavailable as error:
                log.warning("papers stay without vectors for now: %s", error)

    def _nearest(self, text: str) -> dict[str, float]:
        return dict(self._vectors.nearest(self._model.embed([text])[0], DEPTH))

    def _add(self, texts: dict[str, str]) -> None:
        missing = self._vectors.missing(list(texts))
        for start in range(0, len(missing), _BATCH):
            ids = missing[start : start + _BATCH]
            self._vectors.add(ids, self._model.embed([texts[each] for each in ids]))
