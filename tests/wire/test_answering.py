"""One answer to each interaction, over a wire: with one request where it is quick, and never two where that is lost or late."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import discord
import pytest

from bot.client import report
from cogs.answering import answering, show
from sandbox.wire import people
from sandbox.wire.channels import EVERYONE_MAY
from sandbox.wire.faults import Fault, Kind
from sandbox.wire.interaction import Interaction
from sandbox.wire.rest import Request, Rest
from sandbox.wire.rules import EPHEMERAL, LOADING, V2_FLAG
from sandbox.wire.state import SOMEONE, Channel, walk
from search.harm import IndexUnavailable
from storage.engine import StorageError
from tests.bot.conftest import until
from views.buttons import Press, layout, row
from views.errors import UserError

CALLBACK = r"POST /interactions/\d+/\w+/callback"
MESSAGE, THINKING, DEFERRED, UPDATE = 4, 5, 6, 7  # what a first answer can be

Block = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Asked:
    """An interaction, as the bot has it and as Discord has it. ``is_press`` tells a button from a command."""

    rest: Rest
    ours: discord.Interaction[Any]
    theirs: Interaction
    is_press: bool

    async def serve(self, block: Block) -> None:
        """What discord.py does with a handler that answers with what it reads."""
        try:
            async with answering(self.ours, same_message=self.is_press, at_once=True):
                await block()
        except Exception as error:
            await report(self.ours, error)

    async def answer(self, text: str = "found") -> None:
        await show(self.ours, page(text))

    @property
    def requests(self) -> list[Request]:
        """Those about this interaction, in order."""
        return [request for request in self.rest.log if self.theirs.token in request.path]

    @property
    def sent(self) -> list[int | str]:
        """What each of them was: the type of a first answer, or the method of what followed."""
        return [r.body["type"] if r.path.endswith("callback") else r.method for r in self.requests]

    @property
    def refused(self) -> list[int]:
        """Discord's codes for those that it refused."""
        return [request.response["code"] for request in self.requests if request.status >= 400]

    @property
    def shown(self) -> list[str]:
        """The texts that the person has before them, one for each message."""
        return [text_of(message) for message in [*self.theirs.hidden, *self.theirs.channel.messages]]


def page(text: str) -> discord.ui.LayoutView:
    return layout(discord.ui.TextDisplay(text), row(Press("turn", "p1", "▶")))


def text_of(message: dict[str, Any]) -> str:
    if message["flags"] & LOADING:
        return "is thinking"
    return "".join([message["content"], *(c["content"] for c in walk(message["components"]) if c["type"] == 10)])


@pytest.fixture(params=["command", "button"])
def asked(request: pytest.FixtureRequest, rest: Rest, client: discord.Client, channel: Channel) -> Callable[[], Asked]:
    """Somebody runs a command, or presses a button below a private answer."""

    def ask() -> Asked:
        is_press = request.param == "button"
        if is_press:
            components: Any = page("before").to_components()  # type: ignore[no-untyped-call]
            message = rest.world.new_message(channel.id, {"components": components, "flags": V2_FLAG | EPHEMERAL})
            made = people.clicks(rest.world, "turn:p1", message, (), SOMEONE)
        else:
            made = people.runs(rest.world, "search", {"query": "x"}, channel, SOMEONE)
        data: Any = people.payload(rest.world, made, EVERYONE_MAY)
        return Asked(rest, discord.Interaction(data=data, state=client._connection), made.interaction, is_press)

    return ask


@pytest.fixture
def thinks_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """ "Thinking" is due as soon as anything is waited for."""
    monkeypatch.setattr("cogs.answering._THINKING_AFTER_S", 0.0)


