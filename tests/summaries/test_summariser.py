"""The ladder with a model on it: what is stored, shared, streamed, prepared, refused; and the same without a model."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from bot.app import App
from bot.config import MODEL_KEY_VARIABLE, Config, ConfigError, load, model_key
from papers.paper import Paper
from sandbox.model import Fault, ModelServer
from search.passages import Passage
from storage.engine import StorageError
from storage.store import Store
from storage.summaries import SummaryStore
from summaries.asked import Answer, Asker
from summaries.budget import Caps
from summaries.summariser import Summariser
from summaries.summary import Depth, Origin, Summary
from tests.factories import NOW, paper
from tests.summaries.asking import ABSTRACT, ADA, BEN, LAST, RIBBON, Section, Texts, asking

SOURCED = paper(3, source_summary="Ribbon remembers.", abstract=ABSTRACT)


async def test_without_a_model_there_is_always_the_quick_rung(store: Store) -> None:
    async with Summariser.open(store.summaries, lambda: NOW) as summariser:
        assert not summariser.has_model
        assert summariser.model_name == ""
        assert await summariser.summary(SOURCED, who=ADA) == Summary("Ribbon remembers.", Origin.SOURCE)
        found = await summariser.summary(RIBBON)
        assert found
        assert (found.origin, found.note) == (Origin.EXTRACT, "")
        full = await summariser.summary(RIBBON, depth=Depth.FULL)
        assert full
        assert full.note == "Without a model only the abstract is read."
        german = await summariser.summary(RIBBON, language="de")
        assert german
        assert german.note == "Without a model summaries are in English."
        assert await summariser.summary(paper(4, abstract="")) is None
        assert await summariser.ready([RIBBON]) == {}
        assert await summariser.answer(RIBBON, "How much?", [Passage(LAST)], ADA) is None
        assert await summariser.compare(RIBBON, SOURCED, ADA) is None
        assert await summariser.why_not(ADA) == ""
        assert await summariser.spending(1) is None
        await summariser.prepare([RIBBON], NOW + timedelta(hours=1))


async def test_a_sources_own_sentence_needs_no_model_unless_more_is_asked_for(store: Store) -> None:
    async with asking(store) as it:
        assert await it.summariser.summary(SOURCED, who=ADA) == Summary("Ribbon remembers.", Origin.SOURCE)
        assert it.calls == 0
        german = await it.summariser.summary(SOURCED, language="de", who=ADA)
        assert german
        assert german.origin is Origin.SOURCE  # it answered in English twice
        assert german.note == "What the model answered could not be used."
        assert it.calls == 2
        assert "in German" in it.server.requests[0]["messages"][1]["content"]


async def test_a_summary_is_made_once_for_each_version_depth_language_and_model(store: Store) -> None:
    async with asking(store) as it:
        first = await it.summariser.summary(RIBBON, who=ADA)
        assert await it.summariser.summary(RIBBON, who=BEN) == first
        assert await it.summariser.summary(RIBBON, language="xx", who=BEN) == first  # no language of ours: English
        assert it.calls == 1
        assert await it.summariser.ready([RIBBON, SOURCED]) == {RIBBON.id: first}
        await it.summariser.summary(paper(1, title=RIBBON.title, abstract=ABSTRACT, version=2), who=ADA)
        assert it.calls == 2
    async with asking(store, name="another-model") as it:
        await it.summariser.summary(RIBBON, who=ADA)
        assert it.calls == 1


async def test_a_model_that_thinks_first_has_room_for_it(store: Store) -> None:
    async with asking(store, [Fault.FENCED], thinking_tokens=3_000, caps=Caps(tokens=4_500)) as it:
        found = await it.summariser.summary(RIBBON, who=ADA)
        assert found
        assert found.text == LAST
        assert it.server.requests[0]["max_tokens"] == 3_900
        await it.summariser.prepare([paper(2, abstract=ABSTRACT)], NOW + timedelta(hours=1))
        assert it.calls == 1  # what it may think is reserved, too


async def test_a_short_paper_is_read_whole_in_one_question(store: Store) -> None:
    texts = Texts([Section("1 Introduction", "We begin."), Section("2 Results", LAST)])
    async with asking(store, reader=texts) as it:
        heard: list[str] = []

        async def said(text: str) -> None:
            heard.append(text)

        found = await it.summariser.summary(RIBBON, depth=Depth.FULL, who=ADA, said=said)
        assert found
        assert (found.text, found.label) == (LAST, "by stand-in-7b, from the whole paper")
        assert it.calls == 1
        assert "1 Introduction\nWe begin." in it.server.requests[0]["messages"][1]["content"]
        assert heard[0] == "Reading the paper …"
        assert await it.summariser.summary(RIBBON, depth=Depth.FULL) == found
        assert texts.reads == 1


async def test_a_long_paper_is_read_in_pieces_and_its_notes_are_put_together(store: Store) -> None:
    sections = [Section(f"{number} Part", f"{'Some words. ' * 250} Ribbon keeps {number}23 summaries.") for number in range(4)]
    async with asking(store, [Fault.PROSE], reader=Texts(sections), window_tokens=4_000) as it:
        heard: list[str] = []

        async def said(text: str) -> None:
            heard.append(text)

        found = await it.summariser.summary(RIBBON, depth=Depth.FULL, who=ADA, said=said)
        assert found
        assert found.text == "Ribbon keeps 323 summaries."
        asked = [request["messages"][1]["content"] for request in it.server.requests]
        parts = len(asked) - 1
        assert parts > 1
        assert [f"part {number} of {parts}" in text for number, text in enumerate(asked[:-1], 1)] == [True] * parts
        assert all(len(text) < 4_000 * 2.5 for text in asked)
        assert "Ribbon keeps 323 summaries." in asked[-1]
        assert "Some words." not in asked[-1]  # the first part gave no notes, the others their last sentence
        assert f"Reading part {parts} of {parts} …" in heard
        assert await it.spent() == (140 * it.calls, 0, 2)


async def test_a_paper_too_long_for_the_budget_is_not_begun(store: Store) -> None:
    sections = [Section(f"{number} Part", "Some words. " * 250) for number in range(8)]
    async with asking(store, reader=Texts(sections), window_tokens=4_000, caps=Caps(tokens=6_000)) as it:
        await it.summariser.summary(RIBBON)
        found = await it.summariser.summary(RIBBON, depth=Depth.FULL, who=ADA)
        assert found
        assert (found.origin, found.depth) == (Origin.MODEL, Depth.ABSTRACT)
        assert found.note.startswith("Today’s budget for the model is used up")
        assert it.calls == 1


async def test_a_text_that_cannot_be_read_leaves_the_abstract_and_says_so(store: Store) -> None:
    async with asking(store, reader=Texts()) as it:
        found = await it.summariser.summary(RIBBON, depth=Depth.FULL, who=ADA)
        assert found
        assert (found.origin, found.depth) == (Origin.MODEL, Depth.ABSTRACT)
        assert found.note == "The paper’s text cannot be read just now, so this is made from its abstract."
        assert it.calls == 1
        bare = await it.summariser.summary(paper(4, abstract="", source_summary="Short."), depth=Depth.FULL, who=BEN)
        assert bare
        assert (bare.text, bare.note) == ("Short.", "The paper came without an abstract.")


async def test_an_answer_comes_in_while_it_is_written(store: Store) -> None:
    async with asking(store) as it:
        heard: list[str] = []

        async def said(text: str) -> None:
            heard.append(text)

        await it.summariser.summary(RIBBON, who=ADA, said=said)
        assert heard
        whole = f"{LAST}\nWhat is new: {LAST}\nHow: {LAST}"
        assert all(whole.startswith(text.removesuffix("…")) for text in heard)


async def test_what_is_shown_of_an_unfinished_answer_has_no_address_in_it(store: Store) -> None:
    async with asking(store, [Fault.INJECTED_IN_PART]) as it:
        heard: list[str] = []

        async def said(text: str) -> None:
            heard.append(text)

        found = await it.summariser.summary(RIBBON, who=ADA, said=said)
        assert found
        assert heard
        assert all(not any(sign in text for sign in ("evil", "@", "http", "<")) for text in heard)


async def test_an_error_of_one_askers_telling_is_its_own(store: Store) -> None:
    async with asking(store) as it:
        it.server.go.clear()

        async def gone(text: str) -> None:
            raise ConnectionError(text)

        async with asyncio.TaskGroup() as group:
            good = group.create_task(it.summariser.summary(RIBBON, who=ADA))
            bad = group.create_task(_outcome(it.summariser, gone))
            await it.server.arrived.wait()
            it.server.go.set()
        assert good.result()
        assert isinstance(bad.result(), ConnectionError)


async def _outcome(summariser: Summariser, said: object) -> object:
    try:
        return await summariser.summary(RIBBON, who=BEN, said=said)  # type: ignore[arg-type]
    except ConnectionError as error:
        return error


async def test_a_person_waits_between_two_calls_but_not_for_what_is_there(store: Store) -> None:
    async with asking(store, cool_down_s=30.0) as it:
        first = await it.summariser.summary(RIBBON, who=ADA)
        it.wait(10)
        second = await it.summariser.summary(paper(2, abstract=ABSTRACT), who=ADA)
        assert second
        assert (second.origin, second.note) == (Origin.EXTRACT, "You asked the model a moment ago; ask again in 20 seconds.")
        assert await it.summariser.why_not(ADA) == second.note
        assert await it.summariser.summary(RIBBON, who=ADA) == first
        assert await it.summariser.why_not(BEN) == ""
        it.wait(20)
        third = await it.summariser.summary(paper(2, abstract=ABSTRACT), who=ADA)
        assert third
        assert third.origin is Origin.MODEL


async def test_what_was_not_asked_costs_no_cool_down(store: Store) -> None:
    async with asking(store, [Fault.BUSY], cool_down_s=30.0) as it:
        assert await it.summariser.summary(RIBBON, who=ADA)
        it.wait(31)
        for _ in range(2):
            found = await it.summariser.summary(RIBBON, who=ADA)
            assert found
            assert found.note.startswith("The model’s server wants a pause and is asked again in about 1 minute.")


async def test_an_answer_stands_on_its_passages_or_the_paper_does_not_say(store: Store) -> None:
    passages = [Passage("We begin.", "1 Introduction"), Passage(LAST, "4 Results")]
    async with asking(store, [Fault.PROSE]) as it:
        found = await it.summariser.answer(RIBBON, "How much better is it?", passages, ADA)
        assert found == Answer(((LAST, 1),), is_said=True, model="stand-in-7b")
        assert it.calls == 2
        asked = it.server.requests[0]["messages"][1]["content"]
        assert "[2] (4 Results)" in asked
        assert asked.endswith("The question: How much better is it?")
    async with asking(store, [Fault.ELSEWHERE]) as it:
        found = await it.summariser.answer(RIBBON, "How much?", passages, ADA)
        assert found == Answer((), is_said=False, model="stand-in-7b")
    for faults in ([Fault.ERROR], [Fault.INJECTED] * 2, [Fault.EMPTY] * 2):
        async with asking(store, faults) as it:
            assert await it.summariser.answer(RIBBON, "How much?", passages, ADA) is None
            assert await it.summariser.answer(RIBBON, "How much?", [], ADA) is None


async def test_two_papers_are_compared_in_a_few_sentences_or_not_at_all(store: Store) -> None:
    async with asking(store) as it:
        assert await it.summariser.compare(SOURCED, RIBBON, ADA) == LAST
    async with asking(store, [Fault.INJECTED] * 2) as it:
        assert await it.summariser.compare(SOURCED, RIBBON, ADA) is None
        assert await it.summariser.compare(paper(5, abstract=""), RIBBON, ADA) is None
        assert it.calls == 2


def many(count: int) -> list[Paper]:
    return [paper(number, abstract=ABSTRACT) for number in range(10, 10 + count)]


async def test_a_days_papers_are_prepared_where_they_lack_a_sentence(store: Store) -> None:
    async with asking(store, [Fault.ERROR]) as it:
        papers = [*many(7), SOURCED, paper(4, abstract="")]
        await it.summariser.prepare(papers, NOW + timedelta(hours=1))
        assert len(await it.summariser.ready(papers)) == 6
        assert it.calls == 7
        await it.summariser.prepare(papers, NOW + timedelta(hours=1))
        assert len(await it.summariser.ready(papers)) == 7
        assert it.calls == 8
        spending = await it.summariser.spending(5)
        assert spending
        assert (spending.everyone.tokens, spending.server.tokens, spending.resting_s) == (7 * 140, 0, 0.0)


async def test_preparing_ends_with_its_time_half_of_the_budget_or_a_pause_of_the_model(store: Store) -> None:
    async with asking(store) as it:
        await it.summariser.prepare(many(3), NOW)
        assert it.calls == 0
        it.server.go.clear()
        await it.summariser.prepare(many(5), NOW + timedelta(seconds=0.2))
        assert it.calls <= 3
    async with asking(store, caps=Caps(tokens=7_000)) as it:
        before = (await it.spent())[0]
        await store.summaries.settle(NOW.date(), 0, 3_000 - before, 0)
        await it.summariser.prepare(many(20), NOW + timedelta(hours=1))
        assert it.calls == 0
        assert await it.summariser.why_not(ADA) == ""  # the other half is for who asks
    async with asking(store, [Fault.BUSY] * 20) as it:
        await it.summariser.prepare(many(20), NOW + timedelta(hours=1))
        assert it.calls <= 3


async def test_a_paper_the_model_makes_no_sense_of_is_not_prepared_again_and_again(store: Store) -> None:
    async with asking(store, [Fault.PROSE] * 2) as it:
        for _ in range(3):
            await it.summariser.prepare([RIBBON], NOW + timedelta(hours=1))
        assert it.calls == 2
        it.wait(6 * 3600 + 1)
        await it.summariser.prepare([RIBBON], it.now + timedelta(hours=1))
        assert it.calls == 3
        assert await it.summariser.ready([RIBBON])


async def test_what_is_prepared_for_a_server_is_on_its_bill(store: Store) -> None:
    async with asking(store, caps=Caps(tokens_per_server=3_000)) as it:
        await it.summariser.prepare(many(9), NOW + timedelta(hours=1), ADA.guild_id)
        spent = await store.summaries.spent(NOW.date(), ADA.guild_id)
        assert spent.tokens == 140 * it.calls
        assert 1 <= it.calls < 9


async def test_preparing_never_raises(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: object) -> None:
        raise StorageError("the disk is full")

    async with asking(store) as it:
        monkeypatch.setattr(SummaryStore, "save", broken)
        await it.summariser.prepare(many(5), NOW + timedelta(hours=1))
        with pytest.raises(StorageError):
            await it.summariser.summary(RIBBON, who=ADA)
        monkeypatch.setattr(SummaryStore, "short", broken)
        await it.summariser.prepare(many(5), NOW + timedelta(hours=1))


async def test_shutting_down_ends_what_is_being_asked(store: Store) -> None:
    async with asking(store) as it:
        it.server.go.clear()
        asker = asyncio.create_task(it.summariser.summary(RIBBON, who=ADA))
        await it.server.arrived.wait()
        await it.summariser.close()
        with pytest.raises(asyncio.CancelledError):
            await asker
        assert (await it.spent())[2] == 1


async def test_the_app_asks_the_model_of_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MODEL_KEY_VARIABLE, " sk-of-the-environment \n")
    server = ModelServer()
    async with server.running() as url:
        values = {"database": {"url": f"sqlite:///{tmp_path}/x.db"}, "model": {"url": url, "name": "stand-in-7b"}}
        async with App.open(Config.model_validate(values)) as app:
            found = await app.summariser.summary(RIBBON, who=Asker(1, 1))
            assert found
            assert found.label == "by stand-in-7b, from the abstract"
    assert server.keys == ["Bearer sk-of-the-environment"]
    async with App.open(Config.model_validate({"database": values["database"]})) as app:
        assert not app.summariser.has_model


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ('url = "http://127.0.0.1:11434/v1"', "model.name: must be the name of a model that the server at model.url has"),
        ('url = "ftp://x"\nname = "a"', "model.url: must be an http:// or https:// address"),
        ('key = "sk-secret"', "model.key: there is no such setting"),
        ("window_tokens = 100", "model.window_tokens: "),
        ("price_in = -1.0", "model.price_in: "),
        ("money_per_day = 0.0", "model.money_per_day: "),
        ("timeout_s = 0", "model.timeout_s: "),
    ],
)
def test_a_mistake_in_the_models_settings_is_named(tmp_path: Path, text: str, mistake: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(f"[model]\n{text}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(file)
    assert mistake in str(caught.value)
    assert "sk-secret" not in str(caught.value)


def test_the_models_key_comes_from_the_environment_and_is_never_shown() -> None:
    assert model_key({}) == ""
    with pytest.raises(ConfigError) as caught:
        model_key({MODEL_KEY_VARIABLE: "sk secret"})
    assert "secret" not in str(caught.value)


def test_the_client_library_is_loaded_with_the_first_question_alone() -> None:
    code = (
        "import sys, bot.client, bot.cli, bot.app, summaries.summariser\n"
        "loaded = {'openai', 'httpx2', 'summaries.client'} & set(sys.modules)\n"
        "sys.exit(f'{loaded}' if loaded else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
