"""/ask where no model is set up: the passages that answer best, and which paper a question without one is about."""

from __future__ import annotations

import pytest
import simcord

from bot.client import Paperboy
from papers.paper import Paper
from sandbox.world import World
from tests.factories import paper
from tests.flows.conftest import buttons, deliver, posts, shown, sole
from tests.flows.test_places import subscribed
from tests.flows.test_searching import learn
from tests.flows.test_sharing import labels

KNOWN, OTHER = "2606.09967", "2606.10651"
ABOUT_KNOWN = "-# asked of **[ABot-Earth 0.5"
ABSTRACT = (
    "Zebras are hard to count from the air. The detector was trained on forty thousand photographs. "
    "It runs on a drone with a small battery. The error is five percent."
)


@pytest.fixture
async def zebra(world: World) -> Paper:
    counted = paper(77, title="Counting zebras", abstract=ABSTRACT)
    await learn(world, counted)
    return counted


async def test_the_best_passages_come_at_once_and_are_said_to_be_so(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor, zebra: Paper
) -> None:
    answer = await ben.slash(channel, "ask", question="how many photographs was it trained on?", paper="counting zebras")
    first = next(r.json for r in world.env.http_requests if r.path.endswith("/callback"))
    assert isinstance(first, dict)
    assert first["type"] == 4
    assert answer.ephemeral
    lines = shown(answer).splitlines()
    assert lines[:2] == [
        "### “how many photographs was it trained on?”",
        "-# asked of **[Counting zebras](https://arxiv.org/abs/2606.00077)**",
    ]
    assert lines[2:4] == ["> The detector was **trained** on forty thousand **photographs**.", "-# Abstract"]
    assert lines[-1] == "-# No model is set up here. These are the passages of the abstract that answer best."
    assert labels(answer.response) == {"Ask another question", "Open", "Share here"}


async def test_another_question_is_typed_into_a_form_that_a_restart_does_not_close(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor, zebra: Paper
) -> None:
    answer = await ben.slash(channel, "ask", question="what does it run on?", paper=zebra.id)
    assert answer.response
    form = await ben.click(answer.response, label="Ask another question")
    assert form.modal
    await world.env.restart_bot(Paperboy(world.app))
    other = await ben.submit_modal(form, {"question": "how large is the error?"})
    assert other.ephemeral
    assert "> The **error** is five percent." in shown(other)
    assert "### “what does it run on?”" in shown(answer)  # the first answer stays


async def test_a_card_leads_to_the_form(channel: simcord.ChannelHandle, ben: simcord.MemberActor) -> None:
    card = await ben.slash(channel, "paper", paper=KNOWN)
    assert card.response
    form = await ben.click(card.response, label="Ask a question")
    assert ABOUT_KNOWN in shown(await ben.submit_modal(form, {"question": "what does it cost?"}))
    again = await ben.click(card.response, label="Ask a question")
    assert "Type what you want to know" in shown(await ben.submit_modal(again, {"question": " \u200b "}))


async def test_a_later_question_is_about_the_same_paper_for_a_while(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor, ben: simcord.MemberActor
) -> None:
    assert shown(await ben.slash(channel, "ask", question="how large is it?")).startswith("Which paper?")
    await ben.slash(channel, "ask", question="how large is it?", paper=KNOWN)
    assert ABOUT_KNOWN in shown(await ben.slash(channel, "ask", question="and how fast?"))
    assert shown(await ada.slash(channel, "ask", question="and how fast?")).startswith("Which paper?")
    elsewhere = world.channels["agents"]
    assert shown(await ben.slash(elsewhere, "ask", question="and how fast?")).startswith("Which paper?")
    await ben.slash(channel, "summary", paper=OTHER)
    assert "Keye" in shown(await ben.slash(channel, "ask", question="how large is it?")).splitlines()[1]
    await world.env.advance_time(2 * 3600 + 1)
    assert shown(await ben.slash(channel, "ask", question="and how fast?")).startswith("Which paper?")


async def test_in_a_forums_post_of_one_paper_a_question_is_about_that(world: World, ben: simcord.MemberActor) -> None:
    forum = world.guild.create_forum_channel("paper-talk")
    await world.env.settle()
    await subscribed(world, forum, topic="everything", posts="paper", size=2)
    await deliver(world)
    for post in forum.threads:
        await world.env.restart_bot(Paperboy(world.app))
        answer = shown(await ben.slash(post, "ask", question="what is it about?"))
        assert f"[{(post.name or '')[:40]}" in answer.splitlines()[1]
        short = await ben.click(post.history()[0], label="Summary")
        assert f"[{(post.name or '')[:40]}" in shown(short).splitlines()[0]


