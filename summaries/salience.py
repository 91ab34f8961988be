"""Which words of an abstract a summary of it would use: a chance for each word's stem.

A logistic model: where a word stands, what it looks like, and common words that belong to no field. It was fitted to the
summaries that Hugging Face gives, on every other of the stored days (``python -m bench.salience DAYS`` prints the numbers below);
docs/summaries.md has how well it does on the days it has not seen.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence, Set
from functools import lru_cache
from itertools import chain


def _by_word(text: str) -> dict[str, float]:
    """ "+1.9 through +1.8 framework improv" → {"through": 1.9, "framework": 1.8, "improv": 1.8}."""
    found: dict[str, float] = {}
    weight = 0.0
    for part in text.split():
        if part[0] in "+-":
            weight = float(part)
        else:
            found[part] = weight
    return found


ELSEWHERE = 0.02  # the chance of a word that the abstract does not have
LONG = 7  # letters of a stem
# In the order of ``groups``, and by sentence that a word is in, as a logarithm.
EVERY_SENTENCE = 1.34
STANDING = {
    "in the title": 1.77,
    "in the main sentence": 1.05,
    "in both": -0.33,
    "in the sentence after it": 0.26,
    "in the first sentence": 0.36,
    "in the last sentence": -0.05,
}
LOOKS = {"any word": -2.59, "a number": -1.34, "long": 0.21}
COMMON = _by_word(
    """
    +1.9 improv through +1.6 enabl perform +1.4 framework +1.3 reduc +1.2 effici +1.1 enhanc +1.0 and qualiti reveal
    +0.9 accuraci achiev +0.8 by integr +0.6 system use without +0.5 address base current evalu is method +0.4 combin
    maintain novel that +0.3 across explor while with -0.3 better for into present requir -0.4 demonstr key on other
    public when -0.5 be furthermor leverag show -0.6 but construct design how most onli over strong than -0.7 all are
    both establish increas make produc provid same set -0.8 also as at build extens includ introduc more one -0.9 find
    have not of often paper recent substanti they -1.0 baselin each experi further has howev remain result studi such
    their via where which work yet -1.2 first or -1.3 propos -1.4 it our these -2.1 the -2.4 this -3.4 we
    """
)


def groups(title: Set[str], said_in: Sequence[Set[str]], main: int) -> tuple[Set[str], ...]:
    """Stems by where they stand; ``said_in`` are those of each sentence, of which ``main`` says what was done."""
    after = said_in[main + 1] if main + 1 < len(said_in) else frozenset()
    return title, said_in[main], title & said_in[main], after, said_in[0], said_in[-1]


def chances(title: Set[str], said_in: Sequence[Set[str]], main: int) -> dict[str, float]:
    """The chance, 0..1, of each stem of the abstract to be in a summary of it."""
    counts = Counter(chain.from_iterable(said_in))
    weights = {stem: _of_itself(stem) + _LOGS[min(count, MOST)] for stem, count in counts.items()}
    for weight, group in zip(STANDING.values(), groups(title, said_in, main), strict=True):
        for stem in group:
            if stem in weights:
                weights[stem] += weight
    return {stem: 1 / (1 + math.exp(-weight)) for stem, weight in weights.items()}


@lru_cache(maxsize=10_000)
def _of_itself(stem: str) -> float:
    return (
        LOOKS["any word"]
        + (LOOKS["a number"] if stem[0].isdigit() else 0)
        + (LOOKS["long"] if len(stem) > LONG else 0)
        + COMMON.get(stem, 0)
    )


MOST = 12
_LOGS = (0.0, *(EVERY_SENTENCE * math.log(count) for count in range(1, MOST + 1)))
