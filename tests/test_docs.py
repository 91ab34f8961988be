"""The documents say what the program does: commands, options, settings, pictures, names and links."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from discord.ext import commands
from pydantic import BaseModel

import cogs
from bot.cli import cli
from bot.config import Config
from bot.terminal.invite import PERMISSIONS
from tests.test_layers import LAYERS
from tools import scenes, site

ROOT = Path(__file__).parents[1]
COMMANDS = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
EXAMPLE = (ROOT / "config.example.toml").read_text(encoding="utf-8")
PAGES = sorted(site.pages(ROOT))
PICTURES = {file.name for file in (ROOT / "docs/pictures").iterdir()}
CHARTS = {file.name for file in (ROOT / "docs/charts").iterdir()}  # drawn by bench.search


def row(first: str) -> str:
    """The line of docs/commands.md whose first column begins so."""
    found = [line for line in COMMANDS.splitlines() if re.match(rf"\| `{re.escape(first)}(`| )", line)]
    assert len(found) == 1, f"docs/commands.md has {len(found)} rows for {first}"
    return found[0]


def slash_commands() -> Iterator[tuple[str, Any, type[commands.Cog]]]:
    """The name, the command and the cog of every slash command."""
    for module in pkgutil.iter_modules(cogs.__path__, "cogs."):
        for cog in vars(importlib.import_module(module.name)).values():
            if isinstance(cog, type) and issubclass(cog, commands.Cog) and cog.__module__ == module.name:
                group = f"{cog.__cog_group_name__} " if issubclass(cog, commands.GroupCog) else ""
                yield from ((f"/{group}{command.name}", command, cog) for command in cog.__cog_app_commands__)


SLASH = {name: (command, cog) for name, command, cog in slash_commands()}


def test_there_are_commands_to_tell_of() -> None:
    assert {"/today", "/subscribe add", "/follow remove", "/delete-my-data"} <= SLASH.keys()


@pytest.mark.parametrize("name", SLASH)
def test_every_slash_command_is_told_with_its_options(name: str) -> None:
    command, cog = SLASH[name]
    told = row(name)
    for option in command.parameters:
        sign = f"`{option.display_name}`"
        assert sign in told, f"{name}: {sign}"
        assert (f"*{sign}*" in told) is not option.required, f"{name}: {sign} is italic where it may be left out"
    contexts = command.allowed_contexts or cog.__dict__.get("__discord_app_commands_contexts__")
    assert ("● |" in told) is bool(contexts and contexts.private_channel), f"{name}: ● where it works without a server"


def test_nothing_is_told_that_is_no_command() -> None:
    assert set(re.findall(r"^\| `(/[a-z -]+)`", COMMANDS, re.MULTILINE)) == SLASH.keys()


def test_the_entries_of_messages_are_told() -> None:
    named = {
        match
        for file in (ROOT / "cogs").glob("*.py")
        for match in re.findall(r"ContextMenu\(name=\"([^\"]+)\"", file.read_text(encoding="utf-8"))
    }
    assert len(named) == 2
    for name in named:
        assert f"| *Apps → {name}*" in COMMANDS


@pytest.mark.parametrize("name", cli.list_commands(click.Context(cli)))
def test_every_command_of_the_terminal_is_told_with_its_options(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None
    told = row(f"paperboy {name}")
    for option in command.params:
        if isinstance(option, click.Option) and "--config" not in option.opts:
            for spelt in [*option.opts, *option.secondary_opts]:
                assert re.search(rf"[` ]{spelt}[` ]", told), f"{name}: {spelt}"


@pytest.mark.parametrize("page", ["README.md", "docs/installing.md"])
def test_the_permissions_it_asks_for_are_named(page: str) -> None:
    text = " ".join((ROOT / page).read_text(encoding="utf-8").split())
    for permission in PERMISSIONS.values():
        assert f"*{permission}*" in text, permission


def settings(section: type[BaseModel], above: str = "") -> Iterator[tuple[str, str]]:
    """Every setting: its section and its key."""
    for key, field in section.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from settings(field.annotation, f"{above}.{key}" if above else key)
        else:
            yield above, key


@pytest.mark.parametrize(("section", "key"), sorted(settings(Config)))
def test_every_setting_is_named_and_explained(section: str, key: str) -> None:
    assert re.search(rf"`{key}`", row(f"[{section}]")), f"docs/commands.md: {section}.{key}"
    explained = EXAMPLE.partition(f"\n[{section}]\n")[2].partition("\n[")[0]
    before, found, _after = explained.partition(f"{key} = ")
    assert found, f"config.example.toml: {section}.{key}"
    assert "# " in before, f"config.example.toml says nothing of {section}.{key}"


def drawn() -> Iterator[Path]:
    """The files and folders in the drawing of docs/architecture.md."""
    folder = ROOT
    for line in ARCHITECTURE.partition("Where to begin reading")[2].partition("##")[0].splitlines():
        if match := re.match(r"(│   )?[├└]── (\S+)", line):
            folder = folder if match[1] else ROOT / match[2]
            yield folder / match[2] if match[1] else folder


def test_the_drawing_has_every_folder_and_nothing_else() -> None:
    names = list(drawn())
    assert not [name for name in names if not name.exists()]
    assert {package.parent for package in ROOT.glob("*/__init__.py")} <= set(names)
    for layer in LAYERS:
        assert f"[{layer}/](../{layer})" in ARCHITECTURE


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.name))
def test_every_file_that_is_named_exists(page: Path) -> None:
    for name in re.findall(r"`([a-z]+/[\w/]+\.(?:py|md|toml|json|yml|yaml))\b", page.read_text(encoding="utf-8")):
        places = [ROOT / name, ROOT / "tests" / name, ROOT / "docs" / name]
        assert any(place.exists() for place in places), f"{page.name}: {name}"


def pictures(page: Path) -> Iterator[tuple[str, str]]:
    """The file and the alternative text of every picture on a page."""
    text = page.read_text(encoding="utf-8")
    for tag in re.findall(r'<img(?: \w+="[^"]*")*>', text):
        given = dict(re.findall(r"(\w+)=\"([^\"]*)\"", tag))
        yield given["src"], given.get("alt", "")
    yield from ((source, alt) for alt, source in re.findall(r"!\[([^\]]*)\]\(([^)\s]+)", text))


def test_every_picture_is_there_is_used_and_is_described() -> None:
    used = set()
    for page in PAGES:
        for source, alt in pictures(page):
            assert (page.parent / source).is_file(), f"{page.name}: {source}"
            assert len(alt.split()) >= 4, f"{page.name}: {source} needs an alternative text"
            used.add(Path(source).name)
    assert used == PICTURES | CHARTS


def test_every_picture_is_made_by_make_pictures() -> None:
    every = (*scenes.PLAIN, *scenes.WITH_A_MODEL, *scenes.MORNING)
    made = {f"{scene.name}.png" for scene in every if scene.wide} | {
        f"{scene.name}-narrow.png" for scene in every if scene.narrow
    }
    assert made == PICTURES


def test_the_site_builds_with_every_page_and_asks_nobody_else(tmp_path: Path) -> None:
    assert site.build(ROOT, tmp_path / "site") == len(PAGES) + 1  # and a page for what is not found
    assert (tmp_path / "site/source/papers/__init__.py.txt").is_file()


def test_the_repository_holds_no_address_of_a_registry() -> None:
    for lock in ROOT.glob("requirements*.lock"):
        assert "://" not in lock.read_text(encoding="utf-8")
