"""What a sentence of an abstract is there for, by the words that authors use for it."""

from __future__ import annotations

import re
from collections.abc import Set
from enum import StrEnum

from summaries.late import late


class Role(StrEnum):
    LINK = "link"  # where the code is
    MAIN = "main"  # what was done, in as many words: "We propose …", "This paper studies …"
    CONTRIBUTION = "contribution"  # what else was done
    RESULT = "result"
    METHOD = "method"  # how
    PROBLEM = "problem"  # why: what the field does and where it fails
    OTHER = "other"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_MAY_BE_LINK = _words("availab releas http github www. page website code open-sourc repositor demo Project")
_LINK = late(
    r"""
    (?:project|home|demo|github|code|web)\s?-?(?:page|site|website|repository|repo|code|demo)s?\b.{0,40}$
    |^(?:our\s)?code\b.{0,60}$
    |\b(?:code|models?|data(?:sets?)?|weights|checkpoints|benchmark|demos?|videos?|materials|resources|page|repository
      |implementation|results)\b.{0,60}\b(?:available\s(?:at|here|on|in)
      |(?:is|are|be|made|publicly|freely|now|openly)\s(?:\w+\s){0,2}(?:available|released|open-sourced|found|accessible))
    |\b(?:we|to)\s(?:\w+\s)?(?:release|open-source|opensource|publish|make)\s(?:our|the|all|both|code|\w+\scode)\b
    |https?://|www\.|\.github\.io|github\.com
    """,
    re.IGNORECASE | re.VERBOSE,
)
_CONTRIBUTION = late(
    r"\b(?:[Ww]e|I) (?:\w+ ){0,2}?(?:(?P<plainly>propose|present|introduce|develop|describe)|design|build|construct|create|devise"
    r"|formulate|deploy|formali[sz]e|establish|curate|release|contribute|provide|offer|advocate|argue|investigate|study|examine|explore|revisit"
    r"|ask|analy[sz]e|conduct|survey|address|tackle|bridge|pioneer|reframe|cast|reformulate|open-source|unveil|extend|aim|collect"
    r"|instantiate|adapt|improve|show|find|demonstrate|discover|identify|prove|reveal|observe)\b"
    r"|\b(?:[Tt]his|[Tt]he present|[Oo]ur) (?P<work>(?:\w+ )?(?:paper|work|study|survey|report|article|thesis)) \w+"
    r"|\b(?:is|are) (?P<passive>introduced|proposed|presented)\b",
)
_ALSO_PLAINLY = late(r"\b(?:[Ww]e|I) [^.;]{10,200}\band (?:propose|introduce|present) ")
# As stems.
_RESULTS = _words(
    """
    experi result evalu empir outperform surpass exceed achiev attain improv sota yield demonstr reduc gain speedup accuraci
    superior competit compar find ablat confirm valid higher faster better
    """
)
_PROBLEMS = _words(
    "remain lack limit struggl suffer challeng fail bottleneck overlook neglect scarc hinder difficult expens unclear prone"
)
_MEANS = _words(
    "consist compris leverag incorpor integr combin employ util decompos decoupl encod align joint modul stage pipelin compon via"
)
_PROBLEM = late(
    r"(?:However|Yet|Despite|While|Although|Existing|Current|Prior|Previous|Recent|Most|Many|Traditional|Conventional|Unfortunately)\b"
)
_METHOD = late(
    r"(?:Specifically|Concretely|In particular|Technically|First|Second|Third|Then|Finally|It|Built|Each"
    r"|Our (?:method|approach|framework|key)|The (?:framework|method|key))\b"
)


def role(sentence: str, stems: Set[str]) -> Role:
    """Of an abstract's sentence as it stands there, and its stems; the first that fits."""
    if any(sign in sentence for sign in _MAY_BE_LINK) and _LINK.search(sentence):
        return Role.LINK
    if found := _CONTRIBUTION.search(sentence):
        is_plain = found["plainly"] or found["work"] or found["passive"] or _ALSO_PLAINLY.search(sentence, found.start())
        return Role.MAIN if is_plain else Role.CONTRIBUTION
    if stems & _RESULTS or "%" in sentence or "×" in sentence:
        return Role.RESULT
    if stems & _PROBLEMS or _PROBLEM.match(sentence):
        return Role.PROBLEM
    return Role.METHOD if stems & _MEANS or _METHOD.match(sentence) else Role.OTHER
