"""A process that runs rounds of delivery, each in a child that can be killed at a moment of one's choosing.

Started as ``python -m sandbox.wire.victim``: it imports everything once and then forks a child for each line on its
standard input, so that a kill costs milliseconds. A line is a JSON object: ``database`` (a URL), ``api`` (the address of a
Discord on the wire), ``now`` (the round's instant) and ``kill``: null, ``{"after_s": 0.02}`` or ``{"at_step": 17}`` (a turn of
the event loop; every await that waits is at least one). The answer is one line: "done", "killed" or "failed".

For comparison an ``order`` other than "ledger" sends as one does without a ledger: "note-then-send" or "send-then-note",
with the ``channels`` to send to and a ``folder`` for the notes.
"""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import selectors
import signal
import sys
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import discord

from bot.pacer import Pacer
from bot.posting import ChannelPoster
from bot.requests import Requests
from digests.deliver import Courier
from digests.planning import Policy
from sandbox.wire.rest import TOKEN
from storage.store import Store

_NEVER = timedelta(days=1_000)  # what is late is counted, too


class Doomed(asyncio.SelectorEventLoop):
    """An event loop that ends its process, as SIGKILL does, at a given turn after ``arm``."""

    def __init__(self) -> None:
        super().__init__(selectors.DefaultSelector())
        self._turns_left: int | None = None

    def arm(self, turns: int) -> None:
        self._turns_left = turns

    def _run_once(self) -> None:
        if self._turns_left is not None:
            self._turns_left -= 1
            if self._turns_left < 0:
                os.kill(os.getpid(), signal.SIGKILL)
        super()._run_once()  # type: ignore[misc]  # asyncio's own turn; its stubs do not name it


async def deliver(order: dict[str, Any]) -> None:
    """One round, as the schedule would run it after a start; the kill is timed from when the parts are open."""
    discord.http.Route.BASE = f"http://{order['api']}/api/v10"
    async with (
        Store.open(order["database"]) as store,
        discord.Client(intents=discord.Intents.none()) as client,
    ):
        await client.login(TOKEN)
        kill = order["kill"] or {}
        loop = asyncio.get_running_loop()
        if "after_s" in kill:
            signal.setitimer(signal.ITIMER_REAL, kill["after_s"])  # SIGALRM's default is to end the process there and then
        if "at_step" in kill and isinstance(loop, Doomed):
            loop.arm(kill["at_step"])
        now = datetime.fromisoformat(order["now"])
        if order.get("order", "ledger") == "ledger":
            policy = Policy(("huggingface",), too_late=_NEVER)
            await Courier(store, ChannelPoster(client, Requests(Pacer())), policy).deliver_due(now)
        else:
            await _deliver_without_ledger(client, order, now.date())
        signal.setitimer(signal.ITIMER_REAL, 0)
        if isinstance(loop, Doomed):
            loop.arm(10**9)


async def _deliver_without_ledger(client: discord.Client, order: dict[str, Any], day: date) -> None:
    """The control: one fsynced note a message, before or after it is sent; no nonce, no mark."""
    for channel_id in order["channels"]:
        note = Path(order["folder"]) / f"{channel_id}-{day}"
        if note.exists():
            continue
        if order["order"] == "note-then-send":
            _write_durably(note)
        await client.get_partial_messageable(channel_id).send(f"Paper of {day}")
        if order["order"] == "send-then-note":
            _write_durably(note)


def _write_durably(note: Path) -> None:
    with note.open("w") as file:
        file.write("sent")
        file.flush()
        os.fsync(file.fileno())


async def _warm_up() -> None:
    """Do once what each child would do anew: read the migrations, work out the tables."""
    with tempfile.TemporaryDirectory() as folder:
        async with Store.open(f"sqlite:///{folder}/warm.db") as store:
            await store.ledger.unsent(datetime.now(UTC))


def main() -> None:
    """Serve until the input ends."""
    logging.disable(logging.ERROR)  # what goes wrong here does so on purpose
    asyncio.run(_warm_up())
    gc.freeze()  # what is there now stays shared with the children
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            with asyncio.Runner(loop_factory=Doomed) as runner:
                runner.run(deliver(order))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if os.WIFEXITED(status) and os.WEXITSTATUS(status) != 0:
            print("failed", flush=True)  # noqa: T201 (the protocol)
        else:
            print("killed" if os.WIFSIGNALED(status) else "done", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
