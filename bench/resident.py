"""How much memory the search takes: a process of its own that opens it, answers questions and looks at itself.

python -m bench.resident FOLDER < questions
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from bench.ours import Ours

_STATUS = Path("/proc/self/status")
_MIB = 1024  # KiB


def resident_mib(folder: Path, questions: Iterable[str]) -> dict[str, float]:
    """MiB after so many questions, by what lies in it: "own" memory and mapped "files"; empty where the system does not tell."""
    if not _STATUS.exists():
        return {}
    command = [sys.executable, "-m", "bench.resident", str(folder)]
    done = subprocess.run(command, input="\n".join(questions), capture_output=True, text=True, check=True)  # noqa: S603
    return dict(json.loads(done.stdout.splitlines()[-1]))


async def _answer(folder: Path, questions: Iterable[str]) -> None:
    """Print what the process takes when all are answered."""
    async with Ours.open(folder, ()) as ours:
        for question in questions:
            await ours.search(question, 5)
        status = await asyncio.to_thread(_STATUS.read_text)
        found = {name: int(kib) / _MIB for name, kib in re.findall(r"Rss(Anon|File):\s+(\d+) kB", status)}
        sys.stdout.write(json.dumps({"own": found["Anon"], "files": found["File"]}) + "\n")


if __name__ == "__main__":
    asyncio.run(_answer(Path(sys.argv[1]), sys.stdin.read().splitlines()))
