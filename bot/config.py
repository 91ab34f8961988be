"""Settings: one TOML file → a frozen Config, every mistake named at once with its key. Nothing reads settings later."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, ValidationInfo

from bot.pacer import DEFAULT_RATE_PER_S
from sources import arxiv, fulltext
from sources.huggingface import DEFAULT_URL as HUGGINGFACE_URL
from storage.engine import StorageError, database_path

TOKEN_VARIABLE = "PAPERBOY_DISCORD_TOKEN"  # noqa: S105 (the variable's name)
MODEL_KEY_VARIABLE = "PAPERBOY_MODEL_KEY"


class ConfigError(Exception):
    """The settings cannot be used; the message names every mistake with its key."""


def _web_url(url: str) -> str:
    if not re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#]*)?", url):
        raise ValueError("must be an http:// or https:// address without query or user name")
    return url.rstrip("/")


def _gateway_url(url: str) -> str:
    if not re.fullmatch(r"wss?://[^\s/?#@]+(/[^\s?#]*)?", url):
        raise ValueError("must be a ws:// or wss:// address")
    return url


def _database_url(url: str) -> str:
    try:
        database_path(url)
    except StorageError as error:
        raise ValueError(str(error)) from error
    return url


def _category(name: str) -> str:
    if not re.fullmatch(r"[a-z-]{2,12}(\.[A-Za-z-]{2,20})?", name):
        raise ValueError("must be an arXiv category, such as cs.CL")
    return name


def _model_name(name: str, others: ValidationInfo) -> str:
    if others.data.get("url") and not re.fullmatch(r"[!-~]{1,200}", name):
        raise ValueError("must be the name of a model that the server at model.url has")
    return name


def _contact(text: str) -> str:
    if not re.fullmatch(r"[!-'*-~ ]{0,200}", text):
        raise ValueError("must be plain text without parentheses, such as an e-mail address")
    return text.strip()


ModelUrl = Annotated[str, AfterValidator(lambda url: _web_url(url) if url else "")]
WebUrl = Annotated[str, AfterValidator(_web_url)]
Category = Annotated[str, AfterValidator(_category)]
Contact = Annotated[str, AfterValidator(_contact)]
GatewayUrl = Annotated[str, AfterValidator(_gateway_url)]
DatabaseUrl = Annotated[str, AfterValidator(_database_url)]


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
    name: Annotated[str, AfterValidator(_model_name)] = Field(default="", validate_default=True)
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
    """What is later than ``late_hours`` is not posted; a message grows for ``grows_hours`` after its hour."""

    late_hours: float = Field(default=12.0, gt=0, le=24 * 7, strict=False)
    grows_hours: float = Field(default=24.0, ge=0, le=24 * 7, strict=False)


class LimitsConfig(_Section):
    subscriptions_per_server: int = Field(default=50, ge=1, le=1_000)
    follows_per_person: int = Field(default=10, ge=1, le=25)  # as many as a list of choices shows


class LogConfig(_Section):
    level: Literal["debug", "info", "warning", "error"] = "info"


class Config(_Section):
    """Every setting, with its default; config.example.toml explains each."""

    discord: DiscordConfig = DiscordConfig()
    database: DatabaseConfig = DatabaseConfig()
    search: SearchConfig = SearchConfig()
    model: ModelConfig = ModelConfig()
    sources: SourcesConfig = SourcesConfig()
    delivery: DeliveryConfig = DeliveryConfig()
    limits: LimitsConfig = LimitsConfig()
    log: LogConfig = LogConfig()


def load(path: Path | None) -> Config:
    """The settings in a TOML file, or the defaults without one. Raises ConfigError."""
    if path is None:
        return Config()
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not TOML: {error}") from error
    try:
        return Config.model_validate(values)
    except ValidationError as error:
        mistakes = "; ".join(_mistake(dict(detail)) for detail in error.errors(include_input=False, include_url=False))
        raise ConfigError(f"{path}: {mistakes}") from error


def token(config: DiscordConfig, environment: Mapping[str, str] = os.environ) -> str:
    """The bot's token, from the environment or the token file; never from an argument. Raises ConfigError without it."""
    found = environment.get(TOKEN_VARIABLE, "").strip()
    where = TOKEN_VARIABLE
    if not found and config.token_file:
        where = config.token_file
        try:
            found = Path(config.token_file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"discord.token_file: {config.token_file} cannot be read") from error
    if not found:
        raise ConfigError(f"no Discord token: set {TOKEN_VARIABLE}, or discord.token_file in the settings")
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
