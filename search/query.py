"""What was typed, made into words to look for. Every text is a legal question; what is typed never becomes query syntax."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from papers.expression import All, And, Expression, Or, Phrase, all_of, any_of, leaves
from papers.grammar import read
from papers.paper import arxiv_id_in
from papers.text import words

MAX_WORDS = 24  # people type sentences; what comes after that adds time, not meaning
_MAX_WORD_LENGTH = 40
_MAX_LENGTH = 1_000
# Words that stand in most abstracts: they find nothing and cost most. A question of only such words keeps them.
_STOP_WORDS = frozenset(
    [
        "a",
        "about",
        "an",
        "and",
        "any",
        "are",
        "as",
        "at",
        "be",
        "been",
        "by",
        "can",
        "could",
        "do",
        "does",
        "for",
        "from",
        "had",
        "has",
        "have",
        "how",
        "i",
        "in",
        "into",
        "is",
        "it",
        "its",
        "me",
        "my",
        "of",
        "on",
        "or",
        "our",
        "paper",
        "papers",
        "s",
        "show",
        "t",
        "that",
        "the",
        "their",
        "them",
        "these",
        "they",
        "this",
        "those",
        "to",
        "use",
        "used",
        "using",
        "was",
        "we",
        "were",
        "what",
        "when",
        "where",
        "which",
        "who",
        "why",
        "with",
        "would",
        "you",
        "your",
    ]
)


@dataclass(frozen=True, slots=True)
class Query:
    """``words`` are folded, each once, in order; ``arxiv_id`` is set where the text names a paper by id or link.

    ``condition`` is what each answer must fulfil besides: quoted phrases, filters, what is excluded. ``problem`` is a sentence
    about what could not be read as it was meant.
    """

    text: str
    words: tuple[str, ...]
    arxiv_id: str | None = None
    condition: Expression = field(default_factory=All)
    problem: str = ""

    @classmethod
    def parse(cls, text: str) -> Query:
        """Read any text at all."""
        reading = read(text[:_MAX_LENGTH])
        asked = [leaf.text for leaf, is_wanted in leaves(reading.expression or All()) if is_wanted and isinstance(leaf, Phrase)]
        problem = reading.problems[0].sentence if reading.problems else ""
        return cls(
            reading.text,
            _telling(words(" ".join(asked))),
            arxiv_id_in(reading.text),
            condition_of(reading.expression or All()),
            problem,
        )

    def without_condition(self) -> Query:
        """All of the text as words."""
        return replace(self, words=_telling(words(self.text)), condition=All())


def condition_of(asked: Expression) -> Expression:
    """What is asked without its bare words, which rank and need not all occur."""
    match asked:
        case Phrase(is_quoted=False):
            return All()
        case And(parts):
            return all_of(map(condition_of, parts)) or All()
        case Or(parts):
            return any_of(map(condition_of, parts)) or All()
    return asked


def _telling(found: Iterable[str]) -> tuple[str, ...]:
    every = tuple(dict.fromkeys(word[:_MAX_WORD_LENGTH] for word in found))
    return (tuple(word for word in every if word not in _STOP_WORDS) or every)[:MAX_WORDS]
