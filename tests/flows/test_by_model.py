"""/summary, /ask and /compare where a model is set up: the stand-in of sandbox/model.py, over loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
import simcord

from bot.client import Paperboy
from cogs import growing
from papers.paper import Paper
from sandbox.model import NAME, Fault, ModelServer
from sandbox.world import World
from summaries.budget import Caps
from summaries.model import Model
from summaries.server import Server
from summaries.summariser import Summariser
from summaries.summary import Origin, Summary
from tests.factories import paper
from tests.flows.conftest import shown, sole, texts
from tests.flows.test_ask import ABSTRACT
from tests.flows.test_searching import learn
from tests.flows.test_sharing import labels

LABEL = f"-# Summary by {NAME}, from the abstract"


@pytest.fixture
def server() -> ModelServer:
    return ModelServer()


@pytest.fixture
async def model_url(server: ModelServer) -> AsyncIterator[str]:
    async with server.running() as url:
        yield url


@pytest.fixture
async def zebra(world: World) -> Paper:
    counted = paper(77, title="Counting zebras", abstract=ABSTRACT)
    await learn(
        world,
        counted,
        paper(
            78,
            title="Counting okapis",
            abstract=ABSTRACT.replace("Zebras", "Okapis") + " Okapis are counted by day and by night.",
        ),
    )
    return counted


def answers(world: World) -> list[str]:
    """The text of every version of the bot's answers, in order."""
    bodies = [request.json for request in world.env.http_requests if "/callback" in request.path or "@original" in request.path]
    found: list[dict[str, Any]] = [body.get("data", body) for body in bodies if isinstance(body, dict)]
    return ["\n".join(texts(each.get("components", []))) for each in found]


async def test_the_lower_rung_comes_at_once_and_the_models_summary_in_its_place(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor, zebra: Paper
) -> None:
    answer = await ben.slash(channel, "summary", paper=zebra.id)
    first, *_ = answers(world)
    assert "extracted from the abstract" in first
    assert first.endswith(f"⏳ Asking {NAME} …")
    assert "The error is five percent.\n**What is new**\n" in shown(answer)
    assert shown(answer).endswith(LABEL)
    assert labels(answer.response) == {"Read the whole paper", "Open", "Ask a question", "Share here"}


async def test_what_was_made_once_is_there_at_once_for_the_next(
    world: World,
    channel: simcord.ChannelHandle,
    ada: simcord.MemberActor,
    ben: simcord.MemberActor,
    zebra: Paper,
    server: ModelServer,
) -> None:
    await ben.slash(channel, "summary", paper=zebra.id)
    before = len(answers(world))
    assert shown(await ada.slash(channel, "summary", paper=zebra.id)).endswith(LABEL)
    assert len(answers(world)) == before + 1
    assert len(server.requests) == 1


async def test_the_sources_own_sentence_asks_no_model_until_the_whole_paper_is_wanted(
    channel: simcord.ChannelHandle, ben: simcord.MemberActor, server: ModelServer
) -> None:
    answer = await ben.slash(channel, "summary", paper="2606.09967")
    assert shown(answer).endswith("-# Summary from Hugging Face")
    assert not server.requests
    assert answer.response
    await ben.click(answer.response, label="Read the whole paper")
    assert LABEL in shown(answer)
    assert "cannot be read just now" in shown(answer)
    assert server.requests


async def test_another_language_is_asked_for(
    channel: simcord.ChannelHandle, ben: simcord.MemberActor, zebra: Paper, server: ModelServer
) -> None:
    server.faults.extend([Fault.GERMAN])
    answer = await ben.slash(channel, "summary", paper=zebra.id, language="de")
    assert "German" in str(server.requests[0])
    assert "Die Autoren zeigen" in shown(answer)


