"""Topic: what a channel follows, and whether a paper fits it.

Words are matched whole, never inside others: "RAG" is not in "fragment". Fuzzy scores have no place here; on real papers a
substring match for "RAG" finds 1,171 papers where 43 are meant.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from papers.expression import All, Expression, Filter, Key, Not, Phrase, leaves
from papers.grammar import pointed, read
from papers.language import _, pgettext
from papers.paper import Paper
from papers.shelf import Shelf
from papers.text import clean

MAX_LENGTH = 600
MAX_NAME_LENGTH = 40


class TopicError(ValueError):
    """The text is no topic; the message is a sentence for the person who typed it.

    ``place`` is where in the text, as two lines for a fixed-width font; empty where no place can be told.
    """

    def __init__(self, sentence: str, place: str = "") -> None:
        super().__init__(sentence)
        self.place = place


@dataclass(frozen=True, slots=True)
class Topic:
    """``text`` is what the person typed, cleaned; ``name`` what the topic is called, perhaps nothing."""

    text: str
    expression: Expression
    name: str = ""

    @classmethod
    def parse(cls, text: str, name: str = "") -> Topic:
        """Read a topic as papers/grammar.py tells. Raises TopicError, for the first thing that is wrong with it."""
        if not clean(text) or len(text) > MAX_LENGTH:
            raise TopicError(_("A topic is 1 to {most} characters: words and phrases, or “everything”.").format(most=MAX_LENGTH))
        name = clean(name)
        if len(name) > MAX_NAME_LENGTH:
            raise TopicError(_("A topic’s name has at most {most} characters.").format(most=MAX_NAME_LENGTH))
        return cls(*_read(text), name)

    @classmethod
    def kept(cls, text: str, name: str = "") -> Topic:
        """One that was stored: read as far as it can be, even where this grammar would refuse it. Raises TopicError where there
        is no word in it.
        """
        try:
            return cls.parse(text, name)
        except TopicError:
            found = read(text, is_topic=True).expression or Phrase.of(clean(text).replace('"', " "))
            if isinstance(found, Phrase) and not found.words:
                raise
            return cls(clean(text), found, clean(name))

    @property
    def label(self) -> str:
        """What people call it; a preset, in the language spoken."""
        return pgettext("preset", self.name) if self.name else self.text

    @property
    def is_everything(self) -> bool:
        return self.expression == All()

    @property
    def categories(self) -> frozenset[str]:
        """The arXiv categories it asks for by name."""
        found = (leaf for leaf, is_wanted in leaves(self.expression) if is_wanted)
        return frozenset(leaf.value for leaf in found if isinstance(leaf, Filter) and leaf.key is Key.CATEGORY)

    @property
    def phrases(self) -> tuple[Phrase, ...]:
        """The phrases it wants, in order."""
        return tuple(leaf for leaf, is_wanted in leaves(self.expression) if is_wanted and isinstance(leaf, Phrase))

    def matches(self, paper: Paper) -> bool:
        """Whether the paper is on the topic; for many papers or topics a Shelf is faster."""
        return bool(_shelf_of(paper).mask(self.expression))


@lru_cache(maxsize=32_768)  # all of a large installation, read every minute
def _read(text: str) -> tuple[str, Expression]:
    reading = read(text, is_topic=True)
    if reading.problems:
        first = reading.problems[0]
        raise TopicError(first.sentence, pointed(reading.text, first.at))
    if reading.expression is None:
        raise TopicError(_("That topic has no word in it: write words, such as “diffusion, world model -survey”."))
    if reading.expression == Not(All()):
        raise TopicError(_("That topic excludes everything: take “-everything” out of it."))
    return reading.text, reading.expression


@lru_cache(maxsize=4096)
def _shelf_of(paper: Paper) -> Shelf:
    return Shelf([paper])
