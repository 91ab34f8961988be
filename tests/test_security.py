"""docs/security.md keeps its word: its tests exist, and what can be seen in the files alone is so."""

from __future__ import annotations

import ast
import re
import sqlite3
import traceback
from contextlib import closing
from pathlib import Path

import click
import pytest

from bot.cli import cli
from storage.engine import StorageError
from storage.schema import metadata
from storage.store import Store
from tests.factories import NOW
from tests.test_layers import FILES, imports

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/security.md").read_text(encoding="utf-8")
ROWS = {int(number): row for number, row in re.findall(r"^\| (\d+) (\|.*)$", PAGE, re.MULTILINE)}
NAMED = re.compile(r"`([\w/]+\.py)::(test_\w+)`")
LOCKS = sorted(ROOT.glob("requirements*.lock"))
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


def test_every_row_of_the_list_is_there() -> None:
    assert list(ROWS) == list(range(1, 14))


@pytest.mark.parametrize("number", range(1, 14))
def test_every_row_names_tests_that_exist(number: int) -> None:
    named = NAMED.findall(ROWS[number])
    assert named
    for file, name in named:
        tree = ast.parse((ROOT / "tests" / file).read_text(encoding="utf-8"))
        functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
        assert name in functions, f"{file}::{name}"


def test_every_table_is_told_of() -> None:
    """Who adds one says what of people it has, and when that goes; and /privacy (views/privacy.py) is looked at again."""
    told = PAGE.partition("## What is stored")[2]
    assert {name for name in metadata.tables if f"`{name}`" not in told} == set()


def test_no_secret_can_be_given_as_an_argument() -> None:
    context = click.Context(cli)
    commands = [cli, *(cli.get_command(context, name) for name in cli.list_commands(context))]
    names = {name for command in commands if command for option in command.params for name in (*option.opts, option.name or "")}
    assert names
    assert not [name for name in names if re.search(r"token|secret|password|\bkey", name)]


async def test_what_was_typed_is_in_no_error_of_the_database(store: Store, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "test.db")) as connection:
        connection.execute("DROP TABLE questions")
    typed = "a question, " + "and another"  # as a traceback would not have it from this line
    with pytest.raises(StorageError) as caught:
        await store.notes.keep("key", typed, NOW)
    logged = "".join(traceback.format_exception(caught.value))
    assert "no such table: questions" in logged
    assert typed not in logged


def test_the_web_has_one_door() -> None:
    """A session elsewhere would connect where sources/addresses.py does not look."""
    doors = {
        "sources/http.py",
        "bot/terminal/doctor_web.py",  # asks the services of the settings whether they answer
        "bot/watching/healthcheck.py",  # asks the bot beside it
    }
    openers = re.compile(r"\b(ClientSession|urlopen|urlretrieve|HTTPSConnection|HTTPConnection)\(")
    found = {_name(file) for file in FILES if openers.search(file.read_text(encoding="utf-8"))}
    assert {name for name in found if not name.startswith("sandbox/")} <= doors


def test_xml_is_read_by_the_parser_that_refuses_entities() -> None:
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("xml."):
                assert {alias.name for alias in node.names} <= {"Element", "escape"}, _name(file)  # a type, and what writes
            if isinstance(node, ast.Import):
                assert not any(alias.name.startswith("xml") for alias in node.names), _name(file)
    parsers = {_name(file) for file in FILES if any(module.startswith("defusedxml") for module in imports(file))}
    assert parsers == {"sources/atom.py"}
    html = (ROOT / "sources/paper_html.py").read_text(encoding="utf-8")
    assert "no_network=True" in html
    assert "XMLParser" not in html


def test_no_engine_parses_what_was_typed() -> None:
    for file in sorted((ROOT / "search").glob("*.py")):
        assert "parse_query" not in file.read_text(encoding="utf-8"), _name(file)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_locked_package_has_its_hashes(lock: Path) -> None:
    entries = re.split(r"^(?=[A-Za-z0-9])", lock.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    assert entries
    for entry in entries:
        assert re.match(r"[\w.\[\],-]+==\S+", entry), entry[:80]
        assert "--hash=sha256:" in entry, entry[:80]


def test_hashes_are_required_wherever_a_lock_is_installed() -> None:
    for path in (ROOT / "Makefile", ROOT / "deploy/Dockerfile"):
        text = path.read_text(encoding="utf-8").replace("\\\n", " ")
        installing = [line for line in text.splitlines() if re.search(r"requirements\S*\.lock", line) and _installs(line)]
        assert installing, path
        for line in installing:
            assert "--require-hashes" in line, line


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda workflow: workflow.name)
def test_workflows_run_pinned_actions_with_rights_to_read(workflow: Path) -> None:
    text = workflow.read_text(encoding="utf-8")
    for action in re.findall(r"uses:\s*(\S+)", text):
        assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", action), action
    assert "permissions:\n  contents: read\n" in text
    assert "pull_request_target" not in text
    assert "secrets." not in text


def test_the_locks_are_audited() -> None:
    audit = (ROOT / ".github/workflows/audit.yml").read_text(encoding="utf-8")
    assert "run: make audit" in audit
    assert "schedule:" in audit
    assert 'paths: ["requirements*.lock"]' in audit
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "$(wildcard requirements*.lock)" in makefile.partition("\naudit:")[2].partition("\n\n")[0]


def _installs(line: str) -> bool:
    return bool(re.search(r"\binstall\b|\bwheel\b", line)) and "uv pip compile" not in line


def _name(file: Path) -> str:
    return file.relative_to(ROOT).as_posix()
