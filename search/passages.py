"""The passages of one paper that answer a question best: the engine's ranking, brought to sentences.

- BM25 over stems, where a word tells the more the fewer of the paper's own passages have it; words side by side count more.
- A word stands for its kin, too, less surely: other forms ("defend", "defence"), what the paper abbreviates so, what papers say
  instead; one that the paper has not, and that is a slip away from one it has, is read as that.
- What kind of thing is asked for ("how many", "why", "what is missing") is looked for beside the words: cues.py.
- A passage beside one that answers is likelier to answer itself.

What each is worth was measured: docs/measurements.md.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace
from itertools import pairwise

from rapidfuzz.distance import OSA

from papers.text import clean, folded, sentences, words
from search.analysis import FUNCTION_WORDS, STOP_WORDS, stems_of
from search.cues import Wanted, asking, wanted
from search.kin import FIELD_WORDS, kin
from search.variants import abbreviations
from sources.fulltext import Section

_LONGEST = 3  # sentences
_IN_TEXTS = 2  # sentences of a passage of a whole text, whose single ones say too little
_ASKED = 400  # characters of a question that are read
_LEANING = re.compile(
    r"[\"“‘(]?(?:it|its|they|their|them|these|this|that|those|such|he|she|his|her|both|but|yet|thus|hence|then|instead|"
    r"moreover|however|(?:the )?(?:latter|former))\b",
    re.IGNORECASE,
)
_COMPOUND = re.compile(r"[^\W_]+(?:[-‑–][^\W_]+)+")
_LETTERS = re.compile(r"[^\W\d_]+")
_MENDED_FROM, _TWO_SLIPS_FROM = 5, 8  # letters
_AKIN_FROM, _AKIN_SHARE = 5, 0.6  # letters that two forms of a word begin with alike, at least


@dataclass(frozen=True, slots=True)
class Passage:
    """One to three sentences of a paper, and the section they stand in ("Abstract", "3 Method").

    ``first`` and ``last`` are the numbers of its own sentences in the paper, from 0. What it leans on may stand before them: so
    many sentences, ``led_by``, and the first ``lead`` characters of the text.
    """

    text: str
    section: str = "Abstract"
    first: int = 0
    last: int = 0
    lead: int = 0
    led_by: int = 0

    @property
    def own(self) -> str:
        """What the passage itself says."""
        return self.text[self.lead :]


@dataclass(frozen=True, slots=True)
class Weights:
    """What counts how much; 1 is the weight of a word in the text."""

    k1: float = 1.2  # how soon a repeated word stops counting
    b: float = 0.4  # how much a longer passage must have a word more often
    side_by_side: float = 0.5
    akin: float = 0.6  # another form of the word
    kin: float = 0.45  # a word that papers use for it
    field: float = 0.3  # a word that papers are full of
    titled: float = 0.6  # a word in the paper's title
    common: float = 0.25  # a word that texts are full of
    section: float = 0.6  # a word in the section's name
    kind: float = 1.2  # what kind of thing is asked for
    neighbour: float = 0.15


WEIGHTS = Weights()


def passages_of(text: str, section: str = "Abstract", length: int = 1, start: int = 0) -> list[Passage]:
    """Every run of ``length`` sentences of a text that has a line for each paragraph.

    One that leans on what was said ("It also …") takes that with it, up to three in all. ``start`` is the number of the text's
    first sentence.
    """
    said = [sentence for paragraph in text.splitlines() for sentence in sentences(clean(paragraph))]
    found = []
    for first in range(max(1, len(said) - length + 1) if said else 0):
        own = said[first : first + length]
        begin = first
        while begin and first + len(own) - begin < _LONGEST and _LEANING.match(said[begin]):
            begin -= 1
        lead = "".join(f"{sentence} " for sentence in said[begin:first])
        last = start + first + len(own) - 1
        found.append(Passage(lead + " ".join(own), section, start + first, last, len(lead), first - begin))
    return found


def passages_in(sections: Iterable[Section]) -> list[Passage]:
    """The passages of a paper's whole text, two sentences each where a section has as many."""
    found: list[Passage] = []
    for section in sections:
        found += passages_of(section.text, section.title, _IN_TEXTS, found[-1].last + 1 if found else 0)
    return found


def best(
    question: str, passages: Sequence[Passage], limit: int = 3, title: str = "", weights: Weights = WEIGHTS
) -> list[Passage]:
    """The passages that answer best, the best first; what one says none of the others says again.

    What stands in the paper's ``title`` all of it is about, and tells less of where the answer is. There is always a best one,
    however little it has to do with the question; none only of no passages.
    """
    found: list[Passage] = []
    for score, place in sorted((-score, place) for place, score in enumerate(_scores(question, passages, title, weights))):
        each = passages[place]
        if limit <= len(found) or (found and not score):
            break
        if any(_are_shown(other, each.first, each.last) for other in found):
            continue
        is_led_by_another = any(_are_shown(other, each.first - each.led_by, each.last) for other in found)
        found.append(replace(each, text=each.own, lead=0, led_by=0) if is_led_by_another else each)
    return found


def _are_shown(passage: Passage, first: int, last: int) -> bool:
    """Whether the passage shows any of the paper's sentences from the first to the last."""
    return first <= passage.last and passage.first - passage.led_by <= last


