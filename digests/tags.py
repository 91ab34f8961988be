"""Which of a forum's tags a post gets."""

from __future__ import annotations

from collections.abc import Mapping

from papers.paper import Paper
from papers.subscription import Subscription
from papers.topic import Topic, TopicError

MAX_TAGS = 5  # https://discord.com/developers/docs/resources/channel#start-thread-in-forum-or-media-channel


def tags_for(tags: Mapping[int, str], order: Subscription, paper: Paper | None) -> list[int]:
    """The ids of the tags (id → name) that a post about a paper, or about the day on a topic, gets: at most five.

    A tag fits a paper as a topic of that name would, and a digest if the digest's topic asks for its name. Where none fits, the
    subscription's own.
    """
    fitting = [tag_id for tag_id, name in tags.items() if (_fits(name, paper) if paper else _is_asked_for(name, order.topic))]
    if not fitting and order.tag_id is not None and order.tag_id in tags:
        fitting = [order.tag_id]
    return fitting[:MAX_TAGS]


def _fits(name: str, paper: Paper) -> bool:
    topic = _as_topic(name)
    return topic is not None and topic.matches(paper)


def _is_asked_for(name: str, wanted: Topic) -> bool:
    topic = _as_topic(name)
    return topic is not None and any(named.is_in(asked.text) for named in topic.phrases for asked in wanted.phrases)


def _as_topic(name: str) -> Topic | None:
    """A tag's name as a topic; None if it asks for nothing in particular."""
    try:
        topic = Topic.parse(name)
    except TopicError:
        return None
    return None if topic.is_everything else topic
