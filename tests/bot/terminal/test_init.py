"""`paperboy init`: what it asks, what it writes, and the links it gives."""

from __future__ import annotations

import ast
import json
import stat
import tomllib
from collections.abc import Callable
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import discord
import pytest
from click.testing import CliRunner, Result

from bot.config import Config, ConfigError, DeliveryConfig, load, token
from bot.terminal import invite
from bot.terminal.arguments import as_started
from bot.terminal.init import example, filled, init, machine_zone
from papers.subscription import Kind
from sandbox.wire.interaction import Answer
from sandbox.wire.rest import TOKEN
from tests.bot.conftest import Wire, until
from tests.bot.conftest import wire as wire
from tests.factories import subscription
from views.places import needed_permissions

ROOT = Path(__file__).parents[3]
_ALL = discord.Permissions.all().value
APPLICATION = 198622483471925248  # TOKEN's

Init = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Init:
    """Run it in an empty folder, without a token in the environment unless one is given."""
    monkeypatch.chdir(tmp_path)
    for name in ("PAPERBOY_DISCORD_TOKEN", "PAPERBOY_DISCORD_TOKEN_FILE", "TZ"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str, typed: str = "", **environment: str) -> Result:
        return CliRunner().invoke(init, arguments, input=typed, env=environment)

    return run


def values(file: str = "config.toml") -> dict[str, Any]:
    return tomllib.loads(Path(file).read_text(encoding="utf-8"))


def test_it_asks_and_writes_settings_with_every_comment_and_the_token_apart(run: Init) -> None:
    result = run(typed=f"{TOKEN}\nEurope/Berlin\ny\nlab@example.org\n")
    assert result.exit_code == 0, result.output
    assert TOKEN not in result.output
    text = Path("config.toml").read_text(encoding="utf-8")
    assert TOKEN not in text
    config = load(Path("config.toml"))
    assert token(config.discord, {}) == TOKEN
    assert stat.S_IMODE(Path("token").stat().st_mode) == 0o600
    assert config.delivery.time_zone == "Europe/Berlin"
    assert (config.sources.arxiv.enabled, config.sources.arxiv.contact) == (True, "lab@example.org")
    # Every line that is not one of these values is the example's own.
    changed = [line for line, was in zip(text.splitlines(), example().splitlines(), strict=True) if line != was]
    assert changed == ['token_file = "token"', 'contact = "lab@example.org"', 'time_zone = "Europe/Berlin"']


def test_a_wrong_answer_is_asked_again_and_a_wrong_token_is_not_repeated(run: Init) -> None:
    result = run(typed=f"client-secret-of-mine\n{TOKEN}\nAtlantis\nUTC\nn\n")
    assert result.exit_code == 0, result.output
    assert "three parts" in result.output
    assert "client-secret" not in result.output
    assert "“Atlantis” is not a time zone" in result.output
    assert values()["sources"]["arxiv"]["enabled"] is False


def test_it_writes_nothing_over_what_is_there_without_force(run: Init) -> None:
    Path("config.toml").write_text("[log]\n")
    refused = run("--yes", PAPERBOY_DISCORD_TOKEN=TOKEN)
    assert refused.exit_code == 2
    assert "--force" in refused.output
    assert Path("config.toml").read_text() == "[log]\n"
    assert not Path("token").exists()
    anew = run("--yes", "--force", PAPERBOY_DISCORD_TOKEN=TOKEN)
    assert (anew.exit_code, "is used again" in anew.output) == (0, False)
    assert Path("config.toml.before").read_text() == "[log]\n"
    assert "config.toml.before" in anew.output
    assert values()["discord"]["token_file"] == "token"


