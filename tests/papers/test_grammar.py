"""The grammar of topics and questions: what a line asks for, that it can always be read, and where it is wrong."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from papers import expression
from papers.expression import All, And, Expression, Filter, Key, Not, Or, Phrase, Votes, all_of, is_bare, leaves
from papers.grammar import MAX_DEPTH, pointed, read
from papers.text import clean
from papers.topic import Topic, TopicError


def bare(text: str) -> Phrase:
    return Phrase.of(text, is_quoted=False)


def quoted(text: str) -> Phrase:
    return Phrase.of(text)


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("world models", bare("world models")),
        ('"video prediction" robots', And((quoted("video prediction"), bare("robots")))),
        ("diffusion or gan", Or((bare("diffusion"), bare("gan")))),
        ("diffusion, gan", Or((bare("diffusion"), bare("gan")))),
        ("diffusion | gan", Or((bare("diffusion"), bare("gan")))),
        ("a b or c d", Or((bare("a b"), bare("c d")))),
        ("vision and language", And((bare("vision"), bare("language")))),
        ("everything", All()),
        ("everything -survey", Not(bare("survey"))),
        ("-survey", Not(bare("survey"))),
        ("NOT survey", Not(bare("survey"))),
        ("-(a or b)", Not(Or((bare("a"), bare("b"))))),
        ("diffusion -image generation", And((bare("diffusion"), Not(bare("image")), bare("generation")))),
        ("x, y -z", And((Or((bare("x"), bare("y"))), Not(bare("z"))))),  # a list excludes for all its alternatives
        ("(x -z), y", Or((And((bare("x"), Not(bare("z")))), bare("y")))),  # but what parentheses hold together stays together
        ("--x", bare("x")),
        ("x or y -z", Or((bare("x"), And((bare("y"), Not(bare("z"))))))),
        ("why not", bare("why not")),  # a sentence, not an operator
        ("https://arxiv.org/abs/2401.01234", bare("https://arxiv.org/abs/2401.01234")),  # unknown keys are words
        ("author:lecun", Filter(Key.AUTHOR, "lecun")),
        ('author:"Yann LeCun"', Filter(Key.AUTHOR, "Yann LeCun")),
        ("author: lecun", Filter(Key.AUTHOR, "lecun")),
        ("CAT:CS.ro", Filter(Key.CATEGORY, "cs.RO")),
        ("cat:cs.*", Filter(Key.CATEGORY, "cs")),
        ("cat:cond-mat.mes-hall", Filter(Key.CATEGORY, "cond-mat.mes-hall")),
        ("votes:5", Votes(">=", 5)),
        ("votes:<=5", Votes("<=", 5)),
        ("source:HF", Filter(Key.SOURCE, "huggingface")),
        ("since:7d", Filter(Key.SINCE, "7d")),  # stays relative: what it means depends on when it is asked
        ("since: 2W", Filter(Key.SINCE, "2w")),
        ('until:"3 months"', Filter(Key.UNTIL, "3m")),
        ("since:2026-1-5", Filter(Key.SINCE, "2026-01-05")),
        ("until:2026", Filter(Key.UNTIL, "2026")),
        ("-until:2026-01", Not(Filter(Key.UNTIL, "2026-01"))),
        ("Has:Code", Filter(Key.HAS, "code")),
        ("has:repo", Filter(Key.HAS, "code")),
        ("in:this-channel", Filter(Key.PLACE, "this-channel")),
        ("IN:HERE robots", And((Filter(Key.PLACE, "this-channel"), bare("robots")))),
        ("-in:here", Not(Filter(Key.PLACE, "this-channel"))),
        ("in:context learning", bare("in:context learning")),  # no place: words, as any unknown key's
        ("in: here", bare("in: here")),
        ("built-in:here", bare("built-in:here")),
        ("“world model”", quoted("world model")),
    ],
)
def test_a_line_asks_for(line: str, asked: Expression) -> None:
    reading = read(line)
    assert reading.problems == ()
    assert reading.expression == asked


def test_the_whole_of_it() -> None:
    line = '("world model" or "video prediction") -survey author:lecun org:meta cat:cs.RO votes:>5'
    assert read(line).expression == And(
        (
            Or((quoted("world model"), quoted("video prediction"))),
            Not(bare("survey")),
            Filter(Key.AUTHOR, "lecun"),
            Filter(Key.ORGANISATION, "meta"),
            Filter(Key.CATEGORY, "cs.RO"),
            Votes(">", 5),
        )
    )


@pytest.mark.parametrize(
    ("line", "place", "words"),
    [
        ('robots "world model', 7, "never closed"),
        ("(a or b", 0, "never closed"),
        ("a) b", 1, "never opened"),
        ("robots ()", 7, "nothing in these parentheses"),
        ('robots ""', 7, "no word between these quotation marks"),
        ("robots votes:many", 13, "a number"),
        ("robots votes:", 13, "a number"),
        ("cat:42", 4, "an arXiv category"),
        ("cat:cs.ZZ", 4, "an arXiv category"),
        ("source:twitter", 7, "huggingface or arxiv"),
        ("author:!!", 7, "a name"),
        ("robots since:yore", 13, "a time, such as since:7d"),
        ("since:2026-02-31", 6, "a time"),
        ("until:99999", 6, "a time"),
        ("until:", 6, "a time"),
        ("has:video", 4, "the word code"),
        ("-votes:many", 7, "a number"),  # and not that nothing follows the sign
        ("a or", 2, "missing after this “or”"),
        ("or a", 0, "missing before this “or”"),
        ("a NOT", 2, "Nothing follows this “NOT”"),
        ("(" * (MAX_DEPTH + 1) + "a" + ")" * (MAX_DEPTH + 1), MAX_DEPTH, "deep in each other"),
    ],
)
def test_a_mistake_is_told_with_its_place(line: str, place: int, words: str) -> None:
    first = read(line).problems[0]
    assert first.at == place
    assert words in first.sentence
    line_of_text, mark = pointed(line, first.at).split("\n")
    assert mark.index("^") == line_of_text.index(line[max(0, place - 40) : place + 20]) + min(place, 40)


PIECES = st.sampled_from(
    [
        *("a", "world model", '"', "(", ")", "-", "NOT ", " or ", " and ", "|", ",", " ", "--x", "C++", "everything"),
        *("since:7d", "until:2026-01", "since:", "has:code", "has:no", "in:here", "in:", "in:context"),
        *("votes:>5", "votes:", "cat:cs.RO", "author:", "author:lecun", 'org:"a, b"', '"video prediction"'),
        *("ﬁ", "İ", "\u0301", "\ufeff", "\u202e", "“", "»"),
    ]
)
LINES = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=30).map("".join), st.lists(PIECES, max_size=30).map(" ".join))


@given(LINES)
@example("(" * 3_000)
@example("A\ufeff\u0300")
@example("-" * 3_000)
@example("NOT " * 1_000 + "a")
@example("a or " * 1_000)
def test_any_text_can_be_read_and_each_problem_has_a_place_in_it(line: str) -> None:
    reading = read(line)
    assert reading.text == clean(reading.text)
    assert all(0 <= problem.at <= len(reading.text) for problem in reading.problems)
    assert [problem.at for problem in reading.problems] == sorted(problem.at for problem in reading.problems)


@given(LINES)
@example("NOT --x")
@example("--VOTES:")
@example("(a -b), c")
@example("(a, b -c)")
@example("x -everything")
@example('author:"(a" -(b c) and d')
@example("-a b")
def test_what_it_prints_reads_back_as_the_same(line: str) -> None:
    asked = read(line)
    if asked.expression is not None and not asked.problems:
        printed = read(f"{asked.expression}")
        assert printed.expression == asked.expression
        assert printed.problems == ()
        assert f"{printed.expression}" == f"{asked.expression}"


@pytest.mark.parametrize(
    ("line", "place"), [("robots since:7d", 7), ("until:2026", 0), ("(in:here or robots)", 1), ("robots -in:here", 8)]
)
def test_what_only_a_question_can_ask_is_told_where_a_topic_is_read(line: str, place: int) -> None:
    assert read(line).problems == ()
    problem = read(line, is_topic=True).problems[0]
    assert problem.at == place
    assert "is for /search" in problem.sentence
    with pytest.raises(TopicError, match="is for /search") as told:
        Topic.parse(line)
    assert told.value.place == pointed(line, place)


def test_a_topic_may_ask_for_code_and_one_that_was_stored_never_asks_for_a_time() -> None:
    assert Topic.parse("robots has:code").expression == And((bare("robots"), Filter(Key.HAS, "code")))
    assert Topic.kept("robots since:7d").expression == bare("robots")
    assert Topic.kept("since:7d").phrases


@given(LINES)
@example("a b, c -(d e) everything")
@example('a b "a b"')
def test_what_is_printed_quoted_is_a_condition_and_no_words(line: str) -> None:
    reading = read(line)
    if reading.expression is None or reading.problems:
        return
    behind = read(f"robots {expression.quoted(reading.expression)}")
    assert behind.problems == ()
    bare_ones = [leaf for leaf, _ in leaves(behind.expression or All()) if is_bare(leaf)]
    assert bare_ones == [bare("robots")]
    assert behind.expression == all_of([bare("robots"), _all_quoted(reading.expression)])


def _all_quoted(asked: Expression) -> Expression:
    """The same as read from a line with every phrase in quotation marks."""
    again = read(expression.quoted(asked)).expression
    assert again
    return again
