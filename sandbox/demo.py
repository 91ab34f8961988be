"""`paperboy demo`: the real bot in a simulated Discord, shown in the browser. No account, no internet.

`paperboy --help` loads this file for its one line, so whatever is slow to load waits until the demo is played.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from datetime import date
from pathlib import Path

import click

from bot.terminal.arguments import Day, WrongUse


@click.command()
@click.option("--headless", is_flag=True, help="Print the page's address without opening a browser.")
@click.option(
    "--replies",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="A folder of other days, in the API's own format (YYYY-MM-DD.json).",
)
@click.option("--date", "day", type=Day(), help="The day to play (the folder's last).")
@click.option("--port", type=click.IntRange(0, 65535), help="The page's port (any free one).")
@click.option("--until-posted", is_flag=True, help="End once the morning's editions are posted.")
def demo(headless: bool, replies: Path | None, day: date | None, port: int | None, until_posted: bool) -> int:
    """Show the bot at work in a simulated Discord, in your browser."""
    from bot.watching.logs import set_up
    from sandbox.press import REPLIES, days_in

    replies = replies or REPLIES
    days = days_in(replies)
    if not days:
        raise WrongUse(f"{replies} has no replies: a day is a file like 2026-06-10.json")
    if day and day not in days:
        raise WrongUse(f"{replies} has no {day}: it has {days[0]} to {days[-1]}, {len(days)} days")
    if port and not _is_free(port):
        raise WrongUse(f"port {port} cannot be used: choose another, or none, with --port")
    set_up("warning")
    logging.getLogger("discord").setLevel(logging.ERROR)  # it would warn that there is no voice, and of SimCord's own probe
    try:
        asyncio.run(_demo(headless, replies, day or days[-1], port, until_posted))
    except asyncio.CancelledError:
        click.echo("The demo has ended.")
    return 0


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


async def _demo(headless: bool, replies: Path, day: date, port: int | None, until_posted: bool) -> None:
    try:
        from sandbox.morning import show  # needs SimCord, which nothing but the demo does
    except ImportError as error:
        raise click.ClickException(
            f"the demo needs more than is installed here ({error}): run `make demo` in the repository"
        ) from error
    from bot.terminal.command import stop_on_sigterm

    stop_on_sigterm()
    await show(replies, day, port=port, browser=not headless, stay=not until_posted)
