"""`make release VERSION=1.2.3`: of a clean tree with green tests, the change log's heading, the version, a commit and a tag.

Nothing is pushed. The version stands in pyproject.toml alone.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]
TESTS = ("make", "--no-print-directory", "test")
_VERSION = re.compile(r'^version = "(\d+)\.(\d+)\.(\d+)"$', re.MULTILINE)
_UNRELEASED = "## Unreleased\n"


class NotNow(Exception):
    """The release was not made; nothing is changed."""


def logged(text: str, version: str, day: date) -> str:
    """The change log with what is unreleased under a heading of the version. Raises NotNow where nothing is."""
    _before, found, after = text.partition(_UNRELEASED)
    if not found or not after.partition("\n## ")[0].strip():
        raise NotNow("CHANGELOG.md has nothing under “Unreleased”: say there what is new")
    return text.replace(_UNRELEASED, f"{_UNRELEASED}\n## {version} ({day})\n", 1)


def raised(text: str, version: str) -> str:
    """pyproject.toml with the version, which is higher than the one there. Raises NotNow."""
    wanted = re.fullmatch(r"(\d+)\.(\d+)\.(\d+)", version)
    if not wanted:
        raise NotNow(f"“{version}” is no version: make release VERSION=1.2.3")
    now = _VERSION.search(text)
    if not now:
        raise NotNow("pyproject.toml has no version")
    if tuple(map(int, wanted.groups())) < tuple(map(int, now.groups())):
        raise NotNow(f"{version} is lower than {'.'.join(now.groups())}, the present version")
    return _VERSION.sub(f'version = "{version}"', text, count=1)


def release(root: Path, version: str, day: date, tests: Sequence[str] = TESTS) -> None:
    """Commit and tag it. Raises NotNow, with everything as it was."""
    log, project = root / "CHANGELOG.md", root / "pyproject.toml"
    changed = {
        project: raised(project.read_text(encoding="utf-8"), version),
        log: logged(log.read_text(encoding="utf-8"), version, day),
    }
    if _git(root, "status", "--porcelain"):
        raise NotNow("the tree is not clean: commit or remove what `git status` shows")
    tag = f"v{version}"
    if _git(root, "tag", "--list", tag):
        raise NotNow(f"there is a tag {tag} already")
    if subprocess.run(tests, cwd=root, check=False).returncode:
        raise NotNow("the tests are not green")
    for file, text in changed.items():
        file.write_text(text, encoding="utf-8")
    _git(root, "commit", "--quiet", "--message", f"Release {version}", "--", *map(str, changed))
    _git(root, "tag", "--annotate", tag, "--message", f"Paperboy {version}")


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=root, check=False, capture_output=True, text=True)
    if done.returncode:
        raise NotNow(f"git {arguments[0]} failed: {done.stderr.strip()}")
    return done.stdout.strip()


def main() -> None:
    version = sys.argv[1] if len(sys.argv) > 1 else ""
    try:
        release(ROOT, version, datetime.now(UTC).date())
    except NotNow as error:
        sys.exit(f"Not released: {error}.")
    print(f"Released {version}. Look at it (git show), then: git push --follow-tags")


if __name__ == "__main__":
    main()
