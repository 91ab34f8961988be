"""What a model answered, read and checked: JSON to a schema, in the language asked for, about the paper, numbers and all."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from papers.text import sentences, words
from search.analysis import STOP_WORDS, stems_of
from search.passages import Passage
from summaries.languages import ENGLISH, LANGUAGES, is_in
from summaries.late import late
from summaries.plain import plain, without_thinking
from summaries.prompts import COMPARED_LIMIT, SECTION_LIMIT, SECTIONS, SENTENCE_LIMIT, SENTENCES, SHORT, TEXT_LIMIT
from summaries.trouble import Unusable

NOTES_LIMIT = 1_500
_LONG = 2 * NOTES_LIMIT
_LEAST_WORD = 4  # letters of a word that tells what a sentence is about
_ABOUT = 0.4  # of those words a text about the paper shares with it (measured: docs/models.md)
_STANDS = 0.4  # of those words a sentence shares with the passage it stands on
_NUMBER = late(r"\d+(?:[.,]\d+)*")
_PLACES = 4  # after the point
_STRING = late(r'"(?P<key>\w+)"\s*:\s*"(?P<value>(?:[^"\\]|\\.)*)', re.DOTALL)
_ESCAPE = late(r"\\(u[0-9a-fA-F]{4}|.)?", re.DOTALL)
_ESCAPED = {"n": " ", "t": " ", "r": " ", "b": "", "f": ""}

Sections = tuple[tuple[str, str], ...]


def summary_in(reply: str, text: str, language: str, *, is_last: bool) -> tuple[str, Sections]:
    """The TL;DR and the sections of a reply about ``text``. Raises Unusable, in words that tell the model what to mend.

    Where it is the last try, a reply is taken that has a TL;DR and no more.
    """
    found = _object_in(reply)
    missing = [key for key in (SHORT, *SECTIONS) if not isinstance(found.get(key), str | list)]
    if SHORT in missing or (missing and not is_last):
        raise Unusable(f"The keys {', '.join(missing)} are missing, or no strings.")
    written = _text_of(found[SHORT], TEXT_LIMIT * 2)
    parts = [(heading, _text_of(found.get(key), SECTION_LIMIT * 2)) for key, heading in SECTIONS.items()]
    check_language(written, language)
    check_language(" ".join((written, *(part for _, part in parts))), language)
    source = Source(text, language)
    short = source.supports(written, TEXT_LIMIT)
    if not short:
        raise Unusable("tldr is empty, has addresses or mentions in it, or what the text does not say.")
    if not source.is_about(short):
        raise Unusable("tldr does not speak of the paper.")
    supported = ((heading, source.supports(part, SECTION_LIMIT)) for heading, part in parts)
    return short, tuple((heading, part) for heading, part in supported if part)


def notes_in(reply: str) -> str:
    """The notes on a part of a paper. Raises Unusable."""
    return _text_of(_object_in(reply).get("notes"), NOTES_LIMIT)


def compared_in(reply: str, texts: Sequence[str]) -> str:
    """How papers compare, of which these are the texts. Raises Unusable."""
    whole = _text_of(_object_in(reply).get("text"), COMPARED_LIMIT * 2)
    source = Source(" ".join(texts), ENGLISH)
    text = source.supports(whole, COMPARED_LIMIT)
    if not text:
        raise Unusable("text is missing or empty, has addresses or mentions in it, or what the papers do not say.")
    check_language(text, ENGLISH)
    if not source.is_about(text):
        raise Unusable("text does not speak of the papers.")
    return text


def answer_in(reply: str, passages: Sequence[Passage]) -> tuple[tuple[str, int], ...]:
    """Sentences, each with the number (from 0) of the passage it stands on; none where the passages do not say. Raises Unusable.

    A sentence that stands on no passage is left out; one that names the wrong passage gets the right one.
    """
    found = _object_in(reply)
    given = found.get("sentences")
    if not isinstance(given, list) or not isinstance(found.get("is_said"), bool):
        raise Unusable("The keys is_said and sentences are missing, or no boolean and no list.")
    if not found["is_said"]:
        return ()
    told = [
        (_text_of(each.get("text"), SENTENCE_LIMIT), each.get("passage")) for each in given[:SENTENCES] if isinstance(each, dict)
    ]
    texts = [(text, number) for text, number in told if text]
    if not texts:
        raise Unusable("There is no sentence that could be shown.")
    check_language(" ".join(text for text, _ in texts), ENGLISH)
    placed = ((text, _stands_on(text, number, passages)) for text, number in texts)
    return tuple((text, place) for text, place in placed if place is not None)


def check_language(text: str, language: str) -> None:
    """Raises Unusable where a text clearly is in another language."""
    if not is_in(text, language):
        raise Unusable(f"It is not in {LANGUAGES[language]}.")


def so_far(reply: str) -> str:
    """What may be shown of a reply that is still coming in: the texts in it, with their headings, plain and whole sentences."""
    shown = []
    for found in _STRING.finditer(without_thinking(reply)):
        text = plain(_ESCAPE.sub(_unescaped, found["value"]), SECTION_LIMIT)
        if text:
            heading = SECTIONS.get(found["key"])
            shown.append(f"{heading}: {text}" if heading else text)
    return "\n".join(shown)


def _unescaped(found: re.Match[str]) -> str:
    code = found[1] or ""
    if len(code) == 5:
        return chr(int(code[1:], 16))
    return _ESCAPED.get(code, code)


def _object_in(reply: str) -> Mapping[str, Any]:
    """The JSON object in a reply, whatever is written around it; of one that breaks off, the strings that do not."""
    text = without_thinking(reply)
    start = text.find("{")
    if start < 0:
        raise Unusable("There is no JSON object in it." if text.strip() else "It is empty.")
    try:
        found, _ = json.JSONDecoder(strict=False).raw_decode(text, start)
    except (ValueError, RecursionError):
        found = {each["key"]: _ESCAPE.sub(_unescaped, each["value"]) for each in _STRING.finditer(text) if _is_whole(text, each)}
        if not found:
            raise Unusable("It is no valid JSON.") from None
    return {str(key).casefold().replace(";", "").replace(" ", "_"): value for key, value in found.items()}


def _is_whole(text: str, found: re.Match[str]) -> bool:
    """Whether a string has its end, or is so long that nobody sees that."""
    return text[found.end() : found.end() + 1] == '"' or len(found["value"]) > _LONG


def _text_of(value: object, limit: int) -> str:
    """A string, or a list of strings, as plain sentences."""
    if isinstance(value, list):
        value = " ".join(part if part.endswith(".") else f"{part}." for part in value if isinstance(part, str) and part)
    return plain(value[: limit * 6], limit) if isinstance(value, str) else ""


class Source:
    """The text that something was made of: what it has no numbers for is made up, what shares no word with it is not about it.

    Words are compared in English alone: a translation has others.
    """

    def __init__(self, text: str, language: str) -> None:
        self._numbers = _known_numbers(text)
        self._words = _telling(text) if language == ENGLISH else None

    def supports(self, text: str, limit: int) -> str:
        """The sentences of ``text`` that the source supports, within so many characters."""
        return plain(" ".join(each for each in sentences(text) if self._has(each)), limit)

    def is_about(self, text: str) -> bool:
        return self._words is None or _shared(text, self._words) >= _ABOUT

    def _has(self, sentence: str) -> bool:
        telling = _telling(sentence)
        is_strange = self._words is not None and telling and not telling & self._words
        return self._numbers.issuperset(_numbers(sentence)) and not is_strange


def _numbers(text: str) -> Iterator[str]:
    """The numbers in a text, those of one digit aside, in one form: "1,000" → "1000", "95.0" → "95"."""
    for found in _NUMBER.findall(text):
        number = _shortest(re.sub(r",(?=\d{3})", "", found))
        if len(number) > 1:
            yield number


def _known_numbers(text: str) -> set[str]:
    """The numbers in a text, and what they are rounded to: "24.17" is about 24.2, or 24."""
    known = set(_numbers(text))
    for number in [number for number in known if number.count(".") == 1 and "," not in number]:
        places = len(number.partition(".")[2])
        known.update(_shortest(f"{float(number):.{fewer}f}") for fewer in range(min(places, _PLACES)))
    return known


def _shortest(number: str) -> str:
    return number.rstrip("0").rstrip(".") if "." in number else number


def _telling(text: str) -> set[str]:
    """The stems of the words in a text that tell what it is about."""
    telling = {word for word in words(text) if len(word) >= _LEAST_WORD and word not in STOP_WORDS}
    return {stem for word in telling for stem in stems_of(word)}


def _shared(text: str, known: set[str]) -> float:
    """Which part of a text's telling words are known; 0.0 where it has none."""
    telling = _telling(text)
    return len(telling & known) / len(telling) if telling else 0.0


def _stands_on(text: str, told: object, passages: Sequence[Passage]) -> int | None:
    """The passage that has the sentence's words and all of its numbers: the one it names, else the one with most of them."""

    def support(place: int) -> float:
        passage = passages[place].text
        return _shared(text, _telling(passage)) if set(_numbers(text)) <= _known_numbers(passage) else 0.0

    if isinstance(told, int) and 1 <= told <= len(passages) and support(told - 1) >= _STANDS:
        return told - 1
    best = max(range(len(passages)), key=support, default=None)
    return best if best is not None and support(best) >= _STANDS else None
