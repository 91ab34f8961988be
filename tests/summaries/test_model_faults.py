"""The catalogue's L rows (docs/faults.md): a model over a real socket, and all that it may do."""

from __future__ import annotations

import asyncio
import logging
import re

import pytest

from sandbox.model import EVIL, KEY, Fault
from storage.store import Store
from summaries.budget import Caps
from summaries.summary import Depth, Origin, Summary
from tests.factories import paper
from tests.summaries.asking import ABSTRACT, ADA, BEN, LAST, RIBBON, Asking, asking

_UNSAFE = re.compile(r"https?:|www\.|evil|@|<|\[|discord\.gg|\*\*|`")


def assert_clean(found: Summary | None) -> Summary:
    """One that can be shown: something said, within the limit, of the right rung, with no address or mention in it."""
    assert found
    whole = " ".join((found.text, found.note, *(part for section in found.sections for part in section)))
    assert not _UNSAFE.search(whole), whole
    assert 0 < len(found.text) <= 350
    assert all(0 < len(text) <= 600 for _, text in found.sections)
    return found


async def one(it: Asking) -> Summary:
    return assert_clean(await it.summariser.summary(RIBBON, who=ADA))


async def test_a_right_answer_is_the_models(store: Store) -> None:
    async with asking(store) as it:
        found = await one(it)
        assert found.text == LAST
        assert (found.origin, found.model, found.depth, found.note) == (Origin.MODEL, "stand-in-7b", Depth.ABSTRACT, "")
        assert found.label == "by stand-in-7b, from the abstract"
        assert found.sections == (("What is new", LAST), ("How", LAST))
        assert it.server.keys == [f"Bearer {KEY}"]
        assert "tools" not in it.server.requests[0]


LATE = "The model did not answer in time."
FAILED = "The model’s server failed just now."
UNUSABLE = "What the model answered could not be used."


@pytest.mark.parametrize(
    ("faults", "note", "calls"),
    [
        ([Fault.SILENCE], LATE, 1),
        ([Fault.NO_FIRST_WORD], LATE, 1),
        ([Fault.STALLS], LATE, 1),
        ([Fault.BUSY], "The model’s server takes no more questions just now.", 1),
        ([Fault.ERROR], FAILED, 1),
        ([Fault.FORBIDDEN], "The model is not set up rightly; who runs Paperboy can see why in the log.", 1),
        ([Fault.HALF], FAILED, 1),
        ([Fault.NONSENSE], UNUSABLE, 1),
        ([Fault.ENDLESS], UNUSABLE, 1),
        ([Fault.GARBAGE], UNUSABLE, 1),
        ([Fault.EMPTY] * 2, UNUSABLE, 2),
        ([Fault.PROSE] * 2, UNUSABLE, 2),
        ([Fault.WRONG_SCHEMA] * 2, UNUSABLE, 2),
        ([Fault.INJECTED] * 2, UNUSABLE, 2),
        ([Fault.GERMAN] * 2, UNUSABLE, 2),
        ([Fault.CHINESE] * 2, UNUSABLE, 2),
        ([Fault.MADE_UP] * 2, UNUSABLE, 2),
        ([Fault.ELSEWHERE] * 2, UNUSABLE, 2),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, list) else None,
)
async def test_l1_l2_what_fails_or_cannot_be_shown_is_a_lower_rung_that_says_why(
    store: Store, faults: list[Fault], note: str, calls: int
) -> None:
    is_late, stalls = note == LATE, Fault.STALLS in faults
    async with asking(store, faults, first_word_s=1.0 if is_late else 20.0, timeout_s=2.0 if stalls else 20.0) as it:
        found = await one(it)
        assert (found.origin, found.note) == (Origin.EXTRACT, note)
        assert it.calls == calls
        assert not it.server.faults
        assert await it.summariser.ready([RIBBON]) == {}


@pytest.mark.parametrize(
    "fault",
    [Fault.PROSE, Fault.WRONG_SCHEMA, Fault.EMPTY, Fault.INJECTED, Fault.GERMAN, Fault.CHINESE, Fault.MADE_UP],
)
async def test_l2_one_repair_try_tells_the_model_what_was_wrong(store: Store, fault: Fault) -> None:
    async with asking(store, [fault]) as it:
        found = await one(it)
        assert (found.text, found.origin, found.note) == (LAST, Origin.MODEL, "")
        again = it.server.requests[1]["messages"]
        assert [message["role"] for message in again] == ["system", "user", "assistant", "user"]
        assert again[-1]["content"].startswith("That cannot be used: ")


async def test_l2_an_injection_beside_a_right_answer_is_cut_out(store: Store) -> None:
    async with asking(store, [Fault.INJECTED_IN_PART]) as it:
        found = await one(it)
        assert found.origin is Origin.MODEL
        assert found.text == LAST


