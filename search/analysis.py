"""How text becomes what the index knows: words, and their stems."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache

import tantivy
from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

from papers.text import folded

LONGEST = 40  # characters of a word; longer ones are no words
_CHARACTER_BYTES = 4  # at most


def analyser(*, stemmed: bool) -> tantivy.TextAnalyzer:
    """Words, perhaps as stems, of text that is folded: the library would fold other letters than ``folded`` does."""
    made = TextAnalyzerBuilder(Tokenizer.simple()).filter(Filter.remove_long(_CHARACTER_BYTES * LONGEST + 1))
    return (made.filter(Filter.stemmer("english")) if stemmed else made).build()


@cache
def _stemmer() -> tantivy.TextAnalyzer:
    return analyser(stemmed=True)


def stems(text: str) -> list[str]:
    """The stems of a text's words in order: "Trained policies" → ["train", "polici"]."""
    found: list[str] = _stemmer().analyze(folded(text))
    return found


@lru_cache(maxsize=100_000)
def stems_of(word: str) -> tuple[str, ...]:
    """The stem of one word; more than one where it is several to the index ("gpt4.5"), none where it is none."""
    return tuple(stems(word))


def telling(words: Iterable[str]) -> tuple[str, ...]:
    """Each word once, without those that find nothing; words about the asking itself go only where others say enough."""
    every = tuple(dict.fromkeys(word[:LONGEST] for word in words))
    known = tuple(word for word in every if word not in STOP_WORDS) or every
    said = tuple(word for word in known if word not in QUESTION_WORDS)
    return said if len(said) >= _ENOUGH else known


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ENOUGH = 3
# Words that stand in most abstracts: they find nothing and cost most. A question of only such words keeps them.
STOP_WORDS = _set(
    """
    a about an and any are as at be been by can could do does for from had has have how i in into is it its me my of on or our
    paper papers s show t that the their them these they this those to use used using was we were what when where which who
    why with would you your
    """
)
# What people say around what they ask for: "could you list some studies that discuss …".
QUESTION_WORDS = _set(
    """
    also article articles author authors describe described discuss discussed discusses discussing examine examined example
    examples exploring explore explored explores find focus focused give introduce introduced introduces investigate
    investigated investigates investigating know like list literature mention more name one other others please present
    presented presenting presents previous propose proposed proposes provide publication publications publish published
    related research researcher researchers researches some studies study such suggest suggested tell there want work works
    """
)
# What is no reason for two papers to be alike, however rare it is among few papers.
FUNCTION_WORDS = (
    STOP_WORDS
    | QUESTION_WORDS
    | _set(
        """
        above according achieve arxiv available code com github http https io org page project www achieves achieving
        across after again against all allow allows almost alone along already although always among another approach
        approaches around available away based because become becomes before behind being below best better between
        beyond both but called carefully clearly collect collected come comes compare compared common comprehensive
        consistent consistently consists contain contains containing current currently demonstrate demonstrates despite
        different directly down due during each easily effective effectively either enable enables enabling end enough
        entire especially essential even ever every existing extensive extent fail far few finally first five following
        four full fully further furthermore generally given gives good greater hence here high highly however if
        important improve improved improves improving including indeed instead introducing itself just key kind large
        largely last later leading leads least led less like likely little long low made mainly make makes making many
        may means might moreover most much multiple must namely near nearly need needed needs never nevertheless new
        next no nor not notably novel now obtain obtained often once one only onto opposed otherwise out over overall
        own particular particularly per perform performs possible potential primarily propose provides quite rather
        recent recently reduce reduces relatively remain remains report requires respectively result results right same
        second seen set several shall short should show shows shown significant significantly similar simple simply
        since single six small so solely sometimes state still strong strongly substantially success successfully suffer
        suffers take takes ten than then thereby therefore thing third though three through throughout thus time times
        together too top total toward towards twice two typically under unlike until up upon various vast very via way
        ways well were whereas whether while whole whose wide widely will within without yet yield yields
        """
    )
)
