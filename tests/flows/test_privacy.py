"""/privacy and /delete-my-data, as people meet them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import discord
import pytest
import simcord

from papers.language import LANGUAGES, speaking
from sandbox.world import World
from storage.people import Held
from storage.retention import Keep
from storage.schema import metadata
from tests.flows.conftest import buttons, close_private_messages, deliver, follow, followed, posts, shown, subscribe
from views.catalogue import learn_all
from views.limits import MESSAGE_TEXT
from views.privacy import Notice, notice_page


def stored(tmp_path: Path) -> str:
    with closing(sqlite3.connect(tmp_path / "world.db")) as connection:
        rows = {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in metadata.tables}  # noqa: S608
    return str(rows)


async def test_privacy_says_what_is_kept_and_what_of_the_reader(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor, ben: simcord.MemberActor
) -> None:
    answer = await ben.slash(channel, "privacy")
    assert answer.ephemeral
    text = shown(answer)
    assert "**Of you there is now:** nothing" in text
    assert "for 90 days" in text
    assert "30 days after Paperboy was removed" in text
    assert "language model" not in text  # there is none
    assert buttons(answer) == {}
    await follow(world, ben, topic="video", time="8:00")
    await deliver(world)
    text = shown(await ben.slash(channel, "privacy"))
    assert "1 topic that you follow" in text
    assert "1 edition that was made for you" in text
    await subscribe(ada, channel, topic="robot", channel=channel)
    assert "your id beside 1 subscription of a server" in shown(await ada.slash(channel, "privacy"))


@pytest.mark.parametrize("where", ["server", "private"])
async def test_delete_my_data_deletes_it_at_once(
    world: World,
    channel: simcord.ChannelHandle,
    ada: simcord.MemberActor,
    ben: simcord.MemberActor,
    tmp_path: Path,
    where: str,
) -> None:
    hers = await follow(world, ada, topic="video", time="8:00")
    await subscribe(ada, channel, topic="robot", channel=channel)
    his = await follow(world, ben, topic="video", time="8:00")
    await deliver(world)
    before = len(posts(world, channel))
    in_private = len(ada.user.dm_channel.history())
    assert str(ada.id) in stored(tmp_path)

    asked = await (ada.slash(channel, "delete-my-data") if where == "server" else ada.user.slash("delete-my-data"))
    assert asked.ephemeral or where == "private"
    assert "1 topic that you follow" in shown(asked)
    assert asked.response
    clicker = ada if where == "server" else ada.user
    await clicker.click(asked.response, label="Delete now")

    assert "Nothing of you is kept any more." in shown(asked)
    assert str(ada.id) not in stored(tmp_path)
    assert str(ada.user.dm_channel.id) not in stored(tmp_path)
    assert [order.id for order in await followed(world, ben)] == [his.id]
    robots = [order for order in await world.app.store.subscriptions.of_guild(world.guild.id) if str(order.topic.text) == "robot"]
    assert len(robots) == 1  # the server's own stays
    await deliver(world, 9, 30)  # nothing comes again, to nobody
    assert len(posts(world, channel)) == before
    assert len(ada.user.dm_channel.history()) == in_private
    assert len(ben.user.dm_channel.history()) == 1
    assert await world.app.store.subscriptions.get(hers.id) is None
    assert "there is nothing to delete" in shown(await ada.slash(channel, "delete-my-data"))


async def test_nothing_is_deleted_without_the_button(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor
) -> None:
    order = await follow(world, ben, topic="video", time="8:00")
    answer = await ben.slash(channel, "privacy")
    assert answer.response
    await ben.click(answer.response, label="Delete my data…")
    assert "### Delete your data?" in shown(answer)
    assert [button["style"] for button in buttons(answer).values()] == [4, 2]  # danger, then the way out
    await ben.click(answer.response, label="Keep it")
    assert shown(answer) == "Nothing was deleted."
    assert await followed(world, ben) == [order]


async def test_the_inbox_goes_too(world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor) -> None:
    await follow(world, ben, topic="video", time="8:00")
    close_private_messages(world, ben)
    await deliver(world)
    assert "video" in shown(await ben.slash(channel, "inbox"))
    asked = await ben.slash(channel, "delete-my-data")
    assert asked.response
    await ben.click(asked.response, label="Delete now")
    assert "video" not in shown(await ben.slash(channel, "inbox"))
    assert (await world.app.store.people.held(ben.id)).is_nothing


async def test_who_starts_anew_gets_editions_as_anybody_does(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor
) -> None:
    before = await follow(world, ben, topic="video", time="8:00")
    await deliver(world)
    asked = await ben.slash(channel, "delete-my-data")
    assert asked.response
    await ben.click(asked.response, label="Delete now")
    after = await follow(world, ben, topic="video", time="8:30")
    assert after.id > before.id
    await deliver(world, 8, 36)
    assert len(ben.user.dm_channel.history()) == 2


@pytest.mark.parametrize("name", ["privacy", "delete-my-data"])
async def test_it_is_there_in_servers_in_private_and_for_who_installed_paperboy_alone(world: World, name: str) -> None:
    command = world.bot.tree.get_command(name)
    assert command
    offered = command.to_dict(world.bot.tree)
    assert (sorted(offered["integration_types"]), sorted(offered["contexts"])) == ([0, 1], [0, 1, 2])


async def test_no_message_can_be_read(world: World) -> None:
    """As /privacy says. What somebody picks with Apps → … Discord hands over, and it is not stored."""
    assert world.bot.intents == discord.Intents(guilds=True)
    assert not world.bot.cached_messages


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_fullest_page_fits_a_message_and_links_what_the_operator_wrote(language: str) -> None:
    learn_all()
    notice = Notice("https://example.org/policy", "https://example.org/terms", 30, Keep(), "an/very-long-model-name" * 9)
    with speaking(language):
        view = notice_page(notice, Held(10, 99, 9_999, 99, 99, 999, 999))
    assert sum(len(text) for text in _texts(view)) < MESSAGE_TEXT
    links = [getattr(item, "url", None) for item in view.walk_children()]
    assert [url for url in links if url] == [notice.policy_url, notice.terms_url]
    assert "an/very-long-model-name" in " ".join(_texts(view))


def _texts(view: object) -> list[str]:
    return [item.content for item in view.walk_children() if hasattr(item, "content")]  # type: ignore[attr-defined]
