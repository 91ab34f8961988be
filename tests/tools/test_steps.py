"""What .ci/run says at its end."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("make", "last", "code"),
    [
        ('.ci/step "style" true && .ci/step "types (mypy)" sh -c "exit 3"', "FAILED: types (mypy), after ", 3),
        ("exit 2", "FAILED: set-up (before the first step), after ", 2),
        ('.ci/step "style" true', "All green, in ", 0),
    ],
)
def test_the_last_line_says_what_failed(tmp_path: Path, make: str, last: str, code: int) -> None:
    (tmp_path / "make").write_text(f"#!/bin/sh\n{make}\n")
    (tmp_path / "make").chmod(0o700)
    environment = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run([ROOT / ".ci/run"], env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1].startswith(last)
    assert done.returncode == code


def test_make_help_lists_what_there_is() -> None:
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S607
    listed = {line.split()[1] for line in done.stdout.splitlines()}
    assert {"demo", "test", "docs", "pictures", "release", "audit"} <= listed
