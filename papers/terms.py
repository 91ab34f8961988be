"""Terms that would make a topic narrower or wider, mined from the keywords of the papers it brings."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from math import log

from papers.expression import And, Expression, Filter, Not, Phrase, Votes, all_of, any_of, folded, leaves
from papers.language import _
from papers.paper import Paper
from papers.shelf import Shelf
from papers.text import clean
from papers.topic import MAX_LENGTH, Topic, TopicError

MAX_TERMS = 5
MAX_TERM_LENGTH = 48
_CANDIDATES = 80  # the commonest keywords; the rarer ones split nothing
_KEEPS_AT_MOST = 0.85  # of the papers: a term that keeps more makes no difference
_TELLING = 1.5  # times as common among the topic's papers as among all
_ADDS_AT_MOST = 6  # times the topic's papers: with more it is another topic
_ALIKE = 0.7  # of two terms' papers in common: one of them is enough
_FEW = 3  # papers on a topic, from which nothing can be mined
_QUOTES = str.maketrans("", "", '"“”„«»')


@dataclass(frozen=True, slots=True)
class Term:
    """``text`` is as the papers' keywords write it; ``papers`` is how many the topic keeps with it, or gets besides."""

    text: str
    papers: int


def narrower(shelf: Shelf, expression: Expression) -> list[Term]:
    """At most five terms to ask for besides, those that keep about half of the papers first."""
    on_topic = shelf.mask(expression)
    total = on_topic.bit_count()
    ranked = []
    for text in _keywords(shelf.matching(expression), expression):
        kept = shelf.mask(narrowed(expression, text))
        if min(2, total - 1) <= kept.bit_count() <= _KEEPS_AT_MOST * total and kept:
            ranked.append((abs(kept.bit_count() / total - 0.5), text, kept))
    return _unlike(sorted(ranked))


def wider(shelf: Shelf, expression: Expression) -> list[Term]:
    """At most five terms to take in as well: common among the topic's papers, and telling for them.

    Where there are next to no papers, keywords of others that share a word with the topic.
    """
    on_topic = shelf.mask(expression)
    total = on_topic.bit_count()
    if total < _FEW:
        return _kindred(shelf, expression, on_topic)
    ranked = []
    for text in _keywords(shelf.matching(expression), expression):
        found = shelf.mask(Phrase.of(text))
        both = (found & on_topic).bit_count()
        added = shelf.mask(widened(expression, text)) & ~on_topic
        lift = both * len(shelf.papers) / (total * found.bit_count()) if found else 0
        if both > 1 and lift >= _TELLING and 0 < added.bit_count() <= _ADDS_AT_MOST * total:
            ranked.append((-both * log(lift), text, added))
    return _unlike(sorted(ranked))


def narrowed(expression: Expression, term: str) -> Expression:
    """The papers that have the term, too."""
    return all_of([expression, Phrase.of(term)]) or expression


def widened(expression: Expression, term: str) -> Expression:
    """Papers with the term as well; what is excluded, and what is asked by filters, holds for them, too."""
    parts = expression.parts if isinstance(expression, And) else (expression,)
    wanted = [part for part in parts if not isinstance(part, Not | Filter | Votes)]
    core = all_of(wanted)
    if core is None:  # filters alone: they are the topic
        return any_of([expression, Phrase.of(term)]) or expression
    return all_of([any_of([core, Phrase.of(term)]) or core, *(part for part in parts if part not in wanted)]) or expression


def with_term(topic: Topic, term: str, *, is_narrower: bool) -> Topic:
    """The topic changed by a term, without its name, for it is another one now.

    Raises TopicError where it would be too long.
    """
    wanted = narrowed(topic.expression, term) if is_narrower else widened(topic.expression, term)
    # The printed form is the clearer, what was typed may be the shorter.
    typed = f'({topic.text}) "{term}"' if is_narrower else f'{topic.text}, "{term}"'
    for text in (f"{wanted}", typed):
        if len(text) <= MAX_LENGTH:
            found = Topic.parse(text)
            if found.expression == wanted:
                return found
    problem = _("With “{term}” the topic would be too long: shorten it first.")
    raise TopicError(problem.format(term=clean(term)[:MAX_TERM_LENGTH]))


def _keywords(papers: Iterable[Paper], expression: Expression) -> list[str]:
    """The commonest keywords of the papers, each in its commonest spelling, without the topic's own words."""
    counts: Counter[tuple[str, ...]] = Counter()
    spellings: defaultdict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for paper in papers:
        for keyword in paper.keywords:
            text = clean(keyword.translate(_QUOTES))
            key = folded(text)
            if key and len(text) <= MAX_TERM_LENGTH and (len(key) > 1 or len(key[0]) > 1):
                counts[key] += 1
                spellings[key][text] += 1
    own = _own_words(expression)
    common = sorted((key for key in counts if not own.issuperset(key)), key=lambda key: (-counts[key], key))
    return [min(spellings[key], key=lambda text: (-spellings[key][text], text.swapcase())) for key in common[:_CANDIDATES]]


def _own_words(expression: Expression) -> set[str]:
    """The words of its phrases and filters, wanted or not."""
    found: set[str] = set()
    for leaf, _wanted in leaves(expression):
        if isinstance(leaf, Phrase):
            found.update(leaf.words)
        elif isinstance(leaf, Filter):
            found.update(folded(leaf.value))
    return found


def _kindred(shelf: Shelf, expression: Expression, on_topic: int) -> list[Term]:
    own = _own_words(expression)
    near = (paper for paper in shelf.papers if any(own & set(folded(keyword)) for keyword in paper.keywords))
    ranked = []
    for text in _keywords(near, expression):
        added = shelf.mask(widened(expression, text)) & ~on_topic
        if added and own & set(folded(text)):
            ranked.append((-added.bit_count(), text, added))
    return _unlike(sorted(ranked))


def _unlike(ranked: Iterable[tuple[float, str, int]]) -> list[Term]:
    """The first of them that stand for papers of their own."""
    chosen: list[tuple[str, int]] = []
    for _rank, text, papers in ranked:
        if len(chosen) == MAX_TERMS:
            break
        if not any(_are_alike(text, papers, *other) for other in chosen):
            chosen.append((text, papers))
    return [Term(text, papers.bit_count()) for text, papers in chosen]


def _are_alike(text: str, papers: int, other: str, others: int) -> bool:
    one, two = set(folded(text)), set(folded(other))
    return one <= two or two <= one or (papers & others).bit_count() > _ALIKE * (papers | others).bit_count()
