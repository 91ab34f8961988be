"""What the commands of the terminal share: the --config option, and errors made one line."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import signal
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Concatenate, ParamSpec

import click

from bot.config import Config, ConfigError, found, load
from bot.terminal.arguments import Day as Day
from bot.terminal.arguments import WrongUse as WrongUse
from bot.watching.logs import set_up
from search.harm import IndexUnavailable
from sources.base import SourceError
from storage.engine import StorageError

P = ParamSpec("P")


def configured(
    command: Callable[Concatenate[Config, P], Coroutine[Any, Any, int | None]],
) -> Callable[..., int]:
    """A command over the settings: adds --config, runs the coroutine, returns its exit code; errors become one line."""

    @click.option("--config", "file", type=click.Path(path_type=Path), help="Settings (./config.toml, or else the defaults).")
    @functools.wraps(command)
    def run(*arguments: Any, file: Path | None, **options: Any) -> int:
        # People read what a command prints, and it tells its errors itself; `paperboy run` sets its own level.
        set_up("error")
        try:
            return asyncio.run(command(load(file or found()), *arguments, **options)) or 0
        except ConfigError as error:
            raise WrongUse(str(error)) from error
        except (StorageError, SourceError, IndexUnavailable) as error:
            raise click.ClickException(str(error)) from error

    return run


def stop_on_sigterm() -> None:
    """SIGTERM, which service managers send, cancels the present task, as asyncio.run does on SIGINT."""
    task = asyncio.current_task()
    if task:
        with contextlib.suppress(NotImplementedError):  # Windows has no signal handlers on its loop
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
