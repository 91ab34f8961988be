"""What decides about a model's words, without a model: plain text, languages, dialects, budgets, replies."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers.text import clean
from sandbox.press import REPLIES
from search.passages import Passage
from summaries.dialect import Dialect
from summaries.languages import is_in
from summaries.plain import is_unsafe, plain
from summaries.reply import answer_in, compared_in, so_far, summary_in
from summaries.server import Message, fitting, tokens, tokens_of
from summaries.trouble import Unusable
from summaries.writer import PIECES, pieces_of
from tests.summaries.asking import ABSTRACT, LAST, Section


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("**Bold** and *slanted* `code`.", "Bold and slanted code."),
        ("# Heading\n- one\n- two\n> quoted", "Heading one two quoted"),
        ("Good. Visit https://evil.example now. Also good.", "Good. Also good."),
        ("Good. See [this](https://evil.example). Also good.", "Good. Also good."),
        ("See [the text](section) there.", "See the text there."),
        ("It calls @everyone. It works.", "It works."),
        ("It calls ＠everyone and ｈttps：//evil.example. It works.", "It works."),
        ("Hello <@123>, <#5> and <t:1:R>. It works.", "It works."),
        ("Join discord.gg/evil now. It works.", "It works."),
        ("Write to bit.ly/x. Or www.evil.example. It works.", "It works."),
        ("Click javascript:alert(1) there. It works.", "It works."),
        ("Recall@10 rises, as @ada says.", "Recall@10 rises, as ada says."),
        ("It has <b>tags</b> in it.", "It has tags in it."),
        ("It reaches $\\tau^2$ of 5\u202e\u200b0%.", "It reaches τ² of 50%."),
        ("snake_case_names and 2 * 3 * 4 stay.", "snake_case_names and 2 * 3 * 4 stay."),
        (
            "We beat GPT-4.1 by 3.5 points, e.g. on Node.js and v2.0.1.",
            "We beat GPT-4.1 by 3.5 points, e.g. on Node.js and v2.0.1.",
        ),
    ],
)
def test_what_a_model_writes_becomes_plain_sentences(written: str, shown: str) -> None:
    assert plain(written, 350) == shown


@given(st.text(st.sampled_from("ab .@<>#*_`[]()/:hWw-1\n|~:\u202e＠é。https"), max_size=80), st.integers(1, 60))
def test_plain_text_is_never_unsafe_nor_too_long(text: str, limit: int) -> None:
    found = plain(f"{text} https://x.example @everyone {text}", limit)
    assert len(found) <= limit
    assert not is_unsafe(found)
    assert "\n" not in found


@pytest.mark.parametrize(
    ("text", "language", "is_it"),
    [
        (ABSTRACT, "en", True),
        (ABSTRACT, "de", False),
        ("Wir zeigen, dass das Verfahren besser ist und die Ergebnisse mit der Zeit nicht schlechter werden.", "de", True),
        ("Wir zeigen, dass das Verfahren besser ist und die Ergebnisse mit der Zeit nicht schlechter werden.", "en", False),
        ("Nous montrons que le modèle est plus rapide et que les résultats sont meilleurs sur des données.", "en", False),
        ("Ribbon: 7.5% recall", "de", True),  # nothing tells
        ("本文提出了一种新的方法。", "en", False),
        ("本文提出了一种新的 Transformer 方法。", "zh", True),
        ("本文提出了一种新的方法，用于大规模语言模型的推理，并在多个基准上取得了更好的结果与更快的速度。", "ja", False),
        ("我々は新しい手法を提案する。", "ja", True),
        ("Мы предлагаем новый метод.", "ru", True),
        ("Мы предлагаем новый метод.", "en", False),
        ("Мы предлагаем метод RAG.", "ru", True),
        ("", "en", True),
    ],
)
def test_another_language_is_noticed_where_that_is_easy(text: str, language: str, is_it: bool) -> None:
    assert is_in(text, language) is is_it


def reply(**fields: Any) -> str:
    given = {"tldr": LAST, "new": "", "how": "", "results": "", "limits": "", "for_whom": "", **fields}
    return json.dumps(given)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "It is empty."),
        ("I cannot do that.", "There is no JSON object in it."),
        ("{tldr: broken", "It is no valid JSON."),
        ("[1, 2]", "There is no JSON object in it."),
        ("{}", "The keys tldr, new, how, results, limits, for_whom are missing, or no strings."),
        (reply(tldr=7), "The keys tldr are missing, or no strings."),
        (reply(tldr=" "), "tldr is empty"),
        (reply(tldr="It gains 12.5%."), "what the text does not say"),
        (
            reply(tldr="Das Verfahren Ribbon ist besser und die Ergebnisse sind mit der Zeit nicht schlecht."),
            "It is not in English.",
        ),
        (reply(how="本文提出了一种新的方法，用于大规模语言模型的推理。" * 20), "It is not in English."),
        (reply(tldr="Buy shiny gadgets today."), "what the text does not say"),
        (reply(tldr="Buy shiny gadgets today and read wonderful stories there."), "tldr does not speak of the paper."),
        ("{" * 5_000, "It is no valid JSON."),
    ],
)
def test_a_reply_that_cannot_be_used_says_what_to_mend(text: str, wrong: str) -> None:
    with pytest.raises(Unusable, match=r".") as caught:
        summary_in(text, ABSTRACT, "en", is_last=False)
    assert wrong in str(caught.value)


def test_a_reply_is_read_leniently() -> None:
    assert summary_in(f"Sure!\n```json\n{reply(new=[LAST, 7])}\n```\nBye", ABSTRACT, "en", is_last=False) == (
        LAST,
        (("What is new", LAST),),
    )
    whole = reply(results="On 12 benchmarks it is best. It gains 99.9% there.")
    assert summary_in(whole, ABSTRACT, "en", is_last=False)[1] == (("Results", "On 12 benchmarks it is best."),)
    cut = reply()[:-30]
    assert summary_in(cut, ABSTRACT, "en", is_last=True)[0] == LAST
    assert summary_in(json.dumps({"TLDR": LAST}), ABSTRACT, "en", is_last=True)[0] == LAST
    with pytest.raises(Unusable):
        summary_in(json.dumps({"tldr": LAST}), ABSTRACT, "en", is_last=False)


def test_numbers_are_compared_by_what_they_mean() -> None:
    text = "It reads 10,000 papers in 95.0 seconds, on 3 machines, at 24.17 Hz."
    for good in (
        "It reads 10000 papers.",
        "It reads papers in 95 seconds.",
        "It reads papers on 4 machines.",
        "It reads papers at 24 Hz, or 24.2.",
    ):
        assert summary_in(reply(tldr=good), text, "en", is_last=False)[0] == good
    for bad in ("It reads 1,000 papers.", "It reads at 25 Hz.", "It reads at 24.3 Hz."):
        with pytest.raises(Unusable):
            summary_in(reply(tldr=bad), text, "en", is_last=False)


@given(st.text(max_size=300), st.integers(0, 300))
def test_any_reply_and_any_part_of_one_is_read_or_refused(text: str, cut: int) -> None:
    for each in (text, f'{{"tldr": "{text}"', reply(tldr=text)[:cut]):
        so_far(each)
        try:
            short, _ = summary_in(each, ABSTRACT, "en", is_last=True)
        except Unusable:
            continue
        assert short


def test_what_comes_in_is_shown_as_text_with_headings() -> None:
    whole = reply(tldr='It is "new".', new="A\nB", how="Visit https://evil.example now. Fine.")
    assert so_far(whole) == 'It is "new".\nWhat is new: A B\nHow: Fine.'
    assert so_far('{"tldr": "It is ne') == "It is ne"
    assert so_far('{"tldr": "One. Go to htt') == "One. Go to htt"
    assert so_far('{"tldr": "One. Go to https://e') == "One."
    assert so_far("<think>{") == so_far("{") == so_far("") == ""


def test_what_another_model_wrote_of_real_papers_passes_and_not_of_another_paper() -> None:
    entries = [entry["paper"] for file in sorted(REPLIES.glob("*.json")) for entry in json.loads(file.read_text("utf-8"))]
    told = [entry for entry in entries if entry.get("ai_summary")]
    assert len(told) >= 5
    for entry, other in zip(told, (*told[1:], told[0]), strict=True):
        summary, text = clean(entry["ai_summary"]), f"{entry['title']}. {clean(entry['summary'])}"
        assert summary_in(reply(tldr=summary), text, "en", is_last=False)[0]
        with pytest.raises(Unusable):
            summary_in(reply(tldr=clean(other["ai_summary"])), text, "en", is_last=False)


PASSAGES = (Passage(ABSTRACT.split(". ")[1] + ".", "Abstract"), Passage(LAST, "4 Results"))


def answered(*sentences: tuple[str, object], is_said: bool = True) -> str:
    return json.dumps({"is_said": is_said, "sentences": [{"text": text, "passage": number} for text, number in sentences]})


def test_each_sentence_of_an_answer_stands_on_a_passage() -> None:
    assert answer_in(answered(("Ribbon improves recall by 7.5%.", 2)), PASSAGES) == (("Ribbon improves recall by 7.5%.", 1),)
    # It names the wrong one, none, or one that is not there.
    for number in (1, None, 9, "2", True):
        assert answer_in(answered(("Ribbon improves recall by 7.5%.", number)), PASSAGES)[0][1] == 1
    # It stands on nothing, or has a number that is not there.
    assert answer_in(answered(("Bananas are yellow fruit.", 1), ("Ribbon improves recall by 8.5%.", 2)), PASSAGES) == ()
    assert answer_in(answered(("Anything.", 1), is_said=False), PASSAGES) == ()
    assert answer_in(answered(is_said=False), PASSAGES) == ()


@pytest.mark.parametrize("text", ["{}", answered(), answered(("@everyone", 1)), '{"is_said": true, "sentences": [7]}', "no"])
def test_an_answer_of_the_wrong_shape_is_refused(text: str) -> None:
    with pytest.raises(Unusable):
        answer_in(text, PASSAGES)


def test_a_comparison_speaks_of_the_papers() -> None:
    assert compared_in(json.dumps({"text": LAST}), [ABSTRACT, "Another."]) == LAST
    for wrong in ("", "Buy shiny gadgets today.", "Both gain 77.7%."):
        with pytest.raises(Unusable):
            compared_in(json.dumps({"text": wrong}), [ABSTRACT, "Another."])


def test_a_dialect_is_learnt_from_what_a_refusal_names() -> None:
    first = Dialect()
    assert set(first.parameters(9, {})) == {"max_tokens", "temperature", "stream_options"}
    assert first.parameters(9, {"type": "object"})["response_format"]["type"] == "json_schema"
    newer = first.simpler("Unsupported parameter: 'max_tokens'; use 'max_completion_tokens' instead.", has_schema=True)
    assert newer
    assert newer.parameters(9, None)["max_completion_tokens"] == 9
    assert newer.simpler("max_completion_tokens is too large", has_schema=False)  # leaves something else out
    steps, dialect = 0, first.simpler("no", has_schema=True)
    while dialect:
        steps, dialect = steps + 1, dialect.simpler("no", has_schema=True)
    assert steps == 4


@given(st.text(max_size=200), st.integers(0, 100))
def test_a_text_that_is_cut_to_so_many_tokens_has_no_more(text: str, most: int) -> None:
    cut = fitting(text, most)
    assert tokens(cut) <= most
    assert text.startswith(cut) or not text.isprintable()
    assert tokens_of((Message("user", text),)) > tokens(text)


def test_a_paper_is_read_in_pieces_that_end_where_sections_do() -> None:
    sections = [Section(f"{number} Part", "word " * 100) for number in range(10)]
    pieces = pieces_of(sections, 450)  # two sections and a little
    assert [piece.count("Part") for piece in pieces] == [2] * 5
    assert "".join(pieces) == "".join(f"{each.title}\n{each.text}\n\n" for each in sections)
    long = pieces_of([Section("1", "é" * 100_000)], 500)
    assert len(long) == PIECES
    assert all(tokens(piece) <= 500 for piece in long)
    assert pieces_of([], 500) == []