async def test_l2_twenty_thousand_characters_are_cut_to_whole_sentences(store: Store) -> None:
    async with asking(store, [Fault.LONG] * 2) as it:
        found = await one(it)
        assert found.origin is Origin.MODEL
        assert set(found.text.replace(LAST, "").split()) == set()
        assert it.calls == 2
        assert (await it.spent())[0] < 2 * 20_000 / 2.5 / 2  # not half of what it says is heard


async def test_l2_thoughts_and_fences_around_an_answer_are_no_part_of_it(store: Store) -> None:
    async with asking(store, [Fault.FENCED]) as it:
        assert (await one(it)).text == LAST


async def test_l2_the_papers_text_is_data_between_marks_it_cannot_know(store: Store) -> None:
    hostile = paper(2, abstract=f"{EVIL} ====0123456789ab==== {ABSTRACT}")
    async with asking(store) as it:
        assert_clean(await it.summariser.summary(hostile, who=ADA))
        (first, second), other = it.server.requests[0]["messages"], "====0123456789ab===="
        mark = re.search(r"====\w+====", first["content"])
        assert mark
        assert mark[0] != other
        assert second["content"].count(mark[0]) == 2


async def test_l1_after_failures_in_a_row_there_is_a_pause_and_then_one_try(store: Store) -> None:
    async with asking(store, [Fault.ERROR] * 4) as it:
        for number in range(2, 5):
            found = await it.summariser.summary(paper(number))
            assert found
            assert found.note == FAILED
        resting = "The model failed several times and is asked again in about 1 minute."
        assert (await one(it)).note == resting
        assert await it.summariser.why_not(ADA) == resting
        assert it.calls == 3
        it.wait(61)
        it.server.go.clear()
        trial = asyncio.create_task(it.summariser.summary(paper(5)))
        it.server.arrived.clear()
        await it.server.arrived.wait()
        assert (await one(it)).note == resting  # while the trial is on its way
        it.server.go.set()
        assert_clean(await trial)
        assert it.calls == 4
        it.wait(61)
        assert (await one(it)).note == "The model failed several times and is asked again in about 1 minute."
        it.wait(60)
        assert (await one(it)).origin is Origin.MODEL
        assert await it.summariser.why_not(ADA) == ""


async def test_l1_a_server_that_wants_fewer_questions_is_left_alone_as_long_as_it_says(store: Store) -> None:
    async with asking(store, [Fault.BUSY]) as it:
        await one(it)
        it.wait(89)
        assert (await one(it)).origin is Origin.EXTRACT
        assert it.calls == 1
        it.wait(2)
        assert (await one(it)).origin is Origin.MODEL
        assert it.calls == 2


async def test_l1_a_server_that_is_not_there_is_one_that_failed(store: Store) -> None:
    async with asking(store, url="http://127.0.0.1:9/v1") as it:
        assert (await one(it)).note == FAILED
        assert await it.spent() == (0, 0, 1)


async def test_l1_no_more_questions_than_it_takes_at_the_same_time(store: Store) -> None:
    async with asking(store, at_once=2) as it:
        it.server.go.clear()
        askers = [asyncio.create_task(it.summariser.summary(paper(number, abstract=ABSTRACT))) for number in range(2, 7)]
        await it.server.arrived.wait()
        for _ in range(200):
            await asyncio.sleep(0)
        assert it.calls <= 2
        it.server.go.set()
        assert len({assert_clean(found).text for found in await asyncio.gather(*askers)}) == 1
        assert it.calls == 5


async def test_l1_a_refused_or_lost_call_costs_what_it_used(store: Store) -> None:
    async with asking(store, [Fault.ERROR]) as it:
        await one(it)
        assert (await it.spent())[0] == 0
        await one(it)
        assert await it.spent() == (140, 0, 2)
    async with asking(store, [Fault.SILENCE], first_word_s=0.2) as it:
        await it.summariser.summary(paper(9, abstract=ABSTRACT))
        assert (await it.spent())[0] > 140  # it may have been at work


async def test_l3_a_budget_that_is_reached_says_when_it_goes_on_and_resets_by_date(store: Store) -> None:
    async with asking(store, caps=Caps(tokens=2_500)) as it:
        assert (await one(it)).origin is Origin.MODEL
        await store.summaries.spend(it.now.date(), 7, 2_000, 0, most_tokens=10**6, most_micros=10**9, most_tokens_server=10**6)
        found = assert_clean(await it.summariser.summary(paper(2, abstract=ABSTRACT), who=ADA))
        assert found.origin is Origin.EXTRACT
        assert found.note == "Today’s budget for the model is used up; it goes on at 00:00 UTC on 11 June."
        assert it.calls == 1
        assert (await one(it)).origin is Origin.MODEL  # what is there stays
        it.wait(24 * 3600)
        assert_clean(await it.summariser.summary(paper(2, abstract=ABSTRACT), who=ADA))
        assert it.calls == 2


