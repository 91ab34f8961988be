"""`paperboy stand-in`: a Discord and the papers' sources on loopback, for a Paperboy of its own to be tried with.

`paperboy --help` loads this file for its one line, so whatever is slow to load waits until the command is run.
"""

from __future__ import annotations

import asyncio

import click

from bot.terminal.arguments import WrongUse


@click.command("stand-in")
@click.option("--port", type=click.IntRange(0, 65535), default=8423, show_default=True, help="Where it listens, on loopback.")
@click.option("--until-posted", is_flag=True, help="End once the first edition is posted.")
def stand_in(port: int, until_posted: bool) -> int:
    """A Discord and sources on this machine, to try an installed Paperboy with."""
    from sandbox.tryout import serve

    try:
        asyncio.run(serve(port, stay=not until_posted))
    except asyncio.CancelledError:
        click.echo("The stand-in has ended.")
    except OSError as error:
        raise WrongUse(f"port {port} cannot be used ({error.strerror}): choose another with --port") from error
    return 0
