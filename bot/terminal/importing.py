"""`paperboy import`: papers out of files, a million of them if need be, beside a bot that runs on the same database.

A batch is read, then stored in a transaction of its own; while the next is read the database is free for the bot's writer.
The index catches up meanwhile, and storing waits for it when it is far behind: so memory stays bounded, papers can be found a
moment after they are stored, and a stop does not wait long.
"""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import click

from bot.app import App
from bot.config import Config
from bot.terminal.command import configured
from papers.text import plural
from search.harm import IndexUnavailable
from sources.base import SourceError
from sources.files import Bad, Batch, read_batches
from storage.papers import Saved

_BATCH = 500  # papers; the bot’s writer waits while so many are stored, some 40 ms
_AHEAD = 40  # saves that the index may be behind
_LOOK_S = 0.1
_NAMED_MISTAKES = 10
_SAID_EVERY = 100_000  # papers, where there is no terminal
_TRIES = 20


@dataclass
class Progress:
    """How far an import has come. ``stopped_by`` is the signal that ends it before the next batch."""

    papers: int = 0
    saved: Saved = field(default_factory=Saved)  # of the files that are done
    bad: int = 0
    others: int = 0  # an export's lines that are not papers
    failed: int = 0  # files that brought nothing
    began: float = field(default_factory=time.monotonic)
    stopped_by: signal.Signals | None = None

    @property
    def pace(self) -> str:
        return f"{self.papers / max(time.monotonic() - self.began, 0.001):,.0f} papers/s"


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@configured
async def import_(config: Config, files: tuple[Path, ...]) -> int:
    """Read papers from FILES: lists as the Hugging Face API gives them, JSON lines, or arXiv's metadata snapshot.

    It may run beside the bot, be stopped at any time, and be started again: what is stored already passes quickly.
    """
    async with App.open(config) as app:
        progress = Progress()
        with _ending(progress):
            async with _Indexing.beside(app, progress) as indexing:
                for file in files:
                    if not progress.stopped_by:
                        await _import(app, file, progress, indexing)
            is_findable = await indexing.caught_up()
    total = f"{plural(len(files), 'file')}: {said(progress.saved)}"
    total += f"; {plural(progress.bad, 'bad line')} skipped" if progress.bad else ""
    click.echo(total + (f"; {progress.pace}" if progress.papers >= _SAID_EVERY else ""))
    if progress.others:
        are = "line is not a paper" if progress.others == 1 else "lines are not papers"
        rest = "import reads papers only, `paperboy restore` brings back the rest from a backup"
        click.echo(f"paperboy: {progress.others:,} {are}: {rest}", err=True)
    if not is_findable:
        click.echo("paperboy: search finds all of them when the index, which another process writes, has caught up", err=True)
    if progress.stopped_by:
        click.echo("paperboy: stopped; what was stored stays, and the same command goes on from there", err=True)
        return 128 + progress.stopped_by
    return 1 if progress.failed else 0


def said(saved: Saved) -> str:
    return f"{saved.new} new, {saved.updated} updated, {saved.unchanged} unchanged"


async def _import(app: App, file: Path, progress: Progress, indexing: _Indexing) -> None:
    """One file, or as much of it as there is time for. A file that cannot be read is told of, and fails no other."""
    brought, mistakes = Saved(), list[Bad]()
    named = max(0, _NAMED_MISTAKES - progress.bad)
    try:
        batches = read_batches(file, _BATCH)
        with _shown(file, progress) as show:
            while not progress.stopped_by and (batch := await asyncio.to_thread(next, batches, None)):
                saved = await app.store.papers.save(batch.papers, "import")
                brought += saved
                bad = [mistake for mistake in batch.bad if not mistake.is_other]
                mistakes += bad[: named - len(mistakes)]
                progress.papers += len(batch.papers)
                progress.bad += len(bad)
                progress.others += len(batch.bad) - len(bad)
                show(batch)
                if saved.new or saved.updated:
                    await indexing.more()
    except SourceError as error:
        click.echo(f"paperboy: {error}", err=True)
    for mistake in mistakes:
        click.echo(f"paperboy: {file}: {mistake.place}: {mistake.why}", err=True)
    click.echo(f"{file}: {said(brought)}")
    progress.saved += brought
    progress.failed += brought == Saved() and not progress.stopped_by


class _Indexing:
    """The index, catching up beside the storing."""

    def __init__(self, app: App, progress: Progress) -> None:
        self._app = app
        self._progress = progress
        self._news = asyncio.Event()
        self._is_over = False

    @classmethod
    @asynccontextmanager
    async def beside(cls, app: App, progress: Progress) -> AsyncIterator[_Indexing]:
        """Until the end of the block, and then for what is left. Raises what either of them does."""
        indexing = cls(app, progress)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(indexing._run())
                try:
                    yield indexing
                finally:
                    indexing._is_over = True
                    indexing._news.set()
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from None

    async def more(self) -> None:
        """Something was stored. Waits while the index is far behind and getting on."""
        self._news.set()
        index = self._app.index
        while not self._progress.stopped_by and index.is_catching_up and await self.behind() > _AHEAD:  # noqa: ASYNC110 (nothing tells of it)
            await asyncio.sleep(_LOOK_S)

    async def behind(self) -> int:
        """How many saves the index lacks; 0 where it cannot say, since it is built anew then."""
        stored = await self._app.store.papers.change()
        try:
            return stored - self._app.index.change()
        except IndexUnavailable:
            return 0

    async def caught_up(self) -> bool:
        """Whether the index has everything; another process that writes it is waited for, a while."""
        for _ in range(_TRIES):
            if await self.behind() <= 0:
                return True
            await self._app.index.catch_up(self._app.store.papers)
            await asyncio.sleep(_LOOK_S)
        return await self.behind() <= 0

    async def _run(self) -> None:
        while not self._is_over:
            await self._news.wait()
            self._news.clear()
            await self._app.index.catch_up(self._app.store.papers)


@contextmanager
def _ending(progress: Progress) -> Iterator[None]:
    """SIGINT and SIGTERM end the import before its next batch; a second one ends it at once."""
    loop = asyncio.get_running_loop()
    numbers = (signal.SIGINT, signal.SIGTERM)

    def end(number: signal.Signals) -> None:
        progress.stopped_by = number
        leave()

    def leave() -> None:
        for number in numbers:
            loop.remove_signal_handler(number)

    try:
        for number in numbers:
            loop.add_signal_handler(number, end, number)
    except NotImplementedError:  # Windows has no signal handlers on its loop: there Ctrl+C ends it at once
        yield
        return
    try:
        yield
    finally:
        leave()


@contextmanager
def _shown(file: Path, progress: Progress) -> Iterator[Callable[[Batch], None]]:
    """What to call after each batch: a bar on a terminal, a line every so often elsewhere."""
    if not sys.stderr.isatty():
        yield lambda batch: _say(file, batch, progress)
        return
    with click.progressbar(
        length=max(file.stat().st_size, 1), label=file.name, file=sys.stderr, item_show_func=lambda text: text
    ) as bar:
        yield lambda batch: bar.update(batch.bytes_read - bar.pos, f"{progress.papers:,} papers, {progress.pace}")


def _say(file: Path, batch: Batch, progress: Progress) -> None:
    if progress.papers // _SAID_EVERY > (progress.papers - len(batch.papers)) // _SAID_EVERY:
        click.echo(f"paperboy: {file}: {progress.papers:,} papers, {progress.pace}", err=True)
