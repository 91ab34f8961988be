"""The language in which a person is spoken to: texts stand in English in the code, a catalogue has each in the others.

gettext's ways (https://docs.python.org/3/library/gettext.html), with the language in a context variable: each interaction runs in
a task of its own, and a digest is made within ``speaking``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from gettext import NullTranslations

ENGLISH = "en"
LANGUAGES = {ENGLISH: "English", "de": "Deutsch", "fr": "Français"}

_catalogues: dict[str, NullTranslations] = {ENGLISH: NullTranslations()}
_spoken: ContextVar[str] = ContextVar("language", default=ENGLISH)


def learn(language: str, catalogue: NullTranslations) -> None:
    """From now on ``language``, one of LANGUAGES, is spoken with that catalogue; before, what is said in it is English."""
    _catalogues[language] = catalogue


def language_of(locale: object) -> str:
    """The language for a Discord locale ("de", "en-GB", "fr"), or English where we do not have it."""
    code = str(locale or "").partition("-")[0].lower()
    return code if code in LANGUAGES else ENGLISH


def spoken() -> str:
    """The language of the present task, one of LANGUAGES."""
    return _spoken.get()


def speak(language: str) -> None:
    """Speak it in the rest of the present task."""
    _spoken.set(language)


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak it in the block."""
    token = _spoken.set(language)
    try:
        yield
    finally:
        _spoken.reset(token)


def _(text: str) -> str:
    """The text in the language spoken; values are filled in afterwards: ``_("Paused until {when}.").format(when=…)``."""
    return _catalogue().gettext(text)


def ngettext(one: str, more: str, count: int) -> str:
    """The one of two texts that fits a count, in the language spoken."""
    return _catalogue().ngettext(one, more, count)


def pgettext(context: str, text: str) -> str:
    """A short text that would be ambiguous without its context ("button", "column")."""
    return _catalogue().pgettext(context, text)


def N_(text: str) -> str:  # noqa: N802 (gettext's own name for it)
    """Marks a text for the catalogue that is translated later, where it is shown: ``_(text)``."""
    return text


def _catalogue() -> NullTranslations:
    return _catalogues.get(_spoken.get()) or _catalogues[ENGLISH]