def test_without_questions_all_is_given(run: Init) -> None:
    result = run(
        "--yes", "--timezone", "asia/kolkata", "--no-arxiv", "--set", "log.level=debug", "--set", "delivery.late_hours=3",
        "--set", "discord.api_url=http://127.0.0.1:1/api", PAPERBOY_DISCORD_TOKEN=TOKEN,
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    config = load(Path("config.toml"))
    assert (config.log.level, config.delivery.late_hours, config.delivery.time_zone) == ("debug", 3.0, "Asia/Kolkata")
    assert (config.discord.api_url, config.sources.arxiv.enabled) == ("http://127.0.0.1:1/api", False)


def test_a_token_in_a_file_of_its_own_stays_there(run: Init) -> None:
    Path("secret").write_text(TOKEN + "\n")
    assert run("--yes", PAPERBOY_DISCORD_TOKEN_FILE="secret").exit_code == 0
    assert values()["discord"]["token_file"] == "secret"
    assert not Path("token").exists()


def test_the_token_of_an_earlier_time_is_used_again(run: Init) -> None:
    assert run("--yes", PAPERBOY_DISCORD_TOKEN=TOKEN).exit_code == 0
    again = run("--yes", "--force")
    assert (again.exit_code, "The token in the file token is used again; delete the file" in again.output) == (0, True)
    assert token(load(Path("config.toml")).discord, {}) == TOKEN


def test_what_to_type_next_is_typed_as_this_was(run: Init, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Next:  paperboy doctor  " in run("--yes", PAPERBOY_DISCORD_TOKEN=TOKEN).output
    monkeypatch.setattr("sys.argv", ["env/bin/paperboy", "init"])
    told = run("--yes", "--force", PAPERBOY_DISCORD_TOKEN=TOKEN).output
    assert "Next:  env/bin/paperboy doctor   says" in told
    assert "       env/bin/paperboy run " in told
    assert as_started(anywhere=True) == str(tmp_path / "env/bin/paperboy")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/paperboy").touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr("sys.argv", [str(tmp_path / "bin/paperboy"), "init"])  # as a shell hands on what it found
    assert as_started() == "paperboy"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--yes",), "no token: set PAPERBOY_DISCORD_TOKEN"),
        (("--yes", "--timezone", "Atlantis"), "is not a time zone"),
        (("--yes", "--contact", "a (b)"), "sources.arxiv.contact: must be plain text"),
        (("--yes", "--set", "log.colour=blue"), "log.colour: there is no such setting"),
        (("--yes", "--set", "log.level=loud"), "log.level"),
        (("--yes", "--set", "log.level"), "is not KEY=VALUE"),
    ],
)
def test_what_cannot_be_used_is_one_sentence_and_nothing_is_written(
    run: Init, arguments: tuple[str, ...], complaint: str, tmp_path: Path
) -> None:
    given = {} if complaint.startswith("no token") else {"PAPERBOY_DISCORD_TOKEN": TOKEN}
    result = run(*arguments, **given)
    assert result.exit_code == 2
    assert complaint in result.output
    assert list(tmp_path.iterdir()) == []


def test_the_settings_are_found_in_the_folder_it_is_started_in(run: Init, capsys: pytest.CaptureFixture[str]) -> None:
    from bot.cli import main

    Path("config.toml").write_text("[log]\nlevel = 7\n")
    with pytest.raises(SystemExit) as left:
        main(["search", "anything"])
    assert left.value.code == 2
    assert "config.toml: log.level" in capsys.readouterr().err


def test_a_setting_that_the_example_has_not_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"log\.nothing: there is no such setting"):
        filled(example(), {"log.nothing": 1})


def test_the_example_is_the_default_of_every_setting() -> None:
    assert Config.model_validate(tomllib.loads(filled(example(), {}))) == Config()


def test_the_machines_zone_is_where_its_clock_points_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TZ", raising=False)
    (tmp_path / "zoneinfo/Europe").mkdir(parents=True)
    (tmp_path / "zoneinfo/Europe/Oslo").touch()
    (tmp_path / "localtime").symlink_to(tmp_path / "zoneinfo/Europe/Oslo")
    assert machine_zone(tmp_path / "localtime") == "Europe/Oslo"
    assert machine_zone(tmp_path / "nothing") == "UTC"
    monkeypatch.setenv("TZ", ":Asia/Tokyo")
    assert machine_zone(tmp_path / "localtime") == "Asia/Tokyo"


