"""/search as people use it: options, order, pages that live on, and what to do where nothing is found."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import simcord

from bot.client import Paperboy
from papers.paper import Paper
from papers.topic import Topic
from sandbox.world import World
from search.harm import IndexUnavailable
from tests.factories import paper
from tests.flows.conftest import buttons, deliver, shown


async def learn(world: World, *papers: Paper) -> None:
    """Papers arrive, and the search knows them."""
    await world.app.store.papers.save(papers, "huggingface")
    await world.app.index.catch_up(world.app.store.papers)


def zebras() -> list[Paper]:
    """Seven papers about zebras, the higher the number the newer and the less voted for."""
    return [
        paper(
            number,
            title=f"Zebra stripes number {number}",
            abstract=f"We look at animals. A zebra has {number} stripes.",
            published_at=datetime(2026, 6, number, tzinfo=UTC),
            votes=100 - number,
        )
        for number in range(1, 8)
    ]


def titles(answer: simcord.InteractionResult) -> list[str]:
    return [line for line in shown(answer).splitlines() if line.startswith("**[")]


async def test_the_answer_is_private_and_says_how_many_there_are_and_in_which_order(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor
) -> None:
    await learn(world, *zebras())
    answer = await ben.slash(channel, "search", query="zebra")
    assert answer.ephemeral
    assert shown(answer).startswith(
        "### Results for “zebra”\n-# 7 papers · by relevance; newer and more voted first among equals"
    )
    assert len(titles(answer)) == 5
    assert channel.last_message is None


@pytest.mark.parametrize(("sort", "said", "first"), [("newest", "newest first", 7), ("votes", "most votes first", 1)])
async def test_the_order_is_a_choice_and_holds_on_every_page(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor, sort: str, said: str, first: int
) -> None:
    await learn(world, *zebras())
    answer = await ben.slash(channel, "search", query="zebra", sort=sort)
    assert f"7 papers · {said}" in shown(answer)
    on_first = titles(answer)
    assert f"Zebra stripes number {first}" in on_first[0]
    assert answer.response
    await ben.click(answer.response, label="▶")
    assert said in shown(answer)
    assert "2 / 2" in str(buttons(answer))
    assert len(set(on_first) | set(titles(answer))) == 7


async def test_since_and_topic_are_other_ways_to_type(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor
) -> None:
    await learn(world, *zebras(), paper(50, title="Zebra video", published_at=datetime(2026, 6, 9, tzinfo=UTC)))
    by_option = await ben.slash(channel, "search", query="zebra", since="5 days", topic="video, stripes")
    assert "### Results for “zebra since:5d (" in shown(by_option)
    asked = shown(by_option).splitlines()[0].removeprefix("### Results for “").removesuffix("”").replace("\\", "")
    typed = await ben.slash(channel, "search", query=asked)
    assert titles(typed) == titles(by_option)
    # The numbers are days of June; those of the papers that have no zebra come after those that do.
    best = {line.split("]")[0].removeprefix("**[") for line in titles(by_option)[:4]}
    assert best == {"Zebra video", *(f"Zebra stripes number {number}" for number in (5, 6, 7))}


async def test_a_server_topic_is_there_for_everybody_to_search_in(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor
) -> None:
    await world.app.store.topics.save(world.guild.id, Topic.parse("stripes -video", "Patterns"), 1, world.app.now())
    choices = await ben.autocomplete(channel, "search", "topic", "patt")
    assert choices[0]["value"] == "Patterns"
    await learn(world, *zebras(), paper(50, title="Zebra video stripes"), paper(51, title="Zebra crossing"))
    answer = await ben.slash(channel, "search", query="zebra", topic="Patterns")
    assert "-# 7 papers" in shown(answer)


async def test_a_date_that_is_none_and_a_topic_that_cannot_be_read_are_said(
    channel: simcord.ChannelHandle, ben: simcord.MemberActor
) -> None:
    assert "“yesteryear” is no date: say `7d`" in shown(await ben.slash(channel, "search", query="x", since="yesteryear"))
    assert "never closed" in shown(await ben.slash(channel, "search", query="x", topic='"video'))


async def test_dates_to_choose_from(channel: simcord.ChannelHandle, ben: simcord.MemberActor) -> None:
    names = [choice["name"] for choice in await ben.autocomplete(channel, "search", "since", "")]
    assert names == ["a day", "a week", "a month", "a year"]
    assert await ben.autocomplete(channel, "search", "since", "3 weeks") == [{"name": "3 weeks", "value": "3w"}]
    assert await ben.autocomplete(channel, "search", "since", "foo") == []


async def test_a_mended_word_can_be_searched_as_typed(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor
) -> None:
    await learn(world, *zebras())
    answer = await ben.slash(channel, "search", query="zebar stripes")
    assert shown(answer).startswith("### Showing results for **zebra stripes**")
    assert answer.response
    await world.env.restart_bot(Paperboy(world.app))
    await ben.click(answer.response, label="Search “zebar stripes” instead")
    assert "Showing results" not in shown(answer)
    assert "### Results for “zebar stripes”" in shown(answer)


async def test_words_found_are_bold_in_the_sentence_that_answers(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor
) -> None:
    await learn(world, paper(60, title="Animals", abstract="We look at animals. An *okapi* has @everyone in it. It works."))
    assert "An \\***okapi**\\* has \\@everyone in it." in shown(await ben.slash(channel, "search", query="okapi"))


async def test_where_nothing_is_found_it_is_said_which_condition_empties_it(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor
) -> None:
    await learn(world, *zebras())
    answer = await ben.slash(channel, "search", query="zebra votes:>900")
    assert shown(answer).startswith("Nothing found for “zebra votes:\\>900”.")
    assert "Without **votes:\\>900** there are 7 papers." in shown(answer)
    assert answer.response
    await ben.click(answer.response, label="Search without votes:>900")
    assert shown(answer).startswith("### Results for “zebra”")


async def test_papers_posted_in_this_channel(world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor) -> None:
    await deliver(world)
    posted = await world.app.store.ledger.seen(channel.id)
    assert len(posted) == 5
    answer = await ben.slash(channel, "search", query="in:this-channel")
    assert "-# 5 papers" in shown(answer)
    assert all(any(paper_id in line for paper_id in posted) for line in titles(answer))
    assert "-# 5 papers" not in shown(await ben.slash(world.channels["robots"], "search", query="in:this-channel"))


async def test_an_id_or_a_link_in_the_question_is_the_paper_itself(
    channel: simcord.ChannelHandle, ben: simcord.MemberActor
) -> None:
    answer = await ben.slash(channel, "search", query="what of https://huggingface.co/papers/2606.09967?")
    assert "> **Abstract.**" in shown(answer)
    assert "Similar papers" in {button.get("label") for button in buttons(answer).values()}


async def test_a_page_turned_a_month_later_still_works_or_the_last_one_comes(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor
) -> None:
    await learn(world, *zebras())
    question = "zebra " + " ".join(f'-"no such thing {number}"' for number in range(9))
    answer = await ben.slash(channel, "search", query=question, sort="votes")
    assert answer.response
    await world.env.advance_time(31 * 24 * 3600)
    await world.env.restart_bot(Paperboy(world.app))
    await ben.click(answer.response, label="▶")
    assert "2 / 2" in str(buttons(answer))
    assert "most votes first" in shown(answer)
    await world.app.store.papers.save([paper(n, title="Gone", abstract="gone") for n in range(3, 8)], "huggingface")
    await world.app.index.catch_up(world.app.store.papers)
    (turned,) = [key for key in buttons(answer) if key.startswith("search:h1")]
    for component in _all(answer.response._message.components):
        if component.get("custom_id") == turned:
            component["disabled"] = False
    await ben.click(answer.response, custom_id=turned)
    assert "-# 2 papers · most votes first" in shown(answer)


async def test_an_index_being_rebuilt_is_said_and_nothing_else_breaks(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unavailable(*_: object, **__: object) -> None:
        raise IndexUnavailable("garbled")

    for name in ("search", "paper", "similar", "mentioned", "complete"):
        monkeypatch.setattr(world.app.engine, name, unavailable)
    sentence = "The search index is being rebuilt: please try again in a moment."
    assert shown(await ben.slash(channel, "search", query="zebra")) == sentence
    assert shown(await ben.slash(channel, "paper", paper="zebra")) == sentence
    assert shown(await ben.slash(channel, "similar", paper="2606.09967")) == sentence
    message = await ben.send(channel, "https://arxiv.org/abs/2606.09967")
    assert shown(await ben.context_menu(channel, "Find this paper", message)) == sentence
    for command, option in (("search", "query"), ("paper", "paper"), ("similar", "paper"), ("why", "paper")):
        assert len(await ben.autocomplete(channel, command, option, "zeb")) <= 1
    assert "> **Abstract.**" in shown(await ben.slash(channel, "paper", paper="2606.09967"))
    assert "12 papers" in shown(await ben.slash(channel, "today"))


def _all(components: list) -> list:  # type: ignore[type-arg]
    found = []
    for component in components:
        inner = [*component.get("components", []), *filter(None, [component.get("accessory")])]
        found += [component, *_all(inner)]
    return found
