"""Other ways to say the same, learnt from the papers: abbreviations they explain, and words they write with a hyphen.

What a paper tells is kept in its index entry as terms such as "rag=retrieval augmented generation", so that counting them, over
all papers, says how sure it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from papers.paper import Paper
from papers.text import singular
from papers.text import words as words_of
from search.analysis import STOP_WORDS
from search.results import Variant

Lookup = Callable[
    [str, int], list[tuple[str, int]]
]  # the first so many terms that begin like this, and how many papers have each
Papers = Callable[[str], int]  # how many papers have a word

_IN_PARENTHESES = re.compile(r"\(([^()]{2,80})\)")
_SHORT = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-/][A-Za-z0-9]+)?")  # LLMs, SO3, GPT-4, β-VAE not
_SHORT_BEFORE = re.compile(r"([A-Za-z][A-Za-z0-9-]*)\s*$")
_LONGEST_SHORT = 10
_TOKEN = re.compile(r"[^\s,;:.!?\[\]{}\"“”]+")
_BOUNDARY = re.compile(r"[,;:.!?\[\]{}\"“”]\s|[,;:!?\[\]{}\"“”]")
_COMPOUND = re.compile(r"\W*([A-Za-z]{2,20})-([A-Za-z]{2,20})\W*")
_LONGEST = 6  # words that an abbreviation stands for
_LOOKED_AT = 400
_MEANINGS = 2  # of an abbreviation that are looked for
_LEAST_SHARE = 0.15  # of an abbreviation's meanings, for one to be looked for
_LEAST_EXPLAINED = (
    0.02  # of the papers that have it: what is hardly ever explained ("data", "few") is a word, not an abbreviation
)
_LEAST_APART = 0.002  # of the papers that have a word joined: "data-set", but not a "net-work" that somebody's line break made
_ALONE = 2.0  # what one paper says counts a third, what two say a half, what twenty say nearly all


def abbreviations(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """What a text explains, as written: "retrieval-augmented generation (RAG)" → ("RAG", ("retrieval-augmented", "generation")).

    Either may stand in the parentheses. After A. Schwartz and M. Hearst, "A simple algorithm for identifying abbreviation
    definitions in biomedical text", 2003: the short form's letters occur in the long form in their order, its first letter at
    the beginning of a word.
    """
    found = []
    for match in _IN_PARENTHESES.finditer(text):
        inside = re.split(r"[;,]", match[1])[0].strip()
        before = text[max(0, match.start() - 120) : match.start()]
        if _is_short(inside):
            long = _long_form(inside, _last_clause(before))
            if long:
                found.append((inside, long))
        elif " " in inside or "-" in inside:
            outside = _SHORT_BEFORE.search(before)
            tokens = _TOKEN.findall(inside)
            if outside and _is_short(outside[1]) and _long_form(outside[1], tokens) == tuple(tokens):
                found.append((outside[1], tuple(tokens)))
    return found


def pairs_of(paper: Paper) -> list[str]:
    """The terms that a paper adds to what is known, each once: abbreviations both ways, compounds as "fewshot=few shot"."""
    found: dict[str, None] = {}
    for text in (paper.title, paper.abstract):
        for short, long in abbreviations(text):
            one, many = _key(words_of(short)), _key(words_of(" ".join(long)))
            if one and many and " " not in one and one != many:
                found[f"{one}={many}"] = found[f"{many}={one}"] = None
        for token in {token for token in text.split() if "-" in token}:
            if compound := _COMPOUND.fullmatch(token):
                first, last = compound[1].lower(), singular(compound[2].lower())
                if first not in STOP_WORDS and last not in STOP_WORDS:
                    found[f"{first}{last}={first} {last}"] = None
    return list(found)


def variants(words: Sequence[str], lookup: Lookup, papers: Papers) -> list[Variant]:
    """Other forms of a question's folded words, surest first. ``lookup`` reads the terms that ``pairs_of`` made."""
    keys = [singular(word) for word in words]
    found = [variant for place, key in enumerate(keys) for variant in _meanings(place, key, words[place], lookup, papers)]
    found += [variant for place in range(len(keys) - 1) for variant in _joined(place, keys, lookup, papers)]
    short = [variant for places in _runs(keys, lookup) for variant in _shorter(places, [keys[n] for n in places], lookup, papers)]
    # "Visual question answering" is VQA, not visual QA.
    found += [one for one in short if not any(set(one.places) < set(other.places) for other in short)]
    return sorted(found, key=lambda variant: (-variant.weight, variant.places, variant.words))


