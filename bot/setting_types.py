"""What a setting may be, besides a number or a text: each says in one sentence what it must be instead."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo

from papers.subscription import parse_zone
from storage.engine import StorageError, database_path
from storage.retention import SHORTEST
from views.limits import web_address


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


def _zone(name: str) -> str:
    try:
        return parse_zone(name).key
    except ValueError as error:
        raise ValueError("must be the name of a time zone, such as Europe/Berlin") from error


def _model_name(name: str, others: ValidationInfo) -> str:
    if others.data.get("url") and not re.fullmatch(r"[!-~]{1,200}", name):
        raise ValueError("must be the name of a model that the server at model.url has")
    return name


def _kept_days(days: int) -> int:
    if 0 < days < SHORTEST.days:
        raise ValueError(f"must be 0 (for ever), or at least {SHORTEST.days}: what is younger is still looked up")
    return days


def _host(name: str) -> str:
    if not re.fullmatch(r"[\w.:%-]{1,253}", name):
        raise ValueError("must be the address or the name of this machine, such as 127.0.0.1")
    return name


def _contact(text: str) -> str:
    if not re.fullmatch(r"[!-'*-~ ]{0,200}", text):
        raise ValueError("must be plain text without parentheses, such as an e-mail address")
    return text.strip()


def _page(url: str) -> str:
    if url and not web_address(url):
        raise ValueError("must be the https:// address of a page that anybody can open")
    return url


def _per_minute(limits: tuple[int, int, int]) -> tuple[int, int, int]:
    if not 1 <= limits[0] <= limits[1] <= limits[2] <= 1_000_000:
        raise ValueError("must be three numbers, none smaller than the one before: a person's, a server's, all together")
    return limits


ModelUrl = Annotated[str, AfterValidator(lambda url: _web_url(url) if url else "")]
WebUrl = Annotated[str, AfterValidator(_web_url)]
PageUrl = Annotated[str, AfterValidator(_page)]
PerMinute = Annotated[tuple[int, int, int], Field(strict=False), AfterValidator(_per_minute)]
Zone = Annotated[str, AfterValidator(_zone)]
Category = Annotated[str, AfterValidator(_category)]
Contact = Annotated[str, AfterValidator(_contact)]
KeptDays = Annotated[int, Field(ge=0, le=36_500), AfterValidator(_kept_days)]
GatewayUrl = Annotated[str, AfterValidator(_gateway_url)]
DatabaseUrl = Annotated[str, AfterValidator(_database_url)]
ModelName = Annotated[str, AfterValidator(_model_name)]
Host = Annotated[str, AfterValidator(_host)]
