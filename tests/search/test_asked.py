"""Options are another way of typing: one line says it all, and means what was meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers.expression import And, Key, all_of
from papers.grammar import read
from search.asked import Unfinished, since, unfinished, with_conditions

QUESTIONS = st.text('abc "()-|,;:', max_size=40) | st.sampled_from(
    ["diffusion or gan", "a, b", '"never closed', "(never closed", "closed)", "everything", "", "-x"]
)


def test_a_condition_is_added_to_the_end() -> None:
    assert with_conditions("world models", ["votes:>=5", '"robot arm"']) == 'world models votes:>=5 "robot arm"'
    assert with_conditions("world models", []) == "world models"
    assert with_conditions(" ", ["votes:>=5"]) == "votes:>=5"


def test_what_is_loose_in_a_question_takes_no_condition_in() -> None:
    assert with_conditions("diffusion or gan", ["votes:>=5"]) == "(diffusion or gan) votes:>=5"
    assert with_conditions('"never closed', ["votes:>=5"]) == 'votes:>=5 "never closed'


@given(QUESTIONS, st.sampled_from(['"robot arm"', "votes:>=5", "(cat:cs or author:lecun)", "-survey"]))
def test_the_line_asks_the_question_and_the_condition(question: str, condition: str) -> None:
    line = with_conditions(question, [condition])
    assert condition in line
    asked, besides, both = (read(text).expression for text in (question, condition, line))
    if not read(question).problems:
        wanted = all_of(filter(None, [asked, besides]))
        assert set(both.parts if isinstance(both, And) else [both]) == set(wanted.parts if isinstance(wanted, And) else [wanted])


@pytest.mark.parametrize(
    ("typed", "condition"),
    [
        ("7d", "since:7d"),
        ("a week", "since:1w"),
        ("last month", "since:1m"),
        ("3 Weeks", "since:3w"),
        ("2 years", "since:2y"),
        ("since:2026-01-31", "since:2026-01-31"),
        ("2026", "since:2026"),
        ("yesteryear", None),
        ("7d or x", None),
        ('"', None),
        ("", None),
    ],
)
def test_a_date_is_read_however_people_say_it(typed: str, condition: str | None) -> None:
    assert since(typed) == condition


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("diffusion author:lec", Unfinished("diffusion ", Key.AUTHOR, "lec")),
        ("author:", Unfinished("", Key.AUTHOR, "")),
        ('video -author:"yann le', Unfinished("video -", Key.AUTHOR, "yann le")),
        ("video (org:met", Unfinished("video (", Key.ORGANISATION, "met")),
        ("CAT:cs.r", Unfinished("", Key.CATEGORY, "cs.r")),
        ('author:"yann lecun"', None),
        ("author:lecun diffusion", None),
        ("xauthor:lecun", None),
        ("title:x", None),
    ],
)
def test_the_name_being_typed_is_found(typed: str, found: Unfinished | None) -> None:
    assert unfinished(typed) == found


@given(st.text(max_size=80))
def test_any_text_can_be_typed(typed: str) -> None:
    found = unfinished(typed)
    assert found is None or found.completed("Ünal “X” O'Neil").startswith(found.before)


def test_a_completed_name_stands_in_the_place_of_what_was_begun() -> None:
    assert Unfinished("video -", Key.AUTHOR, "yann le").completed("Yann LeCun") == 'video -author:"Yann LeCun"'
    assert Unfinished("", Key.CATEGORY, "ro").completed("cs.RO") == "cat:cs.RO"
    assert Unfinished("", Key.ORGANISATION, "m").completed('"Meta"') == "org:Meta"
