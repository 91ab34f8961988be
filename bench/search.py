"""How good the search is, how forgiving, how fast, beside what one would otherwise use.

    python -m bench.search --charts docs/charts --days DAYS FOLDER...

Each FOLDER is a set of judged questions: corpus.jsonl (id, title, abstract), queries.jsonl (id, text; both may be gzipped) and
qrels.tsv (a line of headings; question's id, paper's id, grade). The last one's papers are also the real ones of the larger
collections (bench/corpus.py). Without --quality, --typos, --speed, --similar or --wire everything is measured; --keep keeps what
was built for the next time.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path

import click

from bench import alike, known, latency, quality, wire
from bench.charts import draw
from bench.collection import Collection
from bench.judged import Judged, papers_of, questions_of
from bench.rivals import Bm25s, Fts5, PlainTantivy
from bench.speed import SIZE_HEADING, speed
from bench.topics import folder_of_days

SIZES = (10_000, 100_000, 1_000_000)
TYPOS_SIZES = (10_000, 100_000)
WIRE_SIZE, WIRE_QUESTIONS = 10_000, 300
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_OTHER_FOLDER = click.Path(file_okay=False, path_type=Path)
_SIZE = click.IntRange(10, 10_000_000)


@click.command()
@click.argument("folders", nargs=-1, type=_FOLDER)
@click.option("--quality", "with_quality", is_flag=True, help="Judged questions of each FOLDER.")
@click.option("--typos", type=_SIZE, multiple=True, help="Known items among so many papers; may be repeated.")
@click.option("--speed", "speeds", type=_SIZE, multiple=True, help="Latency, size and memory at so many papers; may be repeated.")
@click.option("--similar", "with_similar", is_flag=True, help="Papers like a paper, on the stored days.")
@click.option("--wire", "with_wire", is_flag=True, help=f"/search of the running bot, over {WIRE_SIZE:,} papers.")
@click.option("--days", type=_FOLDER, help="A folder of daily-papers replies; by default the real ones beside the checkout.")
@click.option(
    "--fts5-up-to", type=int, default=100_000, show_default=True, help="FTS5 is left out of --speed above so many papers."
)
@click.option("--charts", type=_OTHER_FOLDER, help="Where to draw quality and latency, as SVG.")
@click.option("--keep", type=_OTHER_FOLDER, help="Where to keep what is built for the next run.")
@click.option("--questions", type=click.IntRange(100), default=1_000, show_default=True, help="Questions of each kind.")
@click.option("--seed", type=int, default=1, show_default=True)
def main(
    folders: tuple[Path, ...],
    with_quality: bool,
    typos: tuple[int, ...],
    speeds: tuple[int, ...],
    with_similar: bool,
    with_wire: bool,
    days: Path | None,
    fts5_up_to: int,
    charts: Path | None,
    keep: Path | None,
    questions: int,
    seed: int,
) -> None:
    """Measure, and print the tables."""
    if not (with_quality or typos or speeds or with_similar or with_wire):
        with_quality = with_similar = with_wire = True
        typos, speeds = TYPOS_SIZES, SIZES
    if (with_quality or typos or speeds or with_wire) and not folders:
        raise click.UsageError("name a FOLDER with judged questions, whose papers the collections are made of, too")
    with nullcontext(keep) if keep else tempfile.TemporaryDirectory() as place:
        real = list(papers_of(folders[-1])) if typos or speeds or with_wire else []
        collection = Collection(real, Path(place), seed)
        asked = latency.questions(collection.first, questions_of(folders[-1]), questions, seed) if real else {}
        judged = _quality(folders) if with_quality else []
        if with_similar:
            _show(alike.HEADING, asyncio.run(alike.measured(days or folder_of_days())))
        if typos:
            asyncio.run(_typos(collection, typos, questions, seed))
        if with_wire:
            _show(wire.HEADING, asyncio.run(_wire(collection, asked)))
        timed: list[latency.Row] = []
        for size in speeds:
            found = asyncio.run(speed(collection, size, asked, with_fts5=size <= fts5_up_to))
            timed += found.rows
            _show(latency.HEADING, found.rows)
            _show(latency.COMPLETING_HEADING, found.completing)
            _show(SIZE_HEADING, found.sizes)
        if charts:
            for file in draw(charts, judged, timed):
                click.echo(f"{file}")


def _quality(folders: Iterable[Path]) -> list[quality.Row]:
    found = [row for folder in folders for row in asyncio.run(quality.quality(Judged.read(folder)))]
    _show(quality.HEADING, found)
    return found


async def _typos(collection: Collection, sizes: Iterable[int], questions: int, seed: int) -> None:
    mendings, rows = [], []
    for size in sizes:
        asked = known.drawn(collection.first[:size], questions, seed)
        async with collection.ours(size) as ours:
            rivals = (
                PlainTantivy(collection.built(size, PlainTantivy).place),
                Fts5(collection.built(size, Fts5).place),
                Bm25s(collection.papers(size)),
            )
            found, mending = await known.measured(ours, rivals, size, asked)
        rows += found
        mendings.append(mending)
    _show(known.HEADING, rows)
    _show(known.MENDING_HEADING, mendings)


async def _wire(collection: Collection, asked: dict[str, list[str]]) -> list[wire.Row]:
    """On a copy: the bot goes on collecting papers."""
    each = WIRE_QUESTIONS // len(asked)
    questions = [text for texts in zip(*asked.values(), strict=False) for text in texts][: each * len(asked)]
    async with collection.copied(WIRE_SIZE) as folder:
        return await wire.measured(folder, WIRE_SIZE, questions)


def _show(heading: str, rows: Iterable[object]) -> None:
    click.echo(heading)
    for row in rows:
        click.echo(f"{row}")


if __name__ == "__main__":
    main(prog_name="python -m bench.search")
