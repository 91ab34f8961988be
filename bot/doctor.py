"""`paperboy doctor`: what is well and what is not, a line for each thing, and what to do. It changes nothing that matters:
what it opens is what every command opens, and an index that is broken is built anew in any case.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import StrEnum

import click

from bot.config import Config
from bot.terminal import configured
from search.harm import IndexUnavailable
from search.index import SearchIndex
from search.meaning import embedder
from search.vectors import MeaningUnavailable, Vectors
from storage.engine import StorageError
from storage.store import Store


class State(StrEnum):
    """How it is with a thing, as it is printed."""

    WELL = "ok"
    OFF = "off"
    WRONG = "WRONG"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing; ``said`` ends with what to do where it is not well."""

    thing: str
    state: State
    said: str

    def __str__(self) -> str:
        return f"{self.thing:<10} {self.state:<6} {self.said}"


@click.command()
@configured
async def doctor(config: Config) -> int:
    """Say what is well and what is not, and what to do."""
    is_well = True
    async for finding in _findings(config):
        click.echo(str(finding))
        is_well &= finding.state is not State.WRONG
    return 0 if is_well else 1


async def _findings(config: Config) -> AsyncIterator[Finding]:
    try:
        async with Store.open(config.database.url) as store:
            count = await store.papers.count()
            yield Finding("store", State.WELL, f"{_papers(count)} in {config.database.url}")
            yield await _index(config, store, count)
            yield await _meaning(config, count)
    except StorageError as error:
        yield Finding("store", State.WRONG, f"{error}")


async def _index(config: Config, store: Store, count: int) -> Finding:
    try:
        index = SearchIndex(config.database.beside(".index"), store.identity)
        try:
            indexed = len(index)
        finally:
            index.close()
    except IndexUnavailable as error:
        return Finding("index", State.WRONG, f"{error}: see that its folder can be written to; it is built anew by itself")
    if indexed == count:
        return Finding("index", State.WELL, f"{_papers(indexed)}, as many as in the store")
    return Finding(
        "index", State.WRONG, f"{indexed:,} of {_papers(count)}: the rest comes by itself with the next search or fetch"
    )


async def _meaning(config: Config, count: int) -> Finding:
    if not config.search.model:
        return Finding(
            "semantic", State.OFF, "search goes by words alone; search.model in the settings names a model (docs/search.md)"
        )
    try:
        model = await asyncio.to_thread(embedder, config.search.model)
        vectors = await asyncio.to_thread(Vectors, config.database.beside(".vectors"), model.name, model.size)
        stored = len(vectors)
        vectors.close()
    except MeaningUnavailable as error:
        return Finding("semantic", State.WRONG, f"{error}. Until then search goes by words alone")
    said = f"{config.search.model} ({model.name}), {model.size} numbers a vector, {stored:,} of {_papers(count)}"
    return Finding(
        "semantic", State.WELL, said + ("" if stored >= count else ": the rest comes while the bot runs, ten a second")
    )


def _papers(count: int) -> str:
    return f"{count:,} paper{'' if count == 1 else 's'}"
