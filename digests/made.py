"""What models have made of papers so far: read for a digest when it is shown; none is ever waited for."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from digests.languages import Speaks, english
from digests.plan import Digest
from papers.language import ENGLISH
from papers.paper import Paper
from papers.subscription import Subscription, Summaries
from storage.engine import StorageError
from summaries.summary import Summary

log = logging.getLogger(__name__)

Ready = Callable[[Sequence[Paper]], Awaitable[Mapping[str, Summary]]]


async def nothing_ready(_: Sequence[Paper]) -> Mapping[str, Summary]:
    """Without a model."""
    return {}


class Made:
    """What ``ready`` tells of papers, each asked for once: for many editions at one moment. ``speaks`` tells their language."""

    def __init__(self, ready: Ready, speaks: Speaks = english) -> None:
        self._ready = ready
        self._speaks = speaks
        self._known: dict[str, Summary | None] = {}

    async def ask(self, papers: Iterable[Paper]) -> None:
        """Read of these at once. A source's own sentence goes before a model's: where there is one, none is asked for.

        Raises StorageError; no other fault keeps a digest from going out, which then shows what it has.
        """
        new = {paper.id: paper for paper in papers if paper.id not in self._known and not paper.source_summary}
        if not new:
            return
        try:
            found = await self._ready(list(new.values()))
        except StorageError:
            raise
        except Exception:
            log.exception("the models' summaries of %d papers could not be read", len(new))
            return
        self._known |= {paper_id: found.get(paper_id) for paper_id in new}

    async def knows_language_of(self, order: Subscription) -> bool:
        """Not of a server that Discord has not told of yet: what was posted in its language is not to be edited into English."""
        return bool(await self._speaks(order))

    async def into(self, digest: Digest) -> Digest:
        """The digest with those that it shows, in the language that it is written in. Raises StorageError."""
        digest = replace(digest, language=await self._speaks(digest.edition.subscription) or ENGLISH)
        if digest.edition.subscription.summaries is Summaries.NONE:
            return digest
        await self.ask(digest.papers)
        bare = [paper for paper in digest.papers if not paper.source_summary]
        return replace(digest, summaries={paper.id: made for paper in bare if (made := self._known.get(paper.id))})