def _meanings(place: int, key: str, word: str, lookup: Lookup, papers: Papers) -> Iterator[Variant]:
    """What one word stands for: two that are joined in it, or those that it abbreviates."""
    known = [(count, term.partition("=")[2]) for term, count in lookup(f"{key}=", _LOOKED_AT)]
    if not known:
        return
    common = max(papers(key), papers(word))
    apart = [(count, said) for count, said in known if said.replace(" ", "") == key]
    if apart and (count := max(apart)[0]) >= common * _LEAST_APART and (count > 1 or not common):
        yield Variant((place,), tuple(max(apart)[1].split()), _sure(count) if common else 1.0)
    long = sorted(((count, said) for count, said in known if " " in said and (count, said) not in apart), reverse=True)
    total = sum(count for count, _ in long)
    for count, said in long[:_MEANINGS]:
        if count >= total * _LEAST_SHARE and total >= common * _LEAST_EXPLAINED:
            yield Variant((place,), tuple(said.split()), _sure(count) * count / total)


def _joined(place: int, keys: Sequence[str], lookup: Lookup, papers: Papers) -> Iterator[Variant]:
    """The one word that this and the next are when they are joined."""
    first, last = keys[place : place + 2]
    if common := papers(first + last):
        said = f"{first}{last}={first} {last}"
        count = next((count for term, count in lookup(said, 1) if term == said), 0)
        if count > 1 and count >= common * _LEAST_APART:
            yield Variant((place, place + 1), (first + last,), _sure(count))


def _shorter(places: tuple[int, ...], keys: Sequence[str], lookup: Lookup, papers: Papers) -> Iterator[Variant]:
    """The one word that abbreviates several."""
    known = [(count, term.partition("=")[2]) for term, count in lookup(f"{' '.join(keys)}=", _LOOKED_AT)]
    if known:
        count, short = max(known)
        meant = sum(other for term, other in lookup(f"{short}=", _LOOKED_AT) if " " in term)
        if count >= meant * _LEAST_SHARE and meant >= papers(short) * _LEAST_EXPLAINED:
            yield Variant(places, (short,), _sure(count) * count / max(meant, count))


def _runs(keys: Sequence[str], lookup: Lookup) -> Iterator[tuple[int, ...]]:
    """The places of words side by side that something begins with which has a short form."""
    for start in range(len(keys) - 1):
        for end in range(start + 2, min(start + _LONGEST, len(keys)) + 1):
            if not lookup(" ".join(keys[start:end]), 1):
                break
            yield tuple(range(start, end))


def _sure(count: int) -> float:
    return count / (count + _ALONE)


def _key(words: Sequence[str]) -> str:
    """As questions are read: without the words that find nothing, in the singular."""
    told = [singular(word) for word in words if word not in STOP_WORDS]
    return " ".join(told) if len(told) <= _LONGEST else ""


def _is_short(text: str) -> bool:
    """Whether it looks like an abbreviation: "RAG", "LLMs", "mAP"; "Ours" and "left" do not."""
    capitals = sum(letter.isupper() for letter in text)
    return 2 <= len(text) <= _LONGEST_SHORT and bool(_SHORT.fullmatch(text)) and capitals >= 2


def _last_clause(before: str) -> list[str]:
    """The words since the last sign that ends a thought."""
    clause = _BOUNDARY.split(before)[-1]
    return _TOKEN.findall(clause)


def _long_form(short: str, tokens: Sequence[str]) -> tuple[str, ...] | None:
    """The fewest of the last tokens that the abbreviation's letters occur in, as explained; None if they do not."""
    one = short.removesuffix("s") if short[-2].isupper() else short
    letters = [letter.lower() for letter in one if letter.isalnum()]
    taken = list(tokens[-min(len(letters) + 5, len(letters) * 2) :])
    text = " ".join(taken).lower()
    at = len(text)
    for number in range(len(letters) - 1, -1, -1):
        at -= 1
        while at >= 0 and (text[at] != letters[number] or (number == 0 and at > 0 and text[at - 1].isalnum())):
            at -= 1
        if at < 0:
            return None
    long = tuple(text_token for text_token in taken[text[:at].count(" ") :])
    return long if _is_plausible(letters, long, short) else None


def _is_plausible(letters: Sequence[str], long: tuple[str, ...], short: str) -> bool:
    """Whether the words' beginnings account for enough of the letters; it does not explain itself by itself."""
    words = words_of(" ".join(long))
    if len(words) < 2 or short.lower() in {word.lower() for word in long} or len(words) > _LONGEST + 2:
        return False
    initials = [word[0] for word in words if word not in STOP_WORDS or word[0] in letters]
    told = 0
    for initial in initials:
        if told < len(letters) and initial in letters[told:]:
            told = letters.index(initial, told) + 1
    starts = sum(1 for word in words if word not in STOP_WORDS and word[0] in letters)
    telling = sum(1 for word in words if word not in STOP_WORDS)
    return starts >= telling - 1 and starts * 2 >= len(letters)
