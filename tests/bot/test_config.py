from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.config import TOKEN_VARIABLE, Config, ConfigError, DiscordConfig, load, token

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
TOKEN = "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs"


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "config.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_example_is_the_defaults() -> None:
    assert load(EXAMPLE) == load(None) == Config()


def test_the_example_names_every_setting() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")

    def keys(model: type) -> set[str]:
        found: set[str] = set()
        for name, field in model.model_fields.items():  # type: ignore[attr-defined]
            inner = field.annotation
            found |= keys(inner) if hasattr(inner, "model_fields") else {name}
        return found

    for key in keys(Config):
        assert re.search(rf"^(# )?{key} = ", text, re.MULTILINE), key


def test_every_mistake_is_named_at_once_with_its_key(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        """
        colour = "red"
        [discord]
        token = "secret"
        api_url = "ftp://x"
        [database]
        url = "postgresql://x/y"
        [sources.huggingface]
        refresh_minutes = 0
        timeout_s = "soon"
        [log]
        level = "loud"
        """,
    )
    with pytest.raises(ConfigError) as caught:
        load(file)
    message = str(caught.value)
    for key in ("colour", "discord.token", "discord.api_url", "database.url", "refresh_minutes", "timeout_s", "log.level"):
        assert key in message
    assert "there is no such setting" in message
    assert "secret" not in message
    assert "\n" not in message


@pytest.mark.parametrize("text", ["[discord", "x = ", "a = 1\na = 2"])
def test_what_is_no_toml_is_said(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match="is not TOML"):
        load(written(tmp_path, text))


def test_a_missing_or_binary_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "nowhere.toml")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load(tmp_path / "binary")


def test_the_token_comes_from_the_environment_or_its_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{TOKEN}\n")
    assert token(DiscordConfig(), {TOKEN_VARIABLE: f" {TOKEN} "}) == TOKEN
    assert token(DiscordConfig(token_file=str(file)), {}) == TOKEN


def test_a_missing_or_garbled_token_is_said_and_never_shown(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=f"set {TOKEN_VARIABLE}"):
        token(DiscordConfig(), {})
    with pytest.raises(ConfigError, match="cannot be read"):
        token(DiscordConfig(token_file=str(tmp_path / "nowhere")), {})
    with pytest.raises(ConfigError, match="is not a Discord token") as caught:
        token(DiscordConfig(), {TOKEN_VARIABLE: "my secret token"})
    assert "my secret" not in str(caught.value)
