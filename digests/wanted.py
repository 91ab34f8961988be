"""Which of arXiv's categories the subscriptions ask for."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from papers.subscription import Subscription


def categories_wanted(orders: Iterable[Subscription], otherwise: Collection[str]) -> frozenset[str]:
    """The categories that the topics of those who read arXiv name; one that names none wants those ``otherwise``.

    Empty where nobody reads arXiv.
    """
    wanted: set[str] = set()
    for order in orders:
        if "arxiv" in order.sources:
            wanted |= order.topic.categories or set(otherwise)
    return frozenset(wanted)
