"""Which of a forum's tags a post gets."""

from __future__ import annotations

from collections.abc import Mapping

from papers.paper import Paper
from papers.subscription import Subscription
from papers.text import words
from papers.topic import Topic, TopicError

MAX_TAGS = 5  # https://discord.com/developers/docs/resources/channel#start-thread-in-forum-or-media-channel


def tags_for(tags: Mapping[int, str], order: Subscription, paper: Paper | None) -> list[int]:
    """The ids of the tags (id → name) that a post about a paper, or about the day on a topic, gets: at most five.

    A tag fits a paper as a topic of that name would, and a digest if its name stands in the digest's topic. Where none fits,
    the subscription's own.
    """
    fitting = [tag_id for tag_id, name in tags.items() if (_fits(name, paper) if paper else _names(name, order.topic))]
    if not fitting and order.tag_id is not None and order.tag_id in tags:
        fitting = [order.tag_id]
    return fitting[:MAX_TAGS]


def _fits(name: str, paper: Paper) -> bool:
    try:
        topic = Topic.parse(name)
    except TopicError:
        return False
    return not topic.is_everything and topic.matches(paper)


def _names(name: str, topic: Topic) -> bool:
    wanted, given = words(name), words(topic.text)
    return bool(wanted) and any(given[at : at + len(wanted)] == wanted for at in range(len(given)))
