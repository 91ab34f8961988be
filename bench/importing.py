"""`paperboy import` of very many papers: how fast, in how much memory, and what a running bot notices of it.

    python -m bench.importing 100000 1000000
    python -m bench.importing 1000000 --write million.jsonl      # the papers alone, for other benchmarks

The papers are made from the sentences, titles and names of real ones, so that words are as frequent as they are in life.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import random
import resource
import sys
import tempfile
import time
from asyncio.subprocess import PIPE
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from statistics import median
from typing import Any

import click

from bot.app import App
from bot.config import Config
from papers.paper import Paper
from papers.text import sentences
from search.harm import IndexUnavailable
from sources.files import read_batches, read_papers
from storage.store import Store

ROOT = Path(__file__).parents[1]
REAL = ROOT.parent / "shared/data/benchmarks/mlscholar/corpus.jsonl.gz"
NAMED = ROOT.parent / "shared/data/daily_papers"
SAMPLES = ROOT / "sandbox/replies"
FIRST = datetime(2007, 4, 1, tzinfo=UTC)  # ids have had their present form since then
MONTHS = 224
CATEGORIES = ("cs.LG", "cs.CV", "cs.CL", "cs.AI", "stat.ML", "cs.RO", "cs.IR", "eess.AS", "cs.CR", "cs.HC", "math.OC", "cs.DC")
_LOOK_EVERY_S = 0.25


@dataclass(frozen=True, slots=True)
class Texts:
    """What real papers are made of. ``abstracts`` are lists of sentences."""

    titles: list[str]
    abstracts: list[list[str]]
    first_names: list[str]
    last_names: list[str]

    @classmethod
    def read(cls, corpus: Path | None, names: Path) -> Texts:
        """Titles and abstracts of a JSON-lines file, or else of the folder that names the authors, too."""
        replies = [paper for file in sorted(names.glob("*.json"))[-60:] for paper in _papers(file)]
        papers = list(_papers(corpus)) if corpus else replies
        authors = [name.split() for paper in replies for name in paper.authors if " " in name]
        return cls(
            titles=[paper.title for paper in papers],
            abstracts=[sentences(paper.abstract) for paper in papers if paper.abstract],
            first_names=[name[0] for name in authors],
            last_names=[name[-1] for name in authors],
        )


def _papers(file: Path) -> Iterator[Paper]:
    return (found for found in read_papers(file) if isinstance(found, Paper))


def made(texts: Texts, count: int, seed: int = 1) -> Iterator[dict[str, Any]]:
    """So many papers in Paperboy's form, the oldest first; the same ones for the same seed, and each id once."""
    dice = random.Random(seed)  # noqa: S311 (nothing is secret)
    commonness = list(accumulate(1 / n for n in range(1, len(CATEGORIES) + 1)))
    a_month = -(-count // MONTHS)
    for number in range(count):
        months, within = divmod(number, a_month)
        year, month = divmod(FIRST.year * 12 + FIRST.month - 1 + months, 12)
        digits = 4 if year < 2015 and a_month < 10_000 else 5
        written = datetime(year, month + 1, 1, tzinfo=UTC) + timedelta(days=27) * (within / a_month)
        yield {
            "id": f"{year % 100:02}{month + 1:02}.{within + 1:0{digits}}",
            "title": _title(texts, dice),
            "abstract": " ".join(_sentences(texts, dice)),
            "authors": [f"{dice.choice(texts.first_names)} {dice.choice(texts.last_names)}" for _ in range(dice.randint(1, 7))],
            "categories": list(dict.fromkeys(dice.choices(CATEGORIES, cum_weights=commonness, k=dice.randint(1, 3)))),
            "published_at": written.isoformat(timespec="seconds"),
        }


def _title(texts: Texts, dice: random.Random) -> str:
    """The beginning of one real title and the end of another."""
    one, other = dice.choice(texts.titles).split(), dice.choice(texts.titles).split()
    return " ".join([*one[: (len(one) + 1) // 2], *other[len(other) // 2 :]])


def _sentences(texts: Texts, dice: random.Random) -> list[str]:
    """Sentences of three real abstracts, most of them the first one's, so that a paper is about something."""
    one, two, three = (dice.choice(texts.abstracts) for _ in range(3))
    return [*dice.sample(one, (2 * len(one) + 2) // 3), dice.choice(two), dice.choice(three)]


def as_snapshot(paper: dict[str, Any]) -> dict[str, Any]:
    """The same paper as a line of arXiv's metadata snapshot, broken into lines as there."""
    names = [name.split(" ", 1) for name in paper["authors"]]
    created = datetime.fromisoformat(paper["published_at"])
    return {
        "id": paper["id"],
        "submitter": paper["authors"][0],
        "authors": ", ".join(paper["authors"]),
        "title": paper["title"],
        "comments": "12 pages, 4 figures",
        "journal-ref": None,
        "doi": None,
        "report-no": None,
        "categories": " ".join(paper["categories"]),
        "license": "http://creativecommons.org/licenses/by/4.0/",
        "abstract": "  " + paper["abstract"].replace(". ", ".\n") + "\n",
        "versions": [{"version": "v1", "created": f"{created:%a, %d %b %Y %H:%M:%S GMT}"}],
        "update_date": f"{created:%Y-%m-%d}",
        "authors_parsed": [[last, first, ""] for first, last in names],
    }


def write(file: Path, papers: Iterable[dict[str, Any]]) -> None:
    """JSON lines; gzipped where the name says so."""
    with gzip.open(file, "wt", encoding="utf-8") if file.suffix == ".gz" else file.open("w", encoding="utf-8") as lines:
        lines.writelines(json.dumps(paper, ensure_ascii=False) + "\n" for paper in papers)


@dataclass
class Run:
    """One import as seen from another process that searches and writes meanwhile. Times in seconds, sizes in bytes."""

    took: float = 0.0
    cpu: float = 0.0
    memory: int = 0  # at most resident, with the pages of mapped files
    own_memory: int = 0  # … without them
    largest_wal: int = 0
    said: str = ""
    waits: list[float] = field(default_factory=list)  # for the database's one writer
    searches: list[float] = field(default_factory=list)
    found: int = 0

    def row(self, name: str, papers: int) -> str:
        waits, searches = sorted(self.waits), sorted(self.searches)
        cells = (
            name,
            f"{self.took:,.0f} s",
            f"{papers / self.took:,.0f}",
            f"{papers / self.cpu:,.0f}",
            f"{self.memory / 2**20:,.0f} / {self.own_memory / 2**20:,.0f} MiB",
            f"{self.largest_wal / 2**20:,.0f} MiB",
            f"{1000 * median(waits):,.0f} / {1000 * waits[int(0.99 * len(waits))]:,.0f} / {1000 * waits[-1]:,.0f} ms",
            f"{1000 * median(searches):,.1f} / {1000 * searches[int(0.99 * len(searches))]:,.1f} ms",
        )
        return f"| {' | '.join(cells)} |"


async def imported(file: Path, folder: Path) -> Run:
    """`paperboy import` of the file into the folder's database, while this process writes to it and searches in it."""
    run = Run()
    async with App.open(Config.model_validate({"database": {"url": f"sqlite:///{folder}/paperboy.db"}})) as app:
        began, cpu = time.monotonic(), _cpu_of_children()
        importer = await asyncio.create_subprocess_exec(
            sys.executable, "-c", "from bot.cli import main; main()", "import", str(file), cwd=folder, stdout=PIPE
        )
        ended = asyncio.ensure_future(importer.communicate())
        while not (await asyncio.wait({ended}, timeout=_LOOK_EVERY_S))[0]:
            await _look(run, app, folder, importer.pid)
        run.took, run.cpu = time.monotonic() - began, _cpu_of_children() - cpu
        run.said = ended.result()[0].decode().splitlines()[-1]
    return run


async def _look(run: Run, app: App, folder: Path, process: int) -> None:
    """As the bot would: write something, search something."""
    before = time.monotonic()
    await app.store.notes.write("bench", str(before))
    written = time.monotonic()
    run.waits.append(written - before)
    with suppress(IndexUnavailable):
        before = time.monotonic()
        run.found = (await app.engine.search("language models for robots", app.now(), limit=10)).total
        run.searches.append(time.monotonic() - before)
    with suppress(OSError):
        run.largest_wal = max(run.largest_wal, (folder / "paperboy.db-wal").stat().st_size)
        status = Path(f"/proc/{process}/status").read_text()  # noqa: ASYNC240 (no disk behind it)
        run.memory = int(status.split("VmHWM:")[1].split()[0]) * 1024
        run.own_memory = max(run.own_memory, int(status.split("RssAnon:")[1].split()[0]) * 1024)


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


async def stored(file: Path, folder: Path) -> tuple[float, float]:
    """Seconds to read the file, and to store what it holds without indexing it."""
    reading = storing = 0.0
    async with Store.open(f"sqlite:///{folder}/stored.db") as store:
        began = time.monotonic()
        for batch in read_batches(file, 1_000):
            read = time.monotonic()
            await store.papers.save(batch.papers, "import")
            reading, began, storing = reading + read - began, time.monotonic(), storing + time.monotonic() - read
    return reading, storing


@click.command()
@click.argument("counts", type=click.IntRange(1), nargs=-1, required=True)
@click.option("--texts", type=click.Path(exists=True, path_type=Path), help="Papers as JSON lines; without, those in ../shared.")
@click.option("--file", "given", type=click.Path(path_type=Path), help="Made already, with so many papers as COUNT says.")
@click.option("--write", "written", type=click.Path(path_type=Path), help="Only write the papers to this file.")
@click.option("--snapshot", is_flag=True, help="In the form of arXiv's metadata snapshot.")
def main(counts: tuple[int, ...], texts: Path | None, given: Path | None, written: Path | None, snapshot: bool) -> None:
    """Import so many papers, new and then known, and print what it took."""
    columns = ("import", "took", "papers/s", "papers/s of CPU", "peak memory / without mapped files", "largest WAL")
    watched = ("another writer waits: median / p99 / longest", "a search meanwhile: median / p99")
    for count in counts:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            file = given or written or folder / "papers.jsonl"
            if not given:
                source = Texts.read(texts or (REAL if REAL.exists() else None), NAMED if NAMED.is_dir() else SAMPLES)
                papers = made(source, count)
                write(file, map(as_snapshot, papers) if snapshot else papers)
            if written:
                continue
            reading, storing = asyncio.run(stored(file, folder))
            size = file.stat().st_size / 2**20
            click.echo(f"{count:,} papers, {size:,.0f} MiB: read {count / reading:,.0f}/s, stored {count / storing:,.0f}/s\n")
            click.echo(f"| {' | '.join((*columns, *watched))} |\n|{'---|' * len((*columns, *watched))}")
            for what in ("new", "known"):
                run = asyncio.run(imported(file, folder))
                click.echo(run.row(f"{count:,} {what}", count))
                click.echo(f"{run.said}; {run.found:,} found at the last look", err=True)


if __name__ == "__main__":
    main(prog_name="python -m bench.importing")
