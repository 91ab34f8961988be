"""A release, in a repository of its own."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from tools.release import NotNow, logged, raised, release

DAY = date(2026, 6, 10)
GREEN, RED = (sys.executable, "-c", ""), (sys.executable, "-c", "raise SystemExit(1)")
LOG = "# Changelog\n\n## Unreleased\n\n- Something new.\n\n## 0.1.0 (2026-01-01)\n\n- The first.\n"
PROJECT = '[project]\nname = "paperboy"\nversion = "0.1.0"\n'


def git(root: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True, text=True).stdout.strip()  # noqa: S607


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "CHANGELOG.md").write_text(LOG)
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    git(tmp_path, "init", "--quiet")
    for key, value in {
        "user.name": "Ada",
        "user.email": "ada@example.org",
        "commit.gpgsign": "false",
        "tag.gpgsign": "false",
    }.items():
        git(tmp_path, "config", key, value)
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "First")
    return tmp_path


def test_a_release_is_one_tagged_commit_with_the_version_and_the_heading(tree: Path) -> None:
    release(tree, "0.2.0", DAY, GREEN)
    assert git(tree, "describe") == "v0.2.0"
    assert git(tree, "status", "--porcelain") == ""
    assert git(tree, "log", "--format=%s") == "Release 0.2.0\nFirst"
    assert 'version = "0.2.0"' in (tree / "pyproject.toml").read_text()
    assert "## Unreleased\n\n## 0.2.0 (2026-06-10)\n\n- Something new.\n" in (tree / "CHANGELOG.md").read_text()


def test_the_first_release_may_have_the_version_that_is_there(tree: Path) -> None:
    release(tree, "0.1.0", DAY, GREEN)
    assert git(tree, "describe") == "v0.1.0"


@pytest.mark.parametrize(
    ("version", "tests", "why"),
    [
        ("0.2.0", RED, "the tests are not green"),
        ("0.0.9", GREEN, "lower than 0.1.0"),
        ("v0.2", GREEN, "is no version"),
        ("", GREEN, "is no version"),
    ],
)
def test_what_is_refused_changes_nothing(tree: Path, version: str, tests: tuple[str, ...], why: str) -> None:
    with pytest.raises(NotNow, match=why):
        release(tree, version, DAY, tests)
    assert git(tree, "status", "--porcelain") == ""
    assert git(tree, "tag") == ""


def test_a_tree_that_is_not_clean_is_not_released(tree: Path) -> None:
    (tree / "new.py").write_text("")
    with pytest.raises(NotNow, match="not clean"):
        release(tree, "0.2.0", DAY, GREEN)


def test_a_version_is_released_once(tree: Path) -> None:
    git(tree, "tag", "v0.2.0")
    with pytest.raises(NotNow, match=r"a tag v0\.2\.0 already"):
        release(tree, "0.2.0", DAY, GREEN)


def test_a_release_without_news_is_none() -> None:
    with pytest.raises(NotNow, match="nothing under"):
        logged(LOG.replace("- Something new.\n", ""), "0.2.0", DAY)


def test_our_own_files_are_as_it_expects_them() -> None:
    root = Path(__file__).parents[2]
    assert 'version = "99.0.0"' in raised((root / "pyproject.toml").read_text(encoding="utf-8"), "99.0.0")
    assert "## Unreleased\n" in (root / "CHANGELOG.md").read_text(encoding="utf-8")
