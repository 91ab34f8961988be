"""A folder imports only folders to its left, and each outside library has one home."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = ["papers", "sources", "storage", "search", "summaries", "digests", "views", "cogs", "bot", "sandbox"]
HOMES = {
    "aiohttp": {"sources", "bot", "sandbox"},  # bot/posting.py names the errors that discord.py lets through
    "yarl": {"sources", "bot"},  # aiohttp's own
    "stamina": {"sources"},
    "pylatexenc": {"sources"},
    "unicodeit": {"sources"},
    "defusedxml": {"sources"},
    "lxml": {"sources"},
    "sqlalchemy": {"storage"},
    "aiosqlite": {"storage"},
    "alembic": {"storage"},
    "filelock": {"storage", "search"},
    "tantivy": {"search"},
    "rapidfuzz": {"search"},
    "numpy": {"search"},
    "safetensors": {"search"},
    "tokenizers": {"search"},
    "openai": {"summaries"},
    "httpx2": {"summaries"},  # the client library's own, for a cap on what it reads
    "babel": {"views"},
    "tomli_w": {"views"},
    "discord": {"views", "cogs", "bot", "sandbox"},
    "apscheduler": {"bot"},
    "prometheus_client": {"bot"},
    "pydantic": {"bot"},
    "click": {"bot", "sandbox"},
    "simcord": {"sandbox"},
}
FILES = [file for layer in LAYERS for file in sorted((ROOT / layer).rglob("*.py"))]


def imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: a relative import"
            yield node.module or ""


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_file_imports_only_what_stands_to_its_left(file: Path) -> None:
    layer = file.relative_to(ROOT).parts[0]
    for module in imports(file):
        top = module.split(".")[0]
        assert top != "tests"
        if top in LAYERS:
            assert LAYERS.index(top) <= LAYERS.index(layer), f"{layer} imports {module}"
        if top in HOMES:
            assert layer in HOMES[top], f"{layer} imports {module}"


def test_papers_needs_the_standard_library_alone() -> None:
    import sys

    for file in (ROOT / "papers").glob("*.py"):
        for module in imports(file):
            top = module.split(".")[0]
            assert top == "papers" or top in sys.stdlib_module_names, f"{file.name} imports {module}"
            assert top != "asyncio"


def test_only_the_scheduler_file_knows_the_scheduler() -> None:
    users = {file.relative_to(ROOT).as_posix() for file in FILES if any(m.startswith("apscheduler") for m in imports(file))}
    assert users == {"bot/schedule.py"}


def test_every_folder_introduces_itself() -> None:
    for layer in LAYERS:
        assert ast.get_docstring(ast.parse((ROOT / layer / "__init__.py").read_text(encoding="utf-8")))
