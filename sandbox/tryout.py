"""What `paperboy stand-in` serves: a Discord and the papers' sources on loopback, with a moderator in it.

It is what the tests call the wire, started by hand. As nobody can type into it, a moderator of its one server subscribes a
channel by himself as soon as the bot is there, and asks for the first edition.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import click
import discord
from aiohttp import web

from bot.terminal.arguments import as_started
from bot.terminal.command import stop_on_sigterm
from sandbox.press import REPLIES, Press, days_in
from sandbox.wire.channels import EVERYONE_MAY
from sandbox.wire.gateway import PATH, Gateway
from sandbox.wire.interaction import Interaction
from sandbox.wire.rest import PREFIX, TOKEN, Rest, serving
from sandbox.wire.rules import LOADING, walk
from sandbox.wire.state import BOT_ID, Channel, World

_MODERATOR = EVERYONE_MAY | discord.Permissions(manage_channels=True).value
_OWNER = 2  # of the server: may do everything there
_PATIENCE_S = 30.0


class Reprint(Press):
    """Has the stored papers for whatever day is asked for: the stored days in turn, as if they were new."""

    def entries(self, day: date) -> list[Any]:
        stored = days_in(REPLIES)
        entries = super().entries(stored[day.toordinal() % len(stored)])
        return [{**entry, "paper": {**entry["paper"], "submittedOnDailyAt": f"{day}T00:00:00.000Z"}} for entry in entries]


async def serve(port: int, *, stay: bool) -> None:
    stop_on_sigterm()
    world = World()
    channel = world.add_channel("papers")
    rest, gateway, press = Rest(world), Gateway(world, TOKEN), Reprint(REPLIES)
    app = web.Application()
    for part in (rest, gateway, press):
        part.add_to(app)
    async with serving(app, port) as address:
        click.echo(_told(address))
        await gateway.wait_for(identifies=1)
        click.echo("The bot has connected.")
        await press.answered.wait()
        await _subscribe(gateway, channel)
        click.echo("A moderator has subscribed #papers to everything, daily, and asked for the first edition.")
        await _until(lambda: channel.messages, "no edition was posted")
        click.echo("The first edition is posted:\n" + "\n".join(f"    {line}" for line in _lines(channel.messages[0])))
        if stay:
            await asyncio.Event().wait()


async def _subscribe(gateway: Gateway, channel: Channel) -> None:
    asked = await gateway.interact(
        "subscribe add", {"topic": "everything", "days": "daily"}, channel=channel, user_id=_OWNER, permissions=_MODERATOR
    )
    for verb in ("draftsave", "post"):
        message = await _answer(gateway.world, asked, verb)
        press = next(name for name in _buttons(message) if name.startswith(f"{verb}:"))
        asked = await gateway.click(press, message, user_id=_OWNER, permissions=_MODERATOR)


async def _answer(world: World, asked: Interaction, verb: str) -> dict[str, Any]:
    """What the bot answered, once it has a button of that name."""

    def messages() -> list[dict[str, Any]]:
        told = [answer.message for answer in world.answers[asked.token] if answer.message]
        return [m for m in told if not m["flags"] & LOADING and any(b.startswith(f"{verb}:") for b in _buttons(m))]

    try:
        async with asyncio.timeout(_PATIENCE_S):
            while not messages():  # noqa: ASYNC110 (nothing tells of it)
                await asyncio.sleep(0.05)
    except TimeoutError as error:
        told = [answer.body for answer in world.answers[asked.token]]
        raise click.ClickException(f"the bot did not answer as expected: {told or 'nothing'}") from error
    return messages()[-1]


def _buttons(message: dict[str, Any]) -> Iterator[str]:
    return (component["custom_id"] for component in walk(message["components"]) if "custom_id" in component)


def _lines(message: dict[str, Any]) -> list[str]:
    """The message's texts, cut to a terminal's width."""
    assert message["author"]["id"] == str(BOT_ID)  # noqa: S101 (nobody else writes here)
    texts = [component["content"] for component in walk(message["components"]) if "content" in component]
    return [line if len(line) <= 110 else line[:109] + "…" for text in texts for line in text.splitlines() if line]


async def _until(condition: Callable[[], object], otherwise: str) -> None:
    try:
        async with asyncio.timeout(_PATIENCE_S):
            while not condition():  # noqa: ASYNC110 (nothing tells of it)
                await asyncio.sleep(0.05)
    except TimeoutError as error:
        raise click.ClickException(otherwise) from error


def _told(address: str) -> str:
    settings = {
        "discord.api_url": f"http://{address}{PREFIX}",
        "discord.gateway_url": f"ws://{address}{PATH}",
        "sources.huggingface.url": f"http://{address}",
        "sources.arxiv.feed_url": f"http://{address}/rss",
        "sources.arxiv.api_url": f"http://{address}/api/query",
        "sources.arxiv.html_url": f"http://{address}/html",
    }
    paperboy = as_started(anywhere=True)
    given = "".join(f" \\\n        --set {key}={value}" for key, value in settings.items())
    return (
        f"A Discord and the papers’ sources stand in at {address}. In an empty folder, in another terminal:\n\n"
        f"    PAPERBOY_DISCORD_TOKEN={TOKEN} {paperboy} init --yes{given}\n    {paperboy} run\n\n"
        "Waiting for the bot; Ctrl-C ends this."
    )
