"""*Share here*: a private answer becomes a message to all, signed, once, and only where its sharer may write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import discord
import pytest
import simcord
from simcord import interactions as simulated

from bot.client import Paperboy
from sandbox.world import World
from tests.factories import paper
from tests.flows.conftest import buttons, posts, shown, sole
from tests.flows.test_searching import learn, titles, zebras

KNOWN = "2606.09967"


def labels(message: Any) -> set[str | None]:
    return {button.get("label") for button in buttons(message).values()}


async def asked(world: World, who: simcord.MemberActor, where: simcord.ChannelHandle, what: str) -> Any:
    """A private answer of each kind that can be shared."""
    match what:
        case "results":
            answer = await who.slash(where, "search", query="zebra")
        case "card":
            answer = await who.slash(where, "paper", paper=KNOWN)
        case "similar":
            answer = await who.slash(where, "similar", paper=KNOWN)
        case _:
            message = await who.send(where, f"https://arxiv.org/abs/{KNOWN} and https://arxiv.org/abs/2606.00001")
            answer = await who.context_menu(where, "Find this paper", message)
    assert answer.ephemeral
    return answer


@pytest.fixture
def installed_by_a_person(monkeypatch: pytest.MonkeyPatch) -> Callable[[simcord.MemberActor], None]:
    """From now on Paperboy is in the server only with that person, as far as Discord's interactions tell."""
    original = simulated.base_payload

    def install(person: simcord.MemberActor) -> None:
        def payload(*args: Any, **values: Any) -> Any:
            record, made = original(*args, **values)
            made["authorizing_integration_owners"] = {"1": str(person.id)}
            return record, made

        monkeypatch.setattr(simulated, "base_payload", payload)

    return install


@pytest.mark.parametrize("what", ["results", "card", "similar", "found"])
async def test_it_is_posted_once_signed_and_mentions_nobody(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor, what: str
) -> None:
    await learn(world, *zebras())
    answer = await asked(world, ben, channel, what)
    before = len(channel.history())
    await ben.click(answer.response, label="Share here")
    message = channel.last_message
    assert message
    assert len(channel.history()) == before + 1
    assert message.author == world.bot.user
    assert shown(message).endswith(f"-# shared by <@{ben.id}>")
    assert posts(world, channel)[-1]["allowed_mentions"] == {"parse": []}
    assert "Share here" not in labels(message)
    assert shown(message).splitlines()[0] == shown(answer).splitlines()[0]

    again = await ben.click(answer.response, label="Share here")
    assert "just shared" in again.followups[0].content
    assert len(channel.history()) == before + 1
    await world.env.advance_time(61)
    await ben.click(answer.response, label="Share here")
    assert len(channel.history()) == before + 2


async def test_a_shared_list_works_for_others_privately_a_month_later(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor, ben: simcord.MemberActor
) -> None:
    await learn(world, *zebras())
    answer = await asked(world, ben, channel, "results")
    await ben.click(answer.response, label="▶")
    await ben.click(answer.response, label="Share here")
    message = sole(channel)
    assert len([line for line in shown(message).splitlines() if line.startswith("**[")]) == 2
    await world.env.advance_time(31 * 24 * 3600)
    await world.env.restart_bot(Paperboy(world.app))
    rest = await ada.click(message, label="All 7 results")
    assert rest.ephemeral
    assert len(titles(rest)) == 5
    assert rest.response
    await ada.click(rest.response, label="▶")
    assert len(titles(rest)) == 2
    opened = await ada.click(message, custom_id=next(key for key in buttons(message) if key.startswith("open:")))
    assert opened.ephemeral
    assert "> **Abstract.**" in shown(opened)
    assert len(channel.history()) == 1


