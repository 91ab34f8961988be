"""What readers and askers do: open a digest, search, turn pages, ask for a paper."""

from __future__ import annotations

import pytest
import simcord

from bot.client import Paperboy
from sandbox.world import World
from tests.factories import paper
from tests.flows.conftest import buttons, shown, wait_until


async def morning(world: World) -> None:
    await wait_until(world, 8, 40)
    await world.bot.courier.deliver_due(world.app.now())
    await world.env.settle()


async def test_the_mornings_editions_appear_each_in_its_channel(world: World) -> None:
    await morning(world)
    assert {name: len(channel.history()) for name, channel in world.channels.items()} == dict.fromkeys(world.channels, 1)
    text = shown(world.channels["daily-papers"].last_message)
    assert text.startswith("## The day’s papers · Wednesday 10 June\n-# on everything")
    assert "**[Kwai Keye-VL-2.0 Technical Report](https://arxiv.org/abs/2606.10651)**" in text
    assert text.endswith("-# 12 listed · 5 shown")


async def test_open_shows_the_whole_card_to_its_presser_alone(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor
) -> None:
    await morning(world)
    message = channel.last_message
    assert message
    first = next(iter(buttons(message)))
    card = await ben.click(message, custom_id=first)
    assert card.ephemeral
    assert "> **Abstract.** Kwai's openly released Keye-VL" in shown(card)
    links = {"arXiv", "PDF", "Hugging Face", "Code", "Project"}
    assert {b["label"] for b in buttons(card).values()} == {*links, "Summary", "Ask a question", "Similar papers", "Share here"}


async def test_more_shows_what_the_digest_did_not_and_its_pages_turn(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor
) -> None:
    await morning(world)
    message = channel.last_message
    assert message
    answer = await ben.click(message, label="7 more")
    assert answer.ephemeral
    assert shown(answer).startswith("## More of Wednesday 10 June\n-# on everything · 7 papers")
    in_digest = {line for line in shown(message).splitlines() if line.startswith("**[")}
    pages = {line for line in shown(answer).splitlines() if line.startswith("**[")}
    assert answer.response
    await ben.click(answer.response, custom_id=next(key for key in buttons(answer) if key.startswith("more:n1")))
    pages |= {line for line in shown(answer).splitlines() if line.startswith("**[")}
    assert (len(in_digest), len(pages), in_digest & pages) == (5, 7, set())


async def test_a_search_answers_at_once_with_the_paper_typo_and_all(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor
) -> None:
    answer = await ada.slash(channel, "search", query="genertive 3d earth")
    first = next(r.json for r in world.env.http_requests if r.path.endswith("/callback"))
    assert isinstance(first, dict)
    assert first["type"] == 4  # a message, with no "thinking" before
    assert answer.ephemeral
    text = shown(answer)
    assert "Showing results for **generative 3d earth**" in text
    assert text.index("ABot-Earth 0.5") < 400


async def test_pages_turn_and_live_through_a_restart(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor
) -> None:
    query = "language models agents video reasoning " * 4  # too long for a button: kept in the store
    answer = await ada.slash(channel, "search", query=query)
    first = shown(answer)
    assert "1 / " in str(buttons(answer))
    await world.env.restart_bot(Paperboy(world.app))
    page = answer.response
    assert page
    await ada.click(page, custom_id=next(key for key in buttons(answer) if key.startswith("search:n1")))
    second = shown(answer)
    assert "2 / " in str(buttons(answer))
    assert first != second
    assert first.splitlines()[0] == second.splitlines()[0]
    await ada.click(page, custom_id=next(key for key in buttons(answer) if key.startswith("search:f0")))
    assert shown(answer) == first


async def test_a_question_no_longer_kept_is_said_kindly(channel: simcord.ChannelHandle, ada: simcord.MemberActor) -> None:
    answer = await ada.slash(channel, "search", query="agents")
    assert answer.response
    stale = answer.response._message.components  # as a message of another installation
    text = repr(stale)
    assert "search:n1:agents" in text
    for component in _walk(stale):
        if component.get("custom_id") == "search:n1:agents":
            component["custom_id"] = "search:n1:#gone"
    told = await ada.click(answer.response, custom_id="search:n1:#gone")
    assert told.ephemeral
    assert "type it again" in shown(told)


