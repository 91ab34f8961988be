"""Whole sentences that are shorter than a sentence: without its asides, its lead-in, or what follows one of its clauses."""

from __future__ import annotations

import re

from papers.text import sentences
from summaries.late import late
from summaries.wording import IS_CLAUSE, SHORTEST, capitalised, plain

_ASIDE = late(r"\s\((?![A-Z][\w+-]{1,14}s?\))[^()\d]{12,}\)")
_LEADS = r"To|By|For|In order to|With|Through|Using|Building on|Inspired by|Based on|Motivated by|Unlike|Rather than|Instead of"
_PURPOSE = late(rf"(?:{_LEADS}) [^.;:]{{10,160}}?, (?=we )")
# "We formalise this and propose MoZoo, a …": the second half is enough.
_LATER = late(
    r"(?:\bwe|,? and) (?:[a-z]+ly |further |then |also )?(?P<verb>propose|introduce|present|develop) "
    r"(?=(?:[A-Z]|[a-z]{1,4}[A-Z0-9])[^ ]*[ ,])"
)
# What begins so has its main clause behind the first comma.
_LEADS_IN = late(
    r"(?:As|While|When|If|Although|Though|Because|Since|Despite|With|Without|By|In|On|At|For|From|Unlike|To|Given|Across|Under|Using"
    r"|Through|Beyond|Rather|Instead|Compared|After|Before|Once|Whereas|Where|Even|[A-Z][a-z]+(?:ed|ing))\s"
)
_CUT = late(
    r"""
    ;\s|:\s|\s(?:–|—|---?)\s
    |,\s(?=(?:which|where|while|whereas|thereby|thus|hence|with|without|including|such\sas|as\swell\sas|especially|particularly
      |because|since|although|even|rather\sthan|instead\sof|compared|despite|so\sthat|but)\b)
    |,\s(?=(?:(?:thereby|thus|hence|effectively|significantly|substantially|further|ultimately|while|simultaneously)\s)?
      [a-z]{3,}ing\b)
    |,\s(?=and\s(?:we|it|they|the|demonstrate|show|find|further|release|provide|achieves?|outperforms?)\s)
    |\s(?=(?:while|thereby|by\s[a-z]+ing|without\s[a-z]+ing|leading\sto|so\sthat
      |to\s(?:enable|improve|ensure|achieve|facilitate|support|enhance)
      |and\s(?:show|demonstrate|find|achieves?|outperforms?))\s)
    """,
    re.VERBOSE,
)


def shorter(sentence: str) -> list[str]:
    """What is left of a plain sentence, the longest first; perhaps nothing."""
    found = []
    if purpose := _PURPOSE.match(sentence):
        found.append(plain(capitalised(sentence[purpose.end() :])))
    elif later := _LATER.search(sentence, 3):
        found.append(plain(f"We {later['verb']} {sentence[later.end() :]}"))
    bare = _ASIDE.sub("", sentence)
    if bare != sentence:
        found.append(bare)
    for cut in _CUT.finditer(bare):
        start = bare[: cut.start()].rstrip(" ,;:–—-")
        if len(start) >= SHORTEST and _is_whole(start):
            found.append(start + ".")
    return sorted(found, key=len, reverse=True)


def _is_whole(start: str) -> bool:
    """Whether the beginning of a sentence is one: nothing left open, and a verb in its main clause."""
    balanced = all(start.count(a) == start.count(b) for a, b in ("()", "[]", "“”")) and start.count('"') % 2 == 0
    main = start.partition(", ")[2] if _LEADS_IN.match(start) else start
    return balanced and bool(IS_CLAUSE.search(main)) and len(sentences(start + ".")) == 1
