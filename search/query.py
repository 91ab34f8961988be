"""What was typed, made into words to look for. Every text is a legal question; what is typed never becomes query syntax."""

from __future__ import annotations

from dataclasses import dataclass

from papers.paper import arxiv_id_in
from papers.text import clean, words

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
    """``words`` are folded, each once, in order; ``arxiv_id`` is set where the text names a paper by id or link."""

    text: str
    words: tuple[str, ...]
    arxiv_id: str | None = None

    @classmethod
    def parse(cls, text: str) -> Query:
        """Read any text at all."""
        text = clean(text[:_MAX_LENGTH])
        found = tuple(dict.fromkeys(word[:_MAX_WORD_LENGTH] for word in words(text)))
        telling = tuple(word for word in found if word not in _STOP_WORDS)
        return cls(text, (telling or found)[:MAX_WORDS], arxiv_id_in(text))
