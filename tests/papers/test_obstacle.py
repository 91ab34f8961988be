"""What keeps a topic from holding for a paper."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers.obstacle import held, obstacle
from papers.topic import Topic, TopicError
from tests.factories import paper

ROBOT = paper(title="Robotic grasping", abstract="A model of the world.", categories=("cs.RO",), votes=3, keywords=("survey",))


@pytest.mark.parametrize(
    ("topic", "part", "near", "is_excluded"),
    [
        ("diffusion", "diffusion", (), False),
        ("diffusion, world model", "world model", ("world", "model"), False),  # not side by side
        ("robot, diffusion", "robot", ("robotic",), False),
        ("grasping -survey", "survey", (), True),
        ("grasping cat:cs.CV", "cat:cs.CV", (), False),
        ("grasping -cat:cs.RO", "cat:cs.RO", (), True),
        ("grasping votes:>5", "votes:>5", (), False),
        ("votes:>5 diffusion", "diffusion", (), False),  # the votes can still come
        ("grasping -(diffusion or survey)", "survey", (), True),
        ("(grasping -survey) or world peace", "survey", (), True),  # the nearer alternative
        ("-everything or diffusion", "everything", (), True),
    ],
)
def test_the_part_in_the_way_is_named(topic: str, part: str, near: tuple[str, ...], is_excluded: bool) -> None:
    found = obstacle(Topic.parse(topic).expression, ROBOT)
    assert found
    assert (f"{found.part}", found.near, found.is_excluded) == (part, near, is_excluded)
    assert 0 <= found.nearness < 1


@given(st.text(alphabet='abgrasping worldmodel-(),|"', max_size=60) | st.sampled_from(["robotic -survey", "world or x y"]))
def test_there_is_an_obstacle_exactly_where_the_topic_does_not_match(text: str) -> None:
    try:
        topic = Topic.parse(text)
    except TopicError:
        return
    assert (obstacle(topic.expression, ROBOT) is None) is topic.matches(ROBOT)


def test_the_phrases_that_put_it_on_topic_are_told() -> None:
    topic = Topic.parse("grasping, diffusion, world -survey")
    assert [phrase.text for phrase in held(topic.expression, ROBOT)] == ["grasping", "world"]