class _Words:
    """The words of a paper's passages, as their ranking sees them."""

    def __init__(self, passages: Sequence[Passage]) -> None:
        said = [words(passage.own) for passage in passages]
        self.passages = [_stems(passage.own, each) for passage, each in zip(passages, said, strict=True)]
        self.sections = [frozenset(_stems(passage.section, words(passage.section))) for passage in passages]
        self.written = {word for each in said for word in each}
        self.spread = Counter(stem for stems in self.passages for stem in set(stems))
        self.known = self.spread.keys() | {stem for stems in self.sections for stem in stems}
        self.length = max(1.0, sum(map(len, self.passages)) / max(1, len(passages)))
        self.explained = _explained(passages)

    def idf(self, stem: str) -> float:
        """How telling a stem is; it has that worth in a passage of average length that has it once."""
        spread = self.spread[stem]
        return math.log1p((len(self.passages) - spread + 0.5) / (spread + 0.5))


def _scores(question: str, passages: Sequence[Passage], title: str, weights: Weights) -> list[float]:
    paper = _Words(passages)
    titled = frozenset(_stems(title, words(title)))
    asked = _mended(clean(question)[:_ASKED], paper)
    said = [stem for word in words(asked) if word not in STOP_WORDS for stem in stems_of(word)]
    forms, pairs, after = _forms(asked, paper, titled, weights), set(pairwise(said)), wanted(asked)
    rare = math.log1p((len(passages) - 0.5) / 1.5)  # the idf of a stem that one passage has
    scores = []
    for place, passage in enumerate(passages):
        score = _answering(forms, paper, place, rare, weights) + weights.kind * rare * _kind(after, passage, passages)
        beside = pairs & set(pairwise(paper.passages[place]))
        scores.append(score + weights.side_by_side * sum(min(map(paper.idf, pair)) for pair in beside))
    around = zip([0.0, *scores], scores, [*scores[1:], 0.0], strict=False)
    return [score + weights.neighbour * max(before, behind) for before, score, behind in around]


def _answering(forms: Sequence[dict[str, float]], paper: _Words, place: int, rare: float, weights: Weights) -> float:
    """What the question's words are worth where they, or others for them, stand: of each word the best of its forms."""
    stems = paper.passages[place]
    counts = Counter(stems)
    norm = weights.k1 * (1 - weights.b + weights.b * len(stems) / paper.length)
    score = 0.0
    for each in forms:
        worths = [w * paper.idf(s) * counts[s] * (weights.k1 + 1) / (counts[s] + norm) for s, w in each.items() if s in counts]
        score += max(worths, default=0.0)
        if not paper.sections[place].isdisjoint(each):
            score += weights.section * rare * max(each.values())
    return score


def _kind(after: Wanted, passage: Passage, passages: Sequence[Passage]) -> float:
    """How much the passage is of the kind that is asked for; 1 is much."""
    is_abstract = passages[-1].section == passages[0].section
    return after.worth(passage.own, passage.section, passage.last / max(1, passages[-1].last) if is_abstract else None)


def _forms(asked: str, paper: _Words, titled: Set[str], weights: Weights) -> list[dict[str, float]]:
    """For each word of the question, and each two as one, what stands for it in the paper, and how surely."""
    said = words(asked)
    found: dict[str, dict[str, float]] = {}
    for word in [*said, *(one + other for one, other in pairwise(said))]:
        own = weights.common if word in FUNCTION_WORDS else weights.field if word in FIELD_WORDS else 1.0
        for stem in stems_of(word) if word not in STOP_WORDS else ():
            if stem in titled:
                own = min(own, weights.titled)
            forms = dict.fromkeys(kin().get(stem, ()), own * weights.kin)
            forms |= {other: own * weights.akin for other in paper.known if _are_akin(stem, other)}
            forms |= dict.fromkeys(paper.explained.get(stem, ()), own * weights.akin)
            forms[stem] = own
            found.setdefault(stem, {form: weight for form, weight in forms.items() if form in paper.known})
    return [forms for forms in found.values() if forms]


def _are_akin(one: str, other: str) -> bool:
    """Whether the stems begin alike for long enough: "optimis" and "optimiz", but not "inter" and "internet"."""
    if one[:_AKIN_FROM] != other[:_AKIN_FROM] or len(one) < _AKIN_FROM:
        return False
    alike = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return alike >= _AKIN_SHARE * max(len(one), len(other))


def _mended(question: str, paper: _Words) -> str:
    """The question with each word read as the paper's that is a slip away, where the paper has not the word itself."""
    known = paper.written | asking() | FUNCTION_WORDS | FIELD_WORDS | kin().keys()

    def mended(found: re.Match[str]) -> str:
        word = folded(found[0])
        if len(word) < _MENDED_FROM or word in known or any(stem in paper.spread for stem in stems_of(word)):
            return found[0]
        slips = 1 if len(word) < _TWO_SLIPS_FROM else 2
        near = [(OSA.distance(word, other, score_cutoff=slips), other) for other in known if other[:1] == word[:1]]
        distance, other = min(near, default=(slips + 1, ""))
        return other if distance <= slips else found[0]

    return _LETTERS.sub(mended, question)


def _explained(passages: Sequence[Passage]) -> dict[str, set[str]]:
    """The stems of what an abbreviation stands for, by its own, and the other way about."""
    found: dict[str, set[str]] = {}
    for passage in passages:
        for short, long in abbreviations(passage.own) if "(" in passage.own else ():
            for one in stems_of(folded(short)):
                for other in _stems(" ".join(long), words(" ".join(long))):
                    found.setdefault(one, set()).add(other)
                    found.setdefault(other, set()).add(one)
    return found


def _stems(text: str, said: Iterable[str]) -> list[str]:
    """The stems of what is ``said`` in a text, in order; then those of compounds as one word ("finetuned" finds "fine-tuned")."""
    found = [stem for word in said for stem in stems_of(word)]
    if "-" not in text and text.isascii():
        return found
    for compound in _COMPOUND.findall(text):
        found += stems_of(folded(re.sub(r"[-‑–]", "", compound)))
    return found
