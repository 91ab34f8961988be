"""`paperboy init`: asks for what Paperboy needs and writes it down as config.toml, with the token in a file of its own.

What it writes is config.example.toml with other values, so that every setting is there with its reason.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from bot.config import HERE, TOKEN_FILE_VARIABLE, TOKEN_VARIABLE, ConfigError, DiscordConfig, parsed, token
from bot.terminal import invite
from bot.terminal.arguments import WrongUse, as_started
from papers.subscription import parse_zone

TOKEN_FILE = Path("token")
BEFORE = HERE.with_name(f"{HERE.name}.before")
_ZONE = "The time zone that new subscriptions begin with"

Values = dict[str, Any]  # "sources.arxiv.contact" → its value


@click.command()
@click.option("--yes", is_flag=True, help="Ask nothing: the token comes from the environment, all else is as given or default.")
@click.option(
    "--force", is_flag=True, help=f"Write config.toml anew, with defaults where nothing is given; the old one becomes {BEFORE}."
)
@click.option("--timezone", help=f"{_ZONE} (the machine’s).")
@click.option("--contact", help="An e-mail address or a page of yours, for arXiv.")
@click.option("--arxiv/--no-arxiv", default=None, help="Whether arXiv may be asked, too (yes).")
@click.option("--set", "others", multiple=True, metavar="KEY=VALUE", help="Any other setting, such as log.level=debug.")
def init(yes: bool, force: bool, timezone: str | None, contact: str | None, arxiv: bool | None, others: tuple[str, ...]) -> int:
    """Ask for what Paperboy needs, and write config.toml into this folder."""
    if HERE.exists() and not force:
        raise WrongUse(f"{HERE} is there already: edit it, or let --force write it anew")
    try:
        known = _known_token()
        if known is None and yes:
            raise WrongUse(f"no token: set {TOKEN_VARIABLE}, or {TOKEN_FILE_VARIABLE} to the name of a file that holds it")
        if known and not _is_told():
            click.echo(f"The token in the file {TOKEN_FILE} is used again; delete the file to be asked for another.")
        secret = known or _asked_token()
        values = {
            "discord.token_file": os.environ.get(TOKEN_FILE_VARIABLE) or str(TOKEN_FILE),
            **_answers(yes, timezone, contact, arxiv),
            **dict(_setting(other) for other in others),
        }
        application = invite.application_id(secret)
        text = filled(example(), values)
        parsed(text, HERE)
        if not os.environ.get(TOKEN_FILE_VARIABLE):
            _write_privately(TOKEN_FILE, secret)
        if HERE.exists():
            HERE.replace(BEFORE)
            click.echo(f"The settings of before are in {BEFORE} now.")
        HERE.write_text(text, encoding="utf-8")
    except (ConfigError, ValueError) as error:
        raise WrongUse(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{error.filename} cannot be written: {error.strerror}") from error
    click.echo(_told(application, values["discord.token_file"]))
    return 0


def example() -> str:
    """config.example.toml: in the folder above where Paperboy is installed, in the one above that in a checkout."""
    packaged = Path(__file__).parents[1] / "config.example.toml"
    file = packaged if packaged.is_file() else Path(__file__).parents[2] / packaged.name
    return file.read_text(encoding="utf-8")


def filled(text: str, values: Mapping[str, Any]) -> str:
    """The settings' text with other values, commented ones switched on. Raises ConfigError for a key it has not."""
    lines, section, missing = text.splitlines(keepends=True), "", dict(values)
    for number, line in enumerate(lines):
        if match := re.match(r"\[([\w.]+)\]", line):
            section = match[1]
        elif match := re.match(r"(?:# )?(\w+) = ", line):
            key = f"{section}.{match[1]}"
            if key in missing:
                # TOML writes texts, numbers, truths and lists as JSON does.
                lines[number] = f"{match[1]} = {json.dumps(missing.pop(key), ensure_ascii=False)}\n"
    if missing:
        raise ConfigError(f"{', '.join(missing)}: there is no such setting (config.example.toml has them all)")
    return "".join(lines)


