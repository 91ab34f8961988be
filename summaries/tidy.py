"""An abstract made plain before it is summarised: no citation marks, no links, and the TeX that its source left over readable."""

from __future__ import annotations

import re

from papers.text import clean
from sources.tex import readable
from summaries.late import late

_LINK = late(
    r"\(\s*(?:[\w ]{0,30}:?\s)?(?:https?://|www\.)[^\s()]*\s*\)"  # (code: https://…)
    r"|(?:[,;]?\s(?:at|here|on|via|from|in|is|see):?\s)?(?:https?://|www\.)[^\s{}]*?(?:\{[^\s{}]*\})?(?=[.,;:!?)\]]*(?:\s|$))",
    re.IGNORECASE,
)
_YEAR = r"(?:1[89]|20)\d\d[a-z]?"
_NUMBERS = r"\d{1,3}(?:\s?[,;–-]\s?\d{1,3}){0,20}"
# Each begins with a sign, to be found fast.
_CITING = late(r"\\[a-zA-Z]*cite[a-zA-Z]*\*?(?:\[[^\]]{0,60}\]){0,2}\s?(?:\{[^{}]{0,300}\})?")
_IN_SQUARE = late(rf"\[(?:{_NUMBERS}|\?+(?:,\s?\?+)*|[^\W\d_][^\[\]]{{0,100}}?\set al\.?,?(?:\s{_YEAR})?)\](?=[\s.,;:!?)\]]|$)")
_IN_ROUND = late(
    rf"\((?:(?:see|e\.g\.,?|cf\.)\s)?[^\W\d_](?:[^()]{{0,60}}\set al\.?"
    rf"|[^()]{{0,200}}?(?:,\s?|\s){_YEAR}(?:[;,][^()]{{0,200}}{_YEAR})?)\)"
)
_AFTER_NAMES = late(rf"et al\.(?:,?\s\(?{_YEAR}\)?)")
# "in [0, 1]" and "k ∈ [5, 10]" are intervals.
_INTERVAL = late(r"(?:\b(?:in|from|range|ranges|interval|within|over|values?|to)|[∈=×])$")
# Commands that lost their backslash on the way: "3times faster", "sim5 hours", "approx 18%".
_LOST = (
    ("times", late(r"(?<=\d)(?: ?)times(?![a-z])"), "×"),
    ("sim", late(r"\bsim ?(?=\d)"), "~"),
    ("approx", late(r"\bapprox ?(?=\d)"), "~"),
    ("leq", late(r"\bleq ?(?=\d)"), "≤ "),
    ("geq", late(r"\bgeq ?(?=\d)"), "≥ "),
    ("pm", late(r"(?<=[\d\s])pm ?(?=\d)"), "±"),
    ("rightarrow", late(r"\b(?:long)?rightarrow\b"), "→"),
    ("langle", late(r"\blangle\s"), "⟨"),
    ("rangle", late(r"\srangle\b"), "⟩"),
    ("{", late(r"\b(?:math(?:rm|bf|cal|bb|sf|it)|text(?:bf|it|rm|sc|tt|sf)|emph|black|red|blue)\{([^{}]*)\}"), r"\1"),
    ("**", late(r"\*\*([^*]{1,80})\*\*"), r"\1"),
    ("`", late(r"`([^`]{1,80})`"), r"\1"),
    ("~", late(r"([.;:,)])~(?=\w)"), r"\1 "),
    ("\\", late(r"\\[,;:! ]"), " "),
)
# A sentence that was joined to the one before: "the tradeoff.Without sufficient".
_JOINED = late(r"\.(?=[A-Z][a-z]+,? [a-z])(?<=[a-z]{3}\.)")
_SPACE_BEFORE_STOP = late(r" ([,;.!?])(?=\s|$)")


def tidy(abstract: str) -> str:
    """``abstract`` on one line, as a reader without the paper would want it."""
    text = readable(_CITING.sub(" ", abstract) if "cite" in abstract else abstract)
    if "[" in text:
        text = _IN_SQUARE.sub(_uncited, text)
    if " et al" in text or ("(" in text and ("19" in text or "20" in text)):
        text = _AFTER_NAMES.sub("et al.", _IN_ROUND.sub(" ", text))
    for sign, pattern, plain in _LOST:
        if sign in text:
            text = pattern.sub(plain, text)
    if "://" in text or "www." in text:
        text = _LINK.sub(" ", text)
    return _SPACE_BEFORE_STOP.sub(r"\1", clean(_JOINED.sub(". ", text))) or clean(abstract)


def _uncited(found: re.Match[str]) -> str:
    """A space, where the brackets hold citations; what was found, where they may hold something else."""
    before = found.string[max(found.start() - 12, 0) : found.start()].rstrip()
    return found[0] if "[0" in found[0] or _INTERVAL.search(before) else " "
