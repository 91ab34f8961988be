"""What each preset brings on real days: the table of docs/topics.md.

    python -m bench.topics

Reads a folder of Hugging Face daily-papers replies, one file a day: the real ones where a checkout has them beside it, or else
the sample replies, which are too few to judge by.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median

import click

from papers.merge import unique
from papers.paper import Paper
from papers.presets import PRESETS
from papers.shelf import Shelf
from papers.topic import Topic
from sources.huggingface import entries_in, papers_in

ROOT = Path(__file__).parents[1]
REAL = ROOT.parent / "shared/data/daily_papers"
SAMPLES = ROOT / "sandbox/replies"
MOST = 0.25  # of all papers
WORKDAYS_A_WEEK = 5  # nothing is featured at weekends: five files are a week


@dataclass(frozen=True, slots=True)
class Measured:
    """A preset's papers: of all in the files, and how many each day."""

    preset: Topic
    papers: int
    of: int
    by_day: tuple[int, ...]

    @property
    def share(self) -> float:
        return self.papers / self.of

    @property
    def is_fit(self) -> bool:
        """Whether it matches at most a quarter of all papers, and one a week at least."""
        return self.share <= MOST and self.papers >= len(self.by_day) / WORKDAYS_A_WEEK

    def __str__(self) -> str:
        days = sum(found > 0 for found in self.by_day)
        return (
            f"| {self.preset.name} | {self.papers} | {self.share:.1%} | {days} | {median(self.by_day):g} / {max(self.by_day)} "
            f"| {self.preset.text} |"
        )


@click.command()
@click.option("--days", "folder", type=click.Path(exists=True, file_okay=False, path_type=Path), help="A folder of replies.")
def main(folder: Path | None) -> None:
    """Print the table; fail if a preset matches too much or too little."""
    days = stored_days(folder or folder_of_days())
    papers = sum(map(len, days.values()))
    click.echo(f"{papers:,} papers of {len(days)} days, {min(days)} to {max(days)}\n")
    click.echo("| preset | papers | share | days | a day: median / most | asks for |\n|---|---|---|---|---|---|")
    found = measured(days)
    for row in found:
        click.echo(f"{row}")
    unfit = [row.preset.name for row in found if not row.is_fit]
    if unfit:
        raise SystemExit(f"too much or too little: {', '.join(unfit)}")


def folder_of_days() -> Path:
    """The real days, where they are here; or else the samples."""
    return REAL if REAL.is_dir() else SAMPLES


def stored_days(folder: Path) -> dict[date, list[Paper]]:
    """The papers of each UTC day that the folder has a reply of, in order."""
    files = sorted(folder.glob("????-??-??.json"))
    return {
        day: unique(papers_in(entries_in(file.read_bytes()), day)) for file in files if (day := date.fromisoformat(file.stem))
    }


def measured(days: Mapping[date, list[Paper]]) -> list[Measured]:
    """Each preset, in order, against all papers and day by day."""
    everything = Shelf(unique(paper for papers in days.values() for paper in papers))
    shelves = [Shelf(papers) for papers in days.values()]
    return [
        Measured(
            preset,
            everything.mask(preset.expression).bit_count(),
            len(everything.papers),
            tuple(shelf.mask(preset.expression).bit_count() for shelf in shelves),
        )
        for preset in PRESETS
    ]


if __name__ == "__main__":
    main(prog_name="python -m bench.topics")