def machine_zone(localtime: Path = Path("/etc/localtime")) -> str:
    """The time zone this machine is set to, as far as it tells one by name; else UTC."""
    linked = str(localtime.resolve()).partition("/zoneinfo/")[2]
    for name in (os.environ.get("TZ", "").removeprefix(":"), linked):
        try:
            return parse_zone(name).key
        except ValueError:
            continue
    return "UTC"


def _known_token() -> str | None:
    """The token in the environment, in the file it names, or in one that an earlier ``init`` wrote. Raises ConfigError."""
    if _is_told() or TOKEN_FILE.is_file():
        return token(DiscordConfig(token_file=str(TOKEN_FILE)))
    return None


def _is_told() -> bool:
    """Whether the environment has the token, or names the file that has it."""
    return bool(os.environ.get(TOKEN_VARIABLE) or os.environ.get(TOKEN_FILE_VARIABLE))


def _asked_token() -> str:
    click.echo(
        "The token is shown once, in the developer portal (https://discord.com/developers/applications) under Bot → Reset Token."
    )
    return str(click.prompt("The bot’s token (what you type is not shown)", hide_input=True, value_proc=_shaped))


def _shaped(typed: str) -> str:
    try:
        invite.application_id(typed.strip())
    except invite.NoToken as error:
        raise click.UsageError(str(error)) from error
    return typed.strip()


def _answers(yes: bool, timezone: str | None, contact: str | None, arxiv: bool | None) -> Values:
    if not yes:
        timezone = timezone or click.prompt(_ZONE, default=machine_zone(), value_proc=_zone)
        click.echo(
            "Hugging Face’s daily papers are always read. arXiv is asked only for what a channel or a person follows there."
        )
        arxiv = click.confirm("May arXiv be asked, too?", default=True) if arxiv is None else arxiv
        if arxiv and contact is None:
            contact = click.prompt("An e-mail address or a page of yours, which arXiv is told (or Enter)", "", show_default=False)
    return {
        "delivery.time_zone": parse_zone(timezone or machine_zone()).key,
        "sources.arxiv.enabled": arxiv is not False,
        "sources.arxiv.contact": contact or "",
    }


def _zone(typed: str) -> str:
    try:
        return parse_zone(typed).key
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def _setting(typed: str) -> tuple[str, Any]:
    """A key and its value, which is read as TOML where it is that, and as a text where it is not. Raises ConfigError."""
    key, is_given, value = typed.partition("=")
    if not is_given:
        raise ConfigError(f"“{typed}” is not KEY=VALUE, such as log.level=debug")
    try:
        return key.strip(), tomllib.loads(f"it = {value}")["it"]
    except tomllib.TOMLDecodeError:
        return key.strip(), value


def _write_privately(file: Path, text: str) -> None:
    """Written aside and put in its place, so that at no moment another can read it."""
    aside = file.with_name(f"{file.name}.new")
    aside.unlink(missing_ok=True)
    with os.fdopen(os.open(aside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as opened:
        opened.write(text + "\n")
    aside.replace(file)


def _told(application: int, token_file: str) -> str:
    paperboy = as_started()
    room = max(len(f"{paperboy} doctor"), 24)
    return f"""
{HERE} has every setting with its reason; the token is in the file {token_file}. Keep that one to yourself.

Add Paperboy to a server:        {invite.for_servers(application)}
Add it to your own account:      {invite.for_people(application)}
                                 (switch on “User Install” under “Installation” in the developer portal first)
It asks a server for no more than it uses: {", ".join(invite.PERMISSIONS.values())}.

Next:  {f"{paperboy} doctor":<{room}}  says what is well and what is not
       {f"{paperboy} run":<{room}}  starts it; then type /subscribe add in Discord"""