async def test_the_whole_paper_is_read_in_the_language_that_was_asked_for(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor, server: ModelServer
) -> None:
    whole = paper(id="2606.07297", title="SWE-Explore", abstract="Agents look for code. The first step is measured by itself.")
    await learn(world, whole)  # the press has its text
    server.faults.extend([Fault.GERMAN] * 9)
    answer = await ben.slash(channel, "summary", paper=whole.id, language="de")
    assert shown(answer).endswith(LABEL)
    assert answer.response
    await ben.click(answer.response, label="Read the whole paper")
    assert shown(answer).endswith(f"-# Summary by {NAME}, from the whole paper")
    assert "German" in str(server.requests[-1])
    assert "848 issues" in str(server.requests)
    assert "Read the whole paper" not in labels(answer.response)


@pytest.mark.parametrize("fault", [Fault.ERROR, Fault.EMPTY, Fault.INJECTED, Fault.ELSEWHERE, Fault.FORBIDDEN])
async def test_a_model_that_fails_leaves_the_lower_rung_and_a_note(
    channel: simcord.ChannelHandle, ben: simcord.MemberActor, zebra: Paper, server: ModelServer, fault: Fault
) -> None:
    server.faults.extend([fault] * 4)
    answer = await ben.slash(channel, "summary", paper=zebra.id)
    *_, label, note = shown(answer).splitlines()
    assert label == "-# Summary extracted from the abstract"
    assert note.startswith(("-# The model", "-# What the model"))
    assert "evil" not in shown(answer)
    assert "⏳" not in shown(answer)


class Slow(Summariser):
    """A model that speaks in three breaths."""

    has_model = True
    model_name = "slow"

    async def summary(self, paper: Paper, *, said: Any = None, **_: Any) -> Summary | None:
        for text in ("One.", "One.\nTwo: @everyone", "One.\nTwo: @everyone\nThree."):
            await said(text)
        return Summary("All of it.", Origin.MODEL, "slow")


@pytest.mark.parametrize(("every_s", "edits"), [(0.0, 3), (1_000.0, 1)])
async def test_the_answer_grows_as_the_model_speaks_but_not_faster_than_one_reads(
    world: World,
    channel: simcord.ChannelHandle,
    ben: simcord.MemberActor,
    zebra: Paper,
    monkeypatch: pytest.MonkeyPatch,
    every_s: float,
    edits: int,
) -> None:
    monkeypatch.setattr(growing, "EVERY_S", every_s)
    slow = Slow(world.app.store.summaries, world.app.now)
    await world.env.restart_bot(Paperboy(replace(world.app, summariser=slow)))
    answer = await ben.slash(channel, "summary", paper=zebra.id)
    written = [text for text in answers(world) if "▌" in text]
    assert len(written) == edits
    assert "One. ▌" in written[0]
    if edits == 3:
        assert "One.\nTwo: \\@everyone\nThree. ▌" in written[-1]
    assert "All of it." in shown(answer)
    assert "▌" not in shown(answer)


async def test_an_answer_that_was_dismissed_meanwhile_is_no_error(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor, zebra: Paper
) -> None:
    path = f"/webhooks/{world.bot.application_id}/*"
    world.env.inject_error("PATCH", path, status=404, code=10008, times=None)
    answer = await ben.slash(channel, "summary", paper=zebra.id)
    assert "⏳" in shown(answer)  # nothing reached it any more
    assert world.env.errors == []
    assert await world.app.summariser.ready([zebra])  # for who asks next


async def test_the_papers_of_a_message_are_summed_up_by_it(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor, ben: simcord.MemberActor, zebra: Paper
) -> None:
    message = await ada.send(channel, "2606.00077, 2606.00078 and 2606.09967")
    answer = await ben.context_menu(channel, "Summarise papers here", message)
    first, *_ = answers(world)
    assert first.count("extracted from the abstract") == 2
    assert shown(answer).count(f"-# by {NAME}, from the abstract") == 2
    assert shown(answer).count("-# from Hugging Face") == 1


async def test_an_answers_sentences_show_what_they_stand_on(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor, zebra: Paper
) -> None:
    answer = await ben.slash(channel, "ask", question="how large is the error?", paper=zebra.id)
    first, *_ = answers(world)
    assert "> The **error** is five percent." in first
    lines = shown(answer).splitlines()
    assert lines[2].endswith("¹")
    assert lines[3] == f"> {lines[2].removesuffix('¹')}"
    assert lines[4] == "-# ¹ Abstract"
    assert lines[5].startswith(f"-# Answered by {NAME}, from the abstract")
    assert answer.response
    await ben.click(answer.response, label="Share here")
    assert shown(sole(channel)) == f"{shown(answer)}\n-# shared by <@{ben.id}>"


