"""Settings: one TOML file → a frozen Config, every mistake named at once with its key. Nothing reads settings later."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.pacer import DEFAULT_RATE_PER_S
from bot.setting_types import (
    Category,
    Contact,
    DatabaseUrl,
    GatewayUrl,
    Host,
    KeptDays,
    ModelName,
    ModelUrl,
    PageUrl,
    PerMinute,
    WebUrl,
    Zone,
)
from sources import arxiv, fulltext
from sources.huggingface import DEFAULT_URL as HUGGINGFACE_URL
from storage.engine import database_path
from storage.retention import Keep

HERE = Path("config.toml")
TOKEN_VARIABLE = "PAPERBOY_DISCORD_TOKEN"  # noqa: S105 (the variable's name)
TOKEN_FILE_VARIABLE = "PAPERBOY_DISCORD_TOKEN_FILE"  # noqa: S105
MODEL_KEY_VARIABLE = "PAPERBOY_MODEL_KEY"


class ConfigError(Exception):
    """The settings cannot be used; the message names every mistake with its key."""


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class DiscordConfig(_Section):
    """``token_file`` is read when the bot starts, if the environment has no token. None: Discord's own addresses."""

    requests_per_second: float = Field(default=DEFAULT_RATE_PER_S, ge=1, le=10_000, strict=False)

    token_file: str | None = None
    api_url: WebUrl | None = None
    gateway_url: GatewayUrl | None = None


class DatabaseConfig(_Section):
    url: DatabaseUrl = "sqlite:///paperboy.db"

    def beside(self, ending: str) -> Path:
        """The folder of the database's name with this ending, such as ".index", beside it."""
        path = database_path(self.url)
        return path.with_name(path.stem + ending)


class SearchConfig(_Section):
    """``model`` is for search by meaning: a folder or a name (search/meaning.py). Empty: by words alone."""

    model: str = ""


class ModelConfig(_Section):
    """A model behind an OpenAI-compatible server (summaries/server.py); none where ``url`` is empty.

    Prices are for a million tokens, in any currency; ``money_per_day`` is in the same.
    """

    url: ModelUrl = ""
    name: ModelName = Field(default="", validate_default=True)
    timeout_s: float = Field(default=120.0, ge=1, le=600, strict=False)
    connect_timeout_s: float = Field(default=5.0, ge=0.1, le=60, strict=False)
    first_word_s: float = Field(default=60.0, ge=0.1, le=600, strict=False)
    window_tokens: int = Field(default=8_192, ge=4_096, le=10_000_000)
    thinking_tokens: int = Field(default=0, ge=0, le=100_000)
    calls_at_once: int = Field(default=2, ge=1, le=100)
    price_in: float = Field(default=0.0, ge=0, le=10_000, strict=False)
    price_out: float = Field(default=0.0, ge=0, le=10_000, strict=False)
    money_per_day: float = Field(default=1.0, gt=0, le=1_000_000, strict=False)
    tokens_per_day: int = Field(default=1_000_000, ge=1, le=10**12)
    tokens_per_day_per_server: int = Field(default=200_000, ge=1, le=10**12)
    cool_down_s: float = Field(default=10.0, ge=0, le=86_400, strict=False)


class HuggingFaceConfig(_Section):
    url: WebUrl = HUGGINGFACE_URL
    refresh_minutes: int = Field(default=30, ge=1, le=24 * 60)
    timeout_s: float = Field(default=20.0, ge=1, le=300, strict=False)


class ArxivConfig(_Section):
    """``categories`` are for topics that name none. ``contact`` tells arXiv how to reach who runs this."""

    enabled: bool = True
    categories: tuple[Category, ...] = Field(default=arxiv.CATEGORIES, min_length=1, strict=False)
    contact: Contact = ""
    feed_url: WebUrl = arxiv.FEED_URL
    api_url: WebUrl = arxiv.API_URL
    html_url: WebUrl = fulltext.ARXIV_URL
    refresh_minutes: int = Field(default=60, ge=1, le=24 * 60)


class SourcesConfig(_Section):
    huggingface: HuggingFaceConfig = HuggingFaceConfig()
    arxiv: ArxivConfig = ArxivConfig()


class DeliveryConfig(_Section):
    """What is later than ``late_hours`` is not posted; a message grows for ``grows_hours`` after its hour.

    ``time_zone`` is for a server's or a person's first subscription that names none.
    """

    time_zone: Zone = "UTC"
    late_hours: float = Field(default=12.0, gt=0, le=24 * 7, strict=False)
    grows_hours: float = Field(default=24.0, ge=0, le=24 * 7, strict=False)


class LimitsConfig(_Section):
    """What a minute may bring of a kind of command is given for one person, for one server's members, and for all together."""

    subscriptions_per_server: int = Field(default=50, ge=1, le=1_000)
    follows_per_person: int = Field(default=10, ge=1, le=25)  # as many as a list of choices shows
    searches_per_minute: PerMinute = (60, 600, 3_000)
    summaries_per_minute: PerMinute = (20, 200, 1_000)
    changes_per_minute: PerMinute = (60, 300, 1_500)


