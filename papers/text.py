"""Text from outside, made fit to keep, to compare and to show: everything that arrives passes through here."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from papers.language import ngettext, pgettext

_WORD = re.compile(r"[^\W_]+(?:\+\+|#(?!\w))?")  # C++ and C# are words
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
# Latin letters that Unicode does not take apart; what people type in their stead.
_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ŋ": "n", "ı": "i", "ȷ": "j", "ƒ": "f", "ə": "a"}
    | {"æ": "ae", "œ": "oe", "þ": "th", "ĸ": "k", "ƶ": "z", "ƀ": "b", "ɨ": "i", "ɔ": "o", "ɛ": "e", "ǥ": "g"}
)
# A sentence begins with a capital or a figure, perhaps behind a bracket, a quotation mark or a star of Markdown; with "(ii) "; or
# with a name like "minWM", "iTryOn" and "δ-mem".
_BEGINNING = r"[\"'“‘(\[*]{0,3}[A-Z0-9À-ÖØ-ÞΑ-Ω]|\([ivx]+\)\s|(?:[a-z]{1,4}[A-Z0-9]|[α-ω]-)\w"
_SENTENCE_END = re.compile(rf"[.!?…](?:[\"'”’)\]*]|\*\*)?(?P<between>\s+)(?={_BEGINNING})")
# What a full stop stands behind within a sentence; behind the second kind it may end one too, where the next word says so.
_NOT_AN_END = re.compile(
    r"(?:\b(?:e\.g|i\.e|cf|vs|viz|Figs?|Eqs?|Secs?|Tabs?|Refs?|Dr|Mr|Ms|Prof|St|w\.r\.t|a\.k\.a)"
    r"|\b(?P<may_end>et al|etc|resp|[Aa]pprox|[Aa]vg|Inc|Ltd|Corp|i\.i\.d|No|U\.S|[A-Z]))\.[)\]]?$"
)
_SURELY_NEW = re.compile(
    r"(?:We|Our|The|This|These|Those|It|In|To|However|Moreover|Furthermore|Finally|Specifically|Experiments|Extensive|On|By|For"
    r"|While|Yet|And|But|When|With|Here)\b"
)
_SINGULAR_IN_S = frozenset({"news", "lens", "bias"})
_ABBREVIATIONS = re.compile(r"[b-df-hj-np-tv-z]{2}s")  # "LMs", but not "gas"
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_LAST_WORD, _NEXT_WORD = 12, 13  # characters, more than any of those
_LONG_WORD = 7  # letters, more than what ends no sentence has
ELLIPSIS = "…"


def clean(text: str) -> str:
    """``text`` on one line: composed (NFC), white space folded, without control, bidirectional or invisible characters.

    Lone surrogates, which no UTF-8 store takes, go too. Joiners that scripts need (ZWJ, ZWNJ) are dropped with the other
    format characters: in the titles of papers they only ever disguise words.
    """
    folded = " ".join(unicodedata.normalize("NFC", text).split())
    if folded.isprintable():
        return folded
    kept = "".join(c for c in folded if unicodedata.category(c) not in _DROPPED)
    return " ".join(unicodedata.normalize("NFC", kept).split())  # what stood apart may compose now


def folded(text: str) -> str:
    """``text`` without case, accents and other marks, in letters that people type: "Łukasz’ naïve Ideen" → "lukasz’ naive ideen".

    What is stored and what is asked are both compared in this form. In scripts that write vowels as marks, those go too.
    """
    return text.lower() if text.isascii() else _FOREIGN.sub(_folded_run, text).lower()


def _folded_run(found: re.Match[str]) -> str:
    return _folded_foreign(found[0])


@lru_cache(maxsize=10_000)  # most are one letter or a dash
def _folded_foreign(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = "".join(c for c in decomposed if not is_mark(c))
    # Composed again for the syllables of Korean, which would be three letters each.
    return unicodedata.normalize("NFC", bare).translate(_LETTERS)


def is_mark(character: str) -> bool:
    """Whether it is an accent or another sign that goes with the letter before it."""
    return unicodedata.category(character).startswith("M")


def words(text: str) -> list[str]:
    """The words of ``text`` in order, folded: "World-Models, naïve" → ["world", "models", "naive"]."""
    return _WORD.findall(folded(text))


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
    """The sentences of a one-line text, in order; "et al.", "Fig. 3", "e.g." and single initials end none, but "etc. We" does."""
    return [text[start:end] for start, end in sentence_spans(text)]


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Where the sentences of a text stand in it."""
    found, start = [], 0
    for match in _SENTENCE_END.finditer(text):
        end, following = match.span("between")
        is_long = end > _LONG_WORD and text[end - _LONG_WORD - 1 : end - 1].isalpha()
        if is_long or not _goes_on(text[max(start, end - _LAST_WORD) : end], text[following : following + _NEXT_WORD]):
            found.append((start, end))
            start = following
    return [*found, (start, len(text))] if text else []


def _goes_on(last: str, following: str) -> bool:
    """Whether a sentence that seems to have ended has not, by its last characters and those that follow."""
    stop = _NOT_AN_END.search(last)
    if stop is None:
        return False
    if stop["may_end"] == "No":
        return following[:1].isdigit()
    return not (stop["may_end"] and _SURELY_NEW.match(following))


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


def counted(number: int, one: str, more: str) -> str:
    """The one of two texts that fits a number, with it for ``{count}``, in the language spoken: "1 comment", "1.4k votes"."""
    return ngettext(one, more, number).format(count=in_short(number))


def in_short(number: int) -> str:
    """ "1.4k" as the language spoken writes it."""
    return short_count(number).replace(".", pgettext("decimal sign", "."))


def plural(number: int, thing: str) -> str:
    """ "1 comment", "2 comments", "1.4k votes", in English, for the terminal."""
    return f"{short_count(number)} {thing}{'' if number == 1 else 's'}"
