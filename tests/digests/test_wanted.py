from __future__ import annotations

import pytest

from digests.wanted import categories_wanted
from papers.topic import Topic
from tests.factories import subscription

USUAL = frozenset({"cs.CL", "cs.LG"})


@pytest.mark.parametrize(
    ("topic", "wanted"),
    [
        ("cat:cs.RO", {"cs.RO"}),
        ("robots cat:cs.RO", {"cs.RO"}),
        ("robots", USUAL),
        ('"world model" or cat:cs.RO', USUAL | {"cs.RO"}),  # an alternative without a category has the usual ones
        ("(diffusion or gan) cat:cs.CV", {"cs.CV"}),
        ("robots -cat:cs.RO", USUAL),
        ("everything", USUAL),
    ],
)
def test_the_categories_a_topic_wants(topic: str, wanted: set[str]) -> None:
    both = subscription(topic=Topic.parse(topic), sources=("huggingface", "arxiv"))
    assert categories_wanted([both, subscription(topic=Topic.parse("cat:math.CO"))], USUAL) == wanted