@pytest.mark.parametrize("who", ["person", "Paperboy"])
async def test_who_may_not_write_there_gets_no_button_and_an_old_one_is_refused(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor, who: str
) -> None:
    answer = await asked(world, ben, channel, "card")
    assert "Share here" in labels(answer)
    backend = world.env.backend
    guild = backend.get_guild(world.guild.id)
    for role in guild.roles.values():
        if who == "person" or role.managed or role.id == guild.id:
            allowed = discord.Permissions.text() if who == "person" and role.managed else discord.Permissions(view_channel=True)
            allowed.use_application_commands = True
            backend.edit_role(guild.id, role.id, {"permissions": allowed.value})
    await world.env.settle()
    told = await ben.click(answer.response, label="Share here")
    assert told.followups[0].content == "Sharing needs the permission to write in this channel, for you and for Paperboy."
    assert "Share here" not in labels(await asked(world, ben, channel, "card"))
    assert channel.last_message is None


async def test_in_a_thread_the_permission_to_write_in_threads_counts(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor
) -> None:
    place = world.bot.get_channel(channel.id)
    assert isinstance(place, discord.TextChannel)
    await place.create_thread(name="today", type=discord.ChannelType.public_thread)
    (thread,) = channel.threads
    answer = await asked(world, ben, thread, "card")
    await ben.click(answer.response, label="Share here")
    assert shown(sole(thread)).endswith(f"-# shared by <@{ben.id}>")
    everyone = world.env.backend.get_guild(world.guild.id).roles[world.guild.id]
    allowed = discord.Permissions(everyone.permissions)
    allowed.send_messages_in_threads = False
    world.env.backend.edit_role(world.guild.id, everyone.id, {"permissions": allowed.value})
    await world.env.settle()
    assert "Share here" not in labels(await asked(world, ben, thread, "card"))
    assert "Share here" in labels(await asked(world, ben, channel, "card"))


async def test_when_discord_refuses_it_is_said_and_can_be_tried_again(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor
) -> None:
    answer = await asked(world, ben, channel, "card")
    world.env.inject_error("POST", f"/channels/{channel.id}/messages", status=403, code=50013, times=1)
    told = await ben.click(answer.response, label="Share here")
    assert "could not post in this channel" in told.followups[0].content
    await ben.click(answer.response, label="Share here")
    assert len(channel.history()) == 1


async def test_what_discord_does_not_accept_can_be_tried_again(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor
) -> None:
    answer = await asked(world, ben, channel, "card")
    world.env.inject_error("POST", f"/channels/{channel.id}/messages", status=400, code=50035, times=1)
    await ben.click(answer.response, label="Share here")
    assert [type(error).__name__ for error in world.env.errors] == ["HTTPException"]
    assert channel.last_message is None
    await ben.click(answer.response, label="Share here")
    assert len(channel.history()) == 1


async def test_where_only_a_person_installed_it_the_share_is_a_public_answer(
    world: World,
    channel: simcord.ChannelHandle,
    ben: simcord.MemberActor,
    installed_by_a_person: Callable[[simcord.MemberActor], None],
) -> None:
    everyone = world.env.backend.get_guild(world.guild.id).roles[world.guild.id]
    allowed = discord.Permissions(everyone.permissions)
    allowed.use_external_apps = True  # as Discord's own default has it
    world.env.backend.edit_role(world.guild.id, everyone.id, {"permissions": allowed.value})
    installed_by_a_person(ben)
    answer = await asked(world, ben, channel, "card")
    pressed = await ben.click(answer.response, label="Share here")
    (shared,) = pressed.followups
    assert not shared.ephemeral
    assert shown(shared).endswith(f"-# shared by <@{ben.id}>")
    assert posts(world, channel) == []  # there it may send nothing of its own


async def test_alone_with_paperboy_there_is_nobody_to_share_with(ben: simcord.MemberActor) -> None:
    assert "Share here" not in labels(await ben.user.slash("paper", paper=KNOWN))


async def test_a_hostile_title_is_shared_inert(world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor) -> None:
    await learn(world, paper(77, title="okapi @everyone [x](https://evil.example) <@1> **b**", abstract="<@&1> @here okapi"))
    answer = await ben.slash(channel, "search", query="okapi")
    assert answer.response
    await ben.click(answer.response, label="Share here")
    text = shown(sole(channel))
    assert "@everyone" not in text.replace("\\@everyone", "")
    assert "evil.example)" not in text.replace("evil.example\\)", "").replace("\\](https\\://evil.example)", "")
    assert not sole(channel).mention_everyone
