"""A person whose Discord is German reads German, whatever they use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import simcord
from simcord import interactions

from bot.client import Paperboy
from bot.translating import payload
from papers.language import LANGUAGES
from sandbox.world import World
from tests.flows.conftest import buttons, deliver, posts, shown


@pytest.fixture
def german(monkeypatch: pytest.MonkeyPatch, ben: simcord.MemberActor) -> simcord.MemberActor:
    """Ben's Discord is German. (SimCord's people all have it in English.)"""
    original = interactions.base_payload

    def localised(*args: Any, user_id: int, **more: Any) -> Any:
        record, sent = original(*args, user_id=user_id, **more)
        return record, {**sent, "locale": "de"} if user_id == ben.id else sent

    monkeypatch.setattr(interactions, "base_payload", localised)
    return ben


async def test_a_command_its_buttons_and_its_form_answer_in_the_persons_language(
    world: World, channel: simcord.ChannelHandle, german: simcord.MemberActor
) -> None:
    found = await german.slash(channel, "search", query="kwai")
    assert shown(found).startswith("### Ergebnisse zu „kwai“\n-# ")
    assert found.response
    await world.env.restart_bot(Paperboy(world.app))
    card = await german.click(found.response, label="Öffnen")
    assert "> **Abstract.**" in shown(card)
    assert {"Zusammenfassung", "Etwas fragen", "Ähnliche Papers", "Hier teilen"} <= {b["label"] for b in buttons(card).values()}
    assert card.response
    opened = await german.click(card.response, label="Etwas fragen")
    assert opened.modal
    assert opened.modal["title"].startswith("Frage: Kwai")
    answer = await german.submit_modal(opened, {"question": "What is it?"})
    assert "-# gefragt zu **[Kwai" in shown(answer)


async def test_a_mistake_is_told_in_the_persons_language(
    world: World, channel: simcord.ChannelHandle, german: simcord.MemberActor
) -> None:
    answer = await german.slash(channel, "paper", paper="qqqq zzzz")
    assert "kein Paper namens „qqqq zzzz“" in shown(answer)


async def test_one_reads_german_and_another_english_of_the_same_list(
    world: World, channel: simcord.ChannelHandle, german: simcord.MemberActor, ada: simcord.MemberActor
) -> None:
    deutsch, english = await german.slash(channel, "today"), await ada.slash(channel, "today")
    assert "Mittwoch, 10. Juni\n-# zu allem · 12 Papers · nach Stimmen" in shown(deutsch)
    assert "Wednesday 10 June\n-# on everything · 12 papers · by votes" in shown(english)


async def test_a_servers_digest_is_not_in_the_language_of_who_pressed_last(
    world: World, channel: simcord.ChannelHandle, german: simcord.MemberActor
) -> None:
    await german.slash(channel, "today")
    await deliver(world)
    assert "The day’s papers" in str(posts(world, channel))


async def test_the_commands_have_names_in_every_language_and_none_twice(world: World) -> None:
    commands = await payload(world.bot.tree)
    search = next(command for command in commands if command["name"] == "search")
    assert search["name_localizations"]["de"] == "suche"
    for language in LANGUAGES:
        for level in levels(commands):
            names = [each.get("name_localizations", {}).get(language, each["name"]) for each in level]
            assert len(set(names)) == len(names), names


def levels(commands: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Those that stand beside each other: commands, a group's, a command's options."""
    yield commands
    for command in commands:
        if command.get("options"):
            yield from levels(command["options"])
