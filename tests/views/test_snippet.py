"""The words found are bold, and whatever the sentence, nothing else of it is any format."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers.text import clean
from tests.views.test_views import NASTY
from views.snippet import highlighted

TEXT = (st.text(max_size=200) | st.text("*_\\ab -#1.>|`[]", max_size=60) | st.just(NASTY)).map(clean)
MARKS = st.lists(st.integers(0, 220), max_size=12).map(
    lambda ends: list(zip(sorted(ends)[::2], sorted(ends)[1::2], strict=False))
)


def pieces(markup: str) -> list[tuple[str, bool]]:
    """As Discord reads it: the texts, with the escapes gone, and whether each is bold."""
    found, is_bold, text, at = [], False, "", 0
    while at < len(markup):
        if markup[at] == "\\" and at + 1 < len(markup) and not markup[at + 1].isalnum():
            text += markup[at + 1]
            at += 2
        elif markup.startswith("**", at):
            found.append((text, is_bold))
            is_bold, text, at = not is_bold, "", at + 2
        else:
            text += markup[at]
            at += 1
    assert not is_bold, f"bold is never closed: {markup}"
    return [(each, bold) for each, bold in [*found, (text, False)] if each]


def folded(text: str) -> str:
    """Without spaces, and composed: which of them stood at the seam of two pieces makes no difference."""
    return re.sub(r"\s", "", clean(text))


@given(TEXT, MARKS)
def test_the_sentence_reads_as_it_was_and_only_marks_are_bold(text: str, marks: list[tuple[int, int]]) -> None:
    shown = pieces(highlighted(text, marks, 10_000))
    assert folded("".join(piece for piece, _ in shown)) == folded(text)
    marked = folded("".join(text[start:stop] for start, stop in marks))
    assert all(letter in marked for piece, is_bold in shown if is_bold for letter in folded(piece))


@given(TEXT, MARKS, st.integers(1, 120))
def test_it_fits_and_its_formats_are_whole_wherever_it_is_cut(text: str, marks: list[tuple[int, int]], limit: int) -> None:
    shown = highlighted(text, marks, limit)
    assert len(shown) <= limit
    pieces(shown)
    assert "****" not in re.sub(r"\\.", "x", shown)
    assert not re.match(r"\s*([#>+-]|\d+[.)])\s", shown)
    assert not re.search(r"(?<!\\)[_~|`\[\]<>@]", re.sub(r"\\\\", "", shown))


@pytest.mark.parametrize(
    ("text", "marks", "shown"),
    [
        ("A diffusion model.", [(2, 11)], "A **diffusion** model."),
        ("few-shot", [(0, 3), (4, 8)], "**few**-**shot**"),
        ("fewshot", [(0, 3), (3, 7)], "**fewshot**"),
        ("a *star* here", [(2, 8)], r"a **\*star\*** here"),
        ("ends in \\", [(8, 9)], r"ends in **\\**"),
        ("spaces", [(9, 12)], "spaces"),
        ("a b", [(1, 2)], "a b"),
    ],
)
def test_examples(text: str, marks: list[tuple[int, int]], shown: str) -> None:
    assert highlighted(text, marks, 100) == shown