@pytest.fixture
def impatient(thinks_at_once: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """… and Discord is not waited for."""
    monkeypatch.setattr("cogs.answering._FIRST_ANSWER_WITHIN_S", 0.3)


async def test_what_is_quickly_known_takes_one_request(asked: Callable[[], Asked]) -> None:
    one = asked()
    await one.serve(one.answer)
    assert one.sent == [UPDATE if one.is_press else MESSAGE]
    assert one.shown == ["found"]
    assert one.theirs.hidden[0]["flags"] == EPHEMERAL | V2_FLAG
    assert one.requests[0].body["data"]["allowed_mentions"]["parse"] == []


async def test_what_takes_a_while_is_acknowledged_first(asked: Callable[[], Asked], thinks_at_once: None) -> None:
    one = asked()

    async def block() -> None:
        await until(lambda: one.requests)
        assert one.shown == ["before" if one.is_press else "is thinking"]
        await one.answer()

    await one.serve(block)
    assert one.sent == [DEFERRED if one.is_press else THINKING, "PATCH"]
    assert one.shown == ["found"]


@pytest.mark.parametrize("error", [UserError("There is no such date."), IndexUnavailable("garbled"), StorageError("locked")])
async def test_a_quick_refusal_is_one_private_sentence(asked: Callable[[], Asked], error: Exception) -> None:
    one = asked()

    async def block() -> None:
        raise error

    await one.serve(block)
    assert one.sent == [MESSAGE]
    *before, said = one.theirs.hidden
    assert [text_of(message) for message in before] == ["before"] * one.is_press
    assert said["flags"] & EPHEMERAL
    assert any(words in text_of(said) for words in ("no such date", "being rebuilt", "could not be read"))


async def test_whenever_the_answer_is_ready_there_is_one(asked: Callable[[], Asked], thinks_at_once: None) -> None:
    """So many turns of the event loop later: before "thinking" is begun, while it is on its way, and after."""
    ways = set()
    for turns in range(0, 240, 3):
        one = asked()

        async def block(one: Asked = one, turns: int = turns) -> None:
            await later(turns)
            await one.answer()

        await one.serve(block)
        assert one.refused == []
        assert one.shown == ["found"]
        ways.add(tuple(one.sent))
        assert tasks() == set()
    direct, thinking = (UPDATE, DEFERRED) if one.is_press else (MESSAGE, THINKING)
    assert ways == {(direct,), (thinking, "PATCH")}


async def test_whenever_a_refusal_is_ready_it_is_said_once(asked: Callable[[], Asked], thinks_at_once: None) -> None:
    for error in (UserError("no"), StorageError("no")):
        for turns in (*range(20), *range(20, 240, 12)):
            one = asked()

            async def block(turns: int = turns, error: Exception = error) -> None:
                await later(turns)
                raise error

            await one.serve(block)
            assert one.refused == []
            assert len(one.shown) == 1 + one.is_press
            assert "is thinking" not in one.shown
    assert tasks() == set()


async def test_two_presses_at_once_are_two_interactions(asked: Callable[[], Asked], thinks_at_once: None) -> None:
    one, other = asked(), asked()

    async def slow() -> None:
        await until(lambda: one.requests)
        await one.answer("slow")

    await asyncio.gather(one.serve(slow), other.serve(lambda: other.answer("quick")))
    assert (one.refused, other.refused) == ([], [])
    assert (one.shown, other.shown) == (["slow"], ["quick"])


async def test_a_handler_that_is_cancelled_leaves_nothing_behind(asked: Callable[[], Asked], thinks_at_once: None) -> None:
    never = asyncio.Event()

    async def block() -> None:
        await never.wait()

    for turns in range(60):
        one = asked()
        handler = asyncio.ensure_future(one.serve(block))
        await later(turns)
        handler.cancel()
        with pytest.raises(asyncio.CancelledError):
            await handler
        assert tasks() == set()
        before = len(one.requests)
        await later(60)
        assert len(one.requests) == before


@pytest.mark.parametrize(
    ("fault", "is_edit"),
    [
        (Kind.DROP, False),
        (Kind.STORE_THEN_DROP, True),
        (Kind.STORE_THEN_HANG, True),
        (Kind.STORE_THEN_FAIL, True),
        (Kind.STORE_THEN_GARBLE, True),
    ],
)
async def test_the_answer_comes_even_if_thinking_was_lost(
    asked: Callable[[], Asked], impatient: None, fault: Kind, is_edit: bool
) -> None:
    one = asked()
    one.rest.cues.add(Fault(CALLBACK, fault))

    async def block() -> None:
        await until(lambda: one.requests)
        await one.answer()

    await one.serve(block)
    assert one.shown == ["found"]
    assert (one.sent[-1] == "PATCH") is is_edit
    assert tasks() == set()


async def test_a_sentence_comes_even_if_thinking_was_lost(asked: Callable[[], Asked], impatient: None) -> None:
    one = asked()
    one.rest.cues.add(Fault(CALLBACK, Kind.STORE_THEN_DROP))

    async def block() -> None:
        await until(lambda: one.requests)
        raise UserError("There is no such date.")

    await one.serve(block)
    assert one.shown[-1] == "There is no such date."


@pytest.mark.parametrize("code", [10062, 40060])
async def test_an_interaction_that_is_no_longer_ours_is_left_alone(
    asked: Callable[[], Asked], thinks_at_once: None, caplog: pytest.LogCaptureFixture, code: int
) -> None:
    one = asked()
    one.rest.cues.add(Fault(CALLBACK, Kind.REFUSE, times=9, status=404, code=code))
    await one.serve(one.answer)
    assert one.refused == [code]
    assert "an interaction could not be answered" in caplog.text
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


async def test_an_answer_that_arrived_though_it_seemed_lost_is_not_given_twice(asked: Callable[[], Asked]) -> None:
    one = asked()
    one.rest.cues.add(Fault(CALLBACK, Kind.STORE_THEN_DROP))
    await one.serve(one.answer)
    assert one.shown == ["found"]
    assert one.refused == [40060]  # the sentence that something went wrong


async def test_an_answer_that_discord_refuses_is_said_to_be_a_fault(asked: Callable[[], Asked]) -> None:
    one = asked()
    one.rest.cues.add(Fault(CALLBACK, Kind.REFUSE, status=400, code=50035))  # as for one that is too large
    await one.serve(one.answer)
    assert one.refused == [50035]
    assert one.shown[-1].startswith("Something went wrong on our side")
    assert len(one.shown) == 1 + one.is_press


async def test_nothing_of_an_answer_is_kept_in_memory(asked: Callable[[], Asked], client: discord.Client) -> None:
    one = asked()
    await one.serve(one.answer)
    store = client._connection._view_store
    assert (store._views, store._synced_message_views) == ({}, {})
    assert tasks() == set()


async def later(turns: int) -> None:
    """So many turns of the event loop."""
    for _ in range(turns):
        await asyncio.sleep(0)


def tasks() -> set[str]:
    """What runs of an answer, and of a view that waits for its end."""
    running = {getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks()}
    return {name for name in running if name.startswith(("Answer.", "BaseView."))}