async def test_an_old_versions_button_is_said_to_be_old(channel: simcord.ChannelHandle, ada: simcord.MemberActor) -> None:
    answer = await ada.slash(channel, "search", query="agents")
    assert answer.response
    for component in _walk(answer.response._message.components):
        if component.get("custom_id") == "search:n1:agents":
            component["custom_id"] = "ancient:1"
    told = await ada.click(answer.response, custom_id="ancient:1")
    assert told.response
    assert "older Paperboy" in told.response.content


async def test_a_paper_by_title_typo_id_link_and_choice(channel: simcord.ChannelHandle, ben: simcord.MemberActor) -> None:
    for asked in ("ABot-Erth 0.5: Generative 3D Earth Modl", "2606.09967", "https://arxiv.org/abs/2606.09967v2"):
        answer = await ben.slash(channel, "paper", paper=asked)
        assert "ABot-Earth 0.5: Generative 3D Earth Model" in shown(answer).splitlines()[0]
    choices = await ben.autocomplete(channel, "paper", "paper", "abot e")
    assert choices[0] == {"name": "ABot-Earth 0.5: Generative 3D Earth Model", "value": "2606.09967"}
    assert 1 <= len(await ben.autocomplete(channel, "paper", "paper", "")) <= 25


async def test_an_unclear_paper_becomes_a_list_and_an_unknown_one_a_sentence(
    channel: simcord.ChannelHandle, ben: simcord.MemberActor
) -> None:
    assert "Results for" in shown(await ben.slash(channel, "paper", paper="agents"))
    assert "has not read a paper called" in shown(await ben.slash(channel, "paper", paper="zzzzqqqq"))
    unread = shown(await ben.slash(channel, "search", query="https://arxiv.org/abs/1706.03762"))
    assert unread.startswith("Paperboy has not read arXiv 1706.03762")


async def test_today_is_paged_and_narrowed_by_a_topic(
    world: World, channel: simcord.ChannelHandle, ben: simcord.MemberActor
) -> None:
    answer = await ben.slash(channel, "today")
    assert shown(answer).startswith("## Today’s papers · Wednesday 10 June\n-# on everything · 12 papers")
    assert answer.response
    await ben.click(answer.response, custom_id=next(key for key in buttons(answer) if key.startswith("today:n1")))
    assert "2 / 3" in str(buttons(answer))
    narrow = shown(await ben.slash(channel, "today", topic="video -agent"))
    assert "on **video -agent**" in narrow
    assert "Nothing more on that topic" in shown(await ben.slash(channel, "today", topic="zebra"))
    assert "no word in it" in shown(await ben.slash(channel, "today", topic=","))


@pytest.mark.parametrize("query", ['"', "AND", "*", "NEAR(", "🤖", "'; DROP TABLE x; --", "@everyone **x** https://evil.example"])
async def test_a_hostile_query_gets_an_inert_answer(channel: simcord.ChannelHandle, ada: simcord.MemberActor, query: str) -> None:
    text = shown(await ada.slash(channel, "search", query=query))
    assert "@everyone" not in text.replace("\\@everyone", "")
    assert any(begun in text for begun in ("Results for", "Showing results for", "Nothing found", "Type a few words"))


async def test_a_nasty_paper_looks_right_everywhere(
    world: World, channel: simcord.ChannelHandle, ada: simcord.MemberActor
) -> None:
    nasty = paper(
        77,
        title="@everyone " + "[x](https://evil.example) *_`|~ " * 5 + "\u202e",
        abstract="",
        authors=tuple(f"Author {n}" for n in range(573)),
        votes=10**6,
    )
    await world.app.store.papers.save([nasty], "huggingface")
    await world.app.index.catch_up(world.app.store.papers)
    await morning(world)
    for message in (channel.last_message, await ada.slash(channel, "paper", paper=nasty.id)):
        text = shown(message)
        assert "@everyone" not in text.replace("\\@everyone", "")
        assert "+572" in text or "567 more" in text
    sent = [r.json for r in world.env.http_requests if r.method == "POST" and r.path.endswith("/messages")]
    assert sent
    assert all(isinstance(body, dict) and body["allowed_mentions"] == {"parse": []} for body in sent)


def _walk(components: list) -> list:  # type: ignore[type-arg]
    found = []
    for component in components:
        inner = [*component.get("components", []), *filter(None, [component.get("accessory")])]
        found += [component, *_walk(inner)]
    return found
