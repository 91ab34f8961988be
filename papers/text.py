"""Text from outside, made fit to keep, to compare and to show: everything that arrives passes through here."""

from __future__ import annotations

import re
import unicodedata

_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"[^\W_]+(?:\+\+|#(?!\w))?")  # C++ and C# are words
_SENTENCE_END = re.compile(r"(?:(?<=[.!?])|(?<=[.!?][\"'”’)\]]))\s+(?=[\"'“‘(\[]?[A-Z0-9])")
_NOT_AN_END = re.compile(
    r"(?:\b(?:e\.g|i\.e|et al|cf|vs|etc|resp|approx|Fig|Figs|Eq|Eqs|Sec|Tab|No|Dr|Prof|St|w\.r\.t)|\b[A-Z])\.$"
)
_SINGULAR_IN_S = frozenset({"news", "lens", "bias"})
_ABBREVIATIONS = re.compile(r"[b-df-hj-np-tv-z]{2}s")  # "LMs", but not "gas"
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
ELLIPSIS = "…"


def clean(text: str) -> str:
    """``text`` on one line: composed (NFC), white space folded, without control, bidirectional or invisible characters.

    Lone surrogates, which no UTF-8 store takes, go too. Joiners that scripts need (ZWJ, ZWNJ) are dropped with the other
    format characters: in the titles of papers they only ever disguise words.
    """
    folded = _SPACE.sub(" ", unicodedata.normalize("NFC", text)).strip()
    if folded.isprintable():
        return folded
    kept = "".join(c for c in folded if unicodedata.category(c) not in _DROPPED)
    return _SPACE.sub(" ", unicodedata.normalize("NFC", kept)).strip()  # what stood apart may compose now


def words(text: str) -> list[str]:
    """The words of ``text`` in order, case and accents folded: "World-Models, naïve" → ["world", "models", "naive"]."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return _WORD.findall("".join(c for c in decomposed if not unicodedata.combining(c)))


def singular(word: str) -> str:
    """A folded word without its plural ending, by rule of thumb, for comparing, never for showing: "models" → "model", and
    where the plural does not tell whether there was an "e" ("caches", "patches"), none for one and many.
    """
    if word.endswith("es") and word[:-2] in _SINGULAR_IN_S:
        return word[:-2]
    is_plural = word.endswith("s") and (len(word) > 3 or _ABBREVIATIONS.fullmatch(word))
    stem = word[:-1] if is_plural and not word.endswith("ss") and word not in _SINGULAR_IN_S else word
    if stem.endswith(("che", "she", "sse", "xe")):
        return stem[:-1]
    return stem[:-2] + "y" if stem.endswith("ie") and len(stem) > 3 else stem


def sentences(text: str) -> list[str]:
    """The sentences of a one-line text, in order; "et al.", "Fig. 3", "e.g." and single initials end none."""
    found: list[str] = []
    for piece in _SENTENCE_END.split(text):
        if found and _NOT_AN_END.search(found[-1]):
            found[-1] = f"{found[-1]} {piece}"
        else:
            found.append(piece)
    return [sentence for sentence in found if sentence]


def clip(text: str, limit: int) -> str:
    """``text`` within ``limit`` characters, cut at a word where one ends in the second half, and marked with an ellipsis."""
    if len(text) <= limit:
        return text
    if limit < 1:
        return ""
    cut = text[: limit - 1]
    space = cut.rfind(" ")
    if space > limit // 2:
        cut = cut[:space]
    return cut.rstrip(" ,;:.–—-") + ELLIPSIS


def opening(text: str, limit: int) -> str:
    """The first sentences of ``text`` that fit ``limit`` characters; the first one clipped if even that is too long."""
    taken = ""
    for sentence in sentences(text):
        longer = f"{taken} {sentence}".strip()
        if len(longer) > limit:
            break
        taken = longer
    return taken or clip(text, limit)


def short_count(number: int) -> str:
    """ "999", "1.4k", "79k", "1.2M"."""
    for size, sign in ((1_000_000, "M"), (1_000, "k")):
        if number >= size:
            scaled = number / size
            return f"{scaled:.0f}{sign}" if scaled >= 10 else f"{scaled:.1f}".removesuffix(".0") + sign
    return str(number)


def plural(number: int, thing: str) -> str:
    """ "1 comment", "2 comments", "1.4k votes"."""
    return f"{short_count(number)} {thing}{'' if number == 1 else 's'}"
