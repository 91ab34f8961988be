"""The doctor's look outside: one small request to each service, what it answered, and what its Date says of our clock."""

from __future__ import annotations

import asyncio
import email.utils
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from typing import Any

import aiohttp
import discord

from bot.config import Config, ConfigError, model_key
from bot.terminal.findings import Finding, State, safe
from bot.watching.healthcheck import address_of
from sources.http import USER_AGENT
from storage.engine import database_path
from storage.instance import running_instance

TIMEOUT_S = 8.0
_MOST_BYTES = 256 * 1024
_CLOCK_MAY_DIFFER_S = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    """``status`` is 0 where none came, and ``why`` says why; ``ahead_s`` is how far our clock is ahead of the service's."""

    status: int = 0
    body: bytes = b""
    why: str = ""
    ahead_s: float | None = None

    def json(self) -> Any:
        """None for what is no JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


async def ask(
    session: aiohttp.ClientSession, url: str, headers: Mapping[str, str] = {}, timeout_s: float = TIMEOUT_S, *, reads: bool = True
) -> Answer:
    """One GET, never more than the first 256 KiB of its body."""
    began = datetime.now(UTC)
    try:
        async with asyncio.timeout(timeout_s), session.get(url, headers=headers, max_redirects=3) as response:
            half = (datetime.now(UTC) - began) / 2
            body = await response.content.read(_MOST_BYTES) if reads else b""
            return Answer(response.status, body, "", _ahead_s(response.headers.get("Date"), began + half))
    except TimeoutError:
        return Answer(why=f"no answer within {timeout_s:g} s")
    except (aiohttp.ClientError, OSError, ValueError) as error:
        return Answer(why=safe(f"{error}" or type(error).__name__))


def _ahead_s(date: str | None, now: datetime) -> float | None:
    try:
        told = email.utils.parsedate_to_datetime(date or "")
    except ValueError:
        return None
    return (now - told.replace(tzinfo=told.tzinfo or UTC)).total_seconds()


async def outside(config: Config, secret: str | None) -> list[Finding]:
    """Discord, the sources, the model and the clock; all are asked at once."""
    agent = {"User-Agent": _agent(config)}
    async with (
        aiohttp.ClientSession(headers=agent, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False) as session,
        asyncio.TaskGroup() as group,
    ):
        at_discord = group.create_task(_ask_discord(session, config, secret))
        at_source = group.create_task(_ask_huggingface(session, config))
        at_arxiv = group.create_task(_ask_arxiv(session, config))
        at_model = group.create_task(model(session, config))
    answers = [at_discord.result(), at_source.result(), *([found] if (found := at_arxiv.result()) else [])]
    return [
        _discord(answers[0], secret, config.discord.api_url),
        _source("huggingface", answers[1], "sources.huggingface.url"),
        _source("arxiv", found, "sources.arxiv.feed_url")
        if found
        else Finding("arxiv", State.OFF, "sources.arxiv.enabled is off"),
        at_model.result(),
        clock(answers),
    ]


def _agent(config: Config) -> str:
    contact = config.sources.arxiv.contact
    return f"{USER_AGENT[:-1]}; {contact})" if contact else USER_AGENT


async def _ask_discord(session: aiohttp.ClientSession, config: Config, secret: str | None) -> Answer:
    base = config.discord.api_url or discord.http.Route.BASE
    if secret is None:
        return await ask(session, f"{base}/gateway")
    return await ask(session, f"{base}/gateway/bot", {"Authorization": f"Bot {secret}"})


async def _ask_huggingface(session: aiohttp.ClientSession, config: Config) -> Answer:
    today = datetime.now(UTC).date()
    return await ask(session, f"{config.sources.huggingface.url}/api/daily_papers?date={today}&limit=1")


async def _ask_arxiv(session: aiohttp.ClientSession, config: Config) -> Answer | None:
    arxiv = config.sources.arxiv
    return await ask(session, f"{arxiv.feed_url}/{arxiv.categories[0]}", reads=False) if arxiv.enabled else None


def _discord(answer: Answer, secret: str | None, api_url: str | None) -> Finding:
    if answer.why or answer.status >= 500:
        why = answer.why or f"HTTP {answer.status}"
        look = "check discord.api_url" if api_url else "check this machine’s network, then discordstatus.com"
        return Finding("discord", State.WRONG, f"cannot be reached ({why}): {look}")
    if secret is None:
        return Finding("discord", State.WELL, "can be reached; without a token that is all that can be said")
    if answer.status == 401:
        return Finding(
            "discord", State.WRONG, "refuses the token: reset it in the developer portal and put the new one in its place"
        )
    told = answer.json()
    limit = told.get("session_start_limit") if isinstance(told, dict) else None
    if answer.status != 200 or not isinstance(limit, dict):
        look = "check discord.api_url" if api_url else "wait some minutes and look again"
        return Finding("discord", State.WRONG, f"answered unexpectedly (HTTP {answer.status}): {look}")
    left, total = limit.get("remaining"), limit.get("total")
    if left == 0:
        return Finding(
            "discord", State.WRONG, "no start is left for today: leave Paperboy off until tomorrow, and see why it restarts"
        )
    return Finding("discord", State.WELL, f"takes the token; {safe(str(left), 9)} of {safe(str(total), 9)} starts are left today")


def _source(name: str, answer: Answer, key: str) -> Finding:
    if answer.status == 200:
        return Finding(name, State.WELL, "answers")
    if answer.status in {403, 429}:
        return Finding(name, State.NOTE, f"wants fewer requests just now (HTTP {answer.status}); Paperboy goes on by itself")
    why = answer.why or f"HTTP {answer.status}"
    return Finding(
        name, State.WRONG, f"does not answer as it should ({why}): check the network and {key}; it is tried again by itself"
    )


async def model(session: aiohttp.ClientSession, config: Config) -> Finding:
    """Whether the server of the model can be asked, and knows the model."""
    settings = config.model
    if not settings.url:
        return Finding("model", State.OFF, "summaries come from sources and abstracts; model.url names a server (docs/models.md)")
    if find_spec("openai") is None:
        return Finding("model", State.WRONG, "its client is not installed: pip install 'paperboy[model]'")
    try:
        key = model_key()
    except ConfigError as error:
        return Finding("model", State.WRONG, str(error))
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    answer = await ask(session, f"{settings.url}/models", headers, min(TIMEOUT_S, settings.timeout_s))
    if answer.status in {401, 403}:
        return Finding("model", State.WRONG, "its server refuses the key: set PAPERBOY_MODEL_KEY to one that it takes")
    if answer.why or answer.status >= 500:
        why = answer.why or f"HTTP {answer.status}"
        return Finding("model", State.WRONG, f"its server does not answer ({why}): see that it runs at {settings.url}")
    names = _names(answer.json())
    if not names:
        return Finding("model", State.NOTE, f"its server answers, and does not tell whether it has {settings.name}")
    if settings.name in names or f"{settings.name}:latest" in names:
        return Finding("model", State.WELL, f"{settings.name} at {settings.url}")
    others = ", ".join(safe(name, 40) for name in names[:5])
    return Finding("model", State.NOTE, f"its server does not name {settings.name} among its models ({others}): check model.name")


def _names(told: Any) -> list[str]:
    entries = told.get("data") if isinstance(told, dict) else None
    if not isinstance(entries, list):
        return []
    return [str(entry["id"]) for entry in entries if isinstance(entry, dict) and "id" in entry]


async def running(config: Config, now: datetime) -> list[Finding]:
    """Whether a bot runs on the database, and what it says of itself. Raises StorageError."""
    instance = await asyncio.to_thread(running_instance, database_path(config.database.url), now)
    if instance is None:
        return [Finding("bot", State.OFF, "is not running here: paperboy run starts it")]
    who = instance.described(now)
    host, port = address_of(config.health.host), config.health.port
    if not port:
        return [Finding("bot", State.WELL, f"{who}; health.port is 0, so it cannot be asked more")]
    async with aiohttp.ClientSession(trust_env=False) as session:
        answer = await ask(session, f"http://{host}:{port}/readyz")
    told = answer.json()
    reasons = told.get("reasons") if isinstance(told, dict) else None
    if not isinstance(reasons, list):
        why = answer.why or f"HTTP {answer.status}"
        return [Finding("bot", State.NOTE, f"{who}, but does not answer at port {port} ({why}): see its log for “port”")]
    if reasons:
        return [Finding("bot", State.WRONG, f"{who}, not ready: {safe('; '.join(map(str, reasons)), 300)}")]
    return [Finding("bot", State.WELL, f"{who}, ready")]


def clock(answers: Iterable[Answer]) -> Finding:
    """Our clock against the first service that told the time."""
    ahead_s = next((answer.ahead_s for answer in answers if answer.ahead_s is not None), None)
    if ahead_s is None:
        return Finding("clock", State.NOTE, "nobody told the time to compare it with")
    if abs(ahead_s) <= _CLOCK_MAY_DIFFER_S:
        return Finding("clock", State.WELL, "right within seconds")
    way = "fast" if ahead_s > 0 else "slow"
    said = (
        f"{abs(ahead_s):,.0f} s {way}: editions come at the wrong time; let it be set over the network (timedatectl set-ntp true)"
    )
    return Finding("clock", State.WRONG, said)
