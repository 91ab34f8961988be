"""A process that starts `paperboy` as others would, without loading it anew each time.

Started as ``python -m tests.wire.starter``. A line on its standard input is a JSON object: ``arguments``, ``environment``, and
``files``, the beginning of the names of three files: what it printed goes to ".out", what it complained to ".err", and when it
has ended there is ".exit" with its exit code (negative for the signal that killed it). The answer is a line with its process id.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import bot.running
import bot.terminal.backups

# What the commands load when they are used.
import bot.terminal.importing
from bot.cli import main as paperboy

LOADED = (bot.terminal.importing, bot.terminal.backups, bot.running)


def main() -> None:
    """Serve until the input ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # whoever waits for a paperboy need not be waited for itself
    gc.freeze()
    for line in sys.stdin:
        if os.fork() == 0:
            _keep(json.loads(line))
            return


def _keep(order: dict[str, Any]) -> None:
    """Start one, wait for its end in its parent's place, and note how it was; in the new process, be it."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = os.fork()
    if pid == 0:
        for number, ending in ((1, ".out"), (2, ".err")):
            os.dup2(os.open(order["files"] + ending, os.O_WRONLY | os.O_CREAT, 0o600), number)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.environ.update(order["environment"])
        paperboy(order["arguments"])
    print(pid, flush=True)  # noqa: T201 (the protocol)
    _, status = os.waitpid(pid, 0)
    note = Path(order["files"] + ".part")
    note.write_text(str(os.waitstatus_to_exitcode(status)))
    note.replace(order["files"] + ".exit")
    os._exit(0)


if __name__ == "__main__":
    main()
