"""Rows 1 and 8 of docs/security.md, of everything the bot sends: it mentions nobody, and no button tells whose data it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import simcord

from sandbox.world import World
from tests.factories import paper
from tests.flows.conftest import deliver, follow, subscribe
from tests.flows.test_searching import learn

LOUD = "@everyone @here <@1> <@&2> zebra"
_FORM, _SUGGESTIONS = 9, 8  # kinds of answers to an interaction that are no messages


def messages(world: World) -> Iterator[tuple[str, dict[str, Any]]]:
    """Everything that was sent to be shown in a message: where to, and the message."""
    for request in world.env.http_requests:
        body = request.json
        if request.method not in {"POST", "PATCH", "PUT"} or not isinstance(body, dict):
            continue
        if request.path.endswith("/callback"):
            if body["type"] in {_FORM, _SUGGESTIONS} or not body.get("data"):
                continue
            body = body["data"]
        if {"content", "components", "embeds"} & body.keys():
            yield f"{request.method} {request.path}", body


def custom_ids(part: Any) -> Iterator[str]:
    """Of every button and select, however deep."""
    if isinstance(part, dict):
        if "custom_id" in part:
            yield part["custom_id"]
        for inner in part.values():
            yield from custom_ids(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from custom_ids(inner)


async def test_nothing_sent_may_mention_anybody_and_no_button_names_a_server_or_a_person(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor, ben: simcord.MemberActor
) -> None:
    role = world.guild.create_role("Readers", mentionable=True)
    loud = [paper(n, title=f"{LOUD} {n}", abstract=f"{LOUD}. {LOUD} again.", authors=(LOUD,)) for n in range(1, 8)]
    await learn(world, *loud)
    await subscribe(ada, channel, topic="zebra", channel=channel, time="8:05", mention=role)
    await follow(world, ben, topic="zebra", time="8:00")
    answers = [
        await ben.slash(channel, "search", query=f"zebra {LOUD}"),
        await ben.slash(channel, "search", query=LOUD),
        await ben.slash(channel, "paper", paper=loud[0].id),
        await ben.slash(channel, "paper", paper=LOUD * 3),
        await ben.slash(channel, "summary", paper=loud[1].id),
        await ben.slash(channel, "similar", paper=loud[2].id),
        await ben.slash(channel, "compare", paper=loud[0].id, other=loud[1].id),
        await ben.slash(channel, "ask", question=LOUD, paper=loud[0].id),
        await ben.slash(channel, "today", topic="zebra"),
        await ben.slash(channel, "why", paper=loud[0].id),
        await ben.slash(channel, "follow list"),
        await ben.slash(channel, "inbox"),
        await ben.slash(channel, "status"),
        await ben.slash(channel, "privacy"),
        await ben.slash(channel, "delete-my-data"),
        await ada.slash(channel, "subscribe list"),
        await ada.slash(channel, "subscribe export"),
        await ada.slash(channel, "topic list"),
        await ada.slash(channel, "subscribe add", topic=LOUD, time="25:00"),
    ]
    await deliver(world)
    assert all(answer.response for answer in answers)
    for answer in answers[:3]:
        assert answer.response
        await ben.click(answer.response, label="Share here")
    sent = list(messages(world))
    assert len(sent) > len(answers) + 3
    with_role = 0
    for where, message in sent:
        allowed = message["allowed_mentions"]
        assert allowed["parse"] == [], where
        assert not allowed.get("users"), where
        assert not allowed.get("replied_user"), where
        with_role += allowed.get("roles") == [role.id] or allowed.get("roles") == [str(role.id)]
        assert allowed.get("roles", []) in ([], [role.id], [str(role.id)]), where
        for custom_id in custom_ids(message):
            for whose in (world.guild.id, ada.id, ben.id):
                assert str(whose) not in custom_id, where
    assert with_role == 1  # the edition of the subscription that is to mention it