async def test_a_whole_papers_passages_are_what_the_model_answers_from(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor, server: ModelServer
) -> None:
    whole = paper(id="2606.07297", title="SWE-Explore", abstract="Agents look for code. The first step is measured by itself.")
    await learn(world, whole)
    answer = await ben.slash(channel, "ask", question="how many issues are in the benchmark?", paper=whole.id)
    assert "848 issues" in str(server.requests)
    assert "from the whole paper; it may be wrong" in shown(answer)


async def test_what_the_paper_does_not_say_is_said(
    channel: simcord.ChannelHandle, ben: simcord.MemberActor, zebra: Paper, server: ModelServer
) -> None:
    server.faults.append(Fault.MADE_UP)  # a sentence that stands on nothing
    answer = await ben.slash(channel, "ask", question="how large is the error?", paper=zebra.id)
    assert shown(answer).splitlines()[2] == "The paper does not say."
    assert "97.53" not in shown(answer)


@pytest.mark.parametrize("fault", [Fault.ERROR, Fault.EMPTY, Fault.INJECTED, Fault.PROSE])
async def test_a_model_that_does_not_answer_leaves_the_passages(
    channel: simcord.ChannelHandle, ben: simcord.MemberActor, zebra: Paper, server: ModelServer, fault: Fault
) -> None:
    server.faults.extend([fault] * 4)
    answer = await ben.slash(channel, "ask", question="how large is the error?", paper=zebra.id)
    assert "evil" not in shown(answer)
    assert "error" in shown(answer).splitlines()[2]
    if fault is not Fault.INJECTED:
        assert shown(answer).endswith(
            "The model gave no answer just now. These are the passages of the abstract that answer best."
        )


async def test_a_budget_that_is_used_up_is_told_and_asks_nobody(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor, zebra: Paper, server: ModelServer
) -> None:
    model = Model(Server(world.app.config.model.url, NAME))
    poor = Summariser(world.app.store.summaries, world.app.now, model, Caps(tokens=0))
    await world.env.restart_bot(Paperboy(replace(world.app, summariser=poor)))
    answer = await ben.slash(channel, "ask", question="how large is the error?", paper=zebra.id)
    assert "Today’s budget for the model is used up" in shown(answer)
    assert shown(answer).endswith("These are the passages of the abstract that answer best.")
    assert "is used up" in shown(await ben.slash(channel, "summary", paper=zebra.id))
    assert not server.requests


async def test_a_comparison_is_said_in_words_at_a_press(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor, zebra: Paper, server: ModelServer
) -> None:
    answer = await ben.slash(channel, "compare", paper=zebra.id, other="2606.00078")
    assert not server.requests
    assert answer.response
    await world.env.restart_bot(Paperboy(world.app))
    facts = shown(answer)
    await ben.click(answer.response, label="Say it in words")
    assert shown(answer).startswith(facts)
    assert "**In words**\n" in shown(answer)
    assert shown(answer).endswith(f"-# By {NAME}, from the abstracts; it may be wrong.")
    assert "Say it in words" not in labels(answer.response)
    await ben.click(answer.response, label="Share here")
    assert shown(sole(channel)) == f"{shown(answer)}\n-# shared by <@{ben.id}>"


async def test_a_comparison_without_words_stays_and_is_said_to_be_so(
    channel: simcord.ChannelHandle, ben: simcord.MemberActor, zebra: Paper, server: ModelServer
) -> None:
    server.faults.extend([Fault.ERROR] * 4)
    answer = await ben.slash(channel, "compare", paper=zebra.id, other="2606.00078")
    assert answer.response
    facts = shown(answer)
    pressed = await ben.click(answer.response, label="Say it in words")
    assert "gave no answer just now" in pressed.followups[0].content
    assert shown(answer) == facts
    assert "Say it in words" in labels(answer.response)
