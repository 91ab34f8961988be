"""Everybody is answered in the language of their Discord; a server's digests have one for all."""

from __future__ import annotations

from typing import Any

import discord
import pytest
import simcord
from simcord import interactions

from bot.app import App
from bot.client import Paperboy
from papers.language import _, speaking
from sandbox.world import World
from tests.flows.conftest import DAY, buttons, deliver, follow, followed, posts, shown, sole, wait_until
from tests.flows.test_places import subscribed
from views.locales import long_date

pytestmark = pytest.mark.usefixtures("as_invited")


@pytest.fixture
def locales(monkeypatch: pytest.MonkeyPatch) -> dict[int, str]:
    """By person (their id), the locale of their Discord. (SimCord's people all have "en-US".)"""
    found: dict[int, str] = {}
    made = interactions.base_payload

    def payload(*arguments: Any, **facts: Any) -> Any:
        record, values = made(*arguments, **facts)
        return record, values | {"locale": found.get(facts["user_id"], "en-US")}

    monkeypatch.setattr(interactions, "base_payload", payload)
    return found


def said(language: str, text: str, **values: object) -> str:
    """A text in a language, which must not be the English."""
    with speaking(language):
        translated = _(text)
    assert language == "en" or translated != text
    return translated.format(**values)


def title(language: str) -> str:
    """How a digest of DAY begins."""
    with speaking(language):
        return f"## {_('The day’s papers')} · {long_date(DAY)}"


@pytest.fixture
def manager(world: World) -> simcord.MemberActor:
    """May manage the server."""
    role = world.guild.create_role("Managers", permissions=discord.Permissions(manage_guild=True, manage_channels=True))
    return world.guild.add_member(world.env.create_user("mia"), roles=[role])


async def choose(manager: simcord.MemberActor, place: simcord.ChannelHandle, language: str) -> str:
    return shown(await manager.slash(place, "language", language=language))


async def test_two_people_in_one_server_each_read_their_own_language(
    world: World,
    channel: simcord.ChannelHandle,
    ada: simcord.MemberActor,
    ben: simcord.MemberActor,
    locales: dict[int, str],
) -> None:
    locales |= {ada.id: "de", ben.id: "fr"}
    unknown = "Paperboy knows no paper called “{name}”: choose one from the list, or give its arXiv id."
    for person, language in ((ada, "de"), (ben, "fr")):
        assert shown(await person.slash(channel, "similar", paper="no such thing")) == said(
            language, unknown, name="no such thing"
        )
        answer = await person.slash(channel, "today")
        assert answer.response
        assert long_date_in(language) in shown(answer)
        # A button's press, too, is answered in the presser's language.
        following = await person.click(answer.response, custom_id=next(key for key in buttons(answer) if key.startswith("open:")))
        assert said(language, "from Hugging Face") in shown(following)
    locales[ada.id] = "ja"  # which Paperboy does not speak
    assert shown(await ada.slash(channel, "similar", paper="no such thing")) == unknown.format(name="no such thing")


def long_date_in(language: str) -> str:
    with speaking(language):
        return long_date(DAY)


async def test_what_is_typed_may_be_in_ones_own_language(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor, locales: dict[int, str]
) -> None:
    locales[ben.id] = "fr"
    order = await follow(world, ben, topic="video", time="8 h 30", days="lun., mer-ven")
    assert (order.at.hour, order.at.minute, order.weekdays) == (8, 30, frozenset({0, 2, 3, 4}))
    refused = shown(await ben.slash(channel, "follow edit", follow=f"{order.id}", days="jamais"))
    with speaking("fr"):
        assert refused == _("“{typed}” is no list of days: write weekdays, daily, or a list like Mon, Wed, Fri.").format(
            typed="jamais"
        )


async def test_a_servers_setting_is_for_its_digests_and_not_for_private_answers(
    world: World,
    channel: simcord.ChannelHandle,
    manager: simcord.MemberActor,
    ben: simcord.MemberActor,
    locales: dict[int, str],
) -> None:
    locales[ben.id] = "fr"
    assert "**Deutsch**" in await choose(manager, channel, "de")
    await deliver(world)
    message = sole(channel)
    assert shown(message).startswith(title("de"))
    labels = {each.get("label") for each in buttons(message).values()}
    assert {said("de", "Why these?"), said("de", "Follow this topic")} <= labels
    why = await ben.click(message, custom_id=next(key for key in buttons(message) if key.startswith("why:")))
    assert shown(why).startswith(f"### {said('fr', 'Why these?')}")


