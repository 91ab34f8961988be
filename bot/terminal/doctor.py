"""`paperboy doctor`: what is well and what is not, a line for each thing, and what to do. It changes nothing that matters:
what it opens is what every command opens, and an index that is broken is built anew in any case.

All of it is looked at at once, and nothing is waited for longer than half a minute.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import click

from bot.app import utc_now
from bot.client import use_addresses
from bot.config import HERE, Config, found
from bot.terminal import doctor_here as here
from bot.terminal.command import configured
from bot.terminal.doctor_channels import channels
from bot.terminal.doctor_web import outside, running
from bot.terminal.findings import Finding, State, within
from papers.subscription import Subscription
from storage.engine import StorageError, database_path
from storage.store import Store

_HERE_S, _OUTSIDE_S = 30.0, 25.0

Orders = asyncio.Future[Sequence[Subscription]]


@click.command()
@click.option("--offline", is_flag=True, help="Look at this machine alone, and send nothing.")
@configured
async def doctor(config: Config, offline: bool) -> int:
    """Say what is well and what is not, and what to do."""
    use_addresses(config.discord)
    secret, token = here.token_of(config.discord)
    is_well = _tell([*_settings(), token, *here.versions(), here.zones()])
    orders: Orders = asyncio.get_running_loop().create_future()
    looks = [
        within(_HERE_S, "database", here.database(config)),
        within(_HERE_S, "papers", _stored(config, orders)),
        within(_HERE_S, "bot", _running(config)),
    ]
    if not offline:
        looks.append(within(_OUTSIDE_S, "outside", outside(config, secret)))
    if not offline and secret:
        looks.append(within(_OUTSIDE_S, "channels", _channels(orders, secret)))
    async with asyncio.TaskGroup() as group:
        looking = [group.create_task(look) for look in looks]
        for task in looking:
            is_well &= _tell(await task)
    return 0 if is_well else 1


def _settings() -> list[Finding]:
    """A word where nothing says what to use: somebody may be in the wrong folder."""
    if click.get_current_context().params["file"] or found():
        return []
    return [Finding("settings", State.NOTE, f"no {HERE} in this folder: the defaults are used")]


def _tell(findings: Sequence[Finding]) -> bool:
    """Print them; False where something is wrong."""
    for finding in findings:
        click.echo(str(finding))
    return all(finding.state is not State.WRONG for finding in findings)


async def _stored(config: Config, orders: Orders) -> list[Finding]:
    """The store and what is derived from it; ``orders`` are its subscriptions, none where it cannot be read."""
    path = database_path(config.database.url)
    if not path.is_file():
        orders.set_result([])
        return [Finding("papers", State.NOTE, f"there is no database {path} yet: paperboy run makes it")]
    try:
        async with Store.open(config.database.url) as store:
            count = await store.papers.count()
            orders.set_result(await store.subscriptions.of_servers())
            return [
                Finding("papers", State.WELL, f"{here.papers(count)} in {config.database.url}"),
                await here.index(config, store, count),
                await here.meaning(config, count),
            ]
    except StorageError as error:
        return [Finding("papers", State.WRONG, f"{error}")]
    finally:
        if not orders.done():
            orders.set_result([])


async def _running(config: Config) -> list[Finding]:
    try:
        return await running(config, utc_now())
    except StorageError as error:
        return [Finding("bot", State.WRONG, f"{error}")]


async def _channels(orders: Orders, secret: str) -> list[Finding]:
    return await channels(await orders, secret)
