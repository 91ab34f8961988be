"""Which of a forum's tags a post gets."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from digests.tags import MAX_TAGS, tags_for
from papers.subscription import Kind, Subscription
from papers.topic import Topic
from tests.factories import paper, subscription

TAGS = {1: "Robotics", 2: "Large Language Models", 3: "diffusion", 4: "Other", 5: "🤖", 6: "AI, robots"}


def forum(topic: str = "everything", tag_id: int | None = None) -> Subscription:
    return subscription(topic=Topic.parse(topic), kind=Kind.FORUM, tag_id=tag_id)


def test_a_tag_fits_a_paper_as_a_topic_of_that_name_would() -> None:
    assert tags_for(TAGS, forum(), paper(title="A large language model for robotics")) == [1, 2]
    assert tags_for(TAGS, forum(), paper(title="Languages of a large model")) == []
    assert tags_for(TAGS, forum(), paper(title="One robot")) == [6]  # "AI, robots" means either


def test_where_none_fits_the_subscriptions_own_does() -> None:
    assert tags_for(TAGS, forum(tag_id=4), paper(title="Zebras")) == [4]
    assert tags_for(TAGS, forum(tag_id=4), paper(title="Diffusion")) == [3]
    assert tags_for(TAGS, forum(tag_id=99), paper(title="Zebras")) == []  # it was deleted


def test_a_digest_gets_the_tags_that_its_topic_names() -> None:
    assert tags_for(TAGS, forum("Diffusion, robotics -survey"), None) == [1, 3]
    assert tags_for(TAGS, forum("large models of language"), None) == []
    assert tags_for(TAGS, forum("everything", tag_id=4), None) == [4]
    assert tags_for({1: "survey"}, forum("robot -survey"), None) == []
    assert tags_for({1: "Robots", 2: "agents"}, forum("robot, agent"), None) == [1, 2]


def test_a_tag_called_everything_says_nothing() -> None:
    assert tags_for({1: "everything", 2: "-x", 3: ""}, forum(), paper(title="x")) == []


@given(st.dictionaries(st.integers(1, 50), st.text(max_size=20)), st.text(min_size=1, max_size=60), st.booleans())
def test_at_most_five_tags_of_the_forums_own_each_once(tags: dict[int, str], title: str, is_whole: bool) -> None:
    for order in (forum(), forum("models"), forum(tag_id=7)):
        given_tags = tags_for(tags, order, None if is_whole else paper(title=title))
        assert len(given_tags) == len(set(given_tags)) <= MAX_TAGS
        assert set(given_tags) <= tags.keys()


def test_many_fitting_tags_are_cut_to_five() -> None:
    assert tags_for(dict.fromkeys(range(9), "robot"), forum(), paper(title="Robot")) == [0, 1, 2, 3, 4]
