"""The commands of the terminal, over the same code as the bot's."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import click

from bot.app import App
from bot.config import Config
from bot.terminal.command import Day, WrongUse, configured
from bot.terminal.importing import said
from digests.editions import edition_on
from digests.plan import plan
from papers.expression import EVERYTHING
from papers.paper import Paper, arxiv_id_in
from papers.subscription import MAX_SIZE, Subscription
from papers.text import clean
from papers.topic import Topic, TopicError
from search.results import MAX_RESULTS, Results
from storage.engine import Database, StorageError, database_path
from summaries.ladder import summary

T = TypeVar("T")
_NAMES = 10
_EMPTY = " The store is empty: `paperboy fetch` or `paperboy import` brings papers."


@click.command()
@click.option("--date", "day", type=Day(), help="One UTC day (today).")
@click.option("--since", type=Day(), help="From this UTC day …")
@click.option("--until", type=Day(), help="… to this one, both included (today).")
@configured
async def fetch(config: Config, day: date | None, since: date | None, until: date | None) -> int:
    """Read the papers of a day, or of a range of days, from the sources into the store."""
    if day and (since or until):
        raise WrongUse("give either --date, or --since and --until")
    if until and not since:
        raise WrongUse("--until needs --since: it ends a range")
    async with App.open(config, is_thorough=True) as app:
        last = day or until or app.now().date()
        first = day or since or last
        if first > last:
            raise WrongUse(f"--since {first} is after --until {last}")
        failed = 0
        unasked: set[str] = set()
        with _progress([first + timedelta(days=n) for n in range((last - first).days + 1)]) as days:
            for each in days:
                done = await app.collect(each)
                await app.complete(each)
                failed += len(done.failed)
                listed = ", ".join(f"{count} listed by {source}" for source, count in done.listed.items())
                click.echo(f"{each}: {listed or 'no answer'} ({said(done.saved)})")
                for error in done.failed.values():
                    click.echo(f"paperboy: {error}", err=True)
                unasked |= {str(why) for why in done.unasked.values()}
        for why in sorted(unasked):
            click.echo(f"{why}.")
    return 1 if failed else 0


@click.command()
@click.argument("words", metavar="[QUERY]...", nargs=-1)
@click.option("--limit", type=click.IntRange(1, MAX_RESULTS), default=10, show_default=True, help="At most so many papers.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
@click.option(
    "--batch",
    type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True),
    help='Answer JSON lines {"id", "text"}, one JSON line each.',
)
@configured
async def search(config: Config, words: tuple[str, ...], limit: int, as_json: bool, batch: Path | None) -> int:
    """Search the stored papers; typos are forgiven."""
    if bool(words) == bool(batch):
        raise WrongUse("give either a QUERY or --batch FILE")
    async with _stored(config) as app:
        if batch:
            return await _answer_batch(app, batch, limit)
        results = await app.engine.search(" ".join(words), app.now(), limit=limit)
        is_filled = len(app.index) > 0
    if as_json:
        _print_json([{**_as_json(hit.paper), "score": hit.score} for hit in results.hits])
        return 0
    if results.corrected:
        click.echo(f"Searched for: {results.corrected}")
    for hit in results.hits:
        click.echo(_line(hit.paper))
    if not results.hits:
        click.echo("Nothing found." + ("" if is_filled else _EMPTY))
    return 0


@click.command()
@click.option("--topic", default=EVERYTHING, show_default=True, help="Words and phrases, as in /subscribe.")
@click.option("--date", "day", type=Day(), help="The UTC day (today).")
@click.option("--size", type=click.IntRange(1, MAX_SIZE), default=5, show_default=True, help="At most so many papers.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@configured
async def digest(config: Config, topic: str, day: date | None, size: int, as_json: bool) -> None:
    """Print what a digest on a topic would post, without posting."""
    try:
        order = Subscription(0, 0, Topic.parse(topic), at=time(12), zone=ZoneInfo("UTC"), size=size)
    except TopicError as error:
        raise WrongUse(f"--topic: {error}") from error
    async with _stored(config) as app:
        edition = edition_on(order, day or app.now().date())
        made = plan(edition, await app.store.papers.featured(edition.papers_day), seen=())
    if as_json:
        account = {"listed": made.listed, "on_topic": made.on_topic, "shown": len(made.papers)}
        _print_json({"date": edition.day, "topic": topic, **account, "papers": [_as_json(p) for p in made.papers]})
        return
    click.echo(f"{edition.day}, {clean(topic)}: {made.listed} listed, {made.on_topic} on topic, {len(made.papers)} shown")
    for paper in made.papers:
        short = summary(paper, 230)
        click.echo(f"\n{_line(paper)}" + (f"\n  {short.text}" if short else ""))


@click.command()
@click.argument("paper_id", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
@configured
async def paper(config: Config, paper_id: str, as_json: bool) -> None:
    """Print the stored paper with an arXiv id (or a link that holds one)."""
    async with _stored(config) as app:
        found = await app.store.papers.get(arxiv_id_in(paper_id) or clean(paper_id))
    if found is None:
        raise click.ClickException(f"no stored paper has the id {clean(paper_id)}: `paperboy fetch` or `import` brings papers")
    if as_json:
        _print_json(_as_json(found))
        return
    for name, value in _as_json(found).items():
        if value not in ("", 0, None, []):
            click.echo(f"{name.replace('_', ' ')}: {_in_words(value)}")


@click.command()
@configured
async def migrate(config: Config) -> None:
    """Bring the database to the newest schema (starting the bot does so too)."""
    async with Database.open(config.database.url) as database:
        click.echo(f"{database.path} is at the newest schema.")


@asynccontextmanager
async def _stored(config: Config) -> AsyncIterator[App]:
    """What is stored, to look into. Raises StorageError where nothing is: a look makes no database."""
    path = database_path(config.database.url)
    if not path.is_file():
        raise StorageError(f"there is no database {path}: check the folder, or let `paperboy fetch` or `paperboy run` make it")
    async with App.open(config) as app:
        yield app


async def _answer_batch(app: App, batch: Path, limit: int) -> int:
    bad = 0
    with click.open_file(str(batch), encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                asked = json.loads(line)
                key, text = asked["id"], str(asked["text"])
            except (ValueError, TypeError, KeyError, RecursionError):
                bad += 1
                click.echo(f'paperboy: {batch}:{number}: not a JSON object with "id" and "text"', err=True)
                continue
            results: Results = await app.engine.search(text, app.now(), limit=limit)
            found = [{"id": hit.paper.id, "score": hit.score} for hit in results.hits]
            click.echo(json.dumps({"id": key, "results": found}))
    return 1 if bad else 0


@contextmanager
def _progress(things: Iterable[T]) -> Iterator[Iterable[T]]:
    """A progress bar on a terminal, nothing elsewhere."""
    if sys.stderr.isatty():
        with click.progressbar(list(things), file=sys.stderr, label="fetching") as bar:
            yield bar
    else:
        yield things


def _in_words(value: object) -> str:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    if isinstance(value, list):
        more = f" and {len(value) - _NAMES} more" if len(value) > _NAMES else ""
        return ", ".join(map(str, value[:_NAMES])) + more
    return str(value)


def _line(paper: Paper) -> str:
    who = f" — {paper.authors[0]}{f' +{len(paper.authors) - 1}' if len(paper.authors) > 1 else ''}" if paper.authors else ""
    return f"{paper.id}  {paper.title}{who}{f'  ▲{paper.votes}' if paper.votes else ''}"


def _as_json(paper: Paper) -> dict[str, Any]:
    values = {name: list(value) if isinstance(value, tuple) else value for name, value in dataclasses.asdict(paper).items()}
    return {**values, "url": paper.arxiv_url if paper.is_on_arxiv else ""}


def _print_json(value: object) -> None:
    def plainly(thing: object) -> str:
        if isinstance(thing, (date, datetime)):
            return thing.isoformat()
        raise TypeError(type(thing))

    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=plainly))
