"""Terms that narrow or widen a topic, mined from keywords."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from papers.expression import Phrase, folded
from papers.presets import PRESETS
from papers.shelf import Shelf
from papers.terms import MAX_TERM_LENGTH, MAX_TERMS, Term, narrower, widened, wider, with_term
from papers.topic import MAX_LENGTH, Topic, TopicError
from tests.factories import paper


def shelf(*keywords: str) -> Shelf:
    """A paper for each line of keywords, with no other words."""
    return Shelf(
        paper(number, title=f"T{number}", abstract="", keywords=tuple(line.split(", "))) for number, line in enumerate(keywords)
    )


FILMS = shelf(
    "video, diffusion, speed",
    "videos, diffusion, long",
    "video, tokens, long",
    "video, Tokens, avatar, diffusion",
    "flow matching, tokens",
    "diffusion, image",
    "proof, Lean",
    "proof, agent",
    "agent",
    "agent, tool",
)


def test_narrower_terms_keep_some_and_those_that_keep_half_come_first() -> None:
    terms = narrower(FILMS, Topic.parse("video").expression)
    assert terms[:2] == [Term("long", 2), Term("tokens", 2)]
    assert Term("diffusion", 3) in terms
    assert "avatar" not in {term.text for term in terms}  # one paper is no topic


def test_wider_terms_are_common_there_rarer_elsewhere_and_add_papers() -> None:
    terms = wider(FILMS, Topic.parse("video").expression)
    assert [term.text for term in terms] == ["diffusion", "tokens"]
    assert [term.papers for term in terms] == [1, 1]


def test_a_topics_own_words_are_not_offered() -> None:
    expression = Topic.parse("video -long diffusion").expression
    offered = {term.text for term in narrower(FILMS, expression) + wider(FILMS, expression)}
    assert not offered & {"video", "videos", "long", "diffusion"}


def test_where_nothing_came_keywords_with_a_word_in_common_are_offered() -> None:
    known = shelf("quantum chemistry", "quantum chemistry", "IBM quantum", "proof")
    assert wider(known, Topic.parse("quantum computing").expression) == [Term("quantum chemistry", 2), Term("IBM quantum", 1)]
    assert narrower(known, Topic.parse("quantum computing").expression) == []
    assert wider(known, Topic.parse("zebra").expression) == []


def test_everything_gets_narrower_and_not_wider() -> None:
    everything = Topic.parse("everything")
    assert wider(FILMS, everything.expression) == []
    (first, *_) = narrower(FILMS, everything.expression)
    assert with_term(everything, first.text, is_narrower=True).expression == Phrase.of(first.text)


@pytest.mark.parametrize(
    ("text", "term", "is_narrower", "expected"),
    [
        ("video", "long", True, 'video "long"'),
        ("video, film", "long", True, '(video or film) "long"'),
        ("video, film -survey", "long", False, '(video or film or "long") -survey'),
        ("video cat:cs.CV votes:>5", "long", False, '(video or "long") cat:cs.CV votes:>5'),
        ("cat:cs.CV votes:>5", "long", False, 'cat:cs.CV votes:>5 or "long"'),
        ("everything -survey", "long", True, '-survey "long"'),
    ],
)
def test_a_term_changes_the_topic(text: str, term: str, is_narrower: bool, expected: str) -> None:
    changed = with_term(Topic.parse(text, "Films"), term, is_narrower=is_narrower)
    assert (changed.text, changed.name) == (expected, "")


def test_a_topic_that_would_be_too_long_is_refused() -> None:
    with pytest.raises(TopicError, match="With “long” the topic would be too long"):
        with_term(Topic.parse(("word " * 120)[:MAX_LENGTH]), "long", is_narrower=True)


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
@pytest.mark.parametrize("is_narrower", [True, False])
def test_a_preset_has_room_for_a_term_or_says_that_it_has_none(preset: Topic, is_narrower: bool) -> None:
    try:
        changed = with_term(preset, "long video", is_narrower=is_narrower)
    except TopicError:
        assert len(preset.text) > MAX_LENGTH - len('() "long video"')
    else:
        assert len(changed.text) <= MAX_LENGTH


WORDS = st.sampled_from(["video", "videos", "Film", 'say "cheese"', "a", "x" * 60, "long video", "C++", "“”", "e\u0301tude"])


@given(
    lines=st.lists(st.lists(WORDS, max_size=4), max_size=12), text=st.sampled_from(["video", "everything", "film -long", "zebra"])
)
@settings(max_examples=60)
def test_what_is_offered_holds_what_it_promises(lines: list[list[str]], text: str) -> None:
    papers = [paper(n, title=f"T{n}", abstract="", keywords=tuple(line)) for n, line in enumerate(lines)]
    stock, topic = Shelf(papers), Topic.parse(text)
    before = {each.id for each in stock.matching(topic.expression)}
    for is_narrower, terms in ((True, narrower(stock, topic.expression)), (False, wider(stock, topic.expression))):
        assert len(terms) <= MAX_TERMS
        assert len({folded(term.text) for term in terms}) == len(terms)
        for term in terms:
            after = {each.id for each in stock.matching(with_term(topic, term.text, is_narrower=is_narrower).expression)}
            assert len(term.text) <= MAX_TERM_LENGTH
            assert len(after if is_narrower else after - before) == term.papers > 0
            assert after < before if is_narrower else after > before
    assert narrower(stock, topic.expression) == narrower(Shelf(papers), topic.expression)


def test_what_is_excluded_stays_out_of_a_wider_topic() -> None:
    known = shelf("video", "long, survey", "long")
    assert len(known.matching(widened(Topic.parse("video -survey").expression, "long"))) == 2
