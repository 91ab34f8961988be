"""Two papers side by side: the same facts of both, what they share, and what each alone says. Plain functions; no model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from papers.language import N_, _
from papers.paper import Paper, is_repository
from papers.text import folded, sentences, short_count
from search.analysis import FUNCTION_WORDS, STOP_WORDS, stems
from search.similar import Terms, shared
from summaries.roles import Role, role

_NAMES = 2  # authors named of each
_CATEGORIES = 4
_SHARED_NAMES = 4
_SENTENCES = 2
_LOOKED_AT = 20  # words that both have
_WORDS = 5
_TELLING = 0.3  # of the worth of the most telling word, at least
_LEAST_WORDS = 4  # of a sentence that says something
_MOST_TELLING = 6
_LEAST_ALONE = 0.6  # of a sentence's worth is in words that the other paper has not
_WEIGHTS = {Role.MAIN: 1.3, Role.CONTRIBUTION: 1.1, Role.PROBLEM: 0.7, Role.LINK: 0.0}
_ON_TITLE = 1.25
_STEMS = frozenset(stem for word in FUNCTION_WORDS | STOP_WORDS for stem in stems(word))


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact of both papers: its name in English, and what each has; "" where a paper has none. A day is a view's to write."""

    name: str
    one: str | date
    other: str | date


@dataclass(frozen=True, slots=True)
class Comparison:
    """``shared`` are names, in English, with texts ("Keywords", "diffusion, video"); ``only_one`` and ``only_other`` are
    sentences, in the order of the abstract, that the other paper has nothing of.
    """

    one: Paper
    other: Paper
    facts: tuple[Fact, ...]
    shared: tuple[tuple[str, tuple[str, ...]], ...]
    only_one: tuple[str, ...]
    only_other: tuple[str, ...]


def compare(one: Paper, other: Paper, terms: Terms, other_terms: Terms) -> Comparison:
    """Two papers by what is known of them; the terms are theirs, in that order."""
    return Comparison(
        one,
        other,
        facts(one, other),
        in_common(one, other, terms),
        alone(one, other, terms.worth),
        alone(other, one, other_terms.worth),
    )


def facts(one: Paper, other: Paper) -> tuple[Fact, ...]:
    """The facts that at least one of the two has, in a fixed order."""
    first, second = _facts(one), _facts(other)
    return tuple(Fact(name, first[name], second[name]) for name in first if first[name] or second[name])


def in_common(one: Paper, other: Paper, terms: Terms) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What both have: telling words, keywords, authors, organisation, repository, categories. What is not shared is left out."""
    least = _TELLING * max(terms.worth.values(), default=0.0)
    words = tuple(
        text
        for text in shared(one, other, terms, _LOOKED_AT)
        if sum(terms.worth.get(stem, 0.0) for stem in stems(text)) >= least and _is_meant(text, one, other)
    )[:_WORDS]
    said = {stem for text in words for stem in stems(text)}
    keywords = [word for word in _both(one.keywords, other.keywords) if not set(stems(word)) <= said]
    found = {
        N_("Words"): words,
        N_("Keywords"): tuple(keywords),
        N_("Authors"): _both(one.authors, other.authors)[:_SHARED_NAMES],
        N_("Organisation"): _both((one.organisation,), (other.organisation,)),
        N_("Code"): _both((_repository(one),), (_repository(other),)),
        N_("Categories"): _both(one.categories, other.categories)[:_CATEGORIES],
    }
    return tuple((name, texts) for name, texts in found.items() if texts)


def _is_meant(text: str, one: Paper, other: Paper) -> bool:
    """Two words side by side, or one that either paper comes back to: one said in passing by both tells nothing."""
    said = stems(text)
    if len(said) > 1:
        return True
    return any(2 * stems(paper.title).count(said[0]) + stems(paper.abstract).count(said[0]) > 1 for paper in (one, other))


def alone(paper: Paper, other: Paper, worth: Mapping[str, float], limit: int = _SENTENCES) -> tuple[str, ...]:
    """The most telling sentences of a paper's abstract that the other has nothing of, in its order.

    ``worth`` is what each of the paper's stems says; one that no other paper has is not in it, and counts like the others on
    average. A sentence counts by the most telling of those that the other has not, if
    they are most of what it says.
    """
    average = sum(worth.values()) / len(worth) if worth else 1.0
    titled = set(stems(paper.title))
    theirs = set(stems(f"{other.title} {other.abstract} {' '.join(other.keywords)}"))
    found: list[tuple[float, int, str]] = []
    for place, sentence in enumerate(sentences(paper.abstract)):
        every = frozenset(stems(sentence))
        said = every - _STEMS
        whole = sum(worth.get(stem, average) for stem in said)
        own = sorted((worth.get(stem, average) for stem in said - theirs), reverse=True)
        if len(said) >= _LEAST_WORDS and sum(own) / whole >= _LEAST_ALONE:
            weight = _WEIGHTS.get(role(sentence, every), 1.0) * (1.0 if titled.isdisjoint(said - theirs) else _ON_TITLE)
            found.append((weight * sum(own[:_MOST_TELLING]), place, sentence))
    best = sorted(found, key=lambda each: (-each[0], each[1]))[:limit]
    return tuple(sentence for _, _, sentence in sorted(best, key=lambda each: each[1]))


def _facts(paper: Paper) -> dict[str, str | date]:
    named = paper.authors if len(paper.authors) <= _NAMES + 1 else paper.authors[:_NAMES]
    more = len(paper.authors) - len(named)
    names = ", ".join(named)
    if more:
        names = _("{names} and {count} more").format(names=names, count=more)
    at = paper.published_at
    days = paper.featured_on
    stars = f" (★ {short_count(paper.stars)})" if paper.stars else ""
    return {
        N_("Published"): at.date() if at else "",
        N_("Listed"): days[-1] if days else "",
        N_("Authors"): names,
        N_("Organisation"): paper.organisation,
        N_("Categories"): ", ".join(paper.categories[:_CATEGORIES]),
        N_("Votes"): short_count(paper.votes) if paper.votes else "",
        N_("Comments"): short_count(paper.comments) if paper.comments else "",
        N_("Code"): f"{name}{stars}" if (name := _repository(paper)) else "",
    }


def _repository(paper: Paper) -> str:
    """ "owner/name" of a sound address, else nothing."""
    return "/".join(paper.repository.split("/")[-2:]) if is_repository(paper.repository) else ""


def _both(ours: tuple[str, ...], theirs: tuple[str, ...]) -> tuple[str, ...]:
    """What stands in both, however it is written, as the first has it."""
    known = {folded(text) for text in theirs if text}
    return tuple(dict.fromkeys(text for text in ours if folded(text) in known))