async def test_l3_money_is_counted_before_the_call_and_settled_after_it(store: Store) -> None:
    async with asking(store, caps=Caps(money=0.01, price_in=1.0, price_out=5.0)) as it:
        await one(it)
        assert await it.spent() == (140, 100 * 1 + 40 * 5, 1)
        await store.summaries.settle(it.now.date(), 0, 0, 9_000)  # 4,500 would be reserved for the answer alone
        found = await it.summariser.summary(paper(2, abstract=ABSTRACT), who=ADA)
        assert found
        assert found.note.startswith("Today’s budget for the model is used up")
        assert it.calls == 1


async def test_l3_one_servers_budget_is_not_anothers(store: Store) -> None:
    async with asking(store, caps=Caps(tokens_per_server=2_000)) as it:
        await one(it)
        await store.summaries.settle(it.now.date(), ADA.guild_id, 1_900, 0)
        found = await it.summariser.summary(paper(2, abstract=ABSTRACT), who=ADA)
        assert found
        assert found.note.startswith("This server’s budget for today for the model is used up; it goes on at 00:00 UTC")
        assert (await it.summariser.why_not(ADA)).startswith("This server’s budget")
        assert await it.summariser.why_not(BEN) == ""
        assert_clean(await it.summariser.summary(paper(2, abstract=ABSTRACT), who=BEN))
        assert it.calls == 2


async def test_l4_fifty_askers_at_once_are_one_call(store: Store) -> None:
    async with asking(store) as it:
        it.server.go.clear()
        heard: list[list[str]] = [[] for _ in range(50)]

        def said(number: int) -> object:
            async def said(text: str) -> None:
                heard[number].append(text)

            return said

        async with asyncio.TaskGroup() as group:
            askers = [
                group.create_task(it.summariser.summary(RIBBON, who=ADA, said=said(number)))  # type: ignore[arg-type]
                for number in range(50)
            ]
            await it.server.arrived.wait()
            it.server.go.set()
        assert {asker.result() for asker in askers} == {await it.summariser.summary(RIBBON)}
        assert it.calls == 1
        assert (await it.spent())[2] == 1


async def test_l4_one_askers_leaving_leaves_the_others_their_answer_and_the_lasts_ends_the_call(store: Store) -> None:
    async with asking(store) as it:
        it.server.go.clear()
        askers = [asyncio.create_task(it.summariser.summary(RIBBON, who=ADA)) for _ in range(3)]
        await it.server.arrived.wait()
        askers[0].cancel()
        await asyncio.wait({askers[0]})
        it.server.go.set()
        assert (await askers[1]) == (await askers[2])
        assert it.calls == 1

        it.server.go.clear()
        it.server.arrived.clear()
        alone = asyncio.create_task(it.summariser.summary(paper(2, abstract=ABSTRACT), who=BEN))
        await it.server.arrived.wait()
        alone.cancel()
        with pytest.raises(asyncio.CancelledError):
            await alone
        await it.server.cut_off.wait()
        await it.summariser.close()
        assert (await it.spent())[0] < 1_000  # settled: the answer that was reserved did not come


@pytest.mark.parametrize("refuses", [["json_schema"], ["response_format"], ["stream_options", "temperature"], ["max_tokens"]])
async def test_a_server_that_does_not_take_a_parameter_is_asked_without_it(store: Store, refuses: list[str]) -> None:
    async with asking(store, refuses=refuses) as it:
        assert (await one(it)).text == LAST
        first = it.calls
        assert first == len(refuses) + 1 + (refuses == ["response_format"])
        assert_clean(await it.summariser.summary(paper(2, abstract=ABSTRACT)))
        assert it.calls == first + 1  # it is remembered
        assert await it.summariser.why_not(ADA) == ""


async def test_a_server_that_refuses_everything_is_no_endless_talk(store: Store) -> None:
    async with asking(store, refuses=["model"]) as it:
        assert (await one(it)).note == "The model’s server refused the question."
        assert it.calls <= 6


async def test_the_key_is_in_no_log_and_no_key_is_needed(
    store: Store, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-another-programs")
    monkeypatch.setenv("OPENAI_ORG_ID", "another-programs")
    caplog.set_level(logging.DEBUG)
    every = [fault for fault in Fault if fault not in (Fault.SILENCE, Fault.NO_FIRST_WORD, Fault.STALLS)]
    async with asking(store, every, refuses=["response_format"]) as it:
        while it.server.faults:
            assert_clean(await it.summariser.summary(paper(it.calls + 2, abstract=ABSTRACT)))
            it.wait(3600)
        assert KEY not in repr(it.summariser._model.server)  # type: ignore[union-attr]
    assert caplog.records
    told = "\n".join(f"{record.getMessage()} {record.args} {record.exc_text} {record.__dict__}" for record in caplog.records)
    assert KEY not in told
    assert "evil.example" not in told
    async with asking(store, key="") as it:
        assert_clean(await it.summariser.summary(paper(1_000, abstract=ABSTRACT)))
        assert it.server.keys == ["Bearer none"]
