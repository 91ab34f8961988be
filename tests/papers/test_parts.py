"""What a question asks besides its words, and what is left of it without each."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers.expression import And, Expression, Phrase, is_bare
from papers.grammar import read
from papers.parts import MAX_PARTS, Part, parts_of


@pytest.mark.parametrize(
    ("question", "parts"),
    [
        ("robots votes:>900", [("votes:>900", "robots")]),
        ("robots votes:>900 since:7d", [("votes:>900", "robots since:7d"), ("since:7d", "robots votes:>900")]),
        ('world "model" zoo', [('"model"', "world zoo")]),
        ("robots -survey", [("-survey", "robots")]),
        ("robots -(survey or benchmark)", [("-(survey or benchmark)", "robots")]),
        ('robots author: "yann lecun" ', [('author: "yann lecun"', "robots")]),
        ("robots and votes:5", [("votes:5", "robots")]),
        ("a, b -c", [("-c", "a, b")]),  # of the whole list
        ("(diffusion or gan) has:code", [("has:code", "(diffusion or gan)")]),
        ("(robots votes:>5) has:code", [("votes:>5", "(robots ) has:code"), ("has:code", "(robots votes:>5)")]),
        ("robots (votes:>5 or has:code)", [("(votes:>5 or has:code)", "robots")]),
        ("robots (has:code)", [("(has:code)", "robots")]),
        ("-survey has:code", [("-survey", "has:code"), ("has:code", "-survey")]),
        ('robots "arm', [('"arm', "robots")]),
        ("robots votes:many has:code", [("has:code", "robots votes:many")]),
        # Words rank, one alternative of several is no condition, and without its only condition a question asks nothing.
        ("robots at home", []),
        ("robots or votes:>5", []),
        ("robots, votes:>5", []),
        ("robots -(survey votes:>5 or x)", [("-(survey votes:>5 or x)", "robots")]),
        ("robots has:code has:code", []),  # said twice, it stays
        ("votes:>5", []),
        ("(votes:>5)", []),
        ("", []),
    ],
)
def test_the_conditions_of_a_question(question: str, parts: list[tuple[str, str]]) -> None:
    assert parts_of(question) == [Part(text, rest) for text, rest in parts]


PIECES = st.sampled_from(
    ["a", "b c", '"', "(", ")", "-", "or", "and", ",", "votes:>5", "has:code", "since:7d", '"x y"', "author:", "in:here", "-d"]
)


@given(st.lists(PIECES, max_size=20).map(" ".join))
def test_a_part_and_the_rest_are_the_question(question: str) -> None:
    found = parts_of(question)
    assert len(found) <= MAX_PARTS
    for part in found:
        assert part.text in read(question).text
        assert conditions(part.rest) | conditions(part.text) == conditions(question)


def conditions(line: str) -> set[Expression]:
    """What must all hold, without the words that rank."""
    asked = read(line).expression
    parts = asked.parts if isinstance(asked, And) else [asked] if asked else []
    return {part for part in parts if not (isinstance(part, Phrase) and is_bare(part)) and f"{part}" != "everything"}