async def test_a_change_reaches_todays_message_with_its_next_edit_and_posts_nothing_twice(
    world: World, channel: simcord.ChannelHandle, manager: simcord.MemberActor
) -> None:
    await deliver(world)
    before = shown(sole(channel))
    assert before.startswith(title("en"))
    await choose(manager, channel, "fr")
    await wait_until(world, 9, 30)
    assert await world.bot.courier.deliver_due(world.app.now()) >= 0
    await world.bot.courier.grow(world.app.now())
    await world.env.settle()
    message = sole(channel)
    assert shown(message).startswith(title("fr"))
    assert len(posts(world, channel)) == 1
    await wait_until(world, 11, 30)
    assert await world.bot.courier.grow(world.app.now()) == 0  # it is as it should be
    await choose(manager, channel, "en")
    await wait_until(world, 12, 45)
    await world.bot.courier.grow(world.app.now())
    assert shown(sole(channel)) == before


async def test_what_a_moderator_previews_is_in_the_digests_language(
    world: World, channel: simcord.ChannelHandle, manager: simcord.MemberActor, locales: dict[int, str]
) -> None:
    locales[manager.id] = "fr"
    await choose(manager, channel, "de")
    (order, *_others) = await world.app.store.subscriptions.of_guild(world.guild.id)
    previewed = shown(await manager.slash(channel, "subscribe preview", subscription=f"{order.id}"))
    await deliver(world)
    assert shown(sole(channel)) == previewed
    assert previewed.startswith(title("de"))


async def test_a_quiet_day_is_told_in_the_servers_language(
    world: World, manager: simcord.MemberActor, channel: simcord.ChannelHandle
) -> None:
    place = world.guild.create_text_channel("zebras")
    await subscribed(world, place, topic="zebra")
    await choose(manager, channel, "de")
    await deliver(world)
    with speaking("de"):
        assert _("Why none?") in {each.get("label") for each in buttons(sole(place)).values()}


async def test_what_one_follows_comes_in_the_language_one_followed_it_in(
    world: World, channel: simcord.ChannelHandle, manager: simcord.MemberActor, ben: simcord.MemberActor, locales: dict[int, str]
) -> None:
    locales[ben.id] = "fr"
    await choose(manager, channel, "de")
    answer = await ben.slash(channel, "follow add", topic="everything", time="8:05", timezone="UTC")
    assert said("fr", "Following") in shown(answer)
    await deliver(world, 8, 6)
    assert shown(sole(ben.user.dm_channel)).startswith(title("fr"))
    locales[ben.id] = "en-GB"  # they change their Discord, and then what they follow
    (order,) = await followed(world, ben)
    await ben.slash(channel, "follow edit", follow=f"{order.id}", size=4)
    assert [each.language for each in await followed(world, ben)] == ["en-GB"]


async def test_the_setting_survives_a_restart(world: World, channel: simcord.ChannelHandle, manager: simcord.MemberActor) -> None:
    await choose(manager, channel, "fr")
    async with App.open(world.app.config, world.app.now) as app:
        bot = Paperboy(app)
        await world.env.restart_bot(bot)
        await wait_until(world, 8, 1)
        assert await bot.courier.deliver_due(app.now()) == 1
        assert shown(sole(channel)).startswith(title("fr"))


async def test_without_a_setting_it_is_the_language_that_discord_names(
    world: World, channel: simcord.ChannelHandle, manager: simcord.MemberActor
) -> None:
    def guild() -> discord.Guild:
        found = world.bot.get_guild(world.guild.id)
        assert found
        return found

    world.env.backend.edit_guild(world.guild.id, {"preferred_locale": "fr"})
    await world.env.settle()
    assert guild().preferred_locale is discord.Locale.french
    await wait_until(world, 8, 1)
    await world.bot.courier.deliver_due(world.app.now())
    assert shown(sole(channel)).startswith(title("fr"))
    assert "**English**" in await choose(manager, channel, "en")
    assert "**Français**" in await choose(manager, channel, "discord")
    assert await world.app.store.guilds.language(world.guild.id) == ""


async def test_only_who_may_manage_the_server_sets_it(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor, locales: dict[int, str]
) -> None:
    locales[ada.id] = "de"
    command = world.env.backend.find_command("language", None, type=1)
    assert command
    assert command["default_member_permissions"] == discord.Permissions(manage_guild=True).value
    command["default_member_permissions"] = None  # as a server's own settings may
    assert await choose(ada, channel, "fr") == said("de", "You need the permission “Manage Server” for that.")
    assert await world.app.store.guilds.languages() == {}
