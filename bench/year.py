"""Months of random faults, one after the other: what is lost, doubled or left unfinished, and what it costs in memory.

    python -m bench.year --months 12

Each month is another seed of sandbox/wire/month.py: thirty days with outages, restarts, closed channels, deleted posts and
clocks that are set. The resident memory is read after each; it should not grow.
"""

from __future__ import annotations

import asyncio
import logging
import resource
import tempfile
import time
from pathlib import Path

import click

from sandbox.wire.month import Month


@click.command()
@click.option("--months", type=click.IntRange(1, 1_000), default=12, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="Of the first month; the others' follow.")
def main(months: int, seed: int) -> None:
    """Live so many months, and stop at the first broken promise."""
    logging.disable(logging.CRITICAL)  # what goes wrong on purpose
    columns = ("month", "faults", "messages with papers", "papers", "editions grown", "broken", "seconds", "peak memory MiB")
    click.echo(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
    for month_seed in range(seed, seed + months):
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            month = Month(Path(folder), month_seed)
            broken = asyncio.run(month.live(days=30))
            shown = month.shown()
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        faults = sum(month.happened.values())
        figures = (month_seed, faults, shown.messages, shown.papers, shown.grown, len(broken))
        click.echo(f"| {' | '.join(map(str, figures))} | {time.monotonic() - began:.0f} | {memory:.0f} |")
        if broken:
            raise SystemExit("\n".join(broken))
        if not (shown.messages and shown.papers and shown.grown):
            raise SystemExit("a month without papers proves nothing")


if __name__ == "__main__":
    main(prog_name="python -m bench.year")