class PrivacyConfig(_Section):
    """Where the operator's own policy and terms are; and when a server's data goes after Paperboy was removed from it."""

    policy_url: PageUrl = ""
    terms_url: PageUrl = ""
    removed_server_days: int = Field(default=30, ge=1, le=365)


class KeepingConfig(_Section):
    """Days after which things are deleted; 0 keeps them for ever (storage/retention.py)."""

    editions_days: KeptDays = 400
    inbox_days: KeptDays = 90
    questions_days: int = Field(default=180, ge=0, le=36_500)
    summaries_days: int = Field(default=400, ge=0, le=36_500)

    @property
    def kept(self) -> Keep:
        """The same as the nightly round takes it."""
        days = (self.editions_days, self.inbox_days, self.questions_days, self.summaries_days)
        return Keep(*(timedelta(days=number) if number else None for number in days))


class LogConfig(_Section):
    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["text", "json"] = "text"


class HealthConfig(_Section):
    """Where /healthz, /readyz and /metrics are served: to this machine alone unless ``host`` says otherwise. Port 0: nowhere."""

    host: Host = "127.0.0.1"
    port: int = Field(default=9642, ge=0, le=65_535)


class OperatorConfig(_Section):
    """``channel_id`` is where the operator hears of what needs a person; 0: nowhere but in the log."""

    channel_id: int = Field(default=0, ge=0, lt=2**63)


class Config(_Section):
    """Every setting, with its default; config.example.toml explains each."""

    discord: DiscordConfig = DiscordConfig()
    database: DatabaseConfig = DatabaseConfig()
    search: SearchConfig = SearchConfig()
    model: ModelConfig = ModelConfig()
    sources: SourcesConfig = SourcesConfig()
    delivery: DeliveryConfig = DeliveryConfig()
    limits: LimitsConfig = LimitsConfig()
    privacy: PrivacyConfig = PrivacyConfig()
    keeping: KeepingConfig = KeepingConfig()
    log: LogConfig = LogConfig()
    health: HealthConfig = HealthConfig()
    operator: OperatorConfig = OperatorConfig()


def found() -> Path | None:
    """The settings of the folder Paperboy is started in."""
    return HERE if HERE.is_file() else None


def load(path: Path | None) -> Config:
    """The settings in a TOML file, or the defaults without one. Raises ConfigError."""
    if path is None:
        return Config()
    try:
        return parsed(path.read_text(encoding="utf-8"), path)
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text") from error


def parsed(text: str, path: Path) -> Config:
    """The settings in a TOML text; ``path`` is for the message. Raises ConfigError."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not TOML: {error}") from error
    try:
        return Config.model_validate(values)
    except ValidationError as error:
        mistakes = "; ".join(_mistake(dict(detail)) for detail in error.errors(include_input=False, include_url=False))
        raise ConfigError(f"{path}: {mistakes}") from error


def token(config: DiscordConfig, environment: Mapping[str, str] = os.environ) -> str:
    """The bot's token, from the environment or the file that it or the settings name, never an argument. Raises ConfigError."""
    found = environment.get(TOKEN_VARIABLE, "").strip()
    where = TOKEN_VARIABLE
    variable, setting = environment.get(TOKEN_FILE_VARIABLE), config.token_file
    if not found and (file := variable or setting):
        where = file
        try:
            found = Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"{TOKEN_FILE_VARIABLE if variable else 'discord.token_file'}: {file} cannot be read") from error
    if not found:
        raise ConfigError(f"no Discord token: `paperboy init` asks for it; or set {TOKEN_VARIABLE}, or discord.token_file")
    # The shape only; whether Discord accepts it shows at login. The token itself is in no message.
    if not re.fullmatch(r"[\w.-]{20,120}", found):
        raise ConfigError(f"what {where} holds is not a Discord token: copy it anew from the developer portal")
    return found


def model_key(environment: Mapping[str, str] = os.environ) -> str:
    """The key of the model's server, from the environment alone; empty where none is needed. Raises ConfigError."""
    found = environment.get(MODEL_KEY_VARIABLE, "").strip()
    if not re.fullmatch(r"[!-~]{0,1000}", found):
        raise ConfigError(f"what {MODEL_KEY_VARIABLE} holds is not a key: it has spaces, line breaks or letters that no key has")
    return found


def _mistake(detail: Mapping[str, object]) -> str:
    place = detail["loc"]
    key = ".".join(str(part) for part in place) if isinstance(place, tuple) else str(place)
    if detail["type"] == "extra_forbidden":
        return f"{key}: there is no such setting (config.example.toml has them all)"
    if detail["type"] == "model_type":
        return f"{key}: must be a section, [{key}]"
    message = str(detail["msg"]).removeprefix("Value error, ")
    return f"{key}: {message[:1].lower()}{message[1:]}"
