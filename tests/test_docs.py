"""The documents say what the program does."""

from __future__ import annotations

import re
from pathlib import Path

from bot.cli import cli
from cogs.ask import Ask
from cogs.compare import Compare
from cogs.follow import Follow
from cogs.inbox import Inbox
from cogs.paper import Paper
from cogs.search import Search
from cogs.similar import Similar
from cogs.status import StatusCog
from cogs.subscribe import Subscribe
from cogs.summary import Summaries
from cogs.today import Today
from cogs.topics import Topics
from cogs.why import Why
from tests.test_layers import LAYERS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")


def test_the_readme_names_every_command_of_the_terminal() -> None:
    import click

    for name in cli.list_commands(click.Context(cli)):
        assert f"`paperboy {name}" in README, name


def test_the_readme_names_every_slash_command() -> None:
    for cog in (Paper, Search, Similar, Summaries, Ask, Compare, Today, Why, StatusCog, Inbox):
        for command in cog.__cog_app_commands__:
            assert f"`/{command.name}" in README
    assert "*Apps → Find this paper*" in README
    assert "*Apps → Summarise papers here*" in README
    for command in Subscribe.__cog_app_commands__:
        assert re.search(rf"`/subscribe .*`{command.name}`|`/subscribe {command.name}`", README), command.name
    for command in Topics.__cog_app_commands__:
        assert re.search(rf"`/topic .*`{command.name}`|`/topic {command.name}`", README), command.name
    for command in Follow.__cog_app_commands__:
        assert re.search(rf"`/follow .*`{command.name}`|`/follow {command.name}`", README), command.name


def test_the_architecture_names_every_folder() -> None:
    for layer in LAYERS:
        assert f"[{layer}/](../{layer})" in ARCHITECTURE


def test_every_file_and_picture_that_is_linked_exists() -> None:
    for document in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        text = document.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#]+)\)|src=\"([^\"]+)\"", text):
            path = target[0] or target[1]
            if "://" not in path:
                assert (document.parent / path).exists(), f"{document.name}: {path}"


def test_the_repository_holds_no_address_of_a_registry() -> None:
    for lock in ROOT.glob("requirements*.lock"):
        assert "://" not in lock.read_text(encoding="utf-8")
