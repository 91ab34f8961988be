"""What only reads answers with one request; what changes something, or takes a while, says so first."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import simcord

from sandbox.world import World
from storage.engine import StorageError
from tests.flows.conftest import buttons, deliver, shown, subscribe

MESSAGE, THINKING, DEFERRED, UPDATE = 4, 5, 6, 7  # what a first answer can be
LONG = "agents " + " ".join(f'-"no such thing {number}"' for number in range(9))  # more than a button holds


@pytest.fixture
def sent(world: World) -> Callable[[], list[Any]]:
    """What was sent about interactions since one looked last: the type of a first answer, the method of what followed."""
    looked = len(world.env.http_requests)

    def look() -> list[Any]:
        nonlocal looked
        new = world.env.http_requests[looked:]
        looked += len(new)
        firsts: list[Any] = []
        for request in new:
            if request.path.startswith(("/interactions/", "/webhooks/")):
                body: Any = request.json
                firsts.append(body["type"] if request.path.endswith("/callback") else request.method)
        return firsts

    return look


@pytest.mark.parametrize(
    ("command", "options"),
    [
        ("search", {"query": "agents"}),
        ("search", {"query": LONG}),
        ("search", {"query": "zzzz votes:>999"}),
        ("search", {"query": "agents", "since": "yesteryear"}),
        ("paper", {"paper": "2606.09967"}),
        ("paper", {"paper": "no such paper"}),
        ("similar", {"paper": "2606.09967"}),
        ("today", {}),
        ("today", {"topic": '"never closed'}),
        ("why", {"paper": "2606.09967"}),
        ("status", {}),
        ("inbox", {}),
        ("follow list", {}),
        ("subscribe list", {}),
        ("subscribe preview", {"subscription": "1"}),
        ("subscribe edit", {"subscription": "1"}),
        ("topic list", {}),
    ],
)
async def test_a_command_that_reads_answers_with_one_request(
    channel: simcord.ChannelHandle,
    ada: simcord.MemberActor,
    sent: Callable[[], list[Any]],
    command: str,
    options: dict[str, Any],
) -> None:
    answer = await ada.slash(channel, command, **options)
    assert sent() == [MESSAGE]
    assert answer.ephemeral
    assert answer.response
    assert shown(answer)


async def test_what_a_message_names_is_found_with_one_request(
    channel: simcord.ChannelHandle, ben: simcord.MemberActor, sent: Callable[[], list[Any]]
) -> None:
    message = await ben.send(channel, "https://arxiv.org/abs/2606.09967")
    answer = await ben.context_menu(channel, "Find this paper", message)
    assert sent() == [MESSAGE]
    assert answer.ephemeral


async def test_a_page_is_turned_with_one_request_and_what_opens_opens_with_one(
    channel: simcord.ChannelHandle, ben: simcord.MemberActor, sent: Callable[[], list[Any]]
) -> None:
    answer = await ben.slash(channel, "search", query="agents")
    assert answer.response
    sent()
    first = shown(answer)
    await ben.click(answer.response, label="▶")
    assert sent() == [UPDATE]
    assert "2 / " in str(buttons(answer))
    assert shown(answer) != first
    card = await ben.click(answer.response, custom_id=next(key for key in buttons(answer) if key.startswith("open:")))
    assert sent() == [MESSAGE]
    assert card.ephemeral
    assert card.response
    similar = await ben.click(card.response, label="Similar papers")
    assert sent() == [MESSAGE]
    assert similar.ephemeral


async def test_the_buttons_of_a_digest_open_with_one_request(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor, sent: Callable[[], list[Any]]
) -> None:
    await deliver(world)
    message = channel.last_message
    assert message
    for label in ("7 more", "Why these?"):
        sent()
        answer = await ben.click(message, label=label)
        assert sent() == [MESSAGE]
        assert answer.ephemeral


async def test_what_changes_something_is_acknowledged_before_it_begins(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor, sent: Callable[[], list[Any]]
) -> None:
    answer = await ada.slash(channel, "subscribe pause", subscription="1")
    assert sent() == [THINKING, "PATCH"]
    assert "Paused" in shown(answer)
    await subscribe(ada, world.channels["robots"], topic="planning")
    assert sent() == [THINKING, "PATCH", DEFERRED, "PATCH"]


@pytest.mark.parametrize("is_press", [False, True])
async def test_a_search_that_takes_a_while_is_thinking_until_it_answers(
    world: World,
    channel: simcord.ChannelHandle,
    ben: simcord.MemberActor,
    sent: Callable[[], list[Any]],
    monkeypatch: pytest.MonkeyPatch,
    is_press: bool,
) -> None:
    answer = await ben.slash(channel, "search", query="agents")
    assert answer.response
    first = shown(answer)
    is_found = asyncio.Event()
    quick: Callable[..., Awaitable[Any]] = world.app.engine.search

    async def slow(*args: Any, **options: Any) -> Any:
        await world.env.external_wait(is_found.wait(), reason="the index is slow")
        return await quick(*args, **options)

    monkeypatch.setattr(world.app.engine, "search", slow)
    monkeypatch.setattr("cogs.answering._THINKING_AFTER_S", 0.05)
    sent()
    if is_press:
        await ben.click(answer.response, label="▶")
        assert sent() == [DEFERRED]
        assert shown(answer) == first
    else:
        answer = await ben.slash(channel, "search", query="agents")
        assert sent() == [THINKING]
        assert answer.deferred
        assert answer.ephemeral
    is_found.set()
    await world.env.settle()
    assert sent() == ["PATCH"]
    assert shown(answer).startswith("### Results for “agents”")
    assert ("2 / " in str(buttons(answer))) is is_press


async def test_an_answer_does_not_wait_for_its_question_to_be_kept(
    world: World,
    channel: simcord.ChannelHandle,
    ben: simcord.MemberActor,
    sent: Callable[[], list[Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    is_free = asyncio.Event()
    notes = world.app.store.notes
    keep: Callable[..., Awaitable[str]] = notes.shortened

    async def waiting(*args: Any) -> str:
        await world.env.external_wait(is_free.wait(), reason="somebody else writes")
        return await keep(*args)

    monkeypatch.setattr(notes, "shortened", waiting)
    answer = await ben.slash(channel, "search", query=LONG)
    assert sent() == [MESSAGE]
    assert answer.response
    is_free.set()
    await world.env.settle()
    await ben.click(answer.response, label="▶")
    assert sent() == [UPDATE]
    assert "2 / " in str(buttons(answer))


async def test_a_question_that_cannot_be_kept_is_answered_all_the_same(
    world: World,
    channel: simcord.ChannelHandle,
    ben: simcord.MemberActor,
    sent: Callable[[], list[Any]],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def failing(*_: object) -> str:
        raise StorageError("the disk is full")

    monkeypatch.setattr(world.app.store.notes, "shortened", failing)
    answer = await ben.slash(channel, "search", query=LONG)
    assert sent() == [MESSAGE]
    assert shown(answer).startswith("### Results for “agents")
    assert "could not be kept" in caplog.text
    assert answer.response
    told = await ben.click(answer.response, label="▶")
    assert "please type it again" in shown(told)
