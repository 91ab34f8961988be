"""Topic: the words and phrases a channel follows, and whether a paper fits them.

Words are matched whole, never inside others: "RAG" is not in "fragment". Fuzzy scores have no place here; on real papers a
substring match for "RAG" finds 1,171 papers where 43 are meant.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from papers.paper import Paper
from papers.text import clean, singular, words

EVERYTHING = "everything"
MAX_LENGTH = 200
_ALTERNATIVES = re.compile(r"""(?:[^,;"]|"[^"]*")+""")
_TERMS = re.compile(r"""(?P<minus>(?<!\S)-)?(?:"(?P<quoted>[^"]*)"|(?P<bare>[^\s"]+))""")

Phrase = tuple[str, ...]


class TopicError(ValueError):
    """The text is no topic; the message is a sentence for the person who typed it."""


@dataclass(frozen=True, slots=True)
class Topic:
    """``wanted``: alternatives, each a set of phrases that must all occur; empty means every paper. ``unwanted``: phrases
    none of which may occur. Phrases are folded words. ``text`` is what the person typed, cleaned.
    """

    text: str
    wanted: tuple[tuple[Phrase, ...], ...] = ()
    unwanted: tuple[Phrase, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Topic:
        """Read a topic: commas (or "or") between alternatives, words side by side are a phrase, ``-word`` excludes.

        ``world model, "video prediction" robots -survey``: papers with the phrase "world model", or with both the phrase
        "video prediction" and the word "robots"; none with "survey". Raises TopicError.
        """
        text = clean(text)
        if not text or len(text) > MAX_LENGTH:
            raise TopicError(f"A topic is 1 to {MAX_LENGTH} characters: words and phrases, or “{EVERYTHING}”.")
        wanted: list[tuple[Phrase, ...]] = []
        unwanted: list[Phrase] = []
        everything = False
        for alternative in _alternatives(text):
            phrases, excluded = _phrases(alternative)
            unwanted += excluded
            if phrases == [(EVERYTHING,)]:
                everything = True
            elif phrases:
                wanted.append(tuple(phrases))
        if (EVERYTHING,) in unwanted:
            raise TopicError(f"That topic excludes everything: take “-{EVERYTHING}” out of it.")
        if not (wanted or everything or unwanted):
            raise TopicError("That topic has no word in it: write words, such as “diffusion, world model -survey”.")
        return cls(text, () if everything else tuple(wanted), tuple(unwanted))

    @property
    def is_everything(self) -> bool:
        return not self.wanted and not self.unwanted

    def matches(self, paper: Paper) -> bool:
        """Whether the paper's title, abstract or keywords hold one of the alternatives and nothing unwanted."""
        if self.is_everything:
            return True
        text = _searchable(paper)
        if any(_holds(text, phrase) for phrase in self.unwanted):
            return False
        return not self.wanted or any(all(_holds(text, phrase) for phrase in all_of) for all_of in self.wanted)


def _alternatives(text: str) -> list[str]:
    parts = _ALTERNATIVES.findall(text.replace("“", '"').replace("”", '"'))
    return [piece for part in parts for piece in re.split(r"\s(?:or|OR)\s(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", f" {part} ")]


def _phrases(alternative: str) -> tuple[list[Phrase], list[Phrase]]:
    """The wanted and the unwanted phrases of one alternative; bare words side by side make one phrase."""
    wanted: list[Phrase] = []
    unwanted: list[Phrase] = []
    run: list[str] = []

    def end_run() -> None:
        if run:
            wanted.append(tuple(run))
            run.clear()

    for term in _TERMS.finditer(alternative):
        folded = _folded(term["quoted"] if term["quoted"] is not None else term["bare"])
        if term["minus"]:
            unwanted += [folded] if folded else []
        elif term["quoted"] is not None:
            end_run()
            wanted += [folded] if folded else []
        else:
            run.extend(folded)
    end_run()
    return wanted, unwanted


def _folded(text: str) -> Phrase:
    return tuple(singular(word) for word in words(text))


@lru_cache(maxsize=4096)
def _searchable(paper: Paper) -> str:
    """The folded words of title, abstract and each keyword, a space around every word; no phrase runs from one into another."""
    return " | ".join(f" {' '.join(_folded(part))} " for part in (paper.title, paper.abstract, *paper.keywords))


def _holds(text: str, phrase: Sequence[str]) -> bool:
    return f" {' '.join(phrase)} " in text
