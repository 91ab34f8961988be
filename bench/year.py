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
def main(months: int) -> None:
    """Live so many months, and stop at the first broken promise."""
    logging.disable(logging.CRITICAL)  # what goes wrong on purpose
    click.echo("| month | faults | messages | broken promises | seconds | peak memory MiB |\n|---|---|---|---|---|---|")
    for seed in range(1, months + 1):
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            month = Month(Path(folder), seed)
            broken = asyncio.run(month.live(days=30))
        messages = sum(len(channel.messages) for channel in month.world.channels.values())
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        faults = sum(month.happened.values())
        took_s = time.monotonic() - began
        click.echo(f"| {seed} | {faults} | {messages} | {len(broken)} | {took_s:.0f} | {memory:.0f} |")
        if broken:
            raise SystemExit("\n".join(broken))


if __name__ == "__main__":
    main(prog_name="python -m bench.year")
