"""A topic as the fields of a form, and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers.form import LABELS, MAX_LENGTHS, TopicForm, composed, decomposed
from papers.presets import PRESETS
from papers.topic import Topic, TopicError

FIELD = st.text("ab \",()-|:>5'`", max_size=20) | st.sampled_from(
    [
        "video, film",
        "-survey",
        "cat:cs.RO votes:>5",
        "author:lecun, org:meta",
        "(a or b) c",
        "everything",
        '"world model"',
        "a -b",
    ]
)


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (TopicForm("x", "video, film"), "video, film"),
        (TopicForm("x", "video, film", "survey"), "(video or film) -survey"),
        (TopicForm("x", "video", "survey, -medical"), "video -survey -medical"),
        (TopicForm("x", "video", "", "cat:cs.RO votes:>5"), "video cat:cs.RO votes:>5"),
        (TopicForm("x", "", "", "author:lecun, org:meta"), "author:lecun or org:meta"),
        (TopicForm("x", "a, b", "c", "author:lecun, org:meta"), "(a or b) (author:lecun or org:meta) -c"),
        (TopicForm("x", "", "survey"), "-survey"),
    ],
)
def test_a_form_is_one_line_and_the_line_is_that_form(form: TopicForm, text: str) -> None:
    topic = composed(form)
    assert topic.text == text
    again = decomposed(topic)
    assert composed(again).expression == topic.expression


def test_a_composed_topic_stands_in_the_fields_again() -> None:
    form = TopicForm("x", "video or film", "survey, medical", "cat:cs.RO votes:>5")
    assert decomposed(composed(form)) == form


@pytest.mark.parametrize("text", ["video or -survey", "(a b) or (c -d)", "diffusion, world model", "everything"])
def test_another_shape_stands_whole_in_the_first_field(text: str) -> None:
    assert decomposed(Topic.parse(text, "x")) == TopicForm("x", text)


@pytest.mark.parametrize(
    ("form", "sentence", "place"),
    [
        (TopicForm("", "video"), "needs a name", ""),
        (TopicForm("x"), "no word in it yet", ""),
        (TopicForm("x", "video (film"), "In “About”: This parenthesis", "video (film\n      ^"),
        (TopicForm("x", "video", "“survey"), "In “Never”: This quotation mark", '"survey\n^'),
        (TopicForm("x", "video", "", "lecun"), "In “Only from” stand filters alone", ""),
        (TopicForm("x", "-everything"), "excludes everything", ""),
        (TopicForm("n" * 41, "video"), "at most 40 characters", ""),
    ],
)
def test_a_mistake_names_its_field(form: TopicForm, sentence: str, place: str) -> None:
    with pytest.raises(TopicError, match=sentence) as caught:
        composed(form)
    assert caught.value.place == place


@given(about=FIELD, never=FIELD, only=FIELD)
def test_what_can_be_composed_comes_apart_into_a_form_of_the_same_topic(about: str, never: str, only: str) -> None:
    try:
        topic = composed(TopicForm("x", about, never, only))
    except TopicError:
        return
    form = decomposed(topic)
    assert set(parts(composed(form))) == set(parts(topic))
    assert all(len(getattr(form, name)) <= MAX_LENGTHS[name] for name in LABELS)


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_every_preset_fits_the_form(preset: Topic) -> None:
    form = decomposed(preset)
    assert set(parts(composed(form))) == set(parts(preset))
    assert all(len(getattr(form, name)) <= MAX_LENGTHS[name] for name in LABELS)


def parts(topic: Topic) -> tuple[object, ...]:
    return getattr(topic.expression, "parts", (topic.expression,))
