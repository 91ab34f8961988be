"""What people type after a command's name, and what is said of it when it cannot be used. Quick to load: the help reads it."""

from __future__ import annotations

import shlex
import shutil
import sys
from datetime import date
from pathlib import Path
from typing import Any

import click


class WrongUse(click.ClickException):
    """The command, its options or its settings cannot be used as given."""

    exit_code = 2


class Day(click.ParamType[date]):
    """A date like 2026-06-10."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> date:
        try:
            return value if isinstance(value, date) else date.fromisoformat(value)
        except ValueError:
            self.fail(f"“{value}” is not a date: write it like 2026-06-10", parameter, context)


def as_started(*, anywhere: bool = False) -> str:
    """The command to type for `paperboy`: the path it was started by, where its name alone would not find it.

    ``anywhere``: so that it can be typed in another folder, too.
    """
    started = Path(sys.argv[0])
    if started.name != "paperboy" or "/" not in sys.argv[0] or shutil.which("paperboy") == sys.argv[0]:
        return "paperboy"
    return shlex.quote(str(started.absolute()) if anywhere else sys.argv[0])
