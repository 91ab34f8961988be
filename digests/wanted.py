"""Which of arXiv's categories the subscriptions ask for."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from papers.expression import And, Expression, Filter, Key, Not, Or
from papers.subscription import Subscription


def categories_wanted(orders: Iterable[Subscription], otherwise: Collection[str]) -> frozenset[str]:
    """The categories that the topics of those who read arXiv name; one that names none wants those ``otherwise``.

    Empty where nobody reads arXiv.
    """
    wanted: set[str] = set()
    for order in orders:
        if "arxiv" in order.sources:
            wanted |= _of(order.topic.expression, frozenset(otherwise))
    return frozenset(wanted)


def _of(expression: Expression, otherwise: frozenset[str]) -> frozenset[str]:
    """Those of an expression; an alternative that names none wants those ``otherwise``."""
    match expression:
        case Filter(Key.CATEGORY, category):
            return frozenset({category})
        case And(parts):
            named = (_of(part, frozenset()) for part in parts if not isinstance(part, Not))
            return frozenset().union(*named) or otherwise
        case Or(parts):
            return frozenset().union(*(_of(part, otherwise) for part in parts))
    return otherwise
