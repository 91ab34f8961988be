"""Dates, numbers and lists in each language; and catalogues that cannot be read."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date, time
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from papers.language import LANGUAGES, _, ngettext, speaking
from papers.text import counted
from views import catalogue
from views.locales import clock, day_and_month, day_and_year, days, listed, long_date, money, number, short_day, weekday

DAY = date(2026, 6, 10)


@pytest.mark.parametrize(
    ("write", "value", "english", "german", "french"),
    [
        (long_date, DAY, "Wednesday 10 June", "Mittwoch, 10. Juni", "mercredi 10 juin"),
        (long_date, date(2026, 6, 1), "Monday 1 June", "Montag, 1. Juni", "lundi 1er juin"),
        (day_and_month, DAY, "10 June", "10. Juni", "10 juin"),
        (day_and_year, DAY, "10 June 2026", "10. Juni 2026", "10 juin 2026"),
        (short_day, date(2026, 2, 1), "1 Feb", "1. Feb.", "1er févr."),
        (weekday, 0, "Mon", "Mo", "lun."),
        (clock, time(9, 5), "09:05", "09:05", "09:05"),
        (number, 1_234_567, "1,234,567", "1.234.567", "1\u202f234\u202f567"),
        (money, 1_234.5, "1,234.50", "1.234,50", "1\u202f234,50"),
        (listed, ["a"], "a", "a", "a"),
        (listed, ["a", "b"], "a and b", "a und b", "a et b"),
        (listed, ["a", "b", "c"], "a, b and c", "a, b und c", "a, b et c"),
        (listed, [], "", "", ""),
    ],
)
def test_each_language_writes_it_its_way(write: Callable[[Any], str], value: Any, english: str, german: str, french: str) -> None:
    written = {}
    for language in LANGUAGES:
        with speaking(language):
            written[language] = write(value)
    assert written == {"en": english, "de": german, "fr": french}


def test_some_days_are_named_and_all_of_them_have_a_word() -> None:
    catalogue.learn_all()
    with speaking("de"):
        assert [days({2, 0}), days(range(5)), days(range(7))] == ["Mo, Mi", "werktags", "täglich"]


def test_a_catalogue_has_the_forms_for_one_and_for_many() -> None:
    catalogue.learn_all()
    said = [counted(n, "{count} paper", "{count} papers") for n in (0, 1, 2)]
    with speaking("de"):
        said += [counted(n, "{count} paper", "{count} papers") for n in (0, 1, 1_400)]
    assert said == ["0 papers", "1 paper", "2 papers", "0 Papers", "1 Paper", "1,4k Papers"]


@pytest.mark.parametrize(
    "content", [b"\xff\xfe", b'msgid "a\nmsgstr', b'msgid ""\nmsgstr "Plural-Forms: nplurals=2; plural=import;"', None]
)
def test_one_that_cannot_be_read_is_named_and_english_is_spoken(
    content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "paperboy.po"
    if content is not None:
        file.write_bytes(content)
    learnt: list[str] = []
    monkeypatch.setattr(catalogue, "learn", lambda language, _: learnt.append(language))
    monkeypatch.setattr(catalogue, "catalogue_file", lambda language: file)
    with caplog.at_level(logging.WARNING):
        catalogue.learn_all.__wrapped__()
    assert learnt == []
    assert "the texts in Deutsch cannot be read" in caplog.text


def test_a_catalogue_is_read_as_babel_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "paperboy.po"
    file.write_text(
        '# A comment\nmsgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Plural-Forms: nplurals=2; plural=(n > 1);\\n"\n\n'
        'msgid "one\\n"\n"\\"two\\" \\\\"\nmsgstr "un\\n"\n"é"\n\n#, fuzzy\nmsgid "unsure"\nmsgstr "incertain"\n\n'
        'msgctxt "c"\nmsgid "a"\nmsgid_plural "b"\nmsgstr[0] "x"\nmsgstr[1] "y"\n\nmsgid "empty"\nmsgstr ""\n',
        encoding="utf-8",
    )
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(file.read_bytes()), locale="fr"))
    compiled.seek(0)
    ours, theirs = catalogue.read(file), GNUTranslations(compiled)
    for text in ('one\n"two" \\', "unsure", "empty", "unknown"):
        assert ours.gettext(text) == theirs.gettext(text)
    for count in (0, 1, 2):
        assert ours.npgettext("c", "a", "b", count) == theirs.npgettext("c", "a", "b", count) == ("y" if count > 1 else "x")
    assert ours.gettext('one\n"two" \\') == "un\né"


def test_what_no_catalogue_has_is_english() -> None:
    catalogue.learn_all()
    with speaking("de"):
        assert _("No such text") == "No such text"
        assert ngettext("{count} duck", "{count} ducks", 2) == "{count} ducks"
