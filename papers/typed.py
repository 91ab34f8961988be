"""What people type in their own language, in the English words that are read: "lundi", "3 Tage", "en semaine"."""

from __future__ import annotations

import re

from papers.language import ENGLISH, pgettext, spoken

_WORD = re.compile(r"[^\W\d_]+")
_LEAST = {"day": 2, "month": 3}  # letters that stand for a name


def in_english(text: str) -> str:
    """In small letters with single spaces; words of the language spoken become the English ones, others stay as they are."""
    folded = " ".join(text.lower().split())
    if spoken() == ENGLISH:
        return folded
    known = _words()
    for phrase in sorted((each for each in known if not _WORD.fullmatch(each)), key=len, reverse=True):
        folded = folded.replace(phrase, known[phrase])
    short = _names()
    return _WORD.sub(lambda found: known.get(found[0]) or _begun(found[0], short) or found[0], folded)


def _begun(word: str, names: list[tuple[str, str, str]]) -> str:
    """The English name for the beginning of one; nothing where it begins none."""
    return next((english for kind, name, english in names if len(word) >= _LEAST[kind] and name.startswith(word)), "")


def _words() -> dict[str, str]:
    """In small letters, each with the English for it. A translation may give several, with | between them."""
    words = {
        pgettext("typed", "weekdays"): "weekdays",
        pgettext("typed", "daily"): "daily",
        pgettext("typed", "weekend"): "weekend",
        pgettext("typed", "today"): "today",
        pgettext("typed", "tomorrow"): "tomorrow",
        pgettext("typed", "hours"): "hours",
        pgettext("typed", "days"): "days",
        pgettext("typed", "weeks"): "weeks",
        pgettext("typed", "one"): "one",
        pgettext("typed", "until"): "until",
        pgettext("typed", "for"): "for",
        pgettext("typed", "next"): "next",
        pgettext("typed", "the"): "the",
        pgettext("typed", "st"): "st",  # as in 1st
    } | {name: english for _, name, english in _names()}
    return {one: english for several, english in words.items() for one in several.lower().split("|")}


def _names() -> list[tuple[str, str, str]]:
    """(day or month, its name in small letters, the English for it)."""
    names = {
        "day": {
            pgettext("typed", "Monday"): "monday",
            pgettext("typed", "Tuesday"): "tuesday",
            pgettext("typed", "Wednesday"): "wednesday",
            pgettext("typed", "Thursday"): "thursday",
            pgettext("typed", "Friday"): "friday",
            pgettext("typed", "Saturday"): "saturday",
            pgettext("typed", "Sunday"): "sunday",
        },
        "month": {
            pgettext("typed", "January"): "january",
            pgettext("typed", "February"): "february",
            pgettext("typed", "March"): "march",
            pgettext("typed", "April"): "april",
            pgettext("typed", "May"): "may",
            pgettext("typed", "June"): "june",
            pgettext("typed", "July"): "july",
            pgettext("typed", "August"): "august",
            pgettext("typed", "September"): "september",
            pgettext("typed", "October"): "october",
            pgettext("typed", "November"): "november",
            pgettext("typed", "December"): "december",
        },
    }
    return [(kind, name.lower(), english) for kind, of in names.items() for name, english in of.items()]
