"""The `paperboy` command. Errors are one line on standard error: exit code 2 for wrong use, 1 for failure."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from importlib.metadata import entry_points
from pkgutil import resolve_name
from typing import Any, NoReturn

import click

# Loaded when used, so that `paperboy --help` does not wait for libraries it does not need.
_COMMANDS = {
    "init": ("bot.terminal.init:init", "Ask for what it needs, and write the settings into this folder."),
    "run": ("bot.running:run", "Run the bot."),
    "fetch": ("bot.terminal.papers:fetch", "Read the day's papers from the sources into the store."),
    "import": ("bot.terminal.importing:import_", "Read papers from files into the store."),
    "search": ("bot.terminal.papers:search", "Search the stored papers."),
    "digest": ("bot.terminal.papers:digest", "Print what a digest would post, without posting."),
    "paper": ("bot.terminal.papers:paper", "Print one paper."),
    "doctor": ("bot.terminal.doctor:doctor", "Say what is well and what is not, and what to do."),
    "migrate": ("bot.terminal.papers:migrate", "Bring the database to the newest schema."),
    "backup": ("bot.terminal.backups:backup", "Copy the database into a file, also while the bot runs."),
    "restore": ("bot.terminal.backups:restore", "Put a backup in the database's place."),
    "export": ("bot.terminal.backups:export", "Write everything that is stored as JSON lines."),
}


class _Commands(click.Group):
    """Our commands, and those that other packages register under the entry point "paperboy.commands"."""

    def list_commands(self, context: click.Context) -> list[str]:
        return [*_COMMANDS, *sorted(entry.name for entry in entry_points(group="paperboy.commands"))]

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name in _COMMANDS:
            command = resolve_name(_COMMANDS[name][0])
        else:
            found = [entry for entry in entry_points(group="paperboy.commands") if entry.name == name]
            if not found:
                return None
            command = found[0].load()
        assert isinstance(command, click.Command)  # noqa: S101 (what an entry point promises)
        return command

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        with _until_nobody_reads():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, context: click.Context) -> Any:
        with _until_nobody_reads():
            return super().invoke(context)

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        rows = []
        for name in self.list_commands(context):
            command = None if name in _COMMANDS else self.get_command(context, name)
            rows.append((name, command.get_short_help_str(limit=90) if command else _COMMANDS[name][1]))
        with formatter.section("Commands"):
            formatter.write_dl(rows)


@contextlib.contextmanager
def _until_nobody_reads() -> Iterator[None]:
    """`paperboy export | head` is no failure. Click itself, which would see it next, ends with 1."""
    try:
        yield
    except BrokenPipeError:
        _leave_quietly(0)
    except BaseExceptionGroup as errors:  # of tasks that print
        if errors.split(BrokenPipeError)[1]:
            raise
        _leave_quietly(0)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="paperboy")
def cli() -> None:
    """Paperboy brings a Discord community the day's research papers."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and end the process with its exit code."""
    try:
        result = cli.main(args=arguments, prog_name="paperboy", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.NoArgsIsHelpError as help_:
        click.echo(help_.format_message())
        sys.exit(2)
    except click.ClickException as error:
        hint = " (see paperboy --help)" if isinstance(error, click.UsageError) else ""
        click.echo(f"paperboy: {' '.join(error.format_message().split())}{hint}", err=True)
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except BrokenPipeError:  # what was left to write
        _leave_quietly(0)
    except OSError as error:  # a full disk under the output, say
        click.echo(f"paperboy: {error.strerror or error}", err=True)
        _leave_quietly(1)
    sys.exit(result if isinstance(result, int) else 0)


def _leave_quietly(code: int) -> NoReturn:
    """End without a last try to write what cannot be written."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)
