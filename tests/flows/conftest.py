"""The whole bot in SimCord: a server, its channels, a moderator and a reader, and papers over a loopback wire."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import shutil
import sys
from collections.abc import AsyncIterator, Iterable
from datetime import date, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import discord
import pytest
import simcord

from papers.subscription import Subscription
from sandbox.press import REPLIES, Press
from sandbox.world import World, opened
from tests.conftest import SHARED

DAY = date(2026, 6, 10)
# Options of a command that sets up what is posted, and a part of the sentence that refuses each.
MISTAKES = [
    ({"time": "25:00"}, "is not a time of day"),
    ({"timezone": "Mars/Phobos"}, "is not a time zone"),
    ({"days": "someday"}, "is no list of days"),
    ({"topic": ","}, "no word in it"),
]
VALIDATOR = SHARED / "tools/validate_discord.py"


@pytest.fixture
async def press() -> AsyncIterator[str]:
    async with Press(REPLIES, lambda: DAY).running() as url:
        yield url


@pytest.fixture
def model_url() -> str:
    """A module of tests about a model has one of its own, with a server behind it."""
    return ""


@pytest.fixture
async def world(tmp_path: Path, empty_database: Path, press: str, model_url: str) -> AsyncIterator[World]:
    """The morning of DAY, with that day and the one before read; at its end all that the bot sent is checked."""
    shutil.copy(empty_database, tmp_path / "world.db")
    ready: asyncio.Future[World] = asyncio.get_running_loop().create_future()
    over = asyncio.Event()

    async def live() -> None:
        async with opened(tmp_path / "world.db", press, DAY, [DAY - timedelta(days=1), DAY], model_url) as world:
            ready.set_result(world)
            await over.wait()
            problems = [problem for request in world.env.http_requests for problem in invalid(request)]
        assert problems == []

    # A task of its own: SimCord must be left in the context it was entered in, and a fixture's two halves are not in one.
    life = asyncio.ensure_future(live())
    waiting: list[asyncio.Future[Any]] = [life, ready]
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    if ready.done():
        yield ready.result()
    over.set()
    await life


@pytest.fixture
async def as_invited(world: World) -> None:
    """The bot may do what the README tells to invite it with, and nothing more. (SimCord's may do everything.)"""
    invited = discord.Permissions(
        view_channel=True,
        send_messages=True,
        send_messages_in_threads=True,
        create_public_threads=True,
        read_message_history=True,
    )
    backend = world.env.backend
    guild = backend.get_guild(world.guild.id)
    for role in guild.roles.values():
        if role.managed:
            backend.edit_role(guild.id, role.id, {"permissions": invited.value})
    await world.env.settle()


@pytest.fixture
def ada(world: World) -> simcord.MemberActor:
    return world.moderator


@pytest.fixture
def ben(world: World) -> simcord.MemberActor:
    return world.reader


@pytest.fixture
def channel(world: World) -> simcord.ChannelHandle:
    return world.channels["daily-papers"]


async def wait_until(world: World, hour: int, minute: int) -> None:
    """Let the world's clock go on to a time of DAY, in UTC."""
    then = world.app.now().replace(hour=hour, minute=minute, second=0, microsecond=0)
    await world.env.advance_time((then - world.app.now()).total_seconds())


async def deliver(world: World, hour: int = 8, minute: int = 6) -> None:
    """Let the clock go on, then do what a round does: post what is due, and what follows."""
    await wait_until(world, hour, minute)
    await world.bot.courier.deliver_due(world.app.now())
    await world.env.advance_time(60)  # the round after
    await world.bot.courier.follow_up(world.app.now())
    await world.env.settle()


def posts(world: World, channel: simcord.ChannelHandle) -> list[dict[str, Any]]:
    """What the bot asked Discord to post in a channel."""
    path = f"/channels/{channel.id}/messages"
    bodies = [request.json for request in world.env.http_requests if (request.method, request.path) == ("POST", path)]
    return [body for body in bodies if isinstance(body, dict)]


async def subscribe(who: simcord.MemberActor, where: simcord.ChannelHandle, /, **options: Any) -> simcord.InteractionResult:
    """Type `/subscribe add` and press Save below what would come; the answer is what shows then."""
    answer = await who.slash(where, "subscribe add", **options)
    assert answer.response
    assert "### Not saved yet" in shown(answer), shown(answer)
    await who.click(answer.response, label="Save")
    return answer


async def followed(world: World, person: simcord.MemberActor) -> list[Subscription]:
    return await world.app.store.subscriptions.of_user(person.id)


async def follow(world: World, person: simcord.MemberActor, **options: Any) -> Subscription:
    """Follow a topic from the private channel; what is stored of it."""
    await person.user.slash("follow add", **options)
    return (await followed(world, person))[-1]


def close_private_messages(world: World, person: simcord.MemberActor, times: int | None = None) -> None:
    path = f"/channels/{person.user.dm_channel.id}/messages"
    world.env.inject_error("POST", path, status=403, code=50007, times=times)


def let_everybody_try(world: World, command: str) -> None:
    """Show a command to all, as a server's own settings may."""
    found = world.env.backend.find_command(command, None, type=1)
    assert found
    found["default_member_permissions"] = None


def sole(channel: simcord.ChannelHandle) -> discord.Message:
    """The one message of a channel."""
    (message,) = channel.history()
    return message


def invalid(request: simcord.HttpLogEntry) -> list[str]:
    """What Discord's own description says against a request; nothing where no copy of it lies beside the checkout."""
    if not VALIDATOR.is_file():
        return []
    whole = json.dumps([request.method, request.path, request.json, request.params], sort_keys=True, default=str)
    if whole in _valid:  # as the commands are, which every test sends
        return []
    query = {key: str(value) for key, value in (request.params or {}).items()}
    found = validator().validate(request.method, request.path, request.json, query=query)
    problems = [f"{request.method} {request.path}: {problem}" for problem in found if problem.level == "error"]
    if not problems:
        _valid.add(whole)
    return problems


_valid: set[str] = set()
_loaded: list[ModuleType] = []


def validator() -> Any:
    if not _loaded:
        spec = importlib.util.spec_from_file_location("validate_discord", VALIDATOR)
        assert spec
        assert spec.loader
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        _loaded.append(module)
    return _loaded[0]


def texts(components: Iterable[dict[str, Any]]) -> list[str]:
    """Every text in a message's components, in reading order."""
    found = []
    for component in components:
        if component["type"] == 10:
            found.append(component["content"])
        found += texts(component.get("components", []))
    return found


def shown(answer: simcord.InteractionResult | simcord.ResponseMessage | Any) -> str:
    """All the text of an answer or a message."""
    message = answer.response if isinstance(answer, simcord.InteractionResult) else answer
    assert message is not None
    components = [c if isinstance(c, dict) else c.to_dict() for c in message.components]
    return "\n".join([message.content, *texts(components)]).strip()


def buttons(answer: simcord.InteractionResult | Any) -> dict[str, dict[str, Any]]:
    """The buttons of an answer by custom_id, or by address for links."""
    message = answer.response if isinstance(answer, simcord.InteractionResult) else answer
    assert message is not None
    found: dict[str, dict[str, Any]] = {}

    def look(component: dict[str, Any]) -> None:
        if component["type"] == 2:
            found[component.get("custom_id") or component["url"]] = component
        for inner in [*component.get("components", []), component.get("accessory")]:
            if inner:
                look(inner)

    for component in message.components:
        look(component if isinstance(component, dict) else component.to_dict())
    return found