async def test_in_a_thread_under_a_digest_of_one_paper_a_question_is_about_that(world: World, ben: simcord.MemberActor) -> None:
    place = world.guild.create_text_channel("papers")
    await world.env.settle()
    await subscribed(world, place, size=1, discussion=True)
    await deliver(world)
    (thread,) = place.threads
    assert "Keye-VL" in shown(await ben.slash(thread, "ask", question="what is it about?")).splitlines()[1]


@pytest.mark.parametrize("what", ["paper", "summary", "ask"])
async def test_a_thread_is_about_what_was_shared_in_it_or_what_it_hangs_on(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor, ben: simcord.MemberActor, what: str
) -> None:
    options = {"question": "what is it about?"} if what == "ask" else {}
    answer = await ben.slash(channel, what, paper=KNOWN, **options)
    assert answer.response
    await ben.click(answer.response, label="Share here")
    await sole(channel).create_thread(name="talk")
    (thread,) = channel.threads
    await world.env.restart_bot(Paperboy(world.app))
    assert ABOUT_KNOWN in shown(await ada.slash(thread, "ask", question="how large is it?"))
    within = await ben.slash(thread, what, paper=OTHER, **options)
    assert within.response
    await ben.click(within.response, label="Share here")
    assert "Keye" in shown(await ada.slash(thread, "ask", question="how large is it?")).splitlines()[1]


async def test_shared_it_is_what_its_asker_saw_and_leads_others_to_the_paper(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor, ben: simcord.MemberActor, zebra: Paper
) -> None:
    answer = await ben.slash(channel, "ask", question="what does it run on?", paper=zebra.id)
    assert answer.response
    await ben.click(answer.response, label="Share here")
    message = sole(channel)
    assert shown(message) == f"{shown(answer)}\n-# shared by <@{ben.id}>"
    assert "> **Abstract.** Zebras" in shown(await ada.click(message, label="Open"))
    second = await ben.slash(channel, "ask", question="how large is the error?", paper=zebra.id)
    assert second.response
    await ben.click(second.response, label="Share here")  # another answer, not "just shared"
    assert len(channel.history()) == 2


async def test_the_abstract_answers_first_and_then_the_whole_paper_where_it_can_be_read(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor
) -> None:
    whole = paper(id="2606.07297", title="SWE-Explore", abstract="Agents look for code. The first step is measured by itself.")
    await learn(world, whole)  # the press has its text
    answer = await ben.slash(channel, "ask", question="how many issues are in the benchmark?", paper=whole.id)
    first = next(r.json for r in world.env.http_requests if r.path.endswith("/callback"))
    assert "⏳ Reading the whole paper … So far, these are from the abstract." in str(first)
    assert "-# Abstract" in str(first)
    assert "> SWE-Explore has 848 **issues**" in shown(answer)
    assert "-# 2.1 Where the issues come from" in shown(answer)
    assert shown(answer).endswith("These are the passages of the whole paper that answer best.")


async def test_nothing_to_answer_from_is_said(world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor) -> None:
    await learn(world, paper(78, title="Untold", abstract=""))
    answer = await ben.slash(channel, "ask", question="why?", paper="2606.00078")
    assert "Nothing in what Paperboy has of that paper answers it." in shown(answer)
    assert "Share here" not in labels(answer.response)


async def test_its_option_completes_titles_and_an_unknown_paper_is_said(
    channel: simcord.ChannelHandle, ben: simcord.MemberActor
) -> None:
    choices = await ben.autocomplete(channel, "ask", "paper", "abot e")
    assert choices[0]["value"] == KNOWN
    told = shown(await ben.slash(channel, "ask", question="why?", paper="zzqq"))
    assert told.startswith("Paperboy knows no paper called “zzqq”")
    assert len(told.splitlines()) == 1


@pytest.mark.parametrize("question", ["@everyone **x** [a](https://evil.example) <@1>", "`" * 300, "# 1. - > ||x||", "𝕏" * 150])
async def test_a_hostile_question_is_shown_and_shared_inert(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor, question: str
) -> None:
    answer = await ben.slash(channel, "ask", question=question, paper=KNOWN)
    assert answer.response
    await ben.click(answer.response, label="Share here")
    message = sole(channel)
    assert not message.mention_everyone
    assert {each.id for each in message.mentions} == {ben.id}  # who shared it, silently
    assert posts(world, channel)[-1]["allowed_mentions"] == {"parse": []}
    head = shown(message).splitlines()[0]
    assert head.startswith("### “")
    assert "@everyone" not in head.replace("\\@everyone", "")
    assert "](https" not in head.replace("\\](https\\://", "")
    assert not any("evil" in key for key in buttons(message))


async def test_alone_with_paperboy_it_answers_too(ben: simcord.MemberActor) -> None:
    await ben.user.slash("ask", question="how large is it?", paper=KNOWN)
    assert ABOUT_KNOWN in shown(await ben.user.slash("ask", question="how large is it?"))
