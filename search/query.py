"""What was typed, made into words to look for. Every text is a legal question; what is typed never becomes query syntax."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from papers.expression import All, And, Expression, Not, Or, Phrase, all_of, any_of, is_bare, leaves
from papers.grammar import Reading, read
from papers.paper import arxiv_id_in
from papers.text import clean, words
from search.analysis import telling

MAX_WORDS = 24  # people type sentences; what comes after that adds time, not meaning
_MAX_LENGTH = 1_000
Spans = tuple[tuple[int, int], ...]
# Words and nothing else, as most questions are: "and" and "or" between bare words do not change what is looked for.
_PLAIN = re.compile(r"(?:[\w\s.,;?!'’+#-]+|\([\w-]+\))*+")
_NOT_PLAIN = re.compile(r"(?i:everything)|NOT\b|\d{4}|(?:^|\s)-|--|^\s*or\b|\bor\W*$")


@dataclass(frozen=True, slots=True)
class Query:
    """``words`` are folded, each once, in order; ``arxiv_id`` is set where the text names a paper by id or link.

    ``asked`` is the text of all words that rank, also of those that find nothing by themselves. ``condition`` is what each
    answer must fulfil besides: quoted phrases, filters, what is excluded, and where bare words are one alternative of several,
    those. ``is_wide`` is set where that is all there is to fulfil, so that an answer need have none of the words, and
    ``is_everything`` where nothing is asked of a paper. ``bare`` are the places in ``text`` of the words that rank and may have
    slips. ``problem`` is a sentence about what could not be read as it was meant.
    """

    text: str
    words: tuple[str, ...]
    arxiv_id: str | None = None
    condition: Expression = field(default_factory=All)
    problem: str = ""
    asked: str = ""
    bare: Spans = ()
    is_wide: bool = False
    is_everything: bool = False

    @classmethod
    def parse(cls, text: str) -> Query:
        """Read any text at all."""
        if len(text) <= _MAX_LENGTH and _PLAIN.fullmatch(text) and not _NOT_PLAIN.search(text):
            line = clean(text)
            return cls(line, telling(words(text))[:MAX_WORDS], asked=text, bare=((0, len(line)),))
        reading = read(text[:_MAX_LENGTH])
        expression = reading.expression or All()
        asked = " ".join(_ranking(expression))
        problem = reading.problems[0].sentence if reading.problems else ""
        return cls(
            reading.text,
            telling(words(asked))[:MAX_WORDS],
            arxiv_id_in(reading.text),
            condition_of(expression),
            problem,
            asked,
            _bare(reading),
            _is_wide(expression),
            reading.expression == All(),
        )

    def without_condition(self) -> Query:
        """All of the text as words."""
        whole = ((0, len(self.text)),)
        named = telling(words(self.text))[:MAX_WORDS]
        return replace(self, words=named, condition=All(), asked=self.text, bare=whole, is_wide=False, is_everything=False)


def _ranking(asked: Expression) -> list[str]:
    """The texts whose words rank: all that are bare and, of the quoted, those that each answer must have or may have instead."""
    return list(_texts(asked, is_telling=True)) or [
        leaf.text for leaf, is_wanted in leaves(asked) if is_wanted and isinstance(leaf, Phrase)
    ]


def _texts(asked: Expression, *, is_telling: bool) -> Iterator[str]:
    match asked:
        case Phrase(text, _, is_quoted):
            if is_telling or not is_quoted:
                yield text
        case And(parts) | Or(parts):
            for part in parts:
                yield from _texts(part, is_telling=is_telling if isinstance(asked, And) else _is_mixed(asked))


def _bare(reading: Reading) -> Spans:
    """The places of the bare words that are wanted."""
    unwanted = [(term.at, term.end) for term in reading.terms if isinstance(term.expression, Not)]
    bare = [(term.at, term.end) for term in reading.terms if is_bare(term.expression)]
    return tuple((at, end) for at, end in bare if not any(start <= at and end <= stop for start, stop in unwanted))


def condition_of(asked: Expression) -> Expression:
    """What is asked without its bare words, which rank and need not all occur.

    Where they are one alternative of several, any of them fulfils it: ``robot arm or has:code`` is ``robot or arm or has:code``.
    """
    match asked:
        case Phrase(is_quoted=False):
            return All()
        case And(parts):
            return all_of(map(condition_of, parts)) or All()
        case Or(parts):
            return any_of(map(_alternative if _is_mixed(asked) else condition_of, parts)) or All()
    return asked


def _alternative(part: Expression) -> Expression:
    match part:
        case Phrase(text, _, False):
            return any_of(map(Phrase.of, telling(words(text))[:MAX_WORDS])) or part
        case And(parts):
            return all_of(map(_alternative, parts)) or part
        case Or(parts):
            return any_of(map(_alternative, parts)) or part
    return part


def _is_mixed(asked: Or) -> bool:
    """Whether some of the alternatives have bare words and some have conditions."""
    return any(condition_of(part) != All() for part in asked.parts) and any(
        is_wanted and is_bare(leaf) for leaf, is_wanted in leaves(asked)
    )


def _is_wide(asked: Expression) -> bool:
    """Whether there is such an alternative, and no bare words besides."""
    parts = asked.parts if isinstance(asked, And) else (asked,)
    return not any(map(is_bare, parts)) and any(isinstance(part, Or) and _is_mixed(part) for part in parts)
