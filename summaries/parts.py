"""An abstract's own sentences under the headings that a model's summary has: the best there is of "full" without a model."""

from __future__ import annotations

from papers.language import N_
from papers.text import sentences
from search.analysis import stems
from summaries.roles import Role, role

_NEW = N_("What is new")
_HEADINGS = {
    Role.PROBLEM: N_("Why"),
    Role.MAIN: _NEW,
    Role.CONTRIBUTION: _NEW,
    Role.METHOD: N_("How"),
    Role.RESULT: N_("Results"),
}
_MOST = 2  # sentences of each


def parts(abstract: str) -> tuple[tuple[str, str], ...]:
    """Heading and text of each part that the abstract has, at most two sentences in their order; none under a heading twice."""
    found: dict[str, list[str]] = {heading: [] for heading in _HEADINGS.values()}
    for sentence in sentences(abstract):
        said = found.get(_HEADINGS.get(role(sentence, frozenset(stems(sentence))), ""))
        if said is not None and len(said) < _MOST:
            said.append(sentence)
    return tuple((heading, " ".join(said)) for heading, said in found.items() if said)