def asked_of(link: str) -> dict[str, str]:
    assert urlsplit(link)._replace(query="").geturl() == "https://discord.com/oauth2/authorize"
    return {name: value for name, (value,) in parse_qs(urlsplit(link).query).items()}


def test_the_links_ask_for_the_permissions_used_and_no_more(run: Init) -> None:
    result = run("--yes", PAPERBOY_DISCORD_TOKEN=TOKEN)
    server, person = invite.for_servers(APPLICATION), invite.for_people(APPLICATION)
    assert server in result.output
    assert person in result.output
    asked = asked_of(server)
    assert (asked["client_id"], asked["integration_type"]) == (str(APPLICATION), "0")
    assert asked["scope"].split() == ["bot", "applications.commands"]
    # https://discord.com/developers/docs/topics/permissions
    view, send, history, create_threads, send_in_threads = 1 << 10, 1 << 11, 1 << 16, 1 << 35, 1 << 38
    assert int(asked["permissions"]) == view | send | history | create_threads | send_in_threads
    assert asked_of(person) == {"client_id": str(APPLICATION), "integration_type": "1", "scope": "applications.commands"}


def test_the_permissions_are_those_that_some_subscription_needs() -> None:
    """However a subscription may be, what it needs is asked for; and what none needs is not."""
    needed = {
        name
        for kind, has_discussion in product(Kind, (False, True))
        if kind is not Kind.INBOX and not (has_discussion and kind not in {Kind.TEXT, Kind.ANNOUNCEMENT})
        for name in needed_permissions(subscription(kind=kind, has_discussion=has_discussion))
    }
    assert needed == set(invite.PERMISSIONS)


# What discord.py calls do that needs a permission of its own: https://discord.com/developers/docs/topics/permissions
_NEEDS_MORE = {
    "add_reaction", "clear_reactions", "pin", "unpin", "delete_messages", "create_webhook", "webhooks", "create_invite",
    "create_text_channel", "create_category", "create_forum", "create_role", "add_roles", "remove_roles", "ban", "kick",
    "set_permissions", "create_custom_emoji", "audit_logs", "move_to", "edit_role",
}  # fmt: skip


def test_nothing_that_the_bot_does_needs_another_permission() -> None:
    for folder in ("bot", "cogs", "views", "digests"):
        for file in (ROOT / folder).glob("*.py"):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            called = {
                node.func.attr for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            }
            needs_discord = "discord" in file.read_text(encoding="utf-8")
            assert not (needs_discord and called & _NEEDS_MORE), f"{file.name}: {called & _NEEDS_MORE}"


def test_the_guide_names_the_permissions() -> None:
    text = " ".join((ROOT / "docs/installing.md").read_text(encoding="utf-8").split())
    assert [name for name in invite.PERMISSIONS.values() if f"*{name}*" not in text] == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "client.secret",
        "!!!!!!!!!!!!.abcdef.abcdefghijklmnopqrstuvwxyz",
        "aGVsbG8gd29ybGQh.abcdef." + "x" * 30,
        TOKEN[:40],
    ],
)
def test_what_is_no_token_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(invite.NoToken) as refused:
        invite.application_id(text)
    assert len(text) < 5 or text not in str(refused.value)


def test_a_token_tells_its_application() -> None:
    assert invite.application_id(TOKEN) == APPLICATION


async def test_the_zone_of_the_settings_is_that_of_a_first_subscription(wire: Wire) -> None:
    wire.config = wire.config.model_copy(update={"delivery": DeliveryConfig(time_zone="Asia/Kolkata")})
    channel = wire.rest.world.add_channel("papers")

    def named(answers: list[Answer]) -> bool:
        return any("Asia/Kolkata" in json.dumps(answer.body) for answer in answers)

    async with wire.running():
        await wire.identified()
        for command in ("subscribe add", "follow add"):
            asked = await wire.gateway.interact(command, {"topic": "everything"}, channel=channel, user_id=2, permissions=_ALL)
            answers = wire.rest.world.answers[asked.token]
            await until(partial(named, answers))
            assert not any("time zone is UTC" in json.dumps(answer.body) for answer in answers)
